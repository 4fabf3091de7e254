"""Files about what an update came to: the words of a pull request, and patches."""

from collections.abc import Sequence
from pathlib import Path

from bot.cli.options import process_environment
from bot.clock import SystemClock
from bot.errors import BadInput
from bot.local.git import Revision
from bot.local.scan import LocalScan
from bot.model.update import Proposal
from bot.rendering.patches import patch
from bot.rendering.proposals import body_of, file_stem, title_of
from bot.rendering.pull_request import Told

PATCH = ".patch"


def told_of(path: Path) -> Told:
    """Return when and on which commit the checkout at *path* is updated; on none if it is no checkout of git."""
    try:
        base = Revision.at(path, "HEAD", process_environment()).commit
    except BadInput:
        base = ""
    return Told(base=base, now=SystemClock().now())


def write_words(title: Path | None, body: Path | None, proposals: Sequence[Proposal], told: Told) -> None:
    """Write the title and body of a pull request that holds all of *proposals*; empty files if there are none."""
    if title:
        write_text(title, title_of(proposals))
    if body:
        write_text(body, body_of(proposals, told))


def require_fresh(folder: Path) -> None:
    """Refuse *folder* if it has patches already: nobody could tell them from those of now.

    Raises:
        BadInput: it has.

    """
    if any(folder.glob(f"*{PATCH}")):
        raise BadInput("has patches of an earlier run: name an empty folder", path=str(folder), key="--one-per-plan")


def write_patches(folder: Path, scan: LocalScan, told: Told) -> None:
    """Write to *folder*, for each proposal of *scan*, the files STEM.patch, STEM.title and STEM.md."""
    for each in scan.report.proposals:
        before = {path: scan.files[path].decode() for path in each.files}
        stem = file_stem(each)
        write_text(folder / f"{stem}{PATCH}", patch(before, each.files))
        write_text(folder / f"{stem}.title", title_of([each]))
        write_text(folder / f"{stem}.md", body_of([each], told))


def write_text(file: Path, text: str) -> None:
    """Write *text* with one end of line behind it, and its own line ends as they are.

    Raises:
        BadInput: the file cannot be written.

    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if text.endswith("\n") or not text else f"{text}\n".encode())
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror}", path=str(file)) from error
