"""Where lines stand that are held, beside those that are not."""

from dataclasses import replace

import pytest

from bot.model.environment import Requirement
from bot.model.manifest import Dependency, Manifest
from bot.model.report import DependencyStatus
from bot.model.update import BranchPlan, HeldBack, Proposal
from bot.planning.baseline import Baseline, place
from bot.planning.holds import Hold, HoldRule, Holds, HoldScope
from bot.planning.outlook import conda_outlooks
from bot.planning.policy import Policy
from bot.updating.propose.statuses import statuses
from bot.updating.read.reading import Reading
from bot.updating.survey.survey import Survey
from tests.planning.holds.written import pixi_toml
from tests.planning.toy import NOW, ToyChannel, asks_for, baseline, lookups, record, unit

NUMPY = [record("numpy", version) for version in ("1.26.0", "1.26.4", "2.3.1")]
CHANNEL = ToyChannel(records=tuple(NUMPY))


def manifest_of(*dependencies: Dependency) -> Manifest:
    return replace(pixi_toml("default", "numpy = '*'"), dependencies=dependencies)


def proposals(baselines: list[Baseline], holds: Holds) -> list[Proposal]:
    """Return a proposal of everything that could move."""
    outlooks = conda_outlooks(baselines, lookups(CHANNEL, *baselines), Policy(), NOW, holds)
    updates = tuple(each.update_to(each.wanted) for found in outlooks for each in found.candidates)
    plan = BranchPlan(key="all", updates=updates)
    nothing: tuple[()] = ()
    return [
        Proposal(plan=plan, files={}, diffs=nothing, held_back=nothing, solved=1, platforms=nothing, fingerprint="")
    ]


def status(
    requirement: Requirement,
    baselines: list[Baseline],
    holds: Holds,
    *,
    moving: bool,
    held_back: tuple[HeldBack, ...] = (),
) -> DependencyStatus:
    """Return where one line stands, with everything proposed that could move, or nothing."""
    reading = Reading(files={}, workspaces=(), manifests=(manifest_of(requirement.dependency),))
    proposed = proposals(baselines, holds) if moving else []
    survey = Survey(
        reading=reading, baselines=tuple(baselines), lookups=lookups(CHANNEL, *baselines), holds=holds, outlooks=()
    )
    (found,) = statuses(survey, proposed, held_back)
    return found


def held(requirement: Requirement, scope: HoldScope) -> Holds:
    return Holds(lines={place(requirement): Hold(rule=HoldRule.IGNORE, sentence="because", scope=scope)})


def test_a_line_that_is_held_altogether_is_left_alone_with_its_reason() -> None:
    asked = asks_for("numpy", ">=1.26,<2")

    found = status(asked, [baseline(unit(asked), NUMPY[1])], held(asked, HoldScope.ALL), moving=True)

    assert (found.standing, found.reason) == ("left-alone", "ignore: because")
    assert (found.current, found.newest, found.reachable) == ("1.26.4", "2.3.1", "1.26.4")


@pytest.mark.parametrize(
    ("locked", "moving", "standing", "reachable"),
    [
        pytest.param("1.26.0", True, "update", "1.26.4", id="an update within it is one"),
        pytest.param("1.26.0", False, "left-alone", "1.26.0", id="what is beyond it is left alone"),
    ],
)
def test_a_line_that_is_held_in_its_range_says_why_it_goes_no_further(
    locked: str, standing: str, reachable: str, *, moving: bool
) -> None:
    asked = asks_for("numpy", "=1.26")
    (in_use,) = [each for each in NUMPY if each.version == locked]

    found = status(asked, [baseline(unit(asked), in_use)], held(asked, HoldScope.RANGE), moving=moving)

    assert (found.standing, found.reachable, found.reason) == (standing, reachable, "ignore: because")


def test_a_held_line_with_the_newest_release_is_up_to_date() -> None:
    asked = asks_for("numpy", ">=2")

    found = status(asked, [baseline(unit(asked), NUMPY[2])], held(asked, HoldScope.RANGE), moving=True)

    assert (found.standing, found.reason) == ("up-to-date", "")


def test_a_line_of_environments_that_stay_and_of_others_stands_where_it_can_move() -> None:
    asked = asks_for("numpy", "*")
    oldest, usual = baseline(unit(asked, name="oldest"), NUMPY[0]), baseline(unit(asked), NUMPY[1])

    found = status(asked, [oldest, usual], Holds(), moving=True)

    assert (found.standing, found.current, found.reachable) == ("update", "1.26.4", "2.3.1")
    assert found.environments == ("default", "oldest")


def test_a_line_is_not_said_to_move_from_where_it_stays() -> None:
    asked = asks_for("numpy", "*")
    behind, usual = baseline(unit(asked, name="behind"), NUMPY[0]), baseline(unit(asked), NUMPY[1])
    survey = Survey(
        reading=Reading(files={}, workspaces=(), manifests=(manifest_of(asked.dependency),)),
        baselines=(behind, usual),
        lookups=lookups(CHANNEL, behind, usual),
        holds=Holds(),
        outlooks=(),
    )

    (found,) = statuses(survey, proposals([usual], Holds()), ())

    assert (found.standing, found.current, found.reachable) == ("update", "1.26.4", "2.3.1")


def test_a_line_of_environments_that_all_stay_is_left_alone() -> None:
    asked = asks_for("numpy", "*")

    found = status(asked, [baseline(unit(asked, name="oldest"), NUMPY[0])], Holds(), moving=True)

    assert (found.standing, found.reason) == ("left-alone", 'minimum: "oldest" tests the oldest versions')


def test_a_line_that_no_environment_asks_for_is_held_as_it_is_written() -> None:
    asked = asks_for("numpy", "=1.26")

    found = status(asked, [], held(asked, HoldScope.ALL), moving=True)

    assert (found.standing, found.reason, found.current) == ("left-alone", "ignore: because", None)


def test_a_line_that_is_not_held_and_does_not_move_is_held_back() -> None:
    asked = asks_for("numpy", "=1.26")

    found = status(asked, [baseline(unit(asked), NUMPY[1])], Holds(), moving=False)

    assert (found.standing, found.reason) == ("held-back", "")


@pytest.mark.parametrize(
    ("sentences", "reason"),
    [
        pytest.param({"1.26.4": "it waits", "2.3.1": "it is young"}, "it is young", id="the newest has a reason"),
        pytest.param({"1.26.4": "it waits"}, "numpy 1.26.4: it waits", id="the newest that has one is named"),
        pytest.param({"1.26.4": "numpy 1.26.4 is young"}, "numpy 1.26.4 is young", id="or names itself"),
        pytest.param({}, "", id="nothing is said of any"),
    ],
)
def test_a_line_is_held_by_what_is_said_of_the_newest_of_which_something_is(
    sentences: dict[str, str], reason: str
) -> None:
    asked = asks_for("numpy", "*")
    said = tuple(
        HeldBack(name=asked.dependency.name, current="1.26.0", release=version, sentence=each, workspace="pixi.toml")
        for version, each in sentences.items()
    )

    found = status(asked, [baseline(unit(asked), NUMPY[0])], Holds(lines={}), moving=False, held_back=said)

    assert (found.standing, found.reason) == ("held-back", reason)
