"""What a candidate would change, and where it goes."""

from dataclasses import replace

import pytest

from bot.model.environment import Requirement
from bot.model.manifest import Datasource, Dependency, PackageName
from bot.model.update import HeldBack, Release, UpdateKind
from bot.planning.baseline import Baseline, place
from bot.planning.candidates import Candidate, joined, leaves_minor
from bot.versioning.ecosystem import PYPI
from tests.planning.toy import LINUX, MACOS, asks_for, baseline, candidate, record, unit

CLICK = PackageName("click")
HERE = baseline(unit(asks_for("click", "=8.1")), record("click", "8.1"))
UNLOCKED = replace(HERE, locked=False)


def to(version: str) -> Release:
    return Release(version=version, subdirs=frozenset({LINUX}), built=None)


def asked(*specs: str, locked: bool = True) -> Candidate:
    """Return click 8.1, for which each of *specs* asks in a feature of its own."""
    lines = [asks_for("click", spec) for spec in specs]
    at = [("feature", str(number), "dependencies", "click") for number in range(len(specs))]
    requirements = tuple(
        replace(line, dependency=replace(line.dependency, at=where)) for line, where in zip(lines, at, strict=True)
    )
    return replace(candidate("click", "8.1", "8.2", locked=locked), requirements=requirements)


def pip(spec: str) -> Requirement:
    dependency = Dependency(name=CLICK, datasource=Datasource.PYPI, version=spec, at=("pip", "click"), line=1)
    return Requirement(manifest="environment.yml", dependency=dependency, platforms=(LINUX,))


@pytest.mark.parametrize(
    ("specs", "release", "texts"),
    [
        pytest.param(["*"], "8.2", [], id="a line that admits it stays"),
        pytest.param(["=8.1"], "8.2", ["=8.2"], id="one that does not is rewritten"),
        pytest.param(["=8.1", "*", "<9"], "9.1", ["=9.1", "<10"], id="each by itself, in the order of the manifest"),
    ],
)
def test_lines_change_for_a_release(specs: list[str], release: str, texts: list[str]) -> None:
    assert [each.new for each in asked(*specs).changes_to(to(release))] == texts


def test_a_frozen_line_stays_and_the_others_change() -> None:
    one = asked("=8.1", "<8.2")
    one = replace(one, frozen=frozenset({one.places[0]}))

    assert [change.at for change in one.changes_to(to("9.0"))] == [one.places[1][1]]


@pytest.mark.parametrize(
    ("one", "release", "can"),
    [
        pytest.param(asked("=8.1"), "8.2", True, id="the line can be rewritten"),
        pytest.param(asked("*"), "8.2", True, id="in a lock nothing has to be"),
        pytest.param(asked("*", locked=False), "8.2", False, id="without a lock that would change nothing"),
        pytest.param(asked("=8.1", locked=False), "8.2", True, id="but a line that changes would"),
        pytest.param(asked("=8.1", "!=8.2"), "8.2", False, id="one of several lines keeps it out"),
    ],
)
def test_a_release_can_be_written_if_every_line_admits_it_then(one: Candidate, release: str, *, can: bool) -> None:
    assert one.can_be_written(to(release)) is can


def test_a_frozen_line_keeps_out_what_it_does_not_admit() -> None:
    one = asked("=8.1")

    assert not replace(one, frozen=frozenset(one.places)).can_be_written(to("8.2"))


@pytest.mark.parametrize(
    ("baselines", "ecosystem_of_pypi", "locked", "solved"),
    [
        pytest.param((HERE,), False, True, True, id="conda's in a lock"),
        pytest.param((UNLOCKED,), False, False, True, id="conda's without one"),
        pytest.param((UNLOCKED, HERE), True, True, True, id="PyPI's in a lock, if only in one unit"),
        pytest.param((UNLOCKED,), True, False, False, id="PyPI's without one"),
        pytest.param((), False, False, False, id="what a library asks its users for"),
    ],
)
def test_what_moves_by_a_solution(
    baselines: tuple[Baseline, ...],
    *,
    ecosystem_of_pypi: bool,
    locked: bool,
    solved: bool,
) -> None:
    one = replace(candidate("click", "8.1", "8.2"), baselines=baselines)
    one = replace(one, ecosystem=PYPI) if ecosystem_of_pypi else one

    assert (one.locked, one.is_solved) == (locked, solved)


