"""What a library asks for only ever gets wider, whatever is released."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.environment import Requirement
from bot.model.manifest import Datasource, Dependency, PackageName, Role
from bot.model.update import Absent, Lookup, Release, Releases
from bot.planning.holds import Holds
from bot.planning.manifest_lines import admits, change_for, pinned_by_library
from bot.planning.outlook import Outlook, library_outlooks
from bot.planning.policy import Policy
from bot.versioning.clauses import Clause, read_alternatives
from bot.versioning.clauses import Role as Part
from tests.planning.toy import FORGE, LINUX, NOW
from tests.workspaces.pixi import WORKSPACE, workspace

VERSIONS = st.lists(st.integers(0, 12), min_size=1, max_size=3).map(lambda numbers: ".".join(map(str, numbers)))
FLOORS = st.builds(">={}".format, VERSIONS)
CAPS = st.builds("<{}".format, VERSIONS)
PREFIXES = st.builds("{}.*".format, VERSIONS)
COMPATIBLE = st.builds("~={}.{}".format, st.integers(0, 9), st.integers(0, 9))
SPECS: Mapping[Datasource, st.SearchStrategy[str]] = {
    Datasource.CONDA: st.one_of(st.builds("{},{}".format, FLOORS, CAPS), CAPS, FLOORS, PREFIXES, COMPATIBLE),
    Datasource.PYPI: st.one_of(
        st.builds("{},{}".format, FLOORS, CAPS), CAPS, FLOORS, PREFIXES.map("=={}".format), COMPATIBLE
    ),
}


def line_of_library(spec: str, datasource: Datasource, role: Role = Role.LIBRARY) -> Requirement:
    dependency = Dependency(
        name=PackageName("core"), datasource=datasource, version=spec, at=("dependencies", "core"), line=1, role=role
    )
    return Requirement(manifest="pyproject.toml", dependency=dependency, platforms=(LINUX,))


def floors(spec: str) -> list[Clause]:
    return [each for one in read_alternatives(spec) for each in one.clauses if each.role is Part.FLOOR]


@pytest.mark.parametrize("datasource", [Datasource.CONDA, Datasource.PYPI])
@given(data=st.data(), release=VERSIONS, others=st.lists(VERSIONS, max_size=6))
def test_law_what_was_admitted_stays_admitted_and_the_release_is(
    datasource: Datasource, data: st.DataObject, release: str, others: list[str]
) -> None:
    line = line_of_library(data.draw(SPECS[datasource]), datasource)

    change = change_for(line, release, locked=False)

    if change is not None:
        before = change.old
        assert admits(line, change.new, release)
        assert not admits(line, before, release)
        assert all(admits(line, change.new, each) for each in others if admits(line, before, each))


@pytest.mark.parametrize("datasource", [Datasource.CONDA, Datasource.PYPI])
@given(data=st.data(), release=VERSIONS)
def test_law_floors_stay(datasource: Datasource, data: st.DataObject, release: str) -> None:
    line = line_of_library(data.draw(SPECS[datasource]), datasource)

    change = change_for(line, release, locked=False)

    if change is not None:
        assert [each.version for each in floors(change.old)] == [
            each.version for each in floors(change.new) if each.version in change.old
        ][: len(floors(change.old))]


@given(version=VERSIONS, release=VERSIONS, datasource=st.sampled_from(Datasource))
def test_law_an_exact_version_stays_and_says_why(version: str, release: str, datasource: Datasource) -> None:
    line = line_of_library(f"=={version}", datasource)

    assert change_for(line, release, locked=True) is None
    assert pinned_by_library(line) == f"`=={version}` is left alone: a library that asks for an exact version means it"


@pytest.mark.parametrize("role", [Role.DEPENDENCY, Role.HOST])
def test_what_environments_ask_for_is_no_librarys(role: Role) -> None:
    assert pinned_by_library(line_of_library("==1.0", Datasource.CONDA, role)) == ""
    change = change_for(line_of_library("==1.0", Datasource.CONDA, role), "2.0", locked=False)
    assert change is not None
    assert change.new == "==2.0"


def judged(lookup: Lookup | None) -> Outlook:
    """Return how `core >=1,<2` stands in a library, where channels answered *lookup*."""
    found = replace(
        workspace(WORKSPACE), library_requirements=(line_of_library(">=1,<2", Datasource.CONDA, Role.PACKAGE),)
    )
    channels = tuple(each.url for each in found.environments[0].channels)
    lookups = {channels: {PackageName("core"): lookup}} if lookup else {}
    [stands] = library_outlooks(found, lookups, {}, Policy(), NOW, Holds())
    return stands


def release(version: str) -> Release:
    return Release(version=version, subdirs=frozenset(), built=NOW - timedelta(days=30))


@pytest.mark.parametrize(
    ("lookup", "reason"),
    [
        pytest.param(None, "it was not looked up", id="nobody was asked"),
        pytest.param(Absent(reason="No package is called core."), "No package is called core.", id="nobody has it"),
        pytest.param(
            Releases(channel=FORGE, releases=(release("2.0"),)), "no release is within `>=1,<2`", id="none is in range"
        ),
        pytest.param(
            Releases(channel=FORGE, releases=(release("no version"),)),
            "`no version` is not a version",
            id="what there is cannot be read",
        ),
    ],
)
def test_what_cannot_be_judged_is_unknown(lookup: Lookup | None, reason: str) -> None:
    stands = judged(lookup)

    assert stands.unknown.startswith(reason)
    assert (stands.candidates, stands.not_taken) == ((), ())


def test_a_prerelease_is_in_use_where_there_is_nothing_else() -> None:
    stands = judged(Releases(channel=FORGE, releases=(release("1.0rc1"), release("1.1rc1"), release("2.1rc1"))))

    [candidate] = stands.candidates
    assert (stands.current, candidate.wanted.version) == ("1.1rc1", "2.1rc1")


def test_a_version_that_pypi_could_not_have_is_admitted_only_where_there_is_no_range() -> None:
    assert not admits(line_of_library("<2", Datasource.PYPI), "<2", "9e")
    assert admits(line_of_library("", Datasource.PYPI), "", "9e")
    assert change_for(line_of_library("<2", Datasource.PYPI), "9e", locked=False) is None
