"""What PyPI packages need of each other and of conda packages: the rules by which pixi takes a lock for up to date."""

from dataclasses import replace

import pytest

from bot.model.environment import Environment, Requirement
from bot.model.manifest import EVERY_PACKAGE, PackageName, PypiOptions, PypiOverride, Skip, SkipReason
from bot.model.package import PypiPackage, Record
from bot.planning.pypi_needs import Needs, pypi_needs, requirement_text, with_indexes
from tests.planning.toy import MACHINE, record, unit
from tests.planning.toy_pypi import asks_pypi_for, wheel

PYTHON = record("python", "3.12.4")
PYTORCH = replace(record("pytorch", "2.5.0"), purls=("pkg:pypi/torch",))


def needs(
    *requirements: Requirement, packages: tuple[PypiPackage, ...], records: tuple[Record, ...] = (PYTHON,)
) -> Needs:
    return pypi_needs(unit(*requirements).environments, MACHINE, records, packages)


def unmet(
    *requirements: Requirement, packages: tuple[PypiPackage, ...], records: tuple[Record, ...] = (PYTHON,)
) -> list[str]:
    return [str(each) for each in needs(*requirements, packages=packages, records=records).unmet]


FLASK = asks_pypi_for("flask", ">=3")


@pytest.mark.parametrize(
    ("packages", "sentences"),
    [
        pytest.param((wheel("flask", "3.0"),), [], id="what is asked for is there"),
        pytest.param((), ["pixi.toml:20 needs flask >=3, which is not there"], id="it is missing"),
        pytest.param(
            (replace(wheel("flask", "3.0"), version=""),),
            ["pixi.toml:20 needs flask >=3, and nobody says which version is there"],
            id="its version is not said",
        ),
        pytest.param((wheel("flask", "2.0"),), ["pixi.toml:20 needs flask >=3, and 2.0 is there"], id="it is too old"),
        pytest.param(
            (wheel("flask", "3.0", "click>=8"),),
            ["flask 3.0 needs click >=8, which is not there"],
            id="what it needs is missing",
        ),
        pytest.param(
            (wheel("flask", "3.0", "colorama; sys_platform == 'win32'"),), [], id="a marker of another platform"
        ),
        pytest.param((wheel("flask", "3.0", "dotenv; extra == 'dotenv'"),), [], id="an extra nobody asks for"),
        pytest.param((wheel("flask", "3.0", "not a requirement!"),), [], id="text that is no requirement"),
        pytest.param(
            (wheel("flask", "3.0", "torch<2.5"),),
            ["flask 3.0 needs torch <2.5, and 2.5.0 is there"],
            id="a conda package of another name brings another version",
        ),
        pytest.param((wheel("flask", "3.0", "torch>=2"),), [], id="a conda package of another name brings it"),
        pytest.param(
            (wheel("flask", "3.0", python="<3.12"),),
            ["flask 3.0 needs python <3.12, and 3.12.4 is there"],
            id="it is not for this python",
        ),
        pytest.param(
            (wheel("flask", "3.0", tag="cp311-cp311-manylinux_2_17_x86_64"),),
            ["the wheel of flask 3.0 is not for python 3.12.4"],
            id="its wheel is not for this python",
        ),
        pytest.param(
            (wheel("flask", "3.0", tag="cp38-abi3-manylinux_2_17_x86_64"),), [], id="a wheel with the stable interface"
        ),
    ],
)
def test_what_is_not_met(packages: tuple[PypiPackage, ...], sentences: list[str]) -> None:
    assert unmet(FLASK, packages=packages, records=(PYTHON, PYTORCH)) == sentences


def test_extras_are_followed() -> None:
    flask = wheel("flask", "3.0", "dotenv; extra == 'dotenv'", "tls>=2; extra == 'tls'")
    found = needs(asks_pypi_for("flask", ">=3", extras=("dotenv",)), packages=(flask, wheel("dotenv", "1")))

    assert (sorted(found.names), found.unmet) == (["dotenv", "flask"], ())


def test_what_nothing_needs_is_spare_if_every_requirement_could_be_read() -> None:
    flask, left = wheel("flask", "3.0", "click"), wheel("left", "1")
    packages = (flask, wheel("click", "8"), left)
    marked = replace(FLASK, dependency=replace(FLASK.dependency, marker="no_such_variable == '1'"))

    assert needs(FLASK, packages=packages).spare(packages) == (left,)
    assert needs(FLASK, marked, packages=packages).spare(packages) == ()


def test_packages_that_need_each_other_come_to_an_end() -> None:
    found = needs(FLASK, packages=(wheel("flask", "3.0", "click"), wheel("click", "8", "flask"), wheel("left", "1")))

    assert (sorted(found.names), found.unmet) == (["click", "flask"], ())


def test_what_is_asked_for_by_path_is_a_root_and_any_version_of_it_will_do() -> None:
    line = asks_pypi_for("own", "")
    skipped = replace(line.dependency, skip=Skip(reason=SkipReason.PATH, detail="path = ."))
    [environment] = unit(asks_pypi_for("flask", "*")).environments
    with_source: Environment = replace(environment, references=(replace(line, dependency=skipped),))
    own = PypiPackage(name=line.dependency.name, version="", url="./", requires_dist=("click>=9",))

    found = pypi_needs((with_source,), MACHINE, (PYTHON,), (own, wheel("flask", "3"), wheel("click", "8")))

    assert sorted(found.names) == ["click", "flask", "own"]
    assert [str(each) for each in found.unmet] == ["own needs click >=9, and 8 is there"]


