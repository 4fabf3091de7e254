"""What rules are about, and what several of them want together: a table for each thing that a rule may say."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config import PATHS, Configuration, read_configuration
from bot.config.patterns import parse_versions
from bot.config.rules import Manager, UpdateType
from bot.lockfiles import FORMATS as LOCK_FORMATS
from bot.manifests import FORMATS
from bot.model.handling import Handling, together
from bot.model.manifest import Datasource, PackageName
from bot.planning.rules import MANAGERS, Rules, Subject, allows, names_match, not_allowed
from bot.planning.subjects import LOCK_MANAGERS
from bot.versioning.ranges import RangeStrategy
from tests.planning.toy import FORGE

NUMPY = Subject(
    name=PackageName("numpy"),
    kind=UpdateType.MINOR,
    current="1.26.4",
    datasource=Datasource.CONDA,
    files=frozenset({"app/pixi.toml"}),
    managers=frozenset({Manager.PIXI}),
    environments=frozenset({"default", "test"}),
    channels=(FORGE,),
    platforms=frozenset({"linux-64", "osx-arm64"}),
)


def rules(*texts: str) -> Rules:
    items = "".join(f"  - {{{each}}}\n" for each in texts)
    return Rules.of(read_configuration({PATHS[0]: f"packageRules:\n{items}".encode()}))


MATCHERS = {
    "an exact name": ("matchPackageNames: [numpy]", True),
    "another name": ("matchPackageNames: [scipy]", False),
    "one of several": ("matchPackageNames: [scipy, numpy]", True),
    "in upper case": ("matchPackageNames: [NumPy]", True),
    "a part of a name": ("matchPackageNames: [num]", False),
    "a pattern": ('matchPackageNames: ["num*"]', True),
    "a choice": ('matchPackageNames: ["{numpy,scipy}"]', True),
    "everything": ('matchPackageNames: ["*"]', True),
    "what is not meant": ('matchPackageNames: ["!numpy"]', False),
    "another that is not meant": ('matchPackageNames: ["!scipy"]', True),
    "a pattern but for it": ('matchPackageNames: ["*", "!num*"]', False),
    "a pattern but for another": ('matchPackageNames: ["n*", "!numba"]', True),
    "an expression anywhere": ('matchPackageNames: ["/ump/"]', True),
    "an expression from the start": ('matchPackageNames: ["/^ump/"]', False),
    "an expression in any case": ('matchPackageNames: ["/^NUM/i"]', True),
    "an expression in one case": ('matchPackageNames: ["/^NUM/"]', False),
    "not an expression": ('matchPackageNames: ["!/^num/"]', False),
    "a file": ("matchFileNames: [app/pixi.toml]", True),
    "a folder": ('matchFileNames: ["app/**"]', True),
    "a star does not go down": ('matchFileNames: ["*.toml"]', False),
    "another folder": ('matchFileNames: ["docs/**"]', False),
    "a kind": ("matchUpdateTypes: [minor, patch]", True),
    "another kind": ("matchUpdateTypes: [major]", False),
    "a manager": ("matchManagers: [pixi]", True),
    "another manager": ("matchManagers: [conda-environment]", False),
    "a datasource": ("matchDatasources: [conda]", True),
    "another datasource": ("matchDatasources: [pypi]", False),
    "a version in use": ('matchCurrentVersion: ">=1.20,<2"', True),
    "another version in use": ('matchCurrentVersion: ">=2"', False),
    "an expression of the version": ('matchCurrentVersion: "/^1\\\\./"', True),
    "not that expression": ('matchCurrentVersion: "!/^1\\\\./"', False),
    "all environments": ("matchEnvironments: [default, test]", True),
    "one environment of two": ("matchEnvironments: [test]", False),
    "not one of the environments": ('matchEnvironments: ["!test"]', False),
    "not an environment that it is not in": ('matchEnvironments: ["!docs"]', True),
    "a channel by its name": ("matchChannels: [conda-forge]", True),
    "a channel by its URL": ('matchChannels: ["https://conda.anaconda.org/*"]', True),
    "another channel": ("matchChannels: [bioconda]", False),
    "all but a channel": ('matchChannels: ["!conda-forge"]', False),
    "all platforms": ('matchPlatforms: ["linux-*", "osx-*"]', True),
    "one platform of two": ("matchPlatforms: [linux-64]", False),
    "all that is said": ("matchPackageNames: [numpy], matchUpdateTypes: [minor]", True),
    "one thing of two": ("matchPackageNames: [numpy], matchUpdateTypes: [major]", False),
}


@pytest.mark.parametrize(("said", "fits"), MATCHERS.values(), ids=MATCHERS)
def test_what_a_rule_is_about(said: str, *, fits: bool) -> None:
    found = rules(f"{said}, groupName: it").effect(NUMPY)

    assert found.group_name == ("it" if fits else "")


LAST = {
    "the last that says it": (["groupName: a", "groupName: b"], "b"),
    "another thing in between": (["groupName: a", "labels: [x]"], "a"),
    "one that is about something else": (["groupName: a", "groupName: b, matchUpdateTypes: [major]"], "a"),
}


@pytest.mark.parametrize(("said", "expected"), LAST.values(), ids=LAST)
def test_the_last_word_counts_for_each_thing_by_itself(said: list[str], expected: str) -> None:
    every = rules(*(f'matchPackageNames: ["*"], {each}' for each in said))

    assert every.effect(NUMPY).group_name == expected


def test_what_is_said_of_everything_is_the_first_rule() -> None:
    text = b"""\
