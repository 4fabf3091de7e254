"""A Python script that brings its environment along: the block `# /// script` with `[tool.pixi]` in it.

Rule 1: the block is TOML behind `# `. It is read in place: everything else of the file counts as blanks, so that each
value keeps its offset and its line, and a rewrite stays within the comment.
Rule 2: pixi reads it as the `pyproject.toml` of one environment. `dependencies` and `requires-python` stand at its top,
and nobody installs a script: its requirements are its own, not a library's.
Rule 3: without `[tool.pixi]` it is other programs' affair.

Sources: PEP 723 (the block), pixi's "Standalone Python scripts" (0.76), `pixi_manifest/src/script.rs`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from bot.edits import Span
from bot.errors import ManifestError
from bot.manifests.base import ForeignLock, Leaf, LocatedManifest, located_manifest
from bot.manifests.decoding import BYTE_ORDER_MARK
from bot.manifests.pixi_toml import read_pixi
from bot.manifests.requirement_lists import RequirementReader
from bot.manifests.toml_document import TomlDocument, read_toml, toml_leaves
from bot.model.manifest import ChannelReference, Declarations, MachineDefaults, ManifestFormat, Role

PIXI_SCRIPT: Final = ManifestFormat(
    name="pixi-script",
    machine=MachineDefaults.PIXI,
    is_pixi=True,
    adds_python=True,
    is_source_of_conda_lock=False,
    may_be_exported=False,
    is_named_by_file=False,
    is_line_by_line=False,
    last_feature_wins=False,
    default_channels=(),
)

_PIXI: Final = ("tool", "pixi")
_DEFAULT_CHANNEL: Final = ChannelReference(name="conda-forge")
"""What pixi takes where a script names no channels, unless its user configured others."""

_SUFFIXES: Final = (".py", ".pyw")
_OPENING: Final = re.compile(r"^\ufeff?# /// script\r?$", re.MULTILINE)
_COMMENTS: Final = re.compile(r"(?:#(?: [^\n]*)?\r?(?:\n|\Z))*+")
_CLOSING: Final = re.compile(r"^# ///\r?$", re.MULTILINE)
_PREFIX: Final = re.compile(r"^# ?", re.MULTILINE)
_NOT_LINE_END: Final = re.compile(r"[^\r\n]")


@dataclass(frozen=True, slots=True)
class PixiScript:
    """The format of Python scripts that bring their environment along."""

    kind: ManifestFormat = PIXI_SCRIPT
    patterns: tuple[str, ...] = ()
    mark: bytes = b"# /// script"
    described: str = "Python scripts with `[tool.pixi]`"
    otherwise: str = "a script whose block has no `[tool.pixi]`, so it asks for nothing from a channel"
    behind: tuple[str, ...] = ()
    foreign_locks: tuple[ForeignLock, ...] = ()

    def matches(self, path: str) -> bool:
        """Tell whether *path* is a Python file; which of them are looked into is for others to say."""
        return path.lower().endswith(_SUFFIXES)

    def locate(self, path: str, text: str) -> LocatedManifest | None:
        """Read *text*; None without a block, or without `[tool.pixi]` in it. See `Format.locate`."""
        block = _block(path, text) if "pixi" in text else None
        if block is None:
            return None
        document = read_toml(path, _in_place(text, block))
        tools = document.table(document.root, "tool", ())
        if "pixi" not in tools:
            return None
        declarations, located = read_pixi(document, document.table(tools, "pixi", _PIXI[:1]), _PIXI)
        reader = RequirementReader(document=document)
        requirements = tuple(reader.listed(document.root, "dependencies", (), "default", Role.DEPENDENCY))
        return located_manifest(
            path, self.kind, _completed(document, declarations), located + requirements, document.positions.text
        )

    def leaves(self, text: str) -> Iterator[Leaf]:
        """Yield every TOML value of the block, and the Python before and behind it. See `Format.leaves`."""
        block = _block("", text)
        if block is None:
            yield (), text
            return
        yield from toml_leaves(_in_place(text, block))
        yield ("before",), text[: block.start]
        yield ("behind",), text[block.end :]


def _block(path: str, text: str) -> Span | None:
    """Return where the lines between `# /// script` and `# ///` stand; None without such lines.

    Raises:
        ManifestError: they do not end, or there are several such blocks, which PEP 723 forbids.

    """
    opening = _OPENING.search(text)
    if opening is None:
        return None
    start = opening.end() + 1
    comments = _COMMENTS.match(text, start)
    closing = [*_CLOSING.finditer(text, start, comments.end() if comments else start)]
    if not closing:
        raise _error(path, text, opening, "opens a block that no line `# ///` closes")
    if again := _OPENING.search(text, closing[-1].end()):
        raise _error(path, text, again, "opens a second block; a script has one (PEP 723)")
    return Span(start, closing[-1].start())


def _error(path: str, text: str, opening: re.Match[str], sentence: str) -> ManifestError:
    return ManifestError(f"`# /// script` {sentence}", path=path, line=text.count("\n", 0, opening.start()) + 1)


def _in_place(text: str, block: Span) -> str:
    """Return *text* up to the end of *block*, with blanks for all that is not TOML.

    Comments before the block stay, for they are TOML's too, and say who made the file.
    """
    before = "\n".join(map(_comment_or_blanks, text[: block.start].removeprefix(BYTE_ORDER_MARK).split("\n")))
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    return mark + before + _PREFIX.sub(lambda found: " " * len(found[0]), text[block.start : block.end])


def _comment_or_blanks(line: str) -> str:
    is_comment = line.startswith("#") and line.rstrip("\r").isprintable()
    return line if is_comment else _NOT_LINE_END.sub(" ", line)


def _completed(document: TomlDocument, declarations: Declarations) -> Declarations:
    """Add the range of python to what `[tool.pixi]` declares, and the channel where it names none."""
    workspace = document.table(document.table(document.table(document.root, "tool", ()), "pixi", ()), "workspace", ())
    return replace(
        declarations,
        channels=declarations.channels if "channels" in workspace else (_DEFAULT_CHANNEL,),
        requires_python=document.text(document.root, "requires-python", ()),
    )
