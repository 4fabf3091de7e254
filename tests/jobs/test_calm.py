"""What of the decided work is done now, and for what the rest waits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.github.model import Branch, PullRequest
from bot.jobs.calm import Calm, Situation, chosen
from bot.jobs.decide import Action, Decision
from bot.model.schedule import Schedule, parse_schedule
from bot.model.update import BranchName, Purpose
from bot.updating.inspection import Draft, Manners
from tests.jobs.test_decide import CLOSED, MERGED, commit, marker, pull, repository

MONDAY = datetime(2026, 11, 30, 3, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
LONG_AGO = replace(pull(marker(key="old"), state=MERGED, number=99), created_at=MONDAY - timedelta(days=90))
NEVER_OPEN = Manners(windows=parse_schedule(["on sunday"]).windows)


def draft(key: str, *, days: int = 30, purpose: Purpose = Purpose.UPDATE) -> Draft:
    """Return the draft of a proposal whose oldest release is *days* old."""
    return Draft(
        key=key, title=f"Update {key}", moves=(), fingerprint="f", purpose=purpose, since=MONDAY - timedelta(days=days)
    )


def opening(key: str, *, days: int = 30, purpose: Purpose = Purpose.UPDATE) -> Decision:
    name = BranchName(f"condabot/{key}")
    return Decision(draft=draft(key, days=days, purpose=purpose), action=Action.OPEN, name=name, branch=None, pull=None)


def open_pull(key: str, number: int, *, conflicted: bool = False) -> PullRequest:
    """Return an open pull request of the bot that is older than a week."""
    made = pull(marker(key=key), number=number, head=BranchName(f"condabot/{key}"))
    return replace(made, conflicted=conflicted, created_at=MONDAY - timedelta(days=20))


def refreshing(of: PullRequest, *, hours: int = 1) -> Decision:
    """Return the decision to push to *of*, whose branch was pushed to *hours* ago."""
    head = replace(commit(), committed_at=MONDAY - timedelta(hours=hours))
    key = of.head.removeprefix("condabot/")
    return Decision(
        draft=draft(key), action=Action.REFRESH, name=of.head, branch=Branch(name=of.head, head=head), pull=of
    )


def situation(
    *pulls: PullRequest,
    now: datetime = MONDAY,
    pushes: int = 0,
    manners: Manners | None = None,
    calm: Calm | None = None,
) -> Situation:
    seen = repository(*pulls)
    return Situation(
        repository=seen, now=now, pushed=(now,) * pushes, manners=manners or Manners(), calm=calm or Calm()
    )


def keys(decisions: tuple[Decision, ...]) -> list[str]:
    return [each.draft.key for each in decisions]


def waiting(decisions: list[Decision], at: Situation) -> dict[str, str]:
    return {each.decision.draft.key: each.sentence for each in chosen(decisions, (), at).later}


class TestOpening:
    THREE = (opening("new", days=8), opening("old", days=300), opening("middle", days=50))

    def test_two_are_open_at_once_those_that_wait_longest_first(self) -> None:
        parted = chosen(self.THREE, (), situation(LONG_AGO))

        assert keys(parted.now) == ["old", "middle"]
        assert [each.sentence for each in parted.later] == ["2 of at most 2 pull requests are open"]

    def test_in_the_first_week_one_is(self) -> None:
        young = replace(LONG_AGO, created_at=MONDAY - timedelta(days=6))

        assert keys(chosen(self.THREE, (), situation(young)).now) == ["old"]

    def test_those_that_are_open_count_but_those_that_are_withdrawn(self) -> None:
        first, second = open_pull("a", 1), open_pull("b", 2)

        assert keys(chosen(self.THREE, (), situation(first, second)).now) == []
        assert keys(chosen(self.THREE, (second,), situation(first, second)).now) == ["old"]

    def test_closed_ones_do_not_count(self) -> None:
        closed = [replace(open_pull(str(number), number), state=CLOSED) for number in (1, 2, 3)]

        assert len(chosen(self.THREE, (), situation(LONG_AGO, *closed)).now) == 2

    @pytest.mark.parametrize(("limit", "expected"), [(1, 1), (3, 3), (0, 3)])
    def test_a_repository_may_want_more_or_fewer(self, limit: int, expected: int) -> None:
        assert len(chosen(self.THREE, (), situation(manners=Manners(limit=limit))).now) == expected

    def test_they_wait_for_the_schedule(self) -> None:
        at = situation(LONG_AGO, now=TUESDAY)

        assert waiting([opening("a")], at) == {"a": "its turn is Monday, 2026-12-07 from 00:00 UTC"}

    def test_the_first_one_of_a_repository_does_not(self) -> None:
        assert keys(chosen(self.THREE, (), situation(now=TUESDAY)).now) == ["old"]

    def test_hours_are_those_of_the_repository(self) -> None:
        evening = MONDAY.replace(hour=0) - timedelta(minutes=30)

        def waits(timezone: str | None) -> bool:
            at = situation(LONG_AGO, now=evening, manners=Manners(timezone=timezone))
            return waiting([opening("a")], at) != {}

        assert [waits(each) for each in (None, "America/New_York", "Europe/Berlin")] == [True, True, False]

    def test_what_is_wrong_today_waits_for_nothing(self) -> None:
        at = situation(open_pull("a", 1), open_pull("b", 2), now=TUESDAY, pushes=9, manners=NEVER_OPEN)

        parted = chosen([opening("lock", purpose=Purpose.RELOCK), opening("update")], (), at)

        assert keys(parted.now) == ["lock"]

    def test_four_pushes_within_a_week_are_enough(self) -> None:
        at = situation(LONG_AGO, pushes=3)

        assert keys(chosen(self.THREE, (), at).now) == ["old"]
        assert set(waiting(list(self.THREE), at).values()) == {"4 pushes within a week are enough"}

    def test_what_was_pushed_before_monday_is_in_nobodys_way(self) -> None:
        """By the repository's own clock: there it is Monday already, or not yet."""
        pushed = (MONDAY - timedelta(days=7), MONDAY - timedelta(hours=MONDAY.hour + 1), MONDAY)
        at = replace(situation(LONG_AGO), pushed=pushed)

        assert (at.pushes, replace(at, manners=Manners(timezone="Asia/Tokyo")).pushes) == (1, 2)
        assert keys(chosen(self.THREE, (), at).now) == ["old", "middle"]


