"""Gives a `pixi.lock` another frame: environments, channels, platforms and options as its manifest declares them.

What stays keeps its packages, what is new has none yet, and entries that nothing names any more go. The part of the
text between the packages and what stands before it is written anew, as pixi lays it out; nothing else changes.
"""

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from bot.edits import Edit, Span
from bot.errors import LockError
from bot.lockfiles.base import Pair
from bot.lockfiles.pixi_lock.document import EnvironmentNode, Item, PixiDocument, nested_items
from bot.lockfiles.pixi_lock.scalars import Value, yaml_text
from bot.lockfiles.pixi_lock.splice import LAYOUT
from bot.lockfiles.pixi_lock.upgrade import VERSION, raw_value
from bot.model.manifest import Platform, PlatformName, VirtualPackage
from bot.model.package import LockOptions
from bot.workspaces.frame import EnvironmentFrame, Frame
from bot.yaml.lists import ListChange, splice_lists
from bot.yaml.nodes import as_mapping

_INDEXES: Final = ("indexes", "find-links")

Indexes: TypeAlias = Mapping[str, tuple[str, ...]]
"""The URLs of package indexes by environment."""

NONE: Final[Indexes] = {}

_Rows: TypeAlias = Mapping[Pair, tuple[Item, ...]]
"""What stands in the rows of environments, by the names that the lock has for these."""

_OPTIONS: Final = {
    "strategy": "strategy",
    "channel-priority": "channel_priority",
    "pypi-prerelease-mode": "pypi_prerelease_mode",
}


def framed(
    text: str,
    document: PixiDocument,
    frame: Frame,
    new: Mapping[PlatformName, Platform],
    held: Mapping[Pair, PlatformName],
    indexes: Indexes = NONE,
) -> str:
    """Return *text*, which was read as *document*, with the environments of *frame*, which names platforms as it does.

    *new* are the platforms that it does not list yet; *held* says in which rows it has what goes to others.
    Environments keep the indexes that they have, but for *indexes*.

    Raises:
        LockError: the packages do not stand behind the environments, as they do in what pixi writes, or a list that
            must change is not laid out line by line.

    """
    start, end = _start(text, document), document.packages.key.start
    if not start < end:
        raise LockError("its packages do not stand behind its environments: run `pixi lock`", path=document.path)
    kept = _kept(document, frame, held)
    head = Edit(Span(start, end), _head(text, document, frame, new, kept, indexes))
    packages = ListChange(
        key=document.packages.key, node=document.packages.node, removed=frozenset(_orphans(document, kept))
    )
    return splice_lists(text, [packages], LAYOUT, [head])


def _start(text: str, document: PixiDocument) -> int:
    """Return where the part that is written anew begins: at `environments`, or at `platforms` before it."""
    key = document.environments_key.start
    if document.version < VERSION:
        return key
    return text.rindex("platforms:", 0, min([key, *(each.start for each in document.platforms.values())]))


def _kept(document: PixiDocument, frame: Frame, held: Mapping[Pair, PlatformName]) -> _Rows:
    """Return the rows of *frame* with what *document* has for them, which *held* says where it is elsewhere."""
    selectors = {(each.name, name): items for each in document.environments for name, items in each.selectors.items()}
    rows = [(name, platform) for name, each in frame.items() for platform in sorted(each.platforms - each.empty)]
    there = {row: selectors.get((row[0], held.get(row, row[1]))) for row in rows}
    return {row: tuple(items.items) if items else () for row, items in there.items()}


def _orphans(document: PixiDocument, kept: _Rows) -> Iterator[int]:
    """Yield the places of the entries that nothing names once the rows are those that are *kept*."""
    named = (item for items in kept.values() for item in items)
    nested = (inner for item in document.packages.items for inner in nested_items(item))
    used = {item.reference for item in (*named, *nested)}
    yield from (index for index, item in enumerate(document.packages.items) if item.reference not in used)


def _head(
    text: str,
    document: PixiDocument,
    frame: Frame,
    new: Mapping[PlatformName, Platform],
    kept: _Rows,
    indexes: Indexes,
) -> str:
    known = {each.name: each for each in document.environments}
    head: dict[str, Value] = {}
    if document.version >= VERSION:
        head["platforms"] = _platforms(document, frame, new)
    head["environments"] = {
        name: _environment(frame[name], known.get(name), _of(kept, name), indexes.get(name)) for name in sorted(frame)
    }
    written = yaml_text(head)
    return written.replace("\n", "\r\n") if "\r\n" in text else written


def _platforms(document: PixiDocument, frame: Frame, new: Mapping[PlatformName, Platform]) -> list[Value]:
    wanted = {name for each in frame.values() for name in each.platforms}
    rows = {name: raw_value(node) for name, node in document.platforms.items()}
    rows |= {name: _row(name, platform) for name, platform in new.items()}
    return [rows[name] for name in sorted(wanted)]


def _row(name: PlatformName, platform: Platform) -> Value:
    """Return what tells *platform* from others."""
    packages = [_written(each) for each in sorted(platform.virtual_packages, key=lambda each: each.name)]
    subdir = {} if name == platform.subdir else {"subdir": str(platform.subdir)}
    return {"name": name, **subdir, "virtual-packages": packages}


def _written(package: VirtualPackage) -> str:
    """Return *package* as pixi writes it: a build only where there is one, and no version of a microarchitecture."""
    if package.name == "__archspec":
        return f"{package.name}=0={package.build}"
    has_build = package.name == "__unix" or package.build != "0"
    return f"{package.name}={package.version}" + (f"={package.build}" if has_build else "")


def _of(kept: _Rows, environment: str) -> Mapping[PlatformName, Value]:
    return {
        platform: [raw_value(item.node) for item in items]
        for (name, platform), items in kept.items()
        if name == environment
    }


def _environment(
    frame: EnvironmentFrame,
    known: EnvironmentNode | None,
    packages: Mapping[PlatformName, Value],
    indexes: tuple[str, ...] | None,
) -> Value:
    entries = known.node.entries if known else {}
    options = _options(frame.options, known)
    return {
        "channels": [{"url": f"{url}/"} for url in frame.channels],
        **({"indexes": indexes} if indexes else {key: raw_value(entries[key]) for key in _INDEXES if key in entries}),
        **({"options": options} if options else {}),
        "packages": packages,
    }


def _options(options: LockOptions, known: EnvironmentNode | None) -> Mapping[str, Value]:
    """Return what differs from pixi's defaults; the copy of `exclude-newer` that version 6 keeps stays."""
    written: dict[str, str | None] = {key: getattr(options, field) for key, field in _OPTIONS.items()}
    if known and "options" in known.node.entries:
        written["exclude-newer"] = as_mapping(known.node.entries["options"], "options").optional_text("exclude-newer")
    return {key: value for key, value in written.items() if value is not None}
