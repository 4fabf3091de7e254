"""How far it is with asking whether the bot may begin, by the pull requests that it opened."""

from typing import cast

import pytest

from bot.github.client import Client
from bot.github.model import PullRequest
from bot.jobs import onboarding as asking
from bot.jobs.onboarding import Standing, looked_up, onboarding, outlook
from bot.model.report import Unsolved
from bot.model.schedule import parse_schedule
from bot.model.update import BranchName
from bot.rendering.onboarding import Outlook
from bot.updating.inspection import ONBOARDING, Draft, Inspected, Manners
from tests.jobs.test_calm import LONG_AGO, TUESDAY, draft, open_pull, situation
from tests.jobs.test_decide import CLOSED, MERGED, OPEN, marker, pull, repository

BOTH = (Unsolved(key="b", words="b 2"), Unsolved(key="c", words="c 3"))
HEAD = BranchName(f"condabot/{ONBOARDING}")
ASKED, REFUSED, ACCEPTED = (
    pull(marker(key=ONBOARDING, versions=()), state=state, number=number, head=HEAD)
    for number, state in enumerate((OPEN, CLOSED, MERGED), start=1)
)


@pytest.mark.parametrize(
    ("pulls", "standing"),
    [
        pytest.param((), Standing.UNASKED, id="nobody was asked"),
        pytest.param((ASKED,), Standing.ASKED, id="the question is open"),
        pytest.param((REFUSED,), Standing.REFUSED, id="they said no"),
        pytest.param((ACCEPTED,), Standing.BEGUN, id="they said yes, and have taken the file away since"),
        pytest.param((LONG_AGO,), Standing.BEGUN, id="it worked there before it asked anybody"),
        pytest.param((REFUSED, ASKED), Standing.ASKED, id="what is open counts before what was closed"),
        pytest.param((LONG_AGO, REFUSED), Standing.REFUSED, id="no counts before what was done without asking"),
    ],
)
def test_how_far_it_is(pulls: tuple[PullRequest, ...], standing: Standing) -> None:
    found = onboarding(repository(*pulls).markers)

    assert found.standing is standing
    assert bool(found.sentence) is (standing in {Standing.ASKED, Standing.REFUSED})


@pytest.mark.parametrize(("earlier", "standing"), [((), Standing.UNASKED), ((REFUSED,), Standing.REFUSED)])
async def test_what_was_decided_long_ago_is_looked_up(
    monkeypatch: pytest.MonkeyPatch, earlier: tuple[PullRequest, ...], standing: Standing
) -> None:
    async def pulls_of_branch(client: Client, branch: BranchName) -> tuple[PullRequest, ...]:
        del client
        assert branch == HEAD
        return earlier

    monkeypatch.setattr(asking, "pulls_of_branch", pulls_of_branch)

    assert (await looked_up(cast("Client", None), repository())).standing is standing


def test_the_question_is_none_of_the_pull_requests_that_are_counted() -> None:
    at = situation(ASKED, open_pull("a", 7))

    assert (at.open, at.open_without((ASKED,)), at.limit) == (1, 1, 2)
    assert situation(ACCEPTED, now=TUESDAY).free == 1


@pytest.mark.parametrize(
    ("manners", "expected"),
    [
        pytest.param(
            Manners(),
            (1, 2, "The others wait for the schedule, which opens next on Monday, 2026-12-07 from 00:00 UTC."),
            id="as usual",
        ),
        pytest.param(Manners(limit=5, windows=()), (5, 5, "They are opened at any time."), id="as the account wants"),
        pytest.param(
            Manners(windows=parse_schedule(["* * 30 2 *"]).windows),
            (1, 2, "The schedule never opens for others."),
            id="never",
        ),
    ],
)
def test_what_comes_next(manners: Manners, expected: tuple[int, int, str]) -> None:
    drafts: tuple[Draft, ...] = (draft("a"),)
    at_first, later, opens = expected

    found = outlook(situation(now=TUESDAY, manners=manners), Inspected(drafts=drafts, lines=(), waiting=BOTH))

    assert found == Outlook(wanted=3, at_first=at_first, later=later, opens=opens)
