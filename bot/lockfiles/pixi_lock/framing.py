"""Gives a `pixi.lock` another frame: environments, channels, platforms and options as its manifest declares them.

What stays keeps its packages, what is new has none yet, and entries that nothing names any more go. The part of the
text between the packages and what stands before it is written anew, as pixi lays it out; nothing else changes.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bot.edits import Edit, Span
from bot.errors import LockError
from bot.lockfiles.pixi_lock.document import EnvironmentNode, Item, ItemList, PixiDocument, nested_items
from bot.lockfiles.pixi_lock.scalars import Value, yaml_text
from bot.lockfiles.pixi_lock.splice import LAYOUT
from bot.lockfiles.pixi_lock.upgrade import VERSION, raw_value
from bot.model.manifest import Platform, PlatformName, VirtualPackage
from bot.model.package import LockOptions
from bot.workspaces.frame import EnvironmentFrame, Frame
from bot.yaml.lists import ListChange, splice_lists
from bot.yaml.nodes import as_mapping

_KEPT: Final = ("indexes", "find-links")
_OPTIONS: Final = {
    "strategy": "strategy",
    "channel-priority": "channel_priority",
    "pypi-prerelease-mode": "pypi_prerelease_mode",
}


def framed(text: str, document: PixiDocument, frame: Frame, new: Mapping[PlatformName, Platform]) -> str:
    """Return *text*, which was read as *document*, with the environments of *frame*, which names platforms as it does.

    *new* are the platforms that it does not list yet.

    Raises:
        LockError: the packages do not stand behind the environments, as they do in what pixi writes, or a list that
            must change is not laid out line by line.

    """
    start, end = _start(text, document), document.packages.key.start
    if not start < end:
        raise LockError("its packages do not stand behind its environments: run `pixi lock`", path=document.path)
    head = Edit(Span(start, end), _head(text, document, frame, new))
    packages = ListChange(
        key=document.packages.key, node=document.packages.node, removed=frozenset(_orphans(document, frame))
    )
    return splice_lists(text, [packages], LAYOUT, [head])


def _start(text: str, document: PixiDocument) -> int:
    """Return where the part that is written anew begins: at `environments`, or at `platforms` before it."""
    key = document.environments_key.start
    if document.version < VERSION:
        return key
    return text.rindex("platforms:", 0, min([key, *(each.start for each in document.platforms.values())]))


def _orphans(document: PixiDocument, frame: Frame) -> Iterator[int]:
    """Yield the places of the entries that nothing names once the environments are those of *frame*."""
    kept = [
        item
        for each in document.environments
        if each.name in frame
        for platform, selectors in each.selectors.items()
        if platform in frame[each.name].platforms - frame[each.name].empty
        for item in selectors.items
    ]
    nested = (inner for item in document.packages.items for inner in nested_items(item))
    used = {item.reference for item in (*kept, *nested)}
    yield from (index for index, item in enumerate(document.packages.items) if item.reference not in used)


def _head(text: str, document: PixiDocument, frame: Frame, new: Mapping[PlatformName, Platform]) -> str:
    known = {each.name: each for each in document.environments}
    head: dict[str, Value] = {}
    if document.version >= VERSION:
        head["platforms"] = _platforms(document, frame, new)
    head["environments"] = {name: _environment(frame[name], known.get(name)) for name in sorted(frame)}
    written = yaml_text(head)
    return written.replace("\n", "\r\n") if "\r\n" in text else written


def _platforms(document: PixiDocument, frame: Frame, new: Mapping[PlatformName, Platform]) -> list[Value]:
    wanted = {name for each in frame.values() for name in each.platforms}
    rows = {name: raw_value(node) for name, node in document.platforms.items()}
    rows |= {name: _row(name, platform) for name, platform in new.items()}
    return [rows[name] for name in sorted(wanted)]


def _row(name: PlatformName, platform: Platform) -> Value:
    """Return what tells *platform* from others; one that is called by its subdir has nothing beyond pixi's defaults."""
    if name == platform.subdir:
        return {"name": name}
    packages = [_written(each) for each in sorted(platform.virtual_packages, key=lambda each: each.name)]
    return {"name": name, "subdir": str(platform.subdir), "virtual-packages": packages}


def _written(package: VirtualPackage) -> str:
    """Return *package* as pixi writes it: a build only where there is one, and no version of a microarchitecture."""
    if package.name == "__archspec":
        return f"{package.name}=0={package.build}"
    has_build = package.name == "__unix" or package.build != "0"
    return f"{package.name}={package.version}" + (f"={package.build}" if has_build else "")


def _environment(frame: EnvironmentFrame, known: EnvironmentNode | None) -> Value:
    entries = known.node.entries if known else {}
    selectors = known.selectors if known else {}
    options = _options(frame.options, known)
    return {
        "channels": [{"url": f"{url}/"} for url in frame.channels],
        **{key: raw_value(entries[key]) for key in _KEPT if key in entries},
        **({"options": options} if options else {}),
        "packages": {
            platform: [raw_value(item.node) for item in _items(selectors, platform)]
            for platform in sorted(frame.platforms - frame.empty)
        },
    }


def _options(options: LockOptions, known: EnvironmentNode | None) -> Mapping[str, Value]:
    """Return what differs from pixi's defaults; the copy of `exclude-newer` that version 6 keeps stays."""
    written: dict[str, str | None] = {key: getattr(options, field) for key, field in _OPTIONS.items()}
    if known and "options" in known.node.entries:
        written["exclude-newer"] = as_mapping(known.node.entries["options"], "options").optional_text("exclude-newer")
    return {key: value for key, value in written.items() if value is not None}


def _items(selectors: Mapping[PlatformName, ItemList], platform: PlatformName) -> Iterable[Item]:
    return selectors[platform].items if platform in selectors else ()
