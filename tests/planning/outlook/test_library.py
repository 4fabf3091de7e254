"""What a library asks for only ever gets wider, whatever is released."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lockfiles.pixi_lock import PIXI_LOCK
from bot.model.environment import Requirement
from bot.model.exclude_newer import CutOff, ExcludeNewer
from bot.model.manifest import Datasource, Dependency, PackageName, Role, Subdir
from bot.model.package import Lock, LockedEnvironment, PypiPackage, Record
from bot.model.update import Absent, Lookup, Release, Releases
from bot.planning.baseline import place
from bot.planning.holds import Hold, HoldRule, Holds, HoldScope
from bot.planning.manifest_lines import admits, change_for, pinned_by_library
from bot.planning.outlook import Outlook, home, library_names, library_outlooks
from bot.planning.policy import Policy
from bot.versioning.clauses import Clause, read_alternatives
from bot.versioning.clauses import Role as Part
from tests.planning.toy import FORGE, LINUX, NOW, record
from tests.workspaces.pixi import MACOS, WINDOWS, WORKSPACE, workspace

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


CORE = PackageName("core")
ASKED = line_of_library(">=1,<2", Datasource.CONDA, Role.PACKAGE)
RANGE = Hold(rule=HoldRule.PIN_COMMENT, sentence="because", scope=HoldScope.RANGE)
EVERYWHERE = (LINUX, MACOS, WINDOWS)


def of_library(
    *releases: Release, line: Requirement = ASKED, holds: Holds | None = None, lock: Lock | None = None
) -> Outlook:
    """Return how *line* stands where *releases* are on offer, on channels and on the index alike."""
    found = replace(workspace(WORKSPACE), library_requirements=(line,), lock=lock)
    offer = {CORE: Releases(channel=FORGE, releases=releases)}
    lookups = {tuple(each.url for each in found.environments[0].channels): offer}
    [stands] = library_outlooks(found, lookups, offer, Policy(), NOW, holds or Holds())
    return stands


def built(version: str, *subdirs: Subdir, days: int = 30) -> Release:
    return Release(version=version, subdirs=frozenset(subdirs or EVERYWHERE), built=NOW - timedelta(days=days))


def test_a_cap_is_widened_for_the_newest_release_alone() -> None:
    found = of_library(*map(built, ("1.0", "1.5", "1.6", "2.1", "3.0")))

    assert (found.requirements, found.current, found.newest) == ((ASKED,), "1.6", "3.0")
    [candidate] = found.candidates
    assert (candidate.name, candidate.workspace, candidate.baselines) == ("core", "pixi.toml", ())
    assert [each.version for each in candidate.releases] == ["3.0"]
    assert [each.new for each in candidate.changes_to(candidate.wanted)] == [">=1,<4"]


@pytest.mark.parametrize(
    ("newest", "sentence"),
    [
        pytest.param(built("2.0", days=3), "core 2.0 is 3 days old: due 2026-11-06", id="it is too young"),
        pytest.param(
            built("2.0", LINUX, WINDOWS),
            "core 2.0 is not (yet) built for osx-arm64",
            id="a platform that has the one in use lacks it",
        ),
    ],
)
def test_a_release_that_is_not_for_now_says_why(newest: Release, sentence: str) -> None:
    line = replace(ASKED, platforms=(LINUX, MACOS))

    found = of_library(built("1.0"), newest, line=line)

    assert (found.candidates, [each.sentence for each in found.not_now]) == ((), [sentence])


def test_a_platform_that_has_not_what_is_in_use_is_not_missed() -> None:
    line = replace(ASKED, platforms=(LINUX, MACOS))

    assert of_library(built("1.0", LINUX), built("2.0", LINUX), line=line).candidates != ()


def test_a_prerelease_is_not_for_who_has_a_release() -> None:
    found = of_library(*map(built, ("1.0", "1.1rc1", "2.0rc1")))

    assert (found.current, found.candidates) == ("1.0", ())


@pytest.mark.parametrize("datasource", Datasource)
def test_the_age_is_judged_by_what_the_manifest_says_of_the_datasource(datasource: Datasource) -> None:
    cut_off = ExcludeNewer(packages={CORE: CutOff(moment=NOW - timedelta(days=60), is_fixed=True)})
    here = workspace(WORKSPACE).environments[0]
    mine = {Datasource.CONDA: (cut_off, ExcludeNewer()), Datasource.PYPI: (ExcludeNewer(), cut_off)}[datasource]
    here = replace(here, exclude_newer=mine[0], pypi_exclude_newer=mine[1])
    line = line_of_library(">=1,<2", datasource)
    found = replace(workspace(WORKSPACE), environments=(here,), library_requirements=(line,))
    offer = {CORE: Releases(channel=FORGE, releases=(built("1.0"), built("2.0")))}

    [stands] = library_outlooks(found, {(here.channels[0].url,): offer}, offer, Policy(), NOW, Holds())

    assert [each.sentence for each in stands.not_now] == [
        "`exclude-newer` in pixi.toml keeps core 2.0 out, which is of 2026-10-03"
    ]


EXACT = line_of_library("==1.0", Datasource.CONDA, Role.PACKAGE)
UNWRITABLE = line_of_library(">=1,!=2.0,<3", Datasource.CONDA, Role.PACKAGE)


@pytest.mark.parametrize(
    ("line", "holds", "hold"),
    [
        pytest.param(ASKED, Holds(lines={place(ASKED): RANGE}), str(RANGE), id="a hold on the line"),
        pytest.param(EXACT, Holds(), pinned_by_library(EXACT), id="an exact version"),
        pytest.param(
            UNWRITABLE,
            Holds(),
            "`!=2.0` excludes 2.0",
            id="a form that cannot be widened",
        ),
    ],
)
def test_a_line_that_stays_says_why_of_the_newest_release(line: Requirement, holds: Holds, hold: str) -> None:
    found = of_library(built("1.0"), built("2.0"), line=line, holds=holds)

    assert hold
    assert (found.candidates, found.not_now, found.hold) == ((), (), hold)
    assert [(each.current, each.release, each.sentence) for each in found.left_alone] == [("1.0", "2.0", hold)]


def locked(*packages: PypiPackage, sources: tuple[Record, ...] = ()) -> Lock:
    here = LockedEnvironment(
        name="default",
        channels=(),
        conda={LINUX: ()},
        pypi={LINUX: packages},
        sources={LINUX: sources} if sources else {},
    )
    return Lock(path="pixi.lock", format=PIXI_LOCK, version=6, environments=(here,))


BY_URL = PypiPackage(name=CORE, version="1.0", url="https://files.example/core-1.0-py3-none-any.whl")
BY_PATH = PypiPackage(name=PackageName("mine"), version="", url="./")
MINE = replace(record("mine", "1.0"), url="mine[0a1b2c3d] @ mine", is_source=True)
FROM_SOURCE = "pixi.lock holds what is built from source, and what that asks for; condabot builds nothing"


@pytest.mark.parametrize(
    ("lock", "hold"),
    [
        pytest.param(None, "", id="no lock"),
        pytest.param(locked(BY_URL), "", id="a lock of what is built already"),
        pytest.param(locked(BY_URL, BY_PATH), FROM_SOURCE, id="a PyPI package by path"),
        pytest.param(locked(sources=(MINE,)), FROM_SOURCE, id="a conda package of it"),
    ],
)
def test_a_lock_that_holds_what_is_built_from_source_keeps_the_line(lock: Lock | None, hold: str) -> None:
    found = of_library(built("1.0"), built("2.0"), lock=lock)

    assert found.hold == hold
    assert bool(found.candidates) is not bool(hold)


def test_a_lock_of_another_workspace_that_builds_the_package_keeps_the_line() -> None:
    found = replace(workspace(WORKSPACE), library_requirements=(ASKED,), restated_in=("pixi.lock",))
    offer: Mapping[PackageName, Lookup] = {CORE: Releases(channel=FORGE, releases=(built("1.0"), built("2.0")))}
    lookups: Mapping[tuple[str, ...], Mapping[PackageName, Lookup]] = {(FORGE.url,): offer}

    [outlook] = library_outlooks(found, lookups, {}, Policy(), NOW, Holds())

    assert (outlook.hold, outlook.candidates) == (FROM_SOURCE, ())


def test_what_cannot_be_judged_is_told_of_its_line() -> None:
    assert judged(None).requirements == (ASKED,)
    assert of_library(built("2.0")).requirements == (ASKED,)
    assert of_library(built("no version")).requirements == (ASKED,)


FEATURED = """
[feature.extra]
channels = ["bioconda"]
platforms = ["linux-64"]