def test_an_update_says_what_moves_from_where_to_where_and_in_which_environments() -> None:
    line = asks_for("click", "=8.1")
    units = [unit(line, name=name, subdir=subdir) for name, subdir in (("test", LINUX), ("dev", LINUX), ("dev", MACOS))]
    one = replace(
        candidate("click", "8.1", "8.2", manifest="app/pixi.toml"),
        requirements=(line,),
        baselines=tuple(baseline(each, record("click", "8.1")) for each in units),
    )

    update = one.update_to(one.wanted)

    assert (update.name, update.datasource, update.current, update.target) == ("click", "conda", "8.1", one.wanted)
    assert (update.kind, [each.new for each in update.changes]) == (UpdateKind.MINOR, ["=8.2"])
    assert (update.environments, update.workspaces) == (("dev", "test"), ("app/pixi.toml",))


def test_an_update_of_pypi_is_measured_as_pypi_does() -> None:
    one = replace(candidate("click", "8.1", "8.1.post1"), ecosystem=PYPI, requirements=(pip("==8.1"),))

    update = one.update_to(one.wanted)

    assert (update.datasource, update.kind) == (Datasource.PYPI, UpdateKind.PATCH)
    assert [each.new for each in update.changes] == ["==8.1.post1"]


ONE = candidate("click", "8.1", "8.2", "8.3", "9.0")


@pytest.mark.parametrize(
    ("version", "reached"),
    [
        pytest.param("8.3", "8.3", id="the version itself"),
        pytest.param("8.9", "8.3", id="the newest before it"),
        pytest.param("99", "9.0", id="the newest of all"),
        pytest.param("8.1", None, id="none is that old"),
    ],
)
def test_the_newest_release_up_to_a_version(version: str, reached: str | None) -> None:
    found = ONE.up_to(version)

    assert (found.version if found else None) == reached


@pytest.mark.parametrize(
    ("version", "left"),
    [
        pytest.param(None, ["8.2", "8.3", "9.0"], id="no version: all"),
        pytest.param("8.2", ["8.3", "9.0"], id="the version itself is not beyond it"),
        pytest.param("9.0", None, id="nothing is newer"),
    ],
)
def test_the_releases_beyond_a_version(version: str | None, left: list[str] | None) -> None:
    found = ONE.beyond(version)

    assert ([each.version for each in found.releases] if found else None) == left


def test_both_directions_are_joined_in_ascending_order() -> None:
    within, beyond = candidate("click", "8.1", "8.2", "8.10"), candidate("click", "8.1", "9.0")

    for one, other in ((within, beyond), (beyond, within)):
        assert [each.version for each in joined(one, other).releases] == ["8.2", "8.10", "9.0"]


@pytest.mark.parametrize(
    ("name", "current", "version", "leaves"),
    [
        pytest.param("python", "3.12.1", "3.13.0", True, id="a minor of python"),
        pytest.param("python", "3.12.1", "4.0", True, id="a major of python"),
        pytest.param("python", "3.12.1", "3.12.9", False, id="a patch of python"),
        pytest.param("numpy", "2.3.1", "2.4.0", False, id="a minor of anything else"),
    ],
)
def test_a_minor_of_python_is_a_decision_of_its_own(name: str, current: str, version: str, *, leaves: bool) -> None:
    one = candidate(name, current, version)

    assert leaves_minor(one.name, current, version) is leaves
    assert one.is_migration is leaves
    assert not replace(one, ecosystem=PYPI).is_migration


@pytest.mark.parametrize(
    ("release", "stays", "said"),
    [
        pytest.param(None, None, ("8.1", "9.0"), id="what is wanted, from what is in use"),
        pytest.param("8.3", None, ("8.1", "8.3"), id="another release"),
        pytest.param(None, "8.2", ("8.2", "9.0"), id="from where it gets to instead"),
    ],
)
def test_what_is_held_back(release: str | None, stays: str | None, said: tuple[str, str]) -> None:
    found = ONE.held_back("because", release=to(release) if release else None, stays=to(stays) if stays else None)

    assert found == HeldBack(name=CLICK, current=said[0], release=said[1], sentence="because", workspace="pixi.toml")


def test_a_candidate_stands_where_its_lines_stand() -> None:
    one = asked("=8.1", "*")

    assert one.places == tuple(map(place, one.requirements))
    assert [manifest for manifest, _ in one.places] == ["pixi.toml", "pixi.toml"]
