"""Which candidates share a pull request, and under which key."""

from dataclasses import replace

import pytest

from bot.model.environment import Requirement
from bot.model.manifest import Datasource, Dependency, PackageName
from bot.model.update import BranchPlan, Purpose
from bot.planning.candidates import Candidate
from bot.planning.groups import Wanted, at_once, distinct, group, only, plan_at_once, plans
from bot.planning.policy import Policy
from bot.versioning.ecosystem import PYPI
from tests.planning.toy import LINUX, asks_for, candidate


@pytest.mark.parametrize(
    ("one", "key"),
    [
        pytest.param(candidate("click", "8.1", "8.2"), "non-major", id="what is not major goes together in a lock"),
        pytest.param(
            candidate("click", "8.1", "8.2", manifest="apps/web/pixi.toml"),
            "apps/web/non-major",
            id="for each lock by itself",
        ),
        pytest.param(candidate("click", "8.1", "9.0"), "click-9.x", id="a major stands alone"),
        pytest.param(candidate("numpy", "2.3.1", "2.4.0"), "numpy-2.x", id="so does a minor of the scientific stack"),
        pytest.param(candidate("numpy", "2.3.1", "2.3.2"), "non-major", id="but not a patch"),
        pytest.param(
            candidate("click", "8.1", "8.2", locked=False),
            "non-major-without-lock",
            id="so it does in a folder without a lock",
        ),
        pytest.param(candidate("cuda-nvcc", "12.9", "13.0"), "cuda-13.x", id="CUDA moves as one"),
        pytest.param(candidate("libcublas-dev", "12.9", "13.0"), "cuda-13.x", id="with its libraries"),
        pytest.param(candidate("libtorch", "2.8", "2.9"), "pytorch-2.x", id="pytorch moves with libtorch"),
        pytest.param(candidate("gxx_linux-64", "13", "14"), "compilers-14.x", id="compilers move as one"),
    ],
)
def test_the_key_of_a_pull_request(one: Candidate, key: str) -> None:
    (wanted,) = group([one], Policy(), {})

    assert (wanted.key, wanted.candidates) == (key, (one,))


PINNED = asks_for("click", "8.1.*")
REMARKED = replace(PINNED, dependency=replace(PINNED.dependency, comment="the launcher reads its help"))


@pytest.mark.parametrize(
    ("line", "release", "key"),
    [
        pytest.param(PINNED, "8.2", "non-major", id="a line without a comment"),
        pytest.param(REMARKED, "8.2", "click-8.x", id="a line with a comment that changes"),
        pytest.param(REMARKED, "8.1.9", "non-major", id="a line with a comment that stays as it is"),
    ],
)
def test_an_update_stands_alone_if_a_line_that_changes_carries_a_comment(
    line: Requirement, release: str, key: str
) -> None:
    one = replace(candidate("click", "8.1.1", release), requirements=(line,))

    assert [each.key for each in group([one], Policy(), {})] == [key]


def test_everything_at_once_joins_both_directions_of_a_package_in_order() -> None:
    within, beyond = candidate("click", "8.1", "8.2", "8.3"), candidate("click", "8.1", "9.0")
    beyond = replace(beyond, baselines=within.baselines)

    for given in ([within, beyond], [beyond, within]):
        (joined,) = at_once(given, "all").candidates
        assert [each.version for each in joined.releases] == ["8.2", "8.3", "9.0"]


def test_the_same_package_of_another_workspace_stays_a_candidate_of_its_own() -> None:
    wanted = at_once([candidate("a", "1", "2"), candidate("a", "1", "2", manifest="b/pixi.toml")], "all")

    assert len(wanted.candidates) == 2


def test_what_two_searches_come_to_alike_is_proposed_once() -> None:
    update = candidate("click", "8.1", "9.0").update_to(candidate("click", "8.1", "9.0").wanted)
    plans = [BranchPlan(key=key, updates=(update,)) for key in ("click-9.x", "rich-14.x")]

    assert distinct(plans, {}) == ("click-9.x",)
    assert distinct(plans, {"other": {PackageName("click"): "9.0"}}) == ()
    assert distinct(plans, {"other": {PackageName("click"): "8.9"}}) == ("click-9.x",)


def test_a_lock_that_is_brought_in_step_is_always_proposed() -> None:
    relocks = [BranchPlan(key=key, updates=(), purpose=Purpose.RELOCK) for key in ("relock", "app/relock")]

    assert distinct(relocks, {}) == ("relock", "app/relock")


def of_workspace(manifest: str, *names: str) -> list[Candidate]:
    return [candidate(name, "1.0", "2.0", manifest=manifest) for name in names]


def test_others_that_may_come_along_are_those_of_the_same_workspace() -> None:
    here, there = of_workspace("pixi.toml", "click", "rich"), of_workspace("app/pixi.toml", "flask", "rich")
    python = replace(candidate("python", "3.12", "3.13"), workspace="pixi.toml")

    wanted = {each.key: each for each in group([*here, *there, python], Policy(), {})}

    assert list(wanted) == ["click-2.x", "flask-2.x", "python-3.13", "rich-2.x"]
    assert wanted["click-2.x"].others == (here[1],)
    assert wanted["flask-2.x"].others == (there[1],)
    assert wanted["rich-2.x"].others == (here[0], there[0])
    assert wanted["python-3.13"].others == tuple(here)