labels: [all]
automerge: true
rangeStrategy: pin
packageRules: [{matchPackageNames: [numpy], automerge: false}]
"""
    every = Rules.of(read_configuration({PATHS[0]: text}))

    assert every.effect(NUMPY).handling == Handling(labels=("all",), automerge=False)
    assert every.effect(replace(NUMPY, name=PackageName("scipy"))).handling == Handling(labels=("all",), automerge=True)
    assert every.effect(NUMPY).strategy is RangeStrategy.PIN


def test_everything_that_a_rule_may_want_is_got() -> None:
    text = (
        "matchPackageNames: [numpy], enabled: false, groupName: G, separateMajorMinor: false, allowedVersions: '<2', "
        "minimumReleaseAge: 3 days, rangeStrategy: bump, labels: [l], assignees: [a], reviewers: [r], automerge: true, "
        "schedule: [every weekend], dependencyDashboardApproval: true"
    )

    found = rules(text).effect(NUMPY)

    windows = read_configuration({PATHS[0]: b"schedule: [every weekend]"}).schedule
    assert (found.disabled_by is not None, found.group_name, found.separates_majors) == (True, "G", False)
    assert (found.age, found.strategy) == (timedelta(days=3), RangeStrategy.BUMP)
    assert found.handling == Handling(
        labels=("l",), assignees=("a",), reviewers=("r",), automerge=True, windows=windows, needs_approval=True
    )
    assert not_allowed(found, PackageName("numpy"), "2.0", Datasource.CONDA) == (
        f"`packageRules[0]` in {PATHS[0]}:2 allows numpy `<2`, which 2.0 is not"
    )
    assert not_allowed(found, PackageName("numpy"), "1.9", Datasource.CONDA) == ""


def test_without_a_configuration_nothing_is_wanted() -> None:
    found = Rules.of(Configuration()).effect(NUMPY)

    assert (found.disabled_by, found.allowing, found.group_name, found.separates_majors) == (None, None, "", True)
    assert (found.age, found.strategy, found.handling) == (None, RangeStrategy.AUTO, Handling())


LINE = Subject(name=PackageName("numpy"), datasource=Datasource.CONDA, files=frozenset({"pixi.toml"}))

DISABLING = {
    "a rule about the line": (["matchPackageNames: [numpy], enabled: false"], 0),
    "a rule about another line": (["matchPackageNames: [scipy], enabled: false"], None),
    "a rule about some updates": (["matchUpdateTypes: [major], enabled: false"], None),
    "a rule about what is not known of a line": (["matchChannels: [conda-forge], enabled: false"], None),
    "given back": (["matchPackageNames: ['*'], enabled: false", "matchPackageNames: [numpy], enabled: true"], None),
    "given back for some updates": (
        ["matchPackageNames: ['*'], enabled: false", "matchUpdateTypes: [patch], enabled: true"],
        None,
    ),
    "taken again": (
        ["matchUpdateTypes: [patch], enabled: true", "matchPackageNames: [numpy], enabled: false"],
        1,
    ),
}


@pytest.mark.parametrize(("said", "expected"), DISABLING.values(), ids=DISABLING)
def test_a_line_is_switched_off_only_if_every_update_of_it_is(said: list[str], expected: int | None) -> None:
    found = rules(*said).disabling(LINE)

    assert (found and found.place.at) == (None if expected is None else ("packageRules", expected))


ALLOWED = {
    "a range of conda's": ("<2", "1.26.4", Datasource.CONDA, True),
    "beyond it": ("<2", "2.0", Datasource.CONDA, False),
    "a fuzzy version": ("1.26.*", "1.26.4", Datasource.CONDA, True),
    "a range of PyPI's": ("~=1.2", "1.9", Datasource.PYPI, True),
    "an expression": ("/^1\\./", "1.26.4", Datasource.CONDA, True),
    "not an expression": ("!/rc/", "2.0rc1", Datasource.CONDA, False),
}


@pytest.mark.parametrize(("text", "version", "datasource", "expected"), ALLOWED.values(), ids=ALLOWED)
def test_which_versions_are_allowed(text: str, version: str, datasource: Datasource, *, expected: bool) -> None:
    assert allows(parse_versions(text), version, datasource) is expected


def test_every_format_has_a_manager() -> None:
    assert {form.kind.name for form in FORMATS} <= MANAGERS.keys()
    assert {form.kind.name for form in LOCK_FORMATS} == LOCK_MANAGERS.keys()
    assert {*MANAGERS.values(), *LOCK_MANAGERS.values()} == {*Manager}


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [([], False), (["release/*"], True), (["/^release/"], True), (["!release/*"], False), (["main"], False)],
)
def test_names_of_branches_are_matched_as_those_of_packages(patterns: list[str], *, expected: bool) -> None:
    assert names_match(patterns, "release/1.x") is expected


HANDLED = {
    "labels of all": (Handling(labels=("a", "b")), Handling(labels=("b", "c")), Handling(labels=("a", "b", "c"))),
    "one that does not merge": (Handling(automerge=True), Handling(), Handling()),
    "both merge": (Handling(automerge=True), Handling(automerge=True), Handling(automerge=True)),
    "one that waits": (Handling(needs_approval=True), Handling(), Handling(needs_approval=True)),
    "one schedule": (Handling(), Handling(windows=()), Handling(windows=())),
}


@pytest.mark.parametrize(("one", "other", "expected"), HANDLED.values(), ids=HANDLED)
def test_how_a_pull_request_is_handled_that_several_updates_are_in(
    one: Handling, other: Handling, expected: Handling
) -> None:
    assert together([one, other]) == expected
    assert together([]) == Handling()
