"""The presets that everybody has: configurations by name, for `extends`.

Where a name is one of Renovate's, so is its meaning (https://docs.renovatebot.com/presets-default/).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.config.document import LONGEST_TEXT
from bot.config.kinds import ScalarKind
from bot.errors import BadInput
from bot.model.repository_preset import NAMED, PRESET_FILE, REPOSITORY, repository_preset


@dataclass(frozen=True, slots=True)
class Preset:
    """A configuration, and what it does in a sentence."""

    meaning: str
    text: str


PRESETS: Final[Mapping[str, Preset]] = {
    ":automergeLock": Preset(
        "Minor releases and patches merge by themselves, and refreshed locks; never python, openssl or CUDA.",
        """\
packageRules:
  - matchUpdateTypes: [minor, patch]
    matchPackageNames: ["!python", "!openssl", "!cuda*"]
    automerge: true
  - matchUpdateTypes: [lockFileMaintenance]
    automerge: true
""",
    ),
    ":automergePatch": Preset(
        "Patches merge by themselves.",
        "packageRules: [{matchUpdateTypes: [patch], automerge: true}]\n",
    ),
    ":dependencyDashboard": Preset("One issue lists what there is.", "dependencyDashboard: true\n"),
    ":disableDependencyDashboard": Preset("No issue lists what there is.", "dependencyDashboard: false\n"),
    ":disableMajorUpdates": Preset(
        "No majors are proposed.", "packageRules: [{matchUpdateTypes: [major], enabled: false}]\n"
    ),
    ":maintainLockFilesMonthly": Preset(
        "Locks are refreshed on the first day of the month.",
        "lockFileMaintenance: {enabled: true, schedule: [on the first day of the month]}\n",
    ),
    ":maintainLockFilesWeekly": Preset(
        "Locks are refreshed on Mondays.", "lockFileMaintenance: {enabled: true, schedule: [on monday]}\n"
    ),
    ":semanticCommits": Preset("Titles begin with `chore(deps):`.", "semanticCommits: enabled\n"),
    ":semanticCommitsDisabled": Preset("Titles never begin with `chore(deps):`.", "semanticCommits: disabled\n"),
    ":separateMajor": Preset("Majors go apart.", "separateMajorMinor: true\n"),
    "group:all": Preset(
        "Everything goes into one pull request, majors as well.",
        'packageRules: [{matchPackageNames: ["*"], groupName: all dependencies, separateMajorMinor: false}]\n',
    ),
    "schedule:earlyMondays": Preset("Opened before 5 on Mondays.", "schedule: [before 5am on monday]\n"),
    "schedule:monthly": Preset(
        "Opened before 4 on the first day of the month.", "schedule: [before 4am on the first day of the month]\n"
    ),
    "schedule:nonOfficeHours": Preset(
        "Opened at night and on weekends.",
        "schedule: [after 10pm every weekday, before 5am every weekday, every weekend]\n",
    ),
    "schedule:weekends": Preset("Opened on weekends.", "schedule: [every weekend]\n"),
}

_WHY_NONE: Final[Mapping[str, str]] = {
    r"(local|gitlab|gitea|forgejo|bitbucket|npm|https?:/)[>/]": (
        "names a place that is not read: write `github>OWNER/REPO` for a repository of the same installation"
    ),
    r"github>.*#": "names a tag or a branch: what is on the default branch counts",
    r"github>.*\(": "has parameters, which presets do not take here",
    r"github>.*\.(json5?|ya?ml)$": (
        f"names a file: `:NAME` is `NAME.{PRESET_FILE}`, and `//PATH/NAME` is that below a folder"
    ),
    rf"github>{REPOSITORY}:.*/": f"names a part of a file: `:NAME` is the whole of `NAME.{PRESET_FILE}`",
}
"""What Renovate knows and nobody reads here, and why, in the first that fits."""


def is_preset(text: str) -> bool:
    """Tell whether *text* may name a preset: one that everybody has, or a repository."""
    return text in PRESETS or is_of_repository(text)


def is_of_repository(text: str) -> bool:
    """Tell whether *text* names what a repository says: `github>OWNER/REPO`, `…:NAME`, or `…//PATH/NAME`."""
    return repository_preset(text) is not None


def _preset(text: str) -> str:
    if not is_preset(text):
        raise BadInput("is no preset")
    return text


def _why_none(text: str) -> str:
    """Return why *text*, which Renovate may know, names nothing here; empty where nobody could tell."""
    return next((why for pattern, why in _WHY_NONE.items() if re.match(pattern, text)), "")


PRESET: Final[ScalarKind[str]] = ScalarKind(
    words="preset",
    rule=f"a preset ({', '.join(PRESETS)}), or `github>OWNER/REPO`, with `:NAME` or `//PATH/NAME` behind it",
    parse=_preset,
    schema={
        "type": "string",
        "anyOf": [{"enum": list(PRESETS)}, {"pattern": f"^{NAMED}$"}],
        "maxLength": LONGEST_TEXT,
    },
    known=tuple(PRESETS),
    why_not=_why_none,
)
