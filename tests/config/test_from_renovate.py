"""What Renovate's configuration comes to in our words; what is not taken over says why, and nothing is made up."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.config import PATHS, read_configuration
from bot.config.from_renovate import LARGEST, from_renovate
from bot.errors import BadInput

FILE = "renovate.json5"

TAKEN = {
    "what has the same name": (
        "{labels: ['a'], automerge: true, minimumReleaseAge: '3 days', timezone: 'Europe/Berlin'}",
        {"labels": ["a"], "automerge": True, "minimumReleaseAge": "3 days", "timezone": "Europe/Berlin"},
    ),
    "comments and trailing commas": ('{\n// why\n"prConcurrentLimit": 3, /* so */\n}', {"prConcurrentLimit": 3}),
    "a text for a list": ("{schedule: 'on monday', labels: 'a'}", {"schedule": ["on monday"], "labels": ["a"]}),
    "an old name": ("{baseBranches: ['release/*']}", {"baseBranchPatterns": ["release/*"]}),
    "an old age": ("{stabilityDays: 3}", {"minimumReleaseAge": "3 days"}),
    "presets that both have": ("{extends: [':semanticCommits']}", {"extends": [":semanticCommits"]}),
    "lock maintenance": (
        "{lockFileMaintenance: {enabled: true, schedule: 'on monday'}}",
        {"lockFileMaintenance": {"enabled": True, "schedule": ["on monday"]}},
    ),
    "a description": ("{description: 'why', $schema: 'x'}", {}),
    "a rule": (
        "{packageRules: [{description: 'x', matchPackageNames: ['a*', '!ab'], allowedVersions: '<2'}]}",
        {"packageRules": [{"matchPackageNames": ["a*", "!ab"], "allowedVersions": "<2"}]},
    ),
    "a rule with a text for a list": (
        "{packageRules: [{matchPackageNames: 'a', enabled: false}]}",
        {"packageRules": [{"matchPackageNames": ["a"], "enabled": False}]},
    ),
    "a rule of old names": (
        """{packageRules: [
            {matchPackagePatterns: ['^a'], excludePackageNames: ['ab'], matchPackagePrefixes: ['c'], enabled: false},
            {matchDepNames: ['a'], stabilityDays: 2},
        ]}""",
        {
            "packageRules": [
                {"matchPackageNames": ["/^a/", "!ab", "c*"], "enabled": False},
                {"matchPackageNames": ["a"], "minimumReleaseAge": "2 days"},
            ]
        },
    ),
    "a rule about ours among others": (
        "{packageRules: [{matchManagers: ['cargo', 'pixi'], matchUpdateTypes: ['minor', 'digest'], automerge: true}]}",
        {"packageRules": [{"matchManagers": ["pixi"], "matchUpdateTypes": ["minor"], "automerge": True}]},
    ),
    "labels that are added": (
        "{labels: ['deps'], packageRules: [{matchPackageNames: ['a'], addLabels: ['a']}]}",
        {"labels": ["deps"], "packageRules": [{"matchPackageNames": ["a"], "labels": ["deps", "a"]}]},
    ),
}


@pytest.mark.parametrize(("text", "expected"), TAKEN.values(), ids=TAKEN)
def test_what_is_taken_over(text: str, expected: dict[str, object]) -> None:
    found = from_renovate(text, FILE)

    assert (found.keys, found.left) == (expected, ())
    assert (yaml.safe_load(found.text) or {}) == expected


LEFT = {
    "what condabot has not on purpose": ("{prHourlyLimit: 2}", "prHourlyLimit: is not supported, because `prConcurr"),
    "a key that nobody has here": ("{npmrc: 'x'}", "npmrc: condabot has no such key"),
    "the settings of a manager": ("{cargo: {enabled: false}}", "cargo: condabot has no such key"),
    "credentials": ("{hostRules: [{token: 'x'}]}", "hostRules: credentials are the operator's"),
    "a value that is none here": ("{rangeStrategy: 'x'}", "rangeStrategy: must be one of auto, replace, bump, widen"),
    "a window that is none here": ("{schedule: ['soon']}", "schedule: must be a window of time such as"),
    "what is the default": ("{extends: ['config:recommended']}", "extends config:recommended: what it is for is the"),
    "a preset of a repository": ("{extends: ['github>a/b']}", "extends github>a/b: is no preset here; those of repo"),
    "a rule about others": (
        "{packageRules: [{matchManagers: ['cargo'], enabled: false}]}",
        "packageRules[0]: matchManagers: condabot does not look after cargo",
    ),
    "a rule about what is not known here": (
        "{packageRules: [{matchSourceUrls: ['x'], matchPackageNames: ['a'], enabled: false}]}",
        "packageRules[0]: matchSourceUrls: condabot has no such key",
    ),
    "an expression that RE2 has not": (
        "{packageRules: [{matchPackageNames: ['/(?=a)/'], enabled: false}]}",
        "packageRules[0]: matchPackageNames: must be a name, a pattern such as",
    ),
    "a rule of which nothing is left": (
        "{packageRules: [{matchPackageNames: ['a'], enabled: 'no'}]}",
        "packageRules[0].enabled: must be true or false, not `no`",
    ),
    "more of lock maintenance": (
        "{lockFileMaintenance: {automerge: true}}",
        "lockFileMaintenance.automerge: a rule with `matchUpdateTypes: [lockFileMaintenance]` says it here",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), LEFT.values(), ids=LEFT)
def test_what_is_not_taken_over_says_why(text: str, sentence: str) -> None:
    found = from_renovate(text, FILE)

    assert str(found.left[0]).startswith(sentence)
    assert "packageRules" not in found.keys
    assert f"# not taken over: {sentence}" in found.text


@pytest.mark.parametrize("text", ["", "[]", "{", "1", "a" * (LARGEST + 1), "[" * 5_000], ids=range(6))
def test_what_is_no_configuration_of_renovate_is_said(text: str) -> None:
    with pytest.raises(BadInput):
        from_renovate(text, FILE)


def test_a_key_of_anybody_stays_a_comment() -> None:
    found = from_renovate('{"a\\nlabels: [x]\\u001b[2J": 1}', FILE)

    assert yaml.safe_load(found.text) is None
    assert found.text.count("\n") == 1
    assert "\x1b" not in found.text


KEYS = st.sampled_from(
    ["labels", "schedule", "packageRules", "extends", "matchPackageNames", "matchManagers", "enabled", "addLabels", "x"]
)
VALUES = st.recursive(
    st.sampled_from(["a", "pixi", "/(/", "7 days", "on monday"]) | st.booleans() | st.integers(0, 9) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_whatever_comes_out_can_be_read(document: dict[str, object]) -> None:
    found = from_renovate(json.dumps(document), FILE)

    read_configuration({PATHS[0]: found.text.encode()})