class TestMakingAfresh:
    FIRST, SECOND = open_pull("a", 1, conflicted=True), open_pull("b", 2, conflicted=True)

    def test_after_a_merge_one_sibling_is_made_afresh(self) -> None:
        parted = chosen([refreshing(self.FIRST), refreshing(self.SECOND)], (), situation(self.FIRST, self.SECOND))

        assert keys(parted.now) == ["a"]
        assert [each.sentence for each in parted.later] == ["another one is made afresh first; this one a day later"]

    def test_the_others_are_a_day_later(self) -> None:
        decisions = [refreshing(self.FIRST), refreshing(self.SECOND, hours=25)]

        assert keys(chosen(decisions, (), situation(self.FIRST, self.SECOND)).now) == ["a", "b"]

    def test_one_that_is_to_be_merged_does_not_wait(self) -> None:
        armed = replace(self.SECOND, armed=True)

        assert keys(chosen([refreshing(self.FIRST), refreshing(armed)], (), situation(self.FIRST, armed)).now) == [
            "a",
            "b",
        ]

    @pytest.mark.parametrize(
        "seen",
        [replace(FIRST, conflicted=False, approved=True), replace(FIRST, conflicted=False, queued=True)],
        ids=["approved", "queued"],
    )
    def test_what_is_approved_or_queued_is_not_pushed_to_while_it_can_be_merged(self, seen: PullRequest) -> None:
        assert list(waiting([refreshing(seen)], situation(seen)).values()) == [
            "it is approved, and what it proposes can still be merged"
        ]
        assert waiting([refreshing(replace(seen, conflicted=True))], situation(seen)) == {}


