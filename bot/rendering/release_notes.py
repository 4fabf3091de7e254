"""What the people who make a package say of its releases, below a fold: theirs, inert, and cut."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Final

from bot.model.project import Project, Projects, UpstreamRelease
from bot.model.update import Update
from bot.rendering.foreign_markdown import excerpt
from bot.rendering.links import change_link
from bot.rendering.markdown import details, plain
from bot.rendering.sizes import counted
from bot.versioning.conda import is_newer
from bot.versioning.tags import is_version, is_within, version_of

ROOM: Final = 30_000
"""Characters for the notes of all packages."""

ROOM_OF_ONE: Final = 8_000
LEAST: Final = 200
MOST_RELEASES: Final = 8
"""Of a package whose notes are read; the newest."""

_NAME = re.compile(r"[A-Za-z0-9._-]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Noted:
    version: str
    release: UpstreamRelease


def release_notes(updates: Sequence[Update], projects: Projects) -> Sequence[str]:
    """Return a fold for each of *updates* whose project says something of the releases that it moves over."""
    moves = {(each.datasource, each.name): each for each in updates}
    noted = [(moves[key], projects[key]) for key in moves if key in projects and projects[key].releases]
    room = min(ROOM // max(len(noted), 1), ROOM_OF_ONE)
    return [fold for update, project in noted if (fold := _fold(update, project, room))]


def _fold(update: Update, project: Project, room: int) -> str:
    between = _between(update, project)
    text = _text(between, project.repository, room)
    name = update.name if _NAME.fullmatch(update.name) else "a package"
    return details(f"Release notes of {html.escape(name)} ({len(between)})", text) if text else ""


def _between(update: Update, project: Project) -> Sequence[_Noted]:
    """Return the releases with notes after the version in use, up to the one that it moves to; the newest first."""
    names = (update.name, project.repository.rpartition("/")[2])
    after = update.target.version
    tagged = ((each, version_of(each.tag, names)) for each in project.releases)
    found = [
        _Noted(version=version, release=each)
        for each, version in tagged
        if version and each.notes.strip() and is_within(version, update.current, after)
        if not each.is_prerelease or is_version(version, after)
    ]
    return sorted(found, key=cmp_to_key(_newest_first))


def _newest_first(one: _Noted, other: _Noted) -> int:
    return is_newer(other.version, one.version) - is_newer(one.version, other.version)


def _text(noted: Sequence[_Noted], repository: str, room: int) -> str:
    parts: list[str] = []
    for each in noted[:MOST_RELEASES]:
        heading = change_link(plain(each.version), repository, "", each.release.tag)
        found = excerpt(each.release.notes, room)
        more = f"*… {counted(found.left_out, 'more part')}: {heading}*" if found.left_out else ""
        if found.text or more:
            parts += filter(None, (f"**{heading}**", found.text, more))
        room -= len(found.text)
        if room < LEAST:
            break
    return "\n\n".join(parts)
