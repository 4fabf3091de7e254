"""Check and update a checkout."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from bot.config import Configuration
from bot.errors import BadInput, ConfigurationError
from bot.local.checkout import Checkout
from bot.local.lock_versions import upgraded_locks
from bot.local.reading import configuration_of, read_files
from bot.model.manifest import PackageName
from bot.model.report import Problem, ScanReport
from bot.updating.read.relevance import linked, recognised_paths
from bot.updating.scan import Scanner


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalScan:
    """A report on a checkout, the files that it was made from, and the texts that differ from them now.

    `upgraded` are the locks that got a newer version of their format.
    """

    report: ScanReport
    files: Mapping[str, bytes]
    texts: Mapping[str, str] = field(default_factory=dict)
    upgraded: tuple[str, ...] = ()


_Look: TypeAlias = Callable[[Scanner, Mapping[str, bytes]], Awaitable[ScanReport]]


async def check(checkout: Checkout, scanner: Scanner) -> LocalScan:
    """Return what could be updated in *checkout*, all at once, and why not more. Nothing is written."""
    return await _scan(checkout, scanner, ())


async def caps(checkout: Checkout, scanner: Scanner) -> LocalScan:
    """Return what every cap in *checkout* costs. Nothing is written."""
    return await _looked(checkout, scanner, Scanner.caps)


async def minimums(checkout: Checkout, scanner: Scanner) -> LocalScan:
    """Return whether the minimums in *checkout* are true. Nothing is written."""
    return await _looked(checkout, scanner, Scanner.minimums)


Finish: TypeAlias = Callable[[LocalScan], LocalScan]
"""What is still done to a scan before its texts are written."""


def as_found(scan: LocalScan) -> LocalScan:
    """Return *scan*: every lock keeps the version of its format."""
    return scan


def in_newest_version(scan: LocalScan) -> LocalScan:
    """Return *scan* with every `pixi.lock` in the newest version of its format, changed otherwise or not."""
    texts, problems = upgraded_locks(scan.files, scan.texts)
    report = replace(scan.report, problems=tuple(dict.fromkeys((*scan.report.problems, *problems))))
    return replace(scan, report=report, texts={**scan.texts, **texts}, upgraded=tuple(texts))


async def update(
    checkout: Checkout, scanner: Scanner, names: Iterable[PackageName], finish: Finish = as_found
) -> LocalScan:
    """Update *checkout* in place as far as it solves: every package, or only *names*.

    Raises:
        BadInput: a file cannot be written, or was changed meanwhile; then none is.

    """
    return write(checkout, await planned_update(checkout, scanner, names, finish))


async def refresh(checkout: Checkout, scanner: Scanner, finish: Finish = as_found) -> LocalScan:
    """Solve every lock of *checkout* afresh, in place, within what its manifests say; those stay as they are.

    Raises:
        BadInput: a file cannot be written, or was changed meanwhile; then none is.

    """
    return write(checkout, await planned_refresh(checkout, scanner, finish))


async def planned_update(
    checkout: Checkout, scanner: Scanner, names: Iterable[PackageName], finish: Finish
) -> LocalScan:
    """Return what `update` would write, and write nothing."""
    return finish(_with_texts(await _scan(checkout, scanner, names)))


async def planned_refresh(checkout: Checkout, scanner: Scanner, finish: Finish) -> LocalScan:
    """Return what `refresh` would write, and write nothing."""
    return finish(_with_texts(await _looked(checkout, scanner, Scanner.refresh)))


async def pull_requests(checkout: Checkout, scanner: Scanner) -> LocalScan:
    """Return what the App would propose for *checkout* if nothing was open or declined, a proposal for each."""
    return await _looked(checkout, scanner, partial(Scanner.scan, declined={}))


def write(checkout: Checkout, scan: LocalScan) -> LocalScan:
    """Write the texts of *scan* to *checkout*, and return it.

    Raises:
        BadInput: a file cannot be written, or was changed meanwhile; then none is.

    """
    checkout.write(scan.texts, before=scan.files)
    return scan


def _with_texts(scan: LocalScan) -> LocalScan:
    texts = {path: text for proposal in scan.report.proposals for path, text in proposal.files.items()}
    return replace(scan, texts=texts)


async def _scan(checkout: Checkout, scanner: Scanner, names: Iterable[PackageName]) -> LocalScan:
    configuration = _configured(checkout)
    if isinstance(configuration, LocalScan):
        return configuration
    files, problems = read_files(checkout, configuration)
    report = await scanner.configured(configuration).scan_at_once(files, names)
    by_path = recognised_paths(checkout.sizes(), configuration)
    links = linked(checkout.links(), {each.manifest for each in report.statuses}, configuration)
    recognised = {each.path: each for each in (*by_path, *links, *report.recognised)}
    report = replace(report, problems=(*problems, *report.problems), recognised=tuple(recognised.values()))
    return LocalScan(report=report, files=files)


async def _looked(checkout: Checkout, scanner: Scanner, look: _Look) -> LocalScan:
    """Return what *look* comes to as the configuration of *checkout* wants it."""
    configuration = _configured(checkout)
    if isinstance(configuration, LocalScan):
        return configuration
    files, problems = read_files(checkout, configuration)
    report = await look(scanner.configured(configuration), files)
    return LocalScan(report=replace(report, problems=(*problems, *report.problems)), files=files)


def _configured(checkout: Checkout) -> Configuration | LocalScan:
    """Return what *checkout* asks for, or the scan that was not made because of what is wrong in it."""
    try:
        return configuration_of(checkout)
    except ConfigurationError as error:
        return _nothing(error.problems)
    except BadInput as error:
        return _nothing((error,))


def _nothing(problems: Iterable[BadInput]) -> LocalScan:
    """Return the scan that was not made, because of *problems*."""
    told = tuple(Problem(path=each.path, line=each.line, sentence=each.sentence) for each in problems)
    return LocalScan(report=ScanReport(proposals=(), held_back=(), statuses=(), problems=told), files={})
