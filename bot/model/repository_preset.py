"""Presets that other repositories hold: how they are named, and which files they are."""

import re
from dataclasses import dataclass
from typing import Final

PRESET_FILE: Final = "condabot.yml"
"""What is read of a repository that is named as a preset, and of `OWNER/.github`; how what else is read there ends."""

OF_REPOSITORY: Final = "github>"
"""What the name of another repository begins with."""

REPOSITORY: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}/[A-Za-z0-9._-]{1,100}"
_NAME: Final = r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}"
NAMED: Final = rf"github>({REPOSITORY})(?::({_NAME})|//((?:{_NAME}/){{0,10}})({_NAME}))?"
_PLACES: Final = ("", ".github/")


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryPreset:
    """What a preset of another repository names: `OWNER/REPO`, and the files of which the first that is there is read.

    Renovate reads `default.json`, `NAME.json` for `:NAME` and `PATH/NAME.json` for `//PATH/NAME`; here it is
    `condabot.yml`, and else a file that is named for condabot, `NAME.condabot.yml`: what is wrong in it is told to
    whoever names it, so that no file may be read which was not meant for that.

    https://docs.renovatebot.com/config-presets/#preset-hosting
    """

    repository: str
    paths: tuple[str, ...]

    @property
    def file(self) -> str:
        """What it is called to people."""
        return self.paths[0]


def repository_preset(text: str) -> RepositoryPreset | None:
    """Return which files *text* names in which repository; None if it names none."""
    found = re.fullmatch(NAMED, text)
    if found is None:
        return None
    repository, beside, folder, below = found.groups()
    if below:
        return RepositoryPreset(repository=repository, paths=(f"{folder}{below}.{PRESET_FILE}",))
    file = f"{beside}.{PRESET_FILE}" if beside else PRESET_FILE
    return RepositoryPreset(repository=repository, paths=tuple(f"{place}{file}" for place in _PLACES))
