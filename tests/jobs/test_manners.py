"""How a repository that is configured wants to be spoken to."""

from dataclasses import replace

import pytest

from bot.github.model import Branch
from bot.jobs.calm import chosen
from bot.jobs.decide import Action
from bot.jobs.writing import decided
from bot.model.handling import Handling
from bot.model.schedule import parse_window
from bot.model.update import BranchName
from bot.updating.inspection import Inspected, Manners
from tests.jobs.test_calm import LONG_AGO, TUESDAY, keys, open_pull, opening, refreshing, situation, waiting
from tests.jobs.test_decide import DIGEST, DRAFT, EDITED, HEAD, PRISTINE, commit, marker, pull, repository

SUNDAYS = Handling(windows=(parse_window("on sunday"),))
ANY_TIME = Handling(windows=())


def test_a_rule_may_have_hours_of_its_own() -> None:
    at = situation(LONG_AGO, now=TUESDAY)
    sunday, ever = opening("sunday"), opening("ever")
    decisions = [
        replace(sunday, draft=replace(sunday.draft, handling=SUNDAYS)),
        replace(ever, draft=replace(ever.draft, handling=ANY_TIME)),
    ]

    assert keys(chosen(decisions, (), at).now) == ["ever"]
    assert waiting(decisions, at)["sunday"].startswith("its turn is Sunday")


def test_where_nothing_is_made_afresh_a_conflict_stays() -> None:
    conflicted = open_pull("a", 1, conflicted=True)
    said = replace(conflicted, body=pull(marker(key="a", digest="f"), head=conflicted.head).body)
    never = Manners(rebase_when="never")

    assert waiting([refreshing(said)], situation(said, manners=never)) == {
        "a": "it conflicts, and `rebaseWhen` is never"
    }
    assert waiting([refreshing(conflicted)], situation(conflicted, manners=never)) == {}


@pytest.mark.parametrize(("rebase_when", "expected"), [("auto", Action.KEEP), ("behind-base-branch", Action.REFRESH)])
def test_a_pull_request_is_made_afresh_behind_its_base_where_that_is_wanted(rebase_when: str, expected: Action) -> None:
    old = replace(commit(), parents=(commit().tree,))
    seen = repository(pull(marker()), branches=(Branch(name=HEAD, head=old),))
    at = replace(situation(manners=Manners(rebase_when=rebase_when)), repository=seen)

    work = decided(at, Inspected(drafts=(DRAFT,), lines=()), {})

    assert [each.action for each in work.decisions] == [expected]
    assert DRAFT.fingerprint == DIGEST


@pytest.mark.parametrize(("rebase_when", "expected"), [("auto", Action.REFRESH), ("conflicted", Action.KEEP)])
def test_by_default_a_pull_request_is_made_afresh_where_its_base_must_be_in_it(
    rebase_when: str, expected: Action
) -> None:
    seen = repository(replace(pull(marker()), behind=True), branches=(PRISTINE,))
    at = replace(situation(manners=Manners(rebase_when=rebase_when)), repository=seen)

    work = decided(at, Inspected(drafts=(DRAFT,), lines=()), {})

    assert [each.action for each in work.decisions] == [expected]


def test_what_was_opened_for_another_branch_counts_for_the_limit() -> None:
    at = situation(manners=Manners(limit=1))

    assert at.open == 0
    assert replace(at, opened=1).why_not_open(replace(at, opened=1).open) == "1 of at most 1 pull requests are open"


def test_commits_of_those_whom_people_named_do_not_stop_the_bot() -> None:
    seen = repository()

    assert [seen.is_pristine(each) for each in (PRISTINE, EDITED)] == [True, False]
    assert replace(seen, ignored_authors=(EDITED.head.author_email,)).is_pristine(EDITED)
    assert EDITED.name == BranchName("condabot/non-major")
