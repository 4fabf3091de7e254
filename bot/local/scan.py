"""Check and update a checkout."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.errors import BadInput
from bot.local.checkout import Checkout
from bot.model.manifest import PackageName
from bot.model.report import Problem, ScanReport
from bot.updating.relevance import recognised_paths, relevant_paths
from bot.updating.scan import Scanner


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalScan:
    """A report on a checkout, and the files that it was made from."""

    report: ScanReport
    files: Mapping[str, bytes]


async def check(checkout: Checkout, scanner: Scanner) -> LocalScan:
    """Return what could be updated in *checkout*, all at once, and why not more. Nothing is written."""
    return await _scan(checkout, scanner, ())


async def update(checkout: Checkout, scanner: Scanner, names: Iterable[PackageName]) -> LocalScan:
    """Update *checkout* in place as far as it solves: every package, or only *names*.

    Raises:
        BadInput: a file cannot be written, or was changed meanwhile; then none is.

    """
    scan = await _scan(checkout, scanner, names)
    texts = {path: text for proposal in scan.report.proposals for path, text in proposal.files.items()}
    checkout.write(texts, before=scan.files)
    return scan


async def _scan(checkout: Checkout, scanner: Scanner, names: Iterable[PackageName]) -> LocalScan:
    files, problems = read_files(checkout)
    report = await scanner.scan_at_once(files, names)
    recognised = {each.path: each for each in (*recognised_paths(checkout.paths()), *report.recognised)}
    report = replace(report, problems=(*problems, *report.problems), recognised=tuple(recognised.values()))
    return LocalScan(report=report, files=files)


def read_files(checkout: Checkout) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    """Return the manifests and locks of *checkout*, and what could not be read."""
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path in relevant_paths(checkout.sizes()):
        try:
            files[path] = checkout.read(path)
        except BadInput as error:
            problems.append(Problem(path=path, sentence=error.message))
    return files, tuple(problems)
