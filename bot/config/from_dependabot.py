"""A configuration of Dependabot's in our words: what it says of the ecosystem `conda`.

https://docs.github.com/en/code-security/dependabot/working-with-dependabot/dependabot-options-reference
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.config.document import loaded
from bot.config.translation import Draft, Json, Translation, table, tables, texts, why_not_in_rule
from bot.errors import BadInput

ECOSYSTEM: Final = "conda"

_STRATEGIES: Final = {
    "auto": "auto",
    "increase": "bump",
    "increase-if-necessary": "replace",
    "lockfile-only": "update-lockfile",
    "widen": "widen",
}
_KINDS: Final = {
    "version-update:semver-major": "major",
    "version-update:semver-minor": "minor",
    "version-update:semver-patch": "patch",
}
_BELOW: Final = {">=": "<", ">": "<="}
_CRON: Final = re.compile(r"\S+ (.+)")


def from_dependabot(content: bytes, path: str) -> Translation:
    """Return what *content*, the file at *path*, comes to.

    Raises:
        BadInput: it is no YAML, or too large.

    """
    document = table(loaded(path, content))
    if "updates" not in document:
        raise BadInput("is no configuration of Dependabot: that has `updates`", path=path)
    draft, updates = Draft(), tables(document["updates"])
    ours = [(number, each) for number, each in enumerate(updates) if each.get("package-ecosystem") == ECOSYSTEM]
    for number, each in enumerate(updates):
        if each.get("package-ecosystem") != ECOSYSTEM:
            draft.leave(f"updates[{number}]", f"condabot does not look after {each.get('package-ecosystem')}")
    for number, each in ours:
        _Update(draft, f"updates[{number}]", () if len(ours) == 1 else _files(each)).take(each)
    for key in sorted(document.keys() - {"version", "updates"}):
        draft.leave(key, "condabot has no such key")
    return draft.done()


def _files(update: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the patterns of the files in the folders of *update*."""
    folders = [each.strip("/") for each in (*texts(update.get("directory")), *texts(update.get("directories")))]
    return tuple(f"{each}/*" if each else "*" for each in folders)


