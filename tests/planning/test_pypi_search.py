"""Wanted PyPI updates of a lock: what resolves beside the conda packages, and why the rest does not."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.model.manifest import Skip, SkipReason
from bot.model.package import PypiPackage, Record
from bot.planning.baseline import Baseline
from bot.planning.candidates import Candidate
from bot.planning.pypi_search import PypiBase, PypiFound, pypi_search
from tests.planning.toy import LINUX, MACOS, record, unit
from tests.planning.toy_pypi import ToyIndex, asks_pypi_for, candidate, run_pypi, stands, wheel

PYTHON = record("python", "3.12.4")
NUMPY = record("numpy", "1.26.4")
COLORAMA = record("colorama", "0.4.6")

FLASK, OLD_CLICK = wheel("flask", "3.0", "click>=8"), wheel("click", "8.0")


def search(
    index: ToyIndex,
    bases: Sequence[Baseline],
    *candidates: Candidate,
    records: tuple[Record, ...] | None = None,
) -> PypiFound:
    made = [
        PypiBase(
            baseline=each,
            records=tuple(each.records.values()) if records is None else records,
            indexes=("https://index.example/simple",),
        )
        for each in bases
    ]
    return run_pypi(pypi_search(candidates, made), index)


def locked(found: PypiFound) -> list[list[str]]:
    """Return what every resolved unit holds."""
    return [[f"{each.name} {each.version}" for each in packages] for packages in found.packages.values()]


def moved(found: PypiFound) -> list[str]:
    return [f"{each.name} {each.target.version}" for each in found.updates]


def test_what_is_wanted_moves_and_the_rest_stays() -> None:
    index = ToyIndex(packages=(FLASK, wheel("flask", "3.1", "click>=8"), OLD_CLICK, wheel("click", "8.1")))
    stand = stands(unit(asks_pypi_for("flask", ">=3")), (PYTHON,), FLASK, OLD_CLICK)

    found = search(index, [stand], candidate("flask", "3.1", of=[stand]))

    assert (moved(found), locked(found)) == (["flask 3.1"], [["click 8.0", "flask 3.1"]])


def test_what_it_needs_anew_comes_along_and_what_nothing_needs_goes() -> None:
    index = ToyIndex(packages=(FLASK, wheel("flask", "3.1", "blinker"), OLD_CLICK, wheel("blinker", "1.0")))
    stand = stands(unit(asks_pypi_for("flask", ">=3")), (PYTHON,), FLASK, OLD_CLICK)

    found = search(index, [stand], candidate("flask", "3.1", of=[stand]))

    assert locked(found) == [["blinker 1.0", "flask 3.1"]]


def test_a_line_is_rewritten_for_a_release_beyond_it() -> None:
    index = ToyIndex(packages=(FLASK, wheel("flask", "4.0"), OLD_CLICK))
    stand = stands(unit(asks_pypi_for("flask", ">=3,<4")), (PYTHON,), FLASK, OLD_CLICK)

    [update] = search(index, [stand], candidate("flask", "4.0", of=[stand])).updates

    assert [(change.old, change.new) for change in update.changes] == [(">=3,<4", ">=4,<5")]


def test_one_that_does_not_resolve_does_not_keep_others_back_and_says_who_is_against_it() -> None:
    other = wheel("other", "1.0", "click<8.1")
    index = ToyIndex(packages=(FLASK, wheel("flask", "3.1", "click>=8"), OLD_CLICK, wheel("click", "8.1"), other))
    lines = (asks_pypi_for("flask", "*"), asks_pypi_for("click", "*"), asks_pypi_for("other", "*"))
    stand = stands(unit(*lines), (PYTHON,), FLASK, OLD_CLICK, other)

    found = search(index, [stand], candidate("click", "8.1", of=[stand]), candidate("flask", "3.1", of=[stand]))

    assert moved(found) == ["flask 3.1"]
    [held] = found.held_back
    assert held.sentence == (
        "click 8.1 does not resolve beside the other packages of default on linux-64, "
        "because other 1.0 needs click <8.1"
    )


def test_it_goes_as_far_as_it_can() -> None:
    other = wheel("other", "1.0", "click<8.2")
    clicks = [wheel("click", each) for each in ("8.1", "8.2")]
    stand = stands(unit(asks_pypi_for("click", "*"), asks_pypi_for("other", "*")), (PYTHON,), OLD_CLICK, other)

    found = search(
        ToyIndex(packages=(OLD_CLICK, *clicks, other)), [stand], candidate("click", "8.1", "8.2", of=[stand])
    )

    assert (moved(found), [each.current for each in found.held_back]) == (["click 8.1"], ["8.1"])


def test_a_neighbour_that_the_manifest_asks_for_does_not_go_down() -> None:
    old, new = wheel("other", "1.0"), wheel("other", "2.0")
    index = ToyIndex(packages=(OLD_CLICK, wheel("click", "8.1", "other<2"), old, new))
    stand = stands(unit(asks_pypi_for("click", "*"), asks_pypi_for("other", "*")), (PYTHON,), OLD_CLICK, new)

    found = search(index, [stand], candidate("click", "8.1", of=[stand]))

    assert (moved(found), len(found.held_back)) == ([], 1)


def test_every_platform_must_resolve() -> None:
    lines = (asks_pypi_for("flask", "*", subdirs=(LINUX, MACOS)),)
    both = [stands(unit(*lines, subdir=each), (PYTHON,), FLASK, OLD_CLICK) for each in (LINUX, MACOS)]
    newer = wheel("flask", "3.1", "click>=8", "missing; sys_platform == 'darwin'")

    found = search(ToyIndex(packages=(FLASK, newer, OLD_CLICK)), both, candidate("flask", "3.1", of=both))

    assert (moved(found), len(found.held_back)) == ([], 1)


class TestCondaPackagesThatMove:
    STAYS = wheel("stats", "1.0", "numpy<2")

    def stand(self, *packages: PypiPackage) -> Baseline:
        return stands(unit(asks_pypi_for("stats", "*")), (PYTHON, NUMPY), *packages)

    def test_packages_that_still_fit_are_not_resolved(self) -> None:
        found = search(ToyIndex(packages=()), [self.stand(self.STAYS)], records=(PYTHON, record("numpy", "1.27.0")))

        assert (found.packages, found.refused) == ({}, "")

    def test_packages_that_no_longer_fit_are_resolved_again(self) -> None:
        index = ToyIndex(packages=(self.STAYS, wheel("stats", "1.1", "numpy>=2")))

        found = search(index, [self.stand(self.STAYS)], records=(PYTHON, record("numpy", "2.0.0")))

        assert (locked(found), moved(found)) == ([["stats 1.1"]], [])

    def test_what_cannot_follow_keeps_the_conda_package_out_and_says_how_far_it_may_go(self) -> None:
        index = ToyIndex(packages=(self.STAYS,))

        found = search(index, [self.stand(self.STAYS)], records=(PYTHON, record("numpy", "2.0.0")))

        assert found.refused == (
            "the PyPI packages of default on linux-64 would not go with it: "
            "stats 1.0 needs numpy <2, and 2.0.0 is there"
        )
        assert found.culprits == {"numpy": ("<2",)}

    def test_what_conda_brings_by_now_goes_and_nothing_else_moves(self) -> None:
        found = search(ToyIndex(packages=()), [self.stand_with_colorama(">=0.4")], records=(PYTHON, COLORAMA))

        assert (locked(found), found.refused) == ([["clicky 1.0"]], "")

    def test_what_conda_brings_by_now_must_be_as_it_is_asked_for(self) -> None:
        found = search(ToyIndex(packages=()), [self.stand_with_colorama("<0.4.6")], records=(PYTHON, COLORAMA))

        assert (found.packages, found.culprits) == ({}, {"colorama": ("<0.4.6",)})

    def test_what_a_marker_asked_for_goes_with_the_old_python(self) -> None:
        clicky, backport = wheel("clicky", "1.0", "backport; python_version < '3.12'"), wheel("backport", "1.0")
        stand = stands(unit(asks_pypi_for("clicky", "*")), (record("python", "3.11.9"),), clicky, backport)

        assert locked(search(ToyIndex(packages=()), [stand])) == []
        assert locked(search(ToyIndex(packages=()), [stand], records=(PYTHON,))) == [["clicky 1.0"]]

    @pytest.mark.parametrize("text", ["not a requirement!", "backport; no_such_variable < '3'"])
    def test_where_a_requirement_cannot_be_read_nothing_goes(self, text: str) -> None:
        clicky = wheel("clicky", "1.0", text)
        stand = stands(unit(asks_pypi_for("clicky", "*")), (PYTHON,), clicky, wheel("backport", "1.0"))

        assert locked(search(ToyIndex(packages=()), [stand])) == []

    def test_a_source_archive_goes_as_wheels_do(self) -> None:
        clicky = wheel("clicky", "1.0", "colorama")
        archive = replace(wheel("colorama", "0.4.5"), url="https://files.example/colorama-0.4.5.tar.gz")
        stand = stands(unit(asks_pypi_for("clicky", "*")), (PYTHON,), clicky, archive)

        assert locked(search(ToyIndex(packages=()), [stand], records=(PYTHON, COLORAMA))) == [["clicky 1.0"]]

    def test_what_is_asked_for_by_path_conda_must_not_bring(self) -> None:
        line = asks_pypi_for("colorama", "")
        skipped = replace(line.dependency, skip=Skip(reason=SkipReason.PATH, detail=""))
        [environment] = unit(asks_pypi_for("flask", "*")).environments
        asked = unit(asks_pypi_for("flask", "*"))
        asked = replace(asked, environments=(replace(environment, references=(replace(line, dependency=skipped),)),))
        tree = PypiPackage(name=line.dependency.name, version="1", url="./colorama")
        stand = stands(asked, (PYTHON,), FLASK, OLD_CLICK, tree)

        found = search(ToyIndex(packages=(FLASK, OLD_CLICK)), [stand], records=(PYTHON, COLORAMA))

        assert "pixi.toml:20 says where colorama comes from, and conda brings it" in found.refused
        assert list(found.culprits) == ["colorama"]

    def stand_with_colorama(self, specifier: str) -> Baseline:
        clicky, colorama = wheel("clicky", "1.0", f"colorama{specifier}"), wheel("colorama", "0.4.5")
        return stands(unit(asks_pypi_for("clicky", "*")), (PYTHON,), clicky, colorama)

    def test_a_resolver_that_gives_no_verdict_refuses_nothing_for_good(self) -> None:
        index = ToyIndex(packages=(), silent_on=frozenset({LINUX}))

        found = search(index, [self.stand(self.STAYS)], records=(PYTHON, record("numpy", "2.0.0")))

        assert (found.refused, found.not_judged) == ("The index answered 500.", ("The index answered 500.",))


@pytest.mark.parametrize(
    "url", [pytest.param("./own", id="a source tree"), pytest.param("https://files.example/own-1.tar.gz", id="sdist")]
)
def test_what_is_not_a_wheel_stays_and_what_it_needs_counts(url: str) -> None:
    line = asks_pypi_for("own", "")
    asked = unit(asks_pypi_for("click", "*"))
    skipped = replace(line.dependency, skip=Skip(reason=SkipReason.PATH, detail=""))
    [environment] = asked.environments
    asked = replace(asked, environments=(replace(environment, references=(replace(line, dependency=skipped),)),))
    own = PypiPackage(name=line.dependency.name, version="1", url=url, requires_dist=("flask>=3", "click<8.1"))
    stand = stands(asked, (PYTHON,), own, FLASK, OLD_CLICK)
    index = ToyIndex(packages=(FLASK, OLD_CLICK, wheel("click", "8.0.5"), wheel("click", "8.1")))

    found = search(index, [stand], candidate("click", "8.0.5", "8.1", of=[stand]))

    assert (moved(found), locked(found)) == (["click 8.0.5"], [["click 8.0.5", "flask 3.0", "own 1"]])
    assert own in next(iter(found.packages.values()))


def test_what_has_an_index_of_its_own_stays_as_it_is_locked() -> None:
    line = asks_pypi_for("torch", ">=2")
    line = replace(line, dependency=replace(line.dependency, index="https://own.example/simple"))
    torch = replace(wheel("torch", "2.5+cu124", "click<8.1"), index="https://own.example/simple")
    stand = stands(unit(line, asks_pypi_for("click", "*")), (PYTHON,), OLD_CLICK, torch)
    index = ToyIndex(packages=(OLD_CLICK, wheel("click", "8.0.5"), wheel("click", "8.1"), wheel("torch", "2.6")))

    found = search(index, [stand], candidate("click", "8.0.5", "8.1", of=[stand]))

    assert locked(found) == [["click 8.0.5", "torch 2.5+cu124"]]


def test_what_resolves_to_a_package_of_another_index_is_not_taken() -> None:
    line = asks_pypi_for("flask", "*")
    stand = stands(unit(line), (PYTHON,), FLASK, OLD_CLICK)
    index = ToyIndex(
        packages=(replace(wheel("flask", "3.1", "click"), index="https://other.example/simple"), OLD_CLICK)
    )
    base = PypiBase(baseline=stand, records=(PYTHON,), indexes=("https://index.example/simple",), says_indexes=True)

    found = run_pypi(pypi_search([candidate("flask", "3.1", of=[stand])], [base]), index)

    assert (moved(found), [each.release for each in found.held_back]) == ([], ["3.1"])


def test_what_is_wanted_afresh_is_resolved_without_a_look_at_the_lock() -> None:
    stand = stands(unit(asks_pypi_for("flask", "*")), (PYTHON,), FLASK, OLD_CLICK)
    index = ToyIndex(packages=(FLASK, OLD_CLICK, wheel("click", "8.1")))
    base = PypiBase(baseline=stand, records=(PYTHON,), indexes=("https://index.example/simple",))

    assert locked(run_pypi(pypi_search((), [base]), index)) == []
    assert locked(run_pypi(pypi_search((), [replace(base, doubtful=True)]), index)) == [["click 8.0", "flask 3.0"]]
    assert locked(run_pypi(pypi_search((), [replace(base, afresh=True)]), index)) == [["click 8.1", "flask 3.0"]]


def test_a_locked_version_with_a_local_label_holds_nothing_back() -> None:
    torch = wheel("torch", "2.6.0+cu124")
    index = ToyIndex(packages=(FLASK, wheel("flask", "3.1", "click>=8"), OLD_CLICK, torch))
    stand = stands(unit(asks_pypi_for("flask", ">=3"), asks_pypi_for("torch", "*")), (PYTHON,), FLASK, OLD_CLICK, torch)

    found = search(index, [stand], candidate("flask", "3.1", of=[stand]))

    assert (moved(found), locked(found)) == (["flask 3.1"], [["click 8.0", "flask 3.1", "torch 2.6.0+cu124"]])