def test_without_limits_everything_is_done_at_once() -> None:
    decisions = [opening(str(number)) for number in range(20)]
    nothing = Calm(limit=0, limit_at_first=0, schedule=Schedule(), pushes=0)

    assert len(chosen(decisions, (), situation(pushes=30, calm=nothing)).now) == 20
    assert situation(pushes=30, calm=nothing).free is None


@pytest.mark.parametrize(
    ("at", "free"),
    [
        (situation(LONG_AGO), 2),
        (situation(LONG_AGO, open_pull("a", 1)), 1),
        (situation(LONG_AGO, pushes=3), 1),
        (situation(LONG_AGO, now=TUESDAY), 0),
        (situation(now=TUESDAY), 1),
        (situation(manners=Manners(limit=0)), 4),
    ],
)
def test_what_may_be_opened_is_known_before_anything_is_solved(at: Situation, free: int) -> None:
    assert at.free == free


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        pytest.param(situation(LONG_AGO), None, id="it is open"),
        pytest.param(situation(LONG_AGO, now=TUESDAY), datetime(2026, 12, 7, tzinfo=UTC), id="on Monday"),
        pytest.param(
            situation(LONG_AGO, now=TUESDAY, manners=Manners(timezone="Asia/Tokyo")),
            datetime(2026, 12, 6, 15, tzinfo=UTC),
            id="when it is Monday there",
        ),
    ],
)
def test_who_waits_for_the_schedule_is_looked_at_when_it_opens(at: Situation, opens: datetime | None) -> None:
    assert at.opens_at == opens


def needed(key: str, *, unblocks: int, days: int = 30) -> Decision:
    decision = opening(key, days=days)
    return replace(decision, draft=replace(decision.draft, unblocks=unblocks))


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        pytest.param([opening("a", days=9), opening("b", days=300)], ["b", "a"], id="what waits for longest"),
        pytest.param([opening("b"), opening("a")], ["a", "b"], id="by key, where they are of one age"),
        pytest.param(
            [opening("old", days=900), needed("needed", unblocks=1)], ["needed", "old"], id="what others wait for"
        ),
        pytest.param([needed("a", unblocks=1), needed("b", unblocks=3)], ["b", "a"], id="what more of them wait for"),
        pytest.param(
            [needed("needed", unblocks=9), opening("lock", purpose=Purpose.RELOCK)],
            ["lock", "needed"],
            id="what is wrong today",
        ),
        pytest.param(
            [opening("lock", purpose=Purpose.RELOCK), opening("mended", days=1, purpose=Purpose.SECURITY)],
            ["mended", "lock"],
            id="what is vulnerable",
        ),
        pytest.param(
            [opening("mended", purpose=Purpose.SECURITY), refreshing(open_pull("open", 1))],
            ["open", "mended"],
            id="what is open",
        ),
        pytest.param(
            [refreshing(open_pull("open", 1)), replace(opening("asked"), asked=True)],
            ["asked", "open"],
            id="what somebody asked for",
        ),
    ],
)
def test_the_most_useful_comes_first(decisions: list[Decision], expected: list[str]) -> None:
    nothing = Calm(limit=0, limit_at_first=0, schedule=Schedule(), pushes=0)

    assert keys(chosen(decisions, (), situation(calm=nothing)).now) == expected


def test_what_somebody_asked_for_waits_for_nothing() -> None:
    approved = replace(open_pull("a", 1), approved=True)
    asked = replace(refreshing(approved), asked=True)

    assert waiting([refreshing(approved)], situation(approved)) != {}
    assert waiting([asked], situation(approved, pushes=9, manners=NEVER_OPEN)) == {}
