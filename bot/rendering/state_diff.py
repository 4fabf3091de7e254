"""What changes between two states of a repository: for a terminal, in Markdown, and for other programs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from bot.model.state_diff import LineChange, StateDiff
from bot.model.update import FloorChange, LockDiff
from bot.rendering.lock_changes import HEADER, Pair, change_rows, download_size, grouped, places
from bot.rendering.lock_facts import by_floor, download, flavours, licences, machines
from bot.rendering.lock_names import change_words
from bot.rendering.markdown import code, plain, table
from bot.rendering.sizes import counted
from bot.rendering.terminal_lines import Line, Tone, Width, wrapped

FORMAT_VERSION: Final = 1
NOTHING: Final = "No package and no line of a manifest changes."
PARAGRAPH: Final = "\n\n"
ROW: Final = 4
NO_LINE: Final = "no line"


def diff_lines(diff: StateDiff, width: Width) -> Iterator[Line]:
    """Yield what changes, file by file: lines of manifests, then of each lock the packages and what machines need."""
    if diff.is_empty:
        yield from wrapped(NOTHING, width)
    for manifest, lines in _by_manifest(diff.lines).items():
        yield from wrapped(manifest, width, Tone.HEADING)
        for each in lines:
            change = f"{_written(each.old)} -> {_written(each.new)}"
            yield from wrapped(f"{each.line}  {each.name}  {change}", width, Tone.MOVE, indent=ROW)
    for lock in _locks(diff):
        yield from wrapped(lock, width, Tone.HEADING)
        for words in (*_packages(_of_lock(diff.locks, lock)), *_machines(diff, lock)):
            yield from wrapped(words, width, Tone.MOVE, indent=ROW)


def diff_markdown(diff: StateDiff, *, most: int | None = None) -> str:
    """Return what changes in Markdown: manifest lines old to new, then for each lock a table of its packages.

    With *most* so many rows and lines are shown, the others are counted.
    """
    if diff.is_empty:
        return f"{NOTHING}\n"
    locks = (_lock(diff, each, most) for each in _locks(diff))
    return PARAGRAPH.join([*_manifests(diff.lines, most), *locks]) + "\n"


def diff_document(diff: StateDiff) -> dict[str, Any]:
    """Return *diff* as a document of JSON types. Fields are added under the same version, never changed."""
    return {
        "version": FORMAT_VERSION,
        "locks": [asdict(each) for each in diff.locks],
        "lines": [asdict(each) for each in diff.lines],
        "floors": [asdict(each) for each in diff.floors],
        "problems": [{"path": each.path, "line": each.line, "reason": each.sentence} for each in diff.problems],
    }


def _by_manifest(lines: Iterable[LineChange]) -> Mapping[str, list[LineChange]]:
    found: dict[str, list[LineChange]] = {}
    for each in lines:
        found.setdefault(each.manifest, []).append(each)
    return found


def _locks(diff: StateDiff) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*(each.lock for each in diff.locks), *(each.lock for each in diff.floors)]))


def _of_lock(diffs: Iterable[LockDiff], lock: str) -> Sequence[LockDiff]:
    return [each for each in diffs if each.lock == lock]


def _written(spec: str | None) -> str:
    return NO_LINE if spec is None else spec or "*"


def _packages(diffs: Sequence[LockDiff]) -> Iterator[str]:
    every = {(diff.environment, diff.platform) for diff in diffs}
    for changes in grouped(diffs):
        size = download_size(changes.values())
        change = next(iter(changes.values()))
        yield "  ".join(filter(None, (change_words(change), f"({places(changes.keys(), every)})", size)))


def _machines(diff: StateDiff, lock: str) -> Iterator[str]:
    for (name, old, new), floors in by_floor(_floors(diff, lock)).items():
        pairs = {(each.environment, each.platform) for each in floors}
        yield f"machine: {name} {old or 'any'} -> {new or 'any'}  ({places(pairs, _pairs(diff, lock))})"


def _floors(diff: StateDiff, lock: str) -> Sequence[FloorChange]:
    return [each for each in diff.floors if each.lock == lock]


def _pairs(diff: StateDiff, lock: str) -> set[Pair]:
    """Return the environments and platforms of *lock* in which anything changes."""
    packages = {(each.environment, each.platform) for each in diff.locks if each.lock == lock}
    return packages | {(each.environment, each.platform) for each in diff.floors if each.lock == lock}


def _manifests(lines: Sequence[LineChange], most: int | None) -> Iterator[str]:
    found = [f"- {code(f'{each.manifest}:{each.line}')} {code(each.name)} {_from_to(each)}" for each in lines[:most]]
    more = [f"- and {counted(len(lines) - len(found), 'more line')}"] if len(found) < len(lines) else []
    if found:
        yield "\n".join([*found, *more])


def _from_to(line: LineChange) -> str:
    if line.old is None:
        return f"is new, {code(_written(line.new))}"
    return f"is gone, {code(_written(line.old))}" if line.new is None else f"{_code(line.old)} -> {_code(line.new)}"


def _code(spec: str) -> str:
    return code(spec or "*")


def _lock(diff: StateDiff, lock: str, most: int | None) -> str:
    diffs = _of_lock(diff.locks, lock)
    facts = (flavours(diffs), licences(diffs), machines(_floors(diff, lock), _pairs(diff, lock)), download(diffs))
    rows = change_rows(diffs)
    more = f"and {counted(len(rows[most:]), 'more change')}" if most is not None and rows[most:] else ""
    parts = (f"### {plain(lock)}", *facts, table(HEADER, rows[:most]) if rows else "", more)
    return PARAGRAPH.join(part for part in parts if part)
