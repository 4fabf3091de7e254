"""What planning makes of packages that are held somewhere."""

from collections.abc import Mapping
from dataclasses import replace

from bot.model.environment import Requirement
from bot.model.update import Releases
from bot.planning.baseline import place
from bot.planning.candidates import Candidate
from bot.planning.groups import at_once
from bot.planning.holds import Hold, HoldRule, Holds, HoldScope
from bot.planning.outlook import Outlook, conda_outlooks
from bot.planning.policy import Policy
from bot.planning.search import search
from tests.planning.toy import FORGE, LINUX, NOW, ToyChannel, asks_for, baseline, lookups, record, run, unit

NUMPY = [record("numpy", version) for version in ("1.26.0", "1.26.4", "2.3.1")]
CHANNEL = ToyChannel(records=tuple(NUMPY))


def hold(scope: HoldScope) -> Hold:
    rule = HoldRule.IGNORE if scope is HoldScope.ALL else HoldRule.PIN_COMMENT
    return Hold(rule=rule, sentence="because", scope=scope)


def holding(*requirements: Requirement, scope: HoldScope) -> Holds:
    return Holds(lines={place(each): hold(scope) for each in requirements})


def elsewhere(requirement: Requirement, *keys: str) -> Requirement:
    """Return *requirement* as a line of its own."""
    return replace(requirement, dependency=replace(requirement.dependency, at=keys))


def moves(found: tuple[Outlook, ...]) -> Mapping[str, list[str]]:
    """Return the versions that each environment may move to."""
    candidates: list[Candidate] = [candidate for each in found for candidate in each.candidates]
    versions: dict[str, list[str]] = {}
    for each in candidates:
        for name in {b.unit.name for b in each.baselines}:
            versions.setdefault(name, []).extend(release.version for release in each.releases)
    return versions


def test_where_everything_is_held_there_is_no_candidate_and_the_newest_says_why() -> None:
    asked = asks_for("numpy", ">=1.26,<2")
    here = baseline(unit(asked), NUMPY[0])

    (found,) = conda_outlooks([here], lookups(CHANNEL, here), Policy(), NOW, holding(asked, scope=HoldScope.ALL))

    assert (found.candidates, found.not_now) == ((), ())
    assert [(each.current, each.release, each.sentence) for each in found.left_alone] == [
        ("1.26.0", "2.3.1", "ignore: because")
    ]


def test_a_line_held_in_its_range_moves_within_it_and_is_not_rewritten() -> None:
    asked = asks_for("numpy", "<2")
    here = baseline(unit(asked), NUMPY[0])

    (found,) = conda_outlooks([here], lookups(CHANNEL, here), Policy(), NOW, holding(asked, scope=HoldScope.RANGE))

    (candidate,) = found.candidates
    assert [release.version for release in candidate.releases] == ["1.26.4"]
    assert candidate.update_to(candidate.wanted).changes == ()
    assert [each.sentence for each in found.left_alone] == ["pin-comment: because"]


def test_without_a_lock_a_line_held_in_its_range_does_not_move() -> None:
    asked = asks_for("numpy", "=1.26")
    here = baseline(unit(asked), NUMPY[0], locked=False)

    (found,) = conda_outlooks([here], lookups(CHANNEL, here), Policy(), NOW, holding(asked, scope=HoldScope.RANGE))

    assert found.candidates == ()


def test_a_line_that_is_not_held_moves_as_ever() -> None:
    asked = asks_for("numpy", ">=1.26,<2")
    here = baseline(unit(asked), NUMPY[1])

    (found,) = conda_outlooks([here], lookups(CHANNEL, here), Policy(), NOW, Holds())

    assert moves((found,)) == {"default": ["2.3.1"]}
    assert found.left_alone == ()


def test_environments_for_the_oldest_versions_stay_while_the_others_move() -> None:
    line = asks_for("numpy", "*")
    pin = elsewhere(asks_for("numpy", "=1.26"), "feature", "min", "dependencies", "numpy")
    oldest = baseline(unit(line, pin, name="min-versions"), NUMPY[0])
    usual = baseline(unit(line), NUMPY[1])

    found = conda_outlooks([oldest, usual], lookups(CHANNEL, oldest, usual), Policy(), NOW, Holds())

    assert moves(found) == {"default": ["2.3.1"]}
    assert [each.sentence for part in found for each in part.left_alone] == [
        'minimum: "min-versions" tests the oldest versions'
    ]


def test_each_axis_of_a_matrix_moves_within_its_own_range() -> None:
    records = [record("python", version) for version in ("3.11.1", "3.11.9", "3.12.1", "3.12.4")]
    lines = [
        elsewhere(asks_for("python", f"{minor}.*"), "feature", feature, "dependencies", "python")
        for feature, minor in (("py311", "3.11"), ("py312", "3.12"))
    ]
    here = [
        baseline(unit(line, name=name), locked)
        for line, name, locked in zip(lines, ("py311", "py312"), (records[0], records[2]), strict=True)
    ]
    channel = ToyChannel(records=tuple(records))

    found = conda_outlooks(here, lookups(channel, *here), Policy(), NOW, holding(*lines, scope=HoldScope.RANGE))

    assert moves(found) == {"py311": ["3.11.9"], "py312": ["3.12.4"]}
    candidates = [candidate for part in found for candidate in part.candidates]
    solved = run(search(at_once(candidates, "all")), channel)
    assert {b.unit.name: solved.solutions[b.unit][0].version for b in here} == {"py311": "3.11.9", "py312": "3.12.4"}


def test_a_line_shared_with_a_held_environment_is_not_rewritten_for_the_others() -> None:
    shared = asks_for("numpy", ">=1.26,<2")
    pin = elsewhere(asks_for("numpy", "=1.26"), "feature", "np126", "dependencies", "numpy")
    held = baseline(unit(shared, pin, name="np126"), NUMPY[0])
    free = baseline(unit(shared), NUMPY[0])

    found = conda_outlooks(
        [held, free], lookups(CHANNEL, held, free), Policy(), NOW, holding(pin, scope=HoldScope.RANGE)
    )

    assert moves(found) == {"np126": ["1.26.4"], "default": ["1.26.4"]}
    assert [each.sentence for part in found for each in part.not_now] == [
        'pixi.toml:1 is a line of "np126" too, where it stays (pin-comment: because)'
    ]


def test_a_release_without_the_flavour_in_use_is_held() -> None:
    cuda = replace(NUMPY[0], build="cuda126_h0_0")
    here = baseline(unit(asks_for("numpy", "*")), cuda)
    answers = lookups(CHANNEL, here)[FORGE.url,]
    offered = answers[cuda.name]
    assert isinstance(offered, Releases)
    flavours: dict[str, set[tuple[str, ...]]] = {
        "1.26.0": {("cuda",)},
        "1.26.4": {("cuda",), ("cpu",)},
        "2.3.1": {("cpu",)},
    }
    releases = tuple(replace(r, flavours={LINUX: frozenset(flavours[r.version])}) for r in offered.releases)

    (found,) = conda_outlooks([here], {(FORGE.url,): {cuda.name: replace(offered, releases=releases)}}, Policy(), NOW)

    assert moves((found,)) == {"default": ["1.26.4"]}
    assert [each.sentence for each in found.not_now] == ["flavour: numpy 2.3.1 has no cuda build on linux-64"]