@dataclass(frozen=True, slots=True)
class _Update:
    """One item of `updates` on its way over; rules are about `files` where there are several items."""

    draft: Draft
    at: str
    files: tuple[str, ...]

    def take(self, update: Mapping[str, Json]) -> None:
        """Take *update* over, key by key."""
        for key, value in update.items():
            take = _KEYS.get(key)
            if key in {"package-ecosystem", "directory", "directories"}:
                continue
            if take is None:
                self.leave(key, "condabot has no such key")
            else:
                take(self, value)

    def leave(self, key: str, reason: str) -> None:
        """Note that *key* is not taken over."""
        self.draft.leave(f"{self.at}.{key}", reason)

    def key(self, ours: str, value: Json, theirs: str) -> None:
        """Take *value* of *theirs* over as our key *ours*, which is about everything."""
        self.draft.take(ours, value, f"{self.at}.{theirs}")

    def rule(self, theirs: str, **said: Json) -> None:
        """Take a rule over that says what is *said*."""
        about: Mapping[str, Json] = {"matchFileNames": list(self.files)} if self.files else {}
        rule = {**about, **said}
        reasons = [reason for key, value in rule.items() if (reason := why_not_in_rule(key, value))]
        if reasons:
            self.leave(theirs, reasons[0])
        else:
            self.draft.rules.append(rule if any(key.startswith("match") for key in rule) else {**_EVERYTHING, **rule})

    def schedule(self, value: Json) -> None:
        """When pull requests are opened."""
        said = table(value)
        interval, day, cron = said.get("interval"), said.get("day", "monday"), said.get("cronjob")
        windows = {"daily": "every weekday", "weekly": f"on {day}", "monthly": "on the first day of the month"}
        if interval == "cron" and isinstance(cron, str) and (found := _CRON.fullmatch(cron)):
            self.key("schedule", [f"* {found[1]}"], "schedule")
        elif isinstance(interval, str) and interval in windows:
            self.key("schedule", [windows[interval]], "schedule")
        else:
            self.leave("schedule", f"there is no window for `{interval}`")
        if "time" in said:
            self.leave("schedule.time", "a window of hours says it: `before 6am on monday`")
        if "timezone" in said:
            self.key("timezone", said["timezone"], "schedule.timezone")

    def limit(self, value: Json) -> None:
        """How many are open; none at all means that nothing is updated."""
        if value == 0:
            self.rule("open-pull-requests-limit", enabled=False)
        else:
            self.key("prConcurrentLimit", value, "open-pull-requests-limit")

    def message(self, value: Json) -> None:
        """What titles begin with."""
        for key, each in table(value).items():
            if key == "prefix":
                self.key("commitMessagePrefix", each, "commit-message.prefix")
            else:
                self.leave(f"commit-message.{key}", "condabot has no such key")

    def cooldown(self, value: Json) -> None:
        """How old releases must be, by how far they go, and which packages that is about."""
        said = table(value)
        only, but = texts(said.get("include")), texts(said.get("exclude"))
        names: Mapping[str, Json] = {"matchPackageNames": [*(only or ["*"]), *(f"!{each}" for each in but)]}
        if "default-days" in said and not (only or but or self.files):
            self.key("minimumReleaseAge", _days(said["default-days"]), "cooldown.default-days")
        elif "default-days" in said:
            self.rule("cooldown.default-days", **names, minimumReleaseAge=_days(said["default-days"]))
        for kind in ("major", "minor", "patch"):
            if days := said.get(f"semver-{kind}-days"):
                at = f"cooldown.semver-{kind}-days"
                self.rule(at, **names, matchUpdateTypes=[kind], minimumReleaseAge=_days(days))

    def groups(self, value: Json) -> None:
        """What goes into one pull request; majors as well, as in Dependabot's."""
        for name, each in table(value).items():
            said, at = table(each), f"groups.{name}"
            if said.get("applies-to") == "security-updates":
                self.leave(at, "condabot has no updates for security alone")
                continue
            if unknown := said.keys() - {"applies-to", "patterns", "exclude-patterns", "update-types"}:
                self.leave(at, f"{min(unknown)}: condabot has no such key")
                continue
            but = [f"!{each}" for each in texts(said.get("exclude-patterns"))]
            kinds: Mapping[str, Json] = (
                {"matchUpdateTypes": list(texts(said["update-types"]))} if "update-types" in said else {}
            )
            names: Json = [*(texts(said.get("patterns")) or ("*",)), *but]
            self.rule(at, matchPackageNames=names, **kinds, groupName=name, separateMajorMinor=False)

    def ignore(self, value: Json) -> None:
        """What is left alone: a package, how far it goes, or some versions of it."""
        for number, each in enumerate(tables(value)):
            at, name = f"ignore[{number}]", [str(each.get("dependency-name", "*"))]
            kinds = [_KINDS[kind] for kind in texts(each.get("update-types")) if kind in _KINDS]
            versions = texts(each.get("versions"))
            if kinds:
                self.rule(at, matchPackageNames=name, matchUpdateTypes=kinds, enabled=False)
            if versions:
                self._ignore_versions(at, name, versions)
            if not kinds and not versions:
                self.rule(at, matchPackageNames=name, enabled=False)

    def _ignore_versions(self, at: str, name: Json, versions: Sequence[str]) -> None:
        found = re.fullmatch(r"(>=?)\s*([\w.]+)", versions[0]) if len(versions) == 1 else None
        if found is None:
            self.leave(f"{at}.versions", "say in `allowedVersions` of a rule which versions are allowed instead")
        else:
            self.rule(at, matchPackageNames=name, allowedVersions=f"{_BELOW[found[1]]}{found[2]}")

    def strategy(self, value: Json) -> None:
        """How version specs are rewritten."""
        self.key("rangeStrategy", _STRATEGIES.get(str(value), value), "versioning-strategy")

    def rebasing(self, value: Json) -> None:
        """When pull requests are made afresh."""
        self.key("rebaseWhen", "never" if value == "disabled" else value, "rebase-strategy")

    def people(self, ours: str, value: Json) -> None:
        """Labels, assignees and reviewers: of everything, or of the files of one item of several."""
        if self.files:
            self.rule(ours, **{ours: value})
        else:
            self.key(ours, value, ours)


_EVERYTHING: Final[Mapping[str, Json]] = {"matchPackageNames": ["*"]}

_KEYS: Final[Mapping[str, Callable[[_Update, Json], None]]] = {
    "assignees": lambda update, value: update.people("assignees", value),
    "commit-message": _Update.message,
    "cooldown": _Update.cooldown,
    "groups": _Update.groups,
    "ignore": _Update.ignore,
    "labels": lambda update, value: update.people("labels", value),
    "open-pull-requests-limit": _Update.limit,
    "rebase-strategy": _Update.rebasing,
    "reviewers": lambda update, value: update.people("reviewers", value),
    "schedule": _Update.schedule,
    "versioning-strategy": _Update.strategy,
}


def _days(value: Json) -> str:
    return f"{value} days"
