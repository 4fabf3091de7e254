"""PyPI packages move where nothing has to be solved, and what does not move says why."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.environment import Requirement, SolveUnit
from bot.model.manifest import Datasource, Dependency, PackageName, PypiOptions, Role, Subdir
from bot.model.package import Channel, PypiFile, PypiPackage
from bot.model.update import Release, Releases
from bot.planning.baseline import Baseline
from bot.planning.groups import only, plan_at_once, plans
from bot.planning.holds import Hold, HoldRule, Holds, HoldScope
from bot.planning.outlook import Outlook, pypi_outlook, uses
from bot.planning.policy import Policy
from tests.planning.toy import LINUX, MACOS, NOW, asks_for, baseline, record, unit

TOOL = PackageName("tool")
INDEX = Channel(name="the index", url="https://index.example/simple")
POLICY = Policy()
OLD = timedelta(days=100)
EVERYWHERE = frozenset({LINUX, MACOS})
SOURCE = PypiFile(name="tool.tar.gz", url="")


def pip(version: str, *, marker: str = "", occurrence: int = 0, subdirs: tuple[Subdir, ...] = (LINUX,)) -> Requirement:
    """Return a line of pip in environment.yml."""
    at = ("dependencies", "pip", "tool", occurrence)
    dependency = Dependency(
        name=TOOL, datasource=Datasource.PYPI, version=version, at=at, line=9 + occurrence, marker=marker
    )
    return Requirement(manifest="environment.yml", dependency=dependency, platforms=subdirs)


def release(
    version: str,
    *,
    age: timedelta | None = OLD,
    python: tuple[str, ...] = ("",),
    subdirs: frozenset[str] = EVERYWHERE,
    source: bool = False,
) -> Release:
    wheels = tuple(PypiFile(name=f"{number}.whl", url="", requires_python=each) for number, each in enumerate(python))
    return Release(
        version=version,
        subdirs=subdirs,
        built=None if age is None else NOW - age,
        files=(*wheels, *([SOURCE] if source else [])),
    )


def stands(asked: SolveUnit, *, python: str | None = "3.11.9", locked: bool = False) -> Baseline:
    records = [] if python is None else [record("python", python)]
    return baseline(asked, *records, locked=locked)


def outlook(
    *releases: Release,
    spec: str = "==1.0",
    python: str | None = "3.11.9",
    holds: Holds | None = None,
    requirements: tuple[Requirement, ...] = (),
) -> Outlook:
    [use] = uses([stands(unit(*(requirements or (pip(spec),))), python=python)])
    return pypi_outlook(use, Releases(channel=INDEX, releases=releases), POLICY, NOW, holds or Holds())


def moves(found: Outlook) -> list[tuple[str, str]]:
    """Return the new specs and versions of what could move."""
    updates = [each.update_to(each.wanted) for each in found.candidates]
    return [(change.new, update.target.version) for update in updates for change in update.changes]


def reason(found: Outlook) -> str:
    [held] = found.not_taken
    return held.sentence


class TestLocked:
    """What a lock holds: its version is in use, whatever the range admits, and in range no line moves."""

    def outlook(self, *releases: Release, spec: str = ">=1,<2", holds: Holds | None = None) -> Outlook:
        tool = PypiPackage(name=TOOL, version="1.0", url="https://files.example/tool-1.0-py3-none-any.whl")
        stand = replace(stands(unit(pip(spec)), locked=True), packages=(tool,))
        [use] = uses([stand])
        return pypi_outlook(use, Releases(channel=INDEX, releases=releases), POLICY, NOW, holds or Holds())

    def test_the_locked_version_is_in_use(self) -> None:
        assert self.outlook(release("1.0"), release("1.5")).current == "1.0"

    def test_in_range_no_line_is_rewritten(self) -> None:
        [candidate] = self.outlook(release("1.0"), release("1.5")).candidates

        assert candidate.update_to(candidate.wanted).changes == ()

    def test_beyond_the_range_the_line_is_replaced(self) -> None:
        assert moves(self.outlook(release("1.0"), release("2.1"))) == [(">=2,<3", "2.1")]

    def test_a_hold_on_the_range_leaves_what_is_within_it(self) -> None:
        hold = Hold(rule=HoldRule.PIN_COMMENT, sentence="because", scope=HoldScope.RANGE)

        found = self.outlook(
            release("1.0"),
            release("1.5"),
            release("2.1"),
            holds=Holds(lines={("environment.yml", pip("").dependency.at): hold}),
        )

        assert [each.wanted.version for each in found.candidates] == ["1.5"]
        assert (found.hold, [held.release for held in found.left_alone]) == (str(hold), ["2.1"])

    def test_what_a_conda_package_brings_is_its_matter(self) -> None:
        [use] = uses([stands(unit(pip(">=1")), locked=True)])

        found = pypi_outlook(use, Releases(channel=INDEX, releases=(release("1.0"),)), POLICY, NOW, Holds())

        assert (found.candidates, found.hold) == ((), "a conda package brings tool, so it moves with that")


class TestUses:
    def test_lines_are_gathered_from_all_units(self) -> None:
        line = pip("==1.0", subdirs=(LINUX, MACOS))
        both = [stands(unit(line)), stands(unit(line, subdir=MACOS), python="3.12.0")]

        [use] = uses(both)

        assert (use.requirements, use.baselines) == ((line,), tuple(both))
        assert (use.subdirs, use.pythons) == (frozenset(("linux-64", "osx-arm64")), ("3.11.9", "3.12.0"))

    def test_conda_packages_are_none(self) -> None:
        assert uses([stands(unit(asks_for("numpy", "=1.26")))]) == ()

    @pytest.mark.parametrize(
        ("marker", "python", "counts"),
        [
            ('sys_platform == "linux"', "3.11.9", True),
            ('sys_platform == "win32"', "3.11.9", False),
            ('python_version < "3.9"', "3.11.9", False),
            ("no marker", "3.11.9", False),
            pytest.param('python_version < "3.9"', None, True, id="without a python nothing can be told"),
        ],
    )
    def test_a_line_whose_marker_does_not_hold_is_none(self, marker: str, python: str | None, *, counts: bool) -> None:
        found = uses([stands(unit(pip("==1.0", marker=marker)), python=python)])

        assert bool(found) is counts


class TestOutlook:
    def test_the_newest_of_each_direction_is_a_candidate(self) -> None:
        found = outlook(*map(release, ("0.9", "1.0", "1.1", "1.2", "2.0")))

        assert (found.current, found.newest, found.not_now) == ("1.0", "2.0", ())
        assert moves(found) == [("==1.2", "1.2"), ("==2.0", "2.0")]
        assert [plan.key for plan in plans(found.candidates, POLICY, {})] == ["non-major-without-lock", "pypi-tool-2.x"]

    @pytest.mark.parametrize(
        ("spec", "current", "expected"),
        [
            ("==1.0.0", "1.0", [("==1.2", "1.2")]),
            ("==1.1.*", "1.1", [("==1.2.*", "1.2")]),
            ("~=1.0.0", "1.0", [("~=1.2.0", "1.2")]),
            (">=1,<1.2", "1.1", [(">=1,<1.3", "1.2")]),
            pytest.param(">=1", "1.2", [], id="a floor admits what comes"),
            pytest.param("", "1.2", [], id="nothing written is nothing to change"),
        ],
    )
    def test_specs_are_rewritten_in_their_own_form(
        self, spec: str, current: str, expected: list[tuple[str, str]]
    ) -> None:
        found = outlook(*map(release, ("1.0", "1.1", "1.2")), spec=spec)

        assert (found.current, moves(found)) == (current, expected)

    def test_all_lines_are_rewritten_together(self) -> None:
        lines = (pip("==1.0"), pip(">=1,<1.1", occurrence=1))

        found = outlook(release("1.0"), release("1.1"), requirements=lines)

        assert moves(found) == [("==1.1", "1.1"), (">=1,<1.2", "1.1")]

    @pytest.mark.parametrize(
        ("newer", "sentence"),
        [
            (release("1.1", age=timedelta(days=2)), "tool 1.1 is 2 days old: due 2026-11-07"),
            (release("1.1", age=timedelta(days=1)), "tool 1.1 is 1 day old: due 2026-11-08"),
            (release("1.1", age=timedelta(days=-3)), "tool 1.1 is 0 days old: due 2026-11-12"),
            (release("1.1", age=None), "tool 1.1 has no upload time in the index, so its age cannot be judged"),
            (release("1.1", python=(">=3.12",)), "tool 1.1 needs python >=3.12, and the environment has 3.11.9"),
            (release("1.1", subdirs=frozenset()), "tool 1.1 has no wheel (yet) for linux-64"),
            (release("1.1", subdirs=frozenset({MACOS}), source=True), "tool 1.1 has no wheel (yet) for linux-64"),
        ],
    )
    def test_what_is_not_for_now_says_why(self, newer: Release, sentence: str) -> None:
        found = outlook(release("1.0"), newer)

        assert (found.candidates, reason(found), found.newest) == ((), sentence, "1.1")

    def test_what_cannot_be_written_says_so(self) -> None:
        found = outlook(release("1.0"), release("2.0"), spec="!=2.0")

        assert reason(found) == "no line that asks for tool can be changed to 2.0 in its own form"

    def test_one_file_that_admits_the_python_is_enough(self) -> None:
        assert moves(outlook(release("1.0"), release("1.1", python=(">=3.12", ">=3.9")))) == [("==1.1", "1.1")]

    @pytest.mark.parametrize("version", ["1.1rc1", "1.1.dev3"])
    def test_pre_releases_are_for_who_uses_one(self, version: str) -> None:
        stable = outlook(release("1.0"), release(version))
        pre = outlook(release("1.0a1"), release(version), spec="==1.0a1")

        assert (stable.newest, stable.candidates) == ("1.0", ())
        assert moves(pre) == [(f"=={version}", version)]

    @pytest.mark.parametrize(
        ("versions", "current"),
        [
            pytest.param(["1.0", "1.1rc1"], "1.0", id="a release before a newer pre-release"),
            pytest.param(["1.1rc1", "1.1rc2"], "1.1rc2", id="a pre-release where there is no release"),
        ],
    )
    def test_what_pip_would_install_is_in_use(self, versions: list[str], current: str) -> None:
        assert outlook(*map(release, versions), spec=">=1").current == current

    def test_what_no_python_of_the_environment_runs_is_not_in_use(self) -> None:
        assert outlook(release("1.0"), release("1.1", python=(">=3.12",)), spec=">=1").current == "1.0"

    def test_a_wheel_that_was_there_before_is_missed_though_an_archive_would_do(self) -> None:
        found = outlook(release("1.0", source=True), release("1.1", subdirs=frozenset({MACOS}), source=True))

        assert reason(found) == "tool 1.1 has no wheel (yet) for linux-64"

    def test_a_candidate_is_of_its_workspace_lines_and_units(self) -> None:
        line = pip("==1.0")
        here = stands(replace(unit(line), workspace="app/environment.yml"))
        [use] = uses([here])

        [candidate] = pypi_outlook(
            use, Releases(channel=INDEX, releases=(release("1.1"),)), POLICY, NOW, Holds()
        ).candidates

        assert (candidate.workspace, candidate.requirements, candidate.baselines) == (
            "app/environment.yml",
            (line,),
            (here,),
        )

    def test_a_library_that_asks_for_an_exact_version_means_it(self) -> None:
        line = pip("==1.0")
        line = replace(line, dependency=replace(line.dependency, role=Role.LIBRARY))

        found = outlook(release("1.0"), release("1.1"), requirements=(line,))

        assert found.hold == "`==1.0` is left alone: a library that asks for an exact version means it"
        assert reason(found) == found.hold

    def test_what_is_not_judged_is_told_of_its_lines_and_units(self) -> None:
        lines = (pip(">=3"), pip("<4", occurrence=1))
        here = stands(unit(*lines))
        [use] = uses([here])

        found = pypi_outlook(use, Releases(channel=INDEX, releases=(release("1.0"),)), POLICY, NOW, Holds())

        assert found.unknown == "the index has no release of tool for >=3 and <4"
        assert (found.requirements, found.baselines) == (lines, (here,))

    def test_what_a_conda_package_brings_without_a_lock_is_its_matter_in_a_pixi_workspace(self) -> None:
        line = pip("==1.0")
        asked = unit(line)
        pixi = tuple(replace(each, pypi_options=PypiOptions()) for each in asked.environments)
        here = baseline(
            replace(asked, environments=pixi), record("python", "3.11.9"), record("tool", "1.0"), locked=False
        )
        [use] = uses([here])

        found = pypi_outlook(use, Releases(channel=INDEX, releases=(release("1.1"),)), POLICY, NOW, Holds())

        assert found.hold == "a conda package brings tool, so it moves with that"
        assert (found.requirements, found.baselines, found.candidates) == ((line,), (here,), ())

    def test_a_local_version_stays_within_its_label(self) -> None:
        releases = map(release, ("1.0", "1.0+cpu", "1.1", "1.1+cpu", "1.1+cu118"))

        assert moves(outlook(*releases, spec="==1.0+cpu")) == [("==1.1+cpu", "1.1+cpu")]

    def test_a_source_archive_will_do_where_there_was_no_wheel_before(self) -> None:
        before = release("1.0", python=(), subdirs=frozenset(), source=True)

        assert moves(outlook(before, release("1.1", python=(), subdirs=frozenset(), source=True))) == [("==1.1", "1.1")]

    def test_a_platform_that_never_had_it_is_not_missed(self) -> None:
        only_mac = frozenset({MACOS})

        assert moves(outlook(release("1.0", subdirs=only_mac), release("1.1", subdirs=only_mac))) == [("==1.1", "1.1")]

    def test_a_yanked_version_that_is_pinned_is_in_use_all_the_same(self) -> None:
        found = outlook(release("1.1"), spec="==1.0")
        nowhere = outlook(release("1.1", subdirs=frozenset({MACOS})), spec="==1.0")

        assert (found.current, moves(found)) == ("1.0", [("==1.1", "1.1")])
        assert reason(nowhere) == "tool 1.1 has no wheel (yet) for linux-64"

    @pytest.mark.parametrize(
        ("spec", "sentence"),
        [
            (">=3", "the index has no release of tool for >=3"),
            pytest.param("==1.0+cu118", "the index has no release of tool for ==1.0+cu118", id="it is from elsewhere"),
            (f"=={'1' * 5000}", "a text of 5002 characters is not a version specifier"),
        ],
    )
    def test_what_the_index_does_not_have_is_unknown(self, spec: str, sentence: str) -> None:
        found = outlook(release("1.0"), spec=spec)

        assert (found.unknown, found.current, found.candidates) == (sentence, None, ())

    def test_without_a_python_nothing_is_judged(self) -> None:
        found = outlook(
            release("1.0"), release("1.1"), python=None, requirements=(pip("==1.0"), asks_for("numpy", "=1.26"))
        )

        assert found.unknown == "there is no conda python in its environment that releases could run with"

    def test_beside_conda_packages_a_release_runs_on_their_python(self) -> None:
        lines = (pip("==1.0"), asks_for("numpy", "=1.26"))

        assert moves(outlook(release("1.0"), release("1.1"), requirements=lines)) == [("==1.1", "1.1")]

    def test_where_nothing_is_asked_of_conda_no_python_is_asked_for(self) -> None:
        found = outlook(release("1.0"), release("1.1", python=(">=3.99",)), python=None)

        assert moves(found) == [("==1.1", "1.1")]


class TestHolds:
    def hold(self, scope: HoldScope) -> Holds:
        rule = Hold(rule=HoldRule.PIN_COMMENT, sentence="its comment says 'no'", scope=scope)
        return Holds(lines={("environment.yml", pip("").dependency.at): rule})

    @pytest.mark.parametrize("scope", HoldScope)
    def test_a_hold_on_a_line_holds(self, scope: HoldScope) -> None:
        found = outlook(release("1.0"), release("1.1"), holds=self.hold(scope))

        assert (found.candidates, found.hold) == ((), "pin-comment: its comment says 'no'")
        assert reason(found) == found.hold

    @pytest.mark.parametrize(("scope", "held"), [(HoldScope.ALL, True), (HoldScope.RANGE, False)])
    def test_a_hold_on_the_range_is_not_felt_where_nothing_is_newer(self, scope: HoldScope, *, held: bool) -> None:
        assert bool(outlook(release("1.0"), holds=self.hold(scope)).hold) is held


class TestPlans:
    CANDIDATES = outlook(*map(release, ("1.0", "1.2", "2.0"))).candidates

    def test_what_is_not_major_goes_together_in_a_folder_and_a_major_alone_across_files(self) -> None:
        elsewhere = replace(self.CANDIDATES[0], workspace="other.yml")

        found = plans([*self.CANDIDATES, elsewhere], POLICY, {})

        assert [(plan.key, [u.target.version for u in plan.updates]) for plan in found] == [
            ("non-major-without-lock", ["1.2", "1.2"]),
            ("pypi-tool-2.x", ["2.0"]),
        ]
        assert found[0].updates[0].datasource is Datasource.PYPI
        assert found[0].updates[0].environments == ("default",)

    @pytest.mark.parametrize(
        ("declined", "expected"), [("1.2", ["pypi-tool-2.x"]), ("1.1", ["non-major-without-lock", "pypi-tool-2.x"])]
    )
    def test_what_was_declined_is_not_wanted_until_it_is_outdated(self, declined: str, expected: list[str]) -> None:
        found = plans(self.CANDIDATES, POLICY, {"non-major-without-lock": {TOOL: declined}})

        assert [plan.key for plan in found] == expected

    def test_at_once_every_package_goes_as_far_as_it_can(self) -> None:
        for given in (self.CANDIDATES, self.CANDIDATES[::-1]):
            assert [each.target.version for each in plan_at_once(given, "all").updates] == ["2.0"]

    def test_names_are_found_in_any_spelling(self) -> None:
        assert only(self.CANDIDATES, {PackageName("Tool")}) == self.CANDIDATES
        assert only(self.CANDIDATES, {PackageName("other")}) == ()