def test_one_key_may_stand_for_candidates_of_several_workspaces() -> None:
    here, there = of_workspace("pixi.toml", "rich"), of_workspace("app/pixi.toml", "rich")

    [wanted] = group([*here, *there], Policy(), {})

    assert wanted.candidates == (*here, *there)


def of_pypi(spec: str, *releases: str, manifest: str = "environment.yml", feature: str = "dev") -> Candidate:
    """Return what no lock holds: one line of `click` that PyPI is asked for."""
    at = ("feature", feature, "pypi-dependencies", "click")
    dependency = Dependency(name=PackageName("click"), datasource=Datasource.PYPI, version=spec, at=at, line=1)
    line = Requirement(manifest=manifest, dependency=dependency, platforms=(LINUX,))
    one = candidate("click", "8.1", *releases, locked=False, manifest=manifest)
    return replace(one, ecosystem=PYPI, requirements=(line,))


LINES = (of_pypi("==8.1", "8.2"), of_pypi("==8.0", "8.3", feature="test"))


@pytest.mark.parametrize("given", [LINES, LINES[::-1]])
def test_lines_of_one_package_move_together_to_the_newest_release_of_any(given: tuple[Candidate, ...]) -> None:
    [plan] = plans(given, Policy(), {})

    [update] = plan.updates
    assert (plan.key, update.target.version) == ("non-major-without-lock", "8.3")
    assert {(change.old, change.new) for change in update.changes} == {("==8.1", "==8.2"), ("==8.0", "==8.3")}


def test_lines_of_several_workspaces_are_an_update_each() -> None:
    [plan] = plans([LINES[0], of_pypi("==8.1", "8.2", manifest="other.yml")], Policy(), {})

    assert [each.workspaces for each in plan.updates] == [("environment.yml",), ("other.yml",)]


def test_what_needs_no_solution_is_planned_and_not_searched_for() -> None:
    solved, planned = candidate("click", "8.1", "9.0"), LINES[0]

    assert [each.key for each in group([solved, planned], Policy(), {})] == ["click-9.x"]
    assert [each.key for each in plans([solved, planned], Policy(), {})] == ["non-major-without-lock"]
    assert at_once([solved, planned], "all") == Wanted(key="all", candidates=(solved,), is_told=False)
    at_the_same_time = plan_at_once([solved, planned], "all")
    assert (at_the_same_time.key, [each.target.version for each in at_the_same_time.updates]) == ("all", ["8.2"])


def test_packages_of_a_lock_stand_beside_conda_in_one_pull_request() -> None:
    conda, pypi = candidate("click", "8.1", "8.2"), replace(candidate("flask", "3.1", "3.2"), ecosystem=PYPI)

    [wanted] = group([pypi, conda], Policy(), {})

    assert (wanted.key, wanted.candidates, wanted.packages) == ("non-major", (conda,), (pypi,))


@pytest.mark.parametrize(
    ("declined", "releases"),
    [
        pytest.param("8.2", ["8.3"], id="what is newer than what was declined"),
        pytest.param("8.1", ["8.2", "8.3"], id="all of it, if something older was"),
        pytest.param("8.3", None, id="nothing, if the newest was"),
    ],
)
def test_what_was_declined_is_wanted_again_when_it_is_outdated(declined: str, releases: list[str] | None) -> None:
    found = group([candidate("click", "8.1", "8.2", "8.3")], Policy(), {"non-major": {PackageName("click"): declined}})

    assert [[each.version for each in wanted.candidates[0].releases] for wanted in found] == (
        [releases] if releases else []
    )


def test_plans_are_known_by_what_they_do_in_which_workspace() -> None:
    updates = [
        one.update_to(one.wanted)
        for one in (
            candidate("click", "8.1", "9.0"),
            candidate("click", "8.1", "9.1"),
            candidate("click", "8.1", "9.0", manifest="app/pixi.toml"),
        )
    ]
    plans = [BranchPlan(key=str(number), updates=(each,)) for number, each in enumerate(updates)]
    nothing = BranchPlan(key="nothing", updates=())

    assert distinct([nothing, *plans, BranchPlan(key="again", updates=(updates[0],))], {}) == ("0", "1", "2")


def test_names_choose_candidates() -> None:
    every = (candidate("click", "8.1", "9.0"), candidate("rich", "13", "14"))

    assert only(every, frozenset()) == every
    assert only(every, {PackageName("rich")}) == every[1:]
    assert only(every, {PackageName("Rich")}) == every[1:]
    assert only(every, {PackageName("other")}) == ()


CAPPED = asks_for("numpy", "<2")


def test_a_cap_is_lifted_without_any_company() -> None:
    lifting = replace(candidate("numpy", "1.26", "2.0"), requirements=(CAPPED,))
    click, rich = candidate("click", "8.1", "9.0"), candidate("rich", "13.1", "14.0")

    found = {each.key: each for each in group([lifting, click, rich], Policy(), {})}

    assert found["numpy-cap"].candidates == (lifting,)
    assert found["numpy-cap"].others == ()
    assert [each.name for each in found["click-9.x"].others] == ["rich"]


def test_a_cap_that_people_declined_to_lift_is_lifted_for_a_newer_release_only() -> None:
    lifting = replace(candidate("numpy", "1.26", "2.0", "2.1"), requirements=(CAPPED,))

    [wanted] = group([lifting], Policy(), {"numpy-cap": {PackageName("numpy"): "2.0"}})

    assert [each.version for each in wanted.candidates[0].releases] == ["2.1"]
