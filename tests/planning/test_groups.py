"""Which candidates share a pull request, and under which key."""

from dataclasses import replace

import pytest

from bot.model.environment import Requirement
from bot.model.manifest import PackageName
from bot.model.update import BranchPlan, Purpose
from bot.planning.candidates import Candidate
from bot.planning.groups import at_once, distinct, group
from bot.planning.policy import Policy
from tests.planning.toy import asks_for, candidate


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
        pytest.param(candidate("click", "8.1", "8.2", locked=False), "click-8.x", id="without a lock all stand alone"),
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
