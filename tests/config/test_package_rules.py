"""A rule is read as it is meant, or what is wrong in it is said with its place and what would be right."""

import pytest

from bot.config import PATHS, Configuration, read_configuration
from bot.config.not_supported import NOT_SUPPORTED
from bot.config.patterns import Pattern, Versions, parse_pattern, parse_versions
from bot.config.rules import STRATEGIES, PackageRule
from bot.errors import BadInput, ConfigurationError
from bot.versioning.ranges import RangeStrategy

PATH = PATHS[0]


def read(text: str) -> Configuration:
    return read_configuration({PATH: text.encode()})


def told(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    return [str(each) for each in caught.value.problems]


def test_a_rule_knows_where_it_stands() -> None:
    [first, second] = read(
        "packageRules:\n  - {matchPackageNames: [a], enabled: false}\n\n  - matchFileNames: [b]\n    labels: []\n"
    ).package_rules

    assert (str(first), str(second)) == (f"`packageRules[0]` in {PATH}:2", f"`packageRules[1]` in {PATH}:4")
    assert first == PackageRule(match_package_names=(Pattern("a"),), enabled=False)
    assert second.labels == ()


WRONG = {
    "nothing to match": (
        "{enabled: false}",
        ': says not what it is about; for everything, say `matchPackageNames: ["*',
    ),
    "nothing that is wanted": ("{matchPackageNames: [a]}", ": says nothing that is wanted, such as `enabled: false`"),
    "a slip in a key": (
        "{matchPackageName: [a], enabled: true}",
        ".matchPackageName: is no setting; did you mean matchPackageNames?",
    ),
    "no list": (
        "{matchPackageNames: a, enabled: true}",
        ".matchPackageNames: must be a list of up to 500 patterns, not `a`",
    ),
    "no expression": (
        '{matchPackageNames: ["/(/"], enabled: true}',
        ".matchPackageNames[0]: must be a name, a pattern such as `cuda-*`, or an expression of RE2",
    ),
    "what RE2 cannot say": (
        '{matchPackageNames: ["/(a)\\\\1/"], enabled: true}',
        ".matchPackageNames[0]: must be a name, a pattern such as `cuda-*`, or an expression of RE2",
    ),
    "a bare negation": (
        '{matchPackageNames: ["!"], enabled: true}',
        ".matchPackageNames[0]: must be a name, a pattern",
    ),
    "a kind of Renovate's": (
        "{matchUpdateTypes: [digest], enabled: true}",
        ".matchUpdateTypes[0]: must be one of major, minor, patch, lockFileMaintenance, not `digest`",
    ),
    "a slip in a word": (
        "{matchManagers: [conda-enviroment], enabled: true}",
        ".matchManagers[0]: must be one of pixi, conda-environment, conda-lock, anaconda-project, explicit, annotated",
    ),
    "no range": (
        "{matchPackageNames: [a], allowedVersions: below two}",
        ".allowedVersions: must be a range of versions such as `<2`",
    ),
    "a number for a range": (
        "{matchPackageNames: [a], allowedVersions: 2}",
        ".allowedVersions: must be a range of versions such as `<2`",
    ),
    "no truth": ("{matchPackageNames: [a], enabled: yes}", ".enabled: must be true or false, not the boolean `yes`"),
    "a text for a truth": ('{matchPackageNames: [a], enabled: "true"}', ".enabled: must be true or false, not `true`"),
    "a window that is none": (
        "{matchPackageNames: [a], schedule: [soon]}",
        ".schedule[0]: must be a window of time such as",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_in_a_rule_is_said(text: str, sentence: str) -> None:
    [problem] = told(f"packageRules: [{text}]")

    assert problem.startswith(f"{PATH}:1: packageRules[0]{sentence}")


@pytest.mark.parametrize(("key", "reason"), NOT_SUPPORTED.items())
def test_what_is_not_supported_says_why(key: str, reason: str) -> None:
    assert told(f"{key}: 1") == [f"{PATH}:1: {key}: is not supported, because {reason}"]


TOP = {
    "another way to merge": ("automergeType: branch", "automergeType: must be one of pr, not `branch`"),
    "a preset with a slip": ("extends: [':automergeLok']", "did you mean :automergeLock?"),
    "another repository with a file": ("extends: ['github>a/b:c.json']", "which names a file: `:NAME` is"),
    "another repository with a tag": ("extends: ['github>a/b#1.2']", "which names a tag or a branch"),
    "a part of a file": ("extends: ['github>a/b:c/d']", "which names a part of a file"),
    "a preset with a parameter": ("extends: ['github>a/b:c(1)']", "which has parameters"),
    "another host": ("extends: ['local>a/b']", "which names a place that is not read: write `github>OWNER"),
    "a way out of a folder": ("extends: ['github>a/b//../c']", "extends[0]: must be a preset ("),
    "a platform that is none": ("platforms: [linux-46]", "platforms[0]: must be a platform such as"),
    "no branch": ("branchPrefix: 'a b/'", "branchPrefix: must be the beginning of a branch's name"),
    "two dots in a branch": ("branchPrefix: 'a..b'", "branchPrefix: must be the beginning of a branch's name"),
    "a rule of holds that is no guess": ("holds: {without: [ignore]}", "holds.without[0]: must be one of already-"),
}


@pytest.mark.parametrize(("text", "sentence"), TOP.values(), ids=TOP)
def test_what_is_wrong_elsewhere_is_said(text: str, sentence: str) -> None:
    [problem] = told(text)

    assert sentence in problem


def test_everything_is_told_at_once() -> None:
    text = "packageRules:\n- {enabled: false}\n- {matchPackageNames: [1], enabled: maybe}\nlabels: x\nprPriority: 1\n"

    assert [each.split(": ")[:2] for each in told(text)] == [
        [f"{PATH}:2", "packageRules[0]"],
        [f"{PATH}:3", "packageRules[1].matchPackageNames[0]"],
        [f"{PATH}:3", "packageRules[1].enabled"],
        [f"{PATH}:4", "labels"],
        [f"{PATH}:5", "prPriority"],
    ]


PATTERNS = {
    "numpy": Pattern("numpy"),
    "!numpy": Pattern("numpy", negated=True),
    "/^a/": Pattern("/^a/", expression="^a"),
    "!/^a/i": Pattern("/^a/i", negated=True, expression="(?i)^a"),
    "/": Pattern("/"),
}


@pytest.mark.parametrize(("text", "expected"), PATTERNS.items())
def test_patterns_are_read_and_written(text: str, expected: Pattern) -> None:
    assert parse_pattern(text) == expected
    assert str(expected) == text


def test_an_expression_that_backtracks_elsewhere_takes_no_time() -> None:
    assert not parse_pattern("/^(a+)+$/").found_in("a" * 5_000 + "b")


def test_an_expression_that_would_take_too_much_memory_is_refused() -> None:
    with pytest.raises(BadInput):
        parse_pattern("/((a{1,100}){1,100}){1,100}/")


@pytest.mark.parametrize("text", ["<2", "/^1/", "!/rc/", ">=1,<2|3.*"])
def test_versions_are_written_as_they_were(text: str) -> None:
    assert parse_versions(text).text == text
    assert parse_versions(text) != Versions()


def test_all_strategies_of_the_engine_can_be_asked_for() -> None:
    assert {*STRATEGIES} == {*RangeStrategy}
