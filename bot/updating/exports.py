"""What locks are exported as is kept in step with them: written in the same commit, and judged with them.

Rule 1: a file is written that is there already; the first time, `condabot export` or pixi makes it.
Rule 2: an exported file is no lock of its own, whatever it is called.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot import lockfiles
from bot.config.tables import Export
from bot.lockfiles import or_problem
from bot.lockfiles.exports import export_of, exported
from bot.model.lock_verdict import LockStanding, LockVerdict, Reason
from bot.model.report import Problem

REMEDY = "`condabot export` writes it"


def without_exports(files: Mapping[str, bytes], exports: Sequence[Export]) -> Mapping[str, bytes]:
    """Return *files* but for those that are exported from a lock."""
    return {path: content for path, content in files.items() if not export_of(path, exports)} if exports else files


def export_texts(files: Mapping[str, bytes], exports: Iterable[Export], texts: Mapping[str, str]) -> Mapping[str, str]:
    """Return the new texts of those of *files* that are exported from a lock among *texts*, as far as they change.

    Raises:
        LockError: a lock cannot be exported so.

    """
    found: dict[str, str] = {}
    for each in exports:
        if each.lock in texts:
            found |= exported(lockfiles.parse(each.lock, texts[each.lock].encode()), each)
    return {path: text for path, text in found.items() if path in files and files[path] != text.encode()}


def export_verdicts(files: Mapping[str, bytes], exports: Sequence[Export]) -> Iterator[LockVerdict]:
    """Yield where each exported file stands, those that are not there among them, by path."""
    verdicts = {verdict.path: verdict for each in exports for verdict in _judged(files, each)}
    for path in sorted(verdicts):
        yield verdicts[path]


def _judged(files: Mapping[str, bytes], export: Export) -> Iterator[LockVerdict]:
    there = [path for path in files if export_of(path, [export])]
    if export.lock not in files:
        yield from (_verdict(path, LockStanding.ORPHANED, export, f"{export.lock} is not there") for path in there)
        return
    found = or_problem(export.lock, lambda: exported(lockfiles.parse(export.lock, files[export.lock]), export))
    if isinstance(found, Problem):
        yield from (_verdict(path, LockStanding.NOT_JUDGED, export, found.sentence.rstrip(".")) for path in there)
        return
    for path in {*found, *there}:
        if path not in found:
            sentence = f"{export.lock} has no such environment or platform any more"
        elif path not in files:
            sentence = f"it is not there: {REMEDY}"
        elif files[path] != found[path].encode():
            sentence = f"it is not what {export.lock} says now: {REMEDY}"
        else:
            yield LockVerdict(path=path, standing=LockStanding.IN_STEP)
            continue
        yield _verdict(path, LockStanding.OUT_OF_STEP, export, sentence)


def _verdict(path: str, standing: LockStanding, export: Export, sentence: str) -> LockVerdict:
    return LockVerdict(path=path, standing=standing, reasons=(Reason(manifest=export.lock, sentence=sentence),))