[environments]
{first} = ["extra"]
"""


@pytest.mark.parametrize(
    ("first", "name"),
    [
        pytest.param("extra", "default", id="the default environment stands for it"),
        pytest.param("default", "default", id="whatever it has"),
    ],
)
def test_the_home_of_a_library(first: str, name: str) -> None:
    found = workspace(WORKSPACE + FEATURED.format(first=first))

    assert home(found).name == name
    assert home(replace(found, environments=found.environments[::-1])).name == name


def test_without_a_default_environment_the_first_is_the_home() -> None:
    found = workspace(WORKSPACE + FEATURED.format(first="extra"))
    others = tuple(replace(each, name=name) for each, name in zip(found.environments, "ab", strict=True))

    assert home(replace(found, environments=others)).name == "a"


def test_channels_are_asked_once_for_what_all_libraries_with_those_channels_ask_for() -> None:
    here = workspace(WORKSPACE)
    linux = workspace(WORKSPACE.replace(', "osx-arm64", "win-64"', ""))
    other = workspace(WORKSPACE.replace("conda-forge", "bioconda"))
    more = replace(ASKED, dependency=replace(ASKED.dependency, name=PackageName("more")))
    of_pypi = line_of_library(">=1", Datasource.PYPI)

    found = library_names(
        [
            replace(linux, library_requirements=(of_pypi,)),
            replace(linux, library_requirements=(ASKED, of_pypi)),
            replace(here, library_requirements=(more,)),
            replace(other, library_requirements=(ASKED,)),
        ]
    )

    [ours, theirs] = found.items()
    assert [each.name for each in ours[0][0]] == ["conda-forge"]
    assert ours[1] == (frozenset(EVERYWHERE), frozenset({CORE, more.dependency.name}))
    assert [each.name for each in theirs[0][0]] == ["bioconda"]
    assert theirs[1] == (frozenset(EVERYWHERE), frozenset({CORE}))
