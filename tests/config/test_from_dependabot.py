"""What Dependabot's configuration says of conda, in our words; what is not taken over says why."""

import pytest
import yaml

from bot.config import PATHS, read_configuration
from bot.config.from_dependabot import from_dependabot
from bot.errors import BadInput, ConfigurationError

FILE = ".github/dependabot.yml"
CONDA = "version: 2\nupdates:\n- package-ecosystem: conda\n  directory: /\n"


def translated(said: str) -> tuple[dict[str, object], list[str]]:
    found = from_dependabot(f"{CONDA}  {said}\n".encode(), FILE)
    read_configuration({PATHS[0]: found.text.encode()})
    return yaml.safe_load(found.text) or {}, [str(each) for each in found.left]


def rule(**said: object) -> dict[str, object]:
    return {"packageRules": [said]}


TAKEN = {
    "every day": ("schedule: {interval: daily}", {"schedule": ["every weekday"]}),
    "every week": ("schedule: {interval: weekly}", {"schedule": ["on monday"]}),
    "on a day": ("schedule: {interval: weekly, day: friday}", {"schedule": ["on friday"]}),
    "every month": ("schedule: {interval: monthly}", {"schedule": ["on the first day of the month"]}),
    "a cron line": ('schedule: {interval: cron, cronjob: "0 9 * * 1"}', {"schedule": ["* 9 * * 1"]}),
    "a time zone": (
        "schedule: {interval: daily, timezone: Europe/Berlin}",
        {"schedule": ["every weekday"], "timezone": "Europe/Berlin"},
    ),
    "a limit": ("open-pull-requests-limit: 3", {"prConcurrentLimit": 3}),
    "nothing at all": ("open-pull-requests-limit: 0", rule(matchPackageNames=["*"], enabled=False)),
    "people": (
        "{labels: [a], assignees: [b], reviewers: [c]}",
        {"labels": ["a"], "assignees": ["b"], "reviewers": ["c"]},
    ),
    "a prefix": ('commit-message: {prefix: "deps"}', {"commitMessagePrefix": "deps"}),
    "an age": ("cooldown: {default-days: 5}", {"minimumReleaseAge": "5 days"}),
    "an age of majors": (
        "cooldown: {semver-major-days: 30}",
        rule(matchPackageNames=["*"], matchUpdateTypes=["major"], minimumReleaseAge="30 days"),
    ),
    "an age of some packages": (
        "cooldown: {default-days: 5, include: [a*], exclude: [ab]}",
        rule(matchPackageNames=["a*", "!ab"], minimumReleaseAge="5 days"),
    ),
    "a group": (
        "groups: {science: {patterns: [num*], exclude-patterns: [numba], update-types: [minor, patch]}}",
        rule(
            matchPackageNames=["num*", "!numba"],
            matchUpdateTypes=["minor", "patch"],
            groupName="science",
            separateMajorMinor=False,
        ),
    ),
    "a package to ignore": ("ignore: [{dependency-name: a}]", rule(matchPackageNames=["a"], enabled=False)),
    "majors to ignore": (
        'ignore: [{dependency-name: a, update-types: ["version-update:semver-major"]}]',
        rule(matchPackageNames=["a"], matchUpdateTypes=["major"], enabled=False),
    ),
    "versions to ignore": (
        'ignore: [{dependency-name: a, versions: [">=2"]}]',
        rule(matchPackageNames=["a"], allowedVersions="<2"),
    ),
    "versions beyond one to ignore": (
        'ignore: [{dependency-name: a, versions: [">2.0"]}]',
        rule(matchPackageNames=["a"], allowedVersions="<=2.0"),
    ),
    "locks alone": ("versioning-strategy: lockfile-only", {"rangeStrategy": "update-lockfile"}),
    "no rebasing": ("rebase-strategy: disabled", {"rebaseWhen": "never"}),
    "the usual rebasing": ("rebase-strategy: auto", {"rebaseWhen": "auto"}),
}


@pytest.mark.parametrize(("said", "expected"), TAKEN.values(), ids=TAKEN)
def test_what_is_taken_over(said: str, expected: dict[str, object]) -> None:
    text = said.strip("{}").replace("], ", "]\n  ") if said.startswith("{") else said

    assert translated(text) == (expected, [])


LEFT = {
    "a key that nobody has here": ("milestone: 4", "updates[0].milestone: condabot has no such key"),
    "a year": ("schedule: {interval: yearly}", "updates[0].schedule: there is no window for `yearly`"),
    "an hour": (
        'schedule: {interval: daily, time: "05:00"}',
        "updates[0].schedule.time: a window of hours says it: `before 6am on monday`",
    ),
    "groups for security": (
        "groups: {a: {applies-to: security-updates, patterns: ['*']}}",
        "updates[0].groups.a: condabot has no updates for security alone",
    ),
    "groups by type": (
        "groups: {a: {dependency-type: development}}",
        "updates[0].groups.a: dependency-type: condabot has no such key",
    ),
    "several versions": (
        'ignore: [{dependency-name: a, versions: ["2.x", "3.x"]}]',
        "updates[0].ignore[0].versions: say in `allowedVersions` of a rule which versions are allowed instead",
    ),
    "a strategy that is none": ("versioning-strategy: x", "updates[0].versioning-strategy: must be one of auto"),
}


@pytest.mark.parametrize(("said", "sentence"), LEFT.values(), ids=LEFT)
def test_what_is_not_taken_over_says_why(said: str, sentence: str) -> None:
    _, left = translated(said)

    assert left[0].startswith(sentence)


def test_other_ecosystems_are_named() -> None:
    text = b"version: 2\nregistries: {}\nupdates: [{package-ecosystem: pip}, {package-ecosystem: github-actions}]\n"

    assert [str(each) for each in from_dependabot(text, FILE).left] == [
        "updates[0]: condabot does not look after pip",
        "updates[1]: condabot does not look after github-actions",
        "registries: condabot has no such key",
    ]


def test_of_several_folders_each_has_its_rules() -> None:
    text = f"""\
{CONDA}  labels: [top]
- package-ecosystem: conda
  directories: [/docs, /ci/]
  labels: [docs]
  ignore: [{{dependency-name: a}}]
"""

    assert from_dependabot(text.encode(), FILE).keys == {
        "packageRules": [
            {"matchFileNames": ["*"], "labels": ["top"]},
            {"matchFileNames": ["docs/*", "ci/*"], "labels": ["docs"]},
            {"matchFileNames": ["docs/*", "ci/*"], "matchPackageNames": ["a"], "enabled": False},
        ]
    }


@pytest.mark.parametrize("content", [b"a: [", b"", b"[]", b"version: 2", b"\xff"])
def test_what_is_no_configuration_of_dependabot_is_said(content: bytes) -> None:
    with pytest.raises((BadInput, ConfigurationError)):
        from_dependabot(content, FILE)
