"""Which releases a package may move to now, and the one sentence about each of the others."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.model.environment import Requirement
from bot.model.manifest import Datasource, Dependency, PackageName, Subdir
from bot.model.package import PypiFile
from bot.model.update import Release
from bot.planning.age import AgeLimit
from bot.planning.candidates import Candidate
from bot.planning.holds import Hold, HoldRule, HoldScope
from bot.planning.outlook.judge import Case, Ground, Verdict, is_there, judge, refused_python
from bot.versioning.ecosystem import PYPI
from tests.planning.toy import LINUX, MACOS, NOW, asks_for, baseline, candidate, record, unit

TOOL = PackageName("tool")
WEEK = timedelta(days=7)
CUDA: Mapping[str, frozenset[tuple[str, ...]]] = {LINUX: frozenset({("cuda",)})}
CPU: Mapping[str, frozenset[tuple[str, ...]]] = {LINUX: frozenset({("cpu",)})}
BECAUSE = "pin-comment: because"


def hold(scope: HoldScope) -> Hold:
    return Hold(rule=HoldRule.PIN_COMMENT, sentence="because", scope=scope)


def asked(spec: str = "*") -> Candidate:
    return replace(candidate("tool", "1.0"), requirements=(asks_for("tool", spec),))


def case(one: Candidate | None = None, *, needed: frozenset[str] = frozenset({LINUX})) -> Case:
    limit = AgeLimit(name=TOOL, newest=NOW - WEEK)
    return Case(candidate=one or asked(), limit=limit, now=NOW, needed=needed)


def release(version: str = "1.1", *subdirs: Subdir, built: datetime | None = NOW - WEEK) -> Release:
    return Release(version=version, subdirs=frozenset(subdirs or (LINUX,)), built=built)


def of_pypi(*, python: str = "", subdirs: tuple[Subdir, ...] = (LINUX,), wheel: bool = True) -> Release:
    file = PypiFile(name="tool.whl" if wheel else "tool.tar.gz", url="", requires_python=python)
    return replace(release("1.1", *subdirs), files=(file,))


def pypi_case() -> Case:
    dependency = Dependency(name=TOOL, datasource=Datasource.PYPI, version="==1.0", at=("pip", "tool"), line=1)
    line = Requirement(manifest="environment.yml", dependency=dependency, platforms=(LINUX,))
    return case(replace(asked(), ecosystem=PYPI, requirements=(line,)))


def verdict(of: Case, one: Release) -> tuple[Ground, str]:
    [found] = judge(of, [one])
    assert found.release is one
    return found.ground, found.sentence


@pytest.mark.parametrize(
    ("of", "one", "ground", "sentence"),
    [
        pytest.param(case(), release(), Ground.FREE, "", id="nothing speaks against it"),
        pytest.param(
            case(needed=frozenset({LINUX, MACOS, "win-64"})),
            release(),
            Ground.NOT_NOW,
            "tool 1.1 is not (yet) built for osx-arm64, win-64",
            id="platforms lack it",
        ),
        pytest.param(
            replace(pypi_case(), wheels=frozenset({LINUX, MACOS})),
            of_pypi(),
            Ground.NOT_NOW,
            "tool 1.1 has no wheel (yet) for osx-arm64",
            id="a platform that had a wheel gets none",
        ),
        pytest.param(
            replace(pypi_case(), needed=frozenset({LINUX, MACOS})),
            of_pypi(wheel=False, subdirs=()),
            Ground.FREE,
            "",
            id="a source archive is for all platforms",
        ),
        pytest.param(
            replace(pypi_case(), pythons=("3.12.1", "3.9.2")),
            of_pypi(python=">=3.10"),
            Ground.NOT_NOW,
            "tool 1.1 needs python >=3.10, and the environment has 3.9.2",
            id="one of the pythons is too old for it",
        ),
        pytest.param(
            case(),
            release(built=None),
            Ground.NOT_NOW,
            "tool 1.1 has no build date in the channel, so its age cannot be judged",
            id="it has no build date",
        ),
        pytest.param(
            pypi_case(),
            replace(of_pypi(), built=None),
            Ground.NOT_NOW,
            "tool 1.1 has no upload time in the index, so its age cannot be judged",
            id="it has no upload time",
        ),
        pytest.param(case(), release(built=NOW - WEEK), Ground.FREE, "", id="it is exactly old enough"),
        pytest.param(
            case(),
            release(built=NOW - WEEK + timedelta(seconds=1)),
            Ground.NOT_NOW,
            "tool 1.1 is 6 days old: due 2026-11-02",
            id="it is a second too young",
        ),
        pytest.param(
            case(asked("!=1.1")),
            release(),
            Ground.UNWRITABLE,
            "no line that asks for tool can be changed to 1.1 in its own form",
            id="its line cannot be written for it",
        ),
        pytest.param(
            case(replace(candidate("tool", "1.0", locked=False), requirements=(asks_for("tool", ">=1"),))),
            release(),
            Ground.UNWRITABLE,
            "its lines let tool 1.1 in as they are, and what else is asked for keeps tool at 1.0",
            id="its line needs no change",
        ),
        pytest.param(
            case(replace(asked("=1.0"), frozen=frozenset(asked().places))),
            release(),
            Ground.UNWRITABLE,
            "no line that asks for tool can be changed to 1.1 without the environments that keep it",
            id="its line is kept by others",
        ),
        pytest.param(
            replace(case(), flavours={(LINUX, ("cuda",))}),
            replace(release(), flavours=CPU),
            Ground.NOT_NOW,
            "flavour: tool 1.1 has no cuda build on linux-64",
            id="its flavour is missing",
        ),
        pytest.param(
            replace(case(), flavours={(LINUX, ("cuda",))}),
            replace(release(), flavours=CUDA),
            Ground.FREE,
            "",
            id="its flavour is there",
        ),
    ],
)
def test_what_is_said_of_a_release(of: Case, one: Release, ground: Ground, sentence: str) -> None:
    assert verdict(of, one) == (ground, sentence)


@pytest.mark.parametrize(
    ("of", "ground", "sentence"),
    [
        pytest.param(
            replace(case(), hold=hold(HoldScope.ALL)), Ground.HELD, BECAUSE, id="a hold on everything holds everything"
        ),
        pytest.param(
            replace(case(), hold=hold(HoldScope.RANGE)), Ground.FREE, "", id="one on the range lets in what it admits"
        ),
        pytest.param(
            replace(case(asked("!=1.1")), hold=hold(HoldScope.RANGE)),
            Ground.HELD,
            BECAUSE,
            id="and holds what it does not",
        ),
        pytest.param(
            replace(case(asked("!=1.1")), kept="the library means it"),
            Ground.HELD,
            "the library means it",
            id="without a hold it is said what else keeps the line",
        ),
        pytest.param(
            replace(case(asked("!=1.1")), hold=hold(HoldScope.RANGE), kept="the library means it"),
            Ground.HELD,
            BECAUSE,
            id="a hold speaks before that",
        ),
        pytest.param(
            replace(
                case(replace(asked(">=1"), baselines=(baseline(unit(asks_for("tool", ">=1")), locked=False),))),
                hold=hold(HoldScope.RANGE),
            ),
            Ground.UNWRITABLE,
            "its lines let tool 1.1 in as they are, and what else is asked for keeps tool at 1.0",
            id="without a lock it is no hold that keeps out what the line lets in",
        ),
        pytest.param(
            replace(case(), kept="the library means it"),
            Ground.FREE,
            "",
            id="a kept line may let it in as it is",
        ),
    ],
)
def test_holds_come_first(of: Case, ground: Ground, sentence: str) -> None:
    assert verdict(of, release()) == (ground, sentence)


def test_the_first_of_several_reasons_is_told() -> None:
    everything = replace(
        pypi_case(), needed=frozenset({MACOS}), pythons=("3.9.2",), flavours=frozenset({(LINUX, ("cuda",))})
    )
    one = replace(of_pypi(python=">=3.10"), built=None, flavours=CPU)

    for mended, word in [
        (one, "wheel"),
        (replace(one, subdirs=frozenset({MACOS})), "python"),
        (replace(one, subdirs=frozenset({MACOS}), files=of_pypi().files), "upload time"),
        (replace(one, subdirs=frozenset({MACOS}), files=of_pypi().files, built=NOW), "0 days old"),
        (replace(one, subdirs=frozenset({MACOS}), files=of_pypi().files, built=NOW - WEEK), "flavour"),
    ]:
        ground, sentence = verdict(everything, mended)
        assert (ground, word in sentence) == (Ground.NOT_NOW, True)


@pytest.mark.parametrize(
    ("in_use", "version", "sentence"),
    [
        pytest.param(
            ["3.12.1", "3.9.2", "3.12.4"],
            "3.13.0",
            "python 3.13.0 is a new minor, and several (3.9, 3.12) are in use: a matrix is yours to extend",
            id="a matrix of minors stays one",
        ),
        pytest.param(["3.12.1", "3.12.4"], "3.13.0", "", id="one minor may move"),
        pytest.param(["3.12.1", "3.9.2"], "3.9.9", "", id="within a minor each may move"),
    ],
)
def test_a_new_minor_of_python(in_use: list[str], version: str, sentence: str) -> None:
    lowest = min(in_use, key=lambda each: [int(number) for number in each.split(".")])
    one = candidate("python", lowest)
    units = [unit(*one.requirements, name=version) for version in in_use]
    stands = tuple(baseline(each, record("python", version)) for each, version in zip(units, in_use, strict=True))

    ground, found = verdict(case(replace(one, baselines=(*stands, baseline(unit())))), release(version))

    assert (ground is Ground.FREE, found) == (not sentence, sentence)


def test_a_flavour_is_said_to_be_that_of_the_environments_that_have_it() -> None:
    one = candidate("torch", "1.0")
    stands = (
        baseline(unit(*one.requirements, name="gpu"), record("torch", "1.0", build="cuda126_h0_0")),
        baseline(unit(*one.requirements, name="cpu"), record("torch", "1.0", build="cpu_h0_0")),
    )
    asked = replace(case(replace(one, baselines=stands)), flavours=frozenset({(LINUX, ("cuda",)), (LINUX, ("cpu",))}))
    newer = replace(release("1.1"), flavours={LINUX: frozenset({("cpu",)})})

    _, sentence = verdict(asked, newer)
    _, alone = verdict(replace(asked, candidate=replace(one, baselines=stands[:1])), newer)

    assert sentence == "flavour: torch 1.1 has no cuda build on linux-64, and 'gpu' is of that flavour"
    assert alone == "flavour: torch 1.1 has no cuda build on linux-64"


def test_several_minors_on_the_platforms_of_one_environment_are_no_matrix() -> None:
    one = candidate("python", "3.12.1")
    found = [(LINUX, "3.13.1"), (MACOS, "3.12.1")]
    stands = tuple(baseline(unit(*one.requirements, subdir=at), record("python", version)) for at, version in found)

    assert verdict(case(replace(one, baselines=stands)), release("3.14.0"))[1] == ""


def test_releases_are_judged_in_their_order() -> None:
    young = release("1.2", built=None)

    assert judge(case(), [release(), young]) == (
        Verdict(release=release(), ground=Ground.FREE),
        Verdict(
            release=young,
            ground=Ground.NOT_NOW,
            sentence="tool 1.2 has no build date in the channel, so its age cannot be judged",
        ),
    )


@pytest.mark.parametrize(
    ("one", "subdir", "there"),
    [
        pytest.param(release(), LINUX, True, id="a build"),
        pytest.param(release(), MACOS, False, id="no build"),
        pytest.param(of_pypi(), MACOS, False, id="a wheel for another platform"),
        pytest.param(of_pypi(wheel=False), MACOS, True, id="an archive"),
    ],
)
def test_where_a_release_can_be_installed(one: Release, subdir: Subdir, *, there: bool) -> None:
    assert is_there(one, subdir) is there


def test_the_first_python_that_no_file_admits() -> None:
    one = replace(of_pypi(), files=(*of_pypi(python="<3.9").files, *of_pypi(python=">=3.11").files))

    assert refused_python(one, ("3.8.1", "3.9.2", "3.10.1", "3.12.1")) == "3.9.2"
    assert refused_python(one, ("3.8.1", "3.12.1")) == ""