@pytest.mark.parametrize(
    ("requirement", "text"),
    [
        pytest.param(asks_pypi_for("flask", ">=3,<4"), "flask>=3,<4", id="a range"),
        pytest.param(asks_pypi_for("flask", "*"), "flask", id="any version, in pixi's words"),
        pytest.param(asks_pypi_for("flask", "==3", extras=("a", "b")), "flask[a,b]==3", id="extras"),
    ],
)
def test_a_line_as_a_requirement(requirement: Requirement, text: str) -> None:
    assert requirement_text(requirement.dependency) == text


@pytest.mark.parametrize(
    ("unbuilt", "reason", "sentences"),
    [
        ((), SkipReason.PATH, []),
        (("other",), SkipReason.PATH, []),
        (("own",), SkipReason.PATH, ["own would have to be built, and `no-build` forbids it"]),
        ((EVERY_PACKAGE,), SkipReason.PATH, ["own would have to be built, and `no-build` forbids it"]),
        ((EVERY_PACKAGE,), SkipReason.EDITABLE, []),
    ],
)
def test_what_must_not_be_built_is_a_wheel_or_editable(
    unbuilt: tuple[str, ...], reason: SkipReason, sentences: list[str]
) -> None:
    line = asks_pypi_for("own", "")
    line = replace(line, dependency=replace(line.dependency, skip=Skip(reason=reason, detail="")))
    [environment] = unit(FLASK).environments
    options = PypiOptions(unbuilt=unbuilt)
    own = PypiPackage(name=line.dependency.name, version="", url="./own")

    asking = replace(environment, references=(line,), pypi_options=options)
    found = pypi_needs((asking,), MACHINE, (PYTHON,), (own, wheel("flask", "3.0")))

    assert [str(each) for each in found.unmet] == sentences


OWN, OTHER = "https://index.example/simple", "https://other.example/simple"


@pytest.mark.parametrize(
    ("own", "locked", "sentences"),
    [
        pytest.param(None, OWN, [], id="the environment's"),
        pytest.param(None, f"{OWN}/", [], id="a slash at its end"),
        pytest.param(
            None, OTHER, [f"pixi.toml:20 asks for flask of {OWN}, and it is of {OTHER}"], id="not the environment's"
        ),
        pytest.param(OTHER, OTHER, [], id="the line's own"),
        pytest.param(
            OTHER, OWN, [f"pixi.toml:20 asks for flask of {OTHER}, and it is of {OWN}"], id="not the line's own"
        ),
    ],
)
def test_a_line_is_met_by_what_is_of_its_index(own: str | None, locked: str, sentences: list[str]) -> None:
    line = replace(FLASK, dependency=replace(FLASK.dependency, index=own))
    asking = [replace(each, pypi_options=PypiOptions(index_url=OWN)) for each in unit(line).environments]
    packages = (replace(wheel("flask", "3.0", "click"), index=locked), replace(wheel("click", "8"), index=OTHER))

    found = with_indexes(pypi_needs(asking, MACHINE, (PYTHON,), packages), asking, MACHINE, packages)

    assert [str(each) for each in found.unmet] == sentences


def test_beside_find_links_a_package_may_be_of_anywhere_and_none_is_the_default_index() -> None:
    asking = [replace(each, pypi_options=PypiOptions(has_find_links=True)) for each in unit(FLASK).environments]
    plain = [replace(each, pypi_options=PypiOptions()) for each in asking]
    packages = (wheel("flask", "3.0"),)
    found = pypi_needs(asking, MACHINE, (PYTHON,), packages)

    assert with_indexes(found, asking, MACHINE, (replace(packages[0], index=OTHER),)).unmet == ()
    assert with_indexes(found, plain, MACHINE, packages).unmet == ()


@pytest.mark.parametrize(
    ("specifier", "sentences"),
    [
        pytest.param("", [], id="any version"),
        pytest.param(None, [], id="from elsewhere"),
        pytest.param("==8.1", [], id="the one that is there"),
        pytest.param(
            "==8.0", ["flask 3.0, by dependency-overrides, needs click ==8.0, and 8.1 is there"], id="another one"
        ),
    ],
)
def test_of_what_is_overridden_only_that_counts(specifier: str | None, sentences: list[str]) -> None:
    [environment] = unit(asks_pypi_for("flask", "*")).environments
    options = PypiOptions(overrides=(PypiOverride(name=PackageName("click"), specifier=specifier, extras=("fast",)),))
    flask = wheel("flask", "3.0", "click[slow]<8", "blinker<1")
    click = wheel("click", "8.1", "speed; extra == 'fast'", "sloth; extra == 'slow'")
    packages = (flask, click, wheel("blinker", "2"), wheel("speed", "1"), wheel("sloth", "1"))

    found = pypi_needs((replace(environment, pypi_options=options),), MACHINE, (PYTHON,), packages)

    assert [str(each) for each in found.unmet] == [*sentences, "flask 3.0 needs blinker <1, and 2 is there"]
    assert sorted(found.names) == ["blinker", "click", "flask", "speed"]
