"""A configuration of Renovate's in our words. Names and meanings are mostly the same; what differs stands here.

A rule of which one `match…` cannot be taken over is left as a whole: without it, it would be about more.
https://docs.renovatebot.com/configuration-options/
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import json5

from bot.config.configuration import Configuration
from bot.config.kinds import ListOf, SetOf
from bot.config.not_supported import NOT_SUPPORTED
from bot.config.presets import PRESETS
from bot.config.rows import rows_of
from bot.config.rules import Manager, PackageRule, UpdateType
from bot.config.translation import Draft, Json, Translation, table, tables, texts, why_not_in_rule
from bot.errors import BadInput
from bot.model.manifest import Datasource

LARGEST: Final = 100_000

_SILENT: Final = frozenset({"$schema", "description"})
_OF_DEFAULTS: Final = frozenset(
    {"config:recommended", "config:base", "config:best-practices", "group:allNonMajor", ":separateMajorReleases"}
)
_RENAMED: Final[Mapping[str, str]] = {
    "baseBranches": "baseBranchPatterns",
    "matchDepNames": "matchPackageNames",
    "matchFiles": "matchFileNames",
    "matchPaths": "matchFileNames",
}
_LEFT: Final[Mapping[str, str]] = {
    "customManagers": "comments for Renovate are found without it; for further files see `annotationPaths`",
    "enabledManagers": "condabot looks after conda and pixi alone; `ignorePaths` and rules say what it leaves",
    "hostRules": "credentials are the operator's",
    "regexManagers": "comments for Renovate are found without it; for further files see `annotationPaths`",
}
_CHOICES: Final[Mapping[str, frozenset[str]]] = {
    "matchDatasources": frozenset(Datasource),
    "matchManagers": frozenset({Manager.PIXI}),
    "matchUpdateTypes": frozenset(UpdateType),
}
"""Lists of which only the part counts that is ours; of the managers Renovate has only one of ours."""

_PATTERNS: Final[Mapping[str, tuple[str, Callable[[str], str]]]] = {
    "excludePackageNames": ("matchPackageNames", "!{}".format),
    "excludePackagePatterns": ("matchPackageNames", "!/{}/".format),
    "matchPackagePatterns": ("matchPackageNames", "/{}/".format),
    "matchPackagePrefixes": ("matchPackageNames", "{}*".format),
}
"""Keys that Renovate had before patterns were of one form."""

_TOP: Final = {row.key: row.kind for row in rows_of(Configuration).values()}
_OF_RULES: Final = {row.key: row.kind for row in rows_of(PackageRule).values()}


def from_renovate(text: str, path: str) -> Translation:
    """Return what *text*, the file at *path*, comes to.

    Raises:
        BadInput: it is too long, or no JSON5.

    """
    draft = Draft()
    for key, value in _parsed(text, path).items():
        _take(draft, key, value)
    return draft.done()


def _parsed(text: str, path: str) -> Mapping[str, Json]:
    if len(text) > LARGEST:
        raise BadInput(f"has {len(text)} characters; a configuration has up to {LARGEST}", path=path)
    try:
        found: Json = json5.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput("is no JSON, also with comments", path=path) from error
    if not isinstance(found, Mapping):
        raise BadInput("is no configuration of Renovate: that has keys with values", path=path)
    return found


def _take(draft: Draft, key: str, value: Json) -> None:
    ours = _RENAMED.get(key, key)
    if key in _SILENT:
        return
    if key == "extends":
        _take_presets(draft, texts(value))
    elif key == "packageRules":
        for number, rule in enumerate(tables(value)):
            _Rule(draft, f"packageRules[{number}]").take(rule)
    elif key == "stabilityDays":
        draft.take("minimumReleaseAge", f"{value} days", key)
    elif key == "lockFileMaintenance":
        _take_maintenance(draft, table(value))
    elif ours in _TOP:
        draft.take(ours, _as_list(value) if isinstance(_TOP[ours], ListOf | SetOf) else value, key)
    else:
        draft.leave(key, _why_unknown(key))


def _take_maintenance(draft: Draft, value: Mapping[str, Json]) -> None:
    known = {key: _as_list(each) if key == "schedule" else each for key, each in value.items()}
    for key in sorted(known.keys() - {"enabled", "schedule"}):
        draft.leave(f"lockFileMaintenance.{key}", "a rule with `matchUpdateTypes: [lockFileMaintenance]` says it here")
    ours: dict[str, Json] = {key: known[key] for key in ("enabled", "schedule") if key in known}
    draft.take("lockFileMaintenance", ours, "lockFileMaintenance")


def _take_presets(draft: Draft, names: Iterable[str]) -> None:
    ours = [each for each in names if each in PRESETS]
    if ours:
        draft.take("extends", ours, "extends")
    for each in names:
        if each in _OF_DEFAULTS:
            draft.leave(f"extends {each}", "what it is for is the default here")
        elif each not in PRESETS:
            draft.leave(f"extends {each}", "is no preset here; those of repositories are `condabot.yml` in them")


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule on its way over."""

    draft: Draft
    at: str

    def take(self, rule: Mapping[str, Json]) -> None:
        """Take *rule* over, as far as it is about what condabot looks after."""
        found: dict[str, Json] = {}
        for key, value in rule.items():
            if key in _SILENT:
                continue
            reason = self._put(found, key, value)
            if reason and key.startswith(("match", "exclude")):
                self.draft.leave(self.at, f"{key}: {reason}")
                return
            if reason:
                self.draft.leave(f"{self.at}.{key}", reason)
        if not any(key.startswith("match") for key in found) or all(key.startswith("match") for key in found):
            self.draft.leave(self.at, "says nothing that condabot would do")
        else:
            self.draft.rules.append(found)

    def _put(self, found: dict[str, Json], key: str, value: Json) -> str:
        """Put *key* into *found* in our words; return why not, if it cannot be."""
        if key in _PATTERNS:
            ours, form = _PATTERNS[key]
            written: Json = [*texts(found.get(ours, [])), *map(form, texts(value))]
        elif key in _CHOICES:
            ours, known = key, [each for each in texts(value) if each in _CHOICES[key]]
            if not known:
                return f"condabot does not look after {', '.join(texts(value)) or 'it'}"
            written = known
        elif key == "addLabels":
            ours, written = "labels", [*texts(self.draft.keys.get("labels", [])), *texts(value)]
        elif key == "stabilityDays":
            ours, written = "minimumReleaseAge", f"{value} days"
        else:
            ours = _RENAMED.get(key, key)
            written = _as_list(value) if isinstance(_OF_RULES.get(ours), ListOf | SetOf) else value
        if ours not in _OF_RULES:
            return _why_unknown(key)
        reason = why_not_in_rule(ours, written)
        if not reason:
            found[ours] = written
        return reason


def _as_list(value: Json) -> Json:
    return [value] if isinstance(value, str) else value


def _why_unknown(key: str) -> str:
    if key in NOT_SUPPORTED:
        return f"is not supported, because {NOT_SUPPORTED[key]}"
    return _LEFT.get(key, "condabot has no such key")
