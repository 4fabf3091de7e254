"""Why a repository got nothing: a table of causes and their sentences."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.store.halts import Cause, Halt
from bot.store.overview import InstallationRow, ProposalRow, RepositoryOverview, RepositoryRow, RunRow
from bot.store.runs import RunId, RunState
from bot.web.pages.why import advisories, held, reasons
from tests.clocks import START

GRANTED = {"checks": "write", "contents": "write", "metadata": "read", "pull_requests": "write"}
ACCOUNT = InstallationRow(id=7, account="acme", everything=False, suspended=False, paused=False, permissions=GRANTED)
REPOSITORY = RepositoryRow(id=70, installation_id=7, full_name="acme/app")
RUN = RunRow(
    id=RunId(1),
    installation_id=7,
    repository_id=70,
    full_name="acme/app",
    started=START,
    finished=START,
    state=RunState.DONE,
    reason="a push",
    requests=4,
)
SEEN = RepositoryOverview(repository=REPOSITORY, installation=ACCOUNT, scan=RUN, runs=(RUN,))
HALT = Halt(cause=Cause.PERSON, sentence="the operator paused it", at=START)
RESTING = ProposalRow(key="k", failures=5, sentence="x", failed=START)


def account(**changes: Any) -> RepositoryOverview:
    return replace(SEEN, installation=replace(ACCOUNT, **changes))


def repository(**changes: Any) -> RepositoryOverview:
    return replace(SEEN, repository=replace(REPOSITORY, **changes))


def last(state: RunState, *outcomes: str) -> RepositoryOverview:
    run = replace(RUN, state=state, outcomes=outcomes)
    return replace(SEEN, scan=None if state is RunState.RUNNING else run, runs=(run,))


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        (account(suspended=True), "The owner of the account has suspended the App."),
        (account(paused=True), "The operator has paused this account."),
        (repository(paused=True), "This repository is paused."),
        (
            last(RunState.DONE, "nothing else is proposed until #1 is merged, which asks whether condabot may begin"),
            "Nothing else is proposed until #1 is merged, which asks whether condabot may begin.",
        ),
        (repository(archived=True), "The repository is archived; it is left alone until somebody asks for it."),
        (repository(fork=True), "The repository is a fork or a template; it is left alone until somebody asks for it."),
        (
            account(permissions={"contents": "read", "metadata": "read", "pull_requests": "write"}),
            (
                "The App lacks permissions here: checks (write), contents (write). "
                "An owner of the account can accept them on GitHub."
            ),
        ),
        (replace(SEEN, scan=None, runs=()), "Nobody has looked at it yet."),
        (
            last(RunState.DONE, "waits to be asked: the App is on all repositories of this account"),
            "The App is on all repositories of the account, and nobody asked for this one: tick it, or configure it.",
        ),
        (last(RunState.FAILED, "GitHub answered 500"), "The last run failed: GitHub answered 500."),
        (last(RunState.FAILED), "The last run failed: it does not say why."),
        (last(RunState.POSTPONED, "limited"), "The last run did not get through: limited."),
        (last(RunState.ABANDONED), "The worker of the last run died."),
        (last(RunState.RUNNING), "It is being looked at now."),
        (repository(failures=2), "2 runs in a row failed."),
        (
            repository(wanted=START, next_try=START + timedelta(hours=1), reason="a push"),
            "It is to be looked at again at 2026-08-01 13:00 UTC: a push.",
        ),
        (repository(wanted=START, reason="a push"), "It waits for its turn since 2026-08-01 12:00 UTC: a push."),
        (
            replace(SEEN, proposals=(RESTING, replace(RESTING, key="l"))),
            "2 proposals rest after 5 failures, until something changes or somebody asks.",
        ),
    ],
)
def test_a_cause_is_said_in_its_sentence(seen: RepositoryOverview, sentence: str) -> None:
    assert reasons(seen, (), START) == (sentence,)


@pytest.mark.parametrize(
    "seen",
    [
        SEEN,
        account(permissions=None),
        repository(archived=True, ticked=True),
        repository(fork=True, ticked=True),
        repository(failures=1),
        replace(SEEN, proposals=(replace(RESTING, failures=4),)),
    ],
)
def test_where_nothing_stands_in_the_way_nothing_is_said(seen: RepositoryOverview) -> None:
    assert reasons(seen, (), START) == ()


def test_a_halt_of_the_whole_app_comes_first() -> None:
    said = reasons(account(suspended=True), (HALT,), START)
    assert said[0] == "Nothing is written anywhere since 2026-08-01 12:00 UTC: the operator paused it."


def test_what_the_last_scan_held_back_is_said_whatever_ran_since() -> None:
    told = replace(RUN, outcomes=("opened #1: numpy 2", "held back scipy 1.9: asks for numpy 1", "waits: pandas: x"))
    look = replace(RUN, outcomes=("said success beside 0123456: 1 lock in step",))
    assert held(replace(SEEN, scan=told, runs=(look, told))) == told.outcomes[1:]


def test_what_the_last_scan_found_of_advisories_is_said() -> None:
    told = replace(RUN, outcomes=("opened #1: numpy 2", "advisories: 2 packages", "not affected: numpy 2"))
    assert advisories(replace(SEEN, scan=told)) == told.outcomes[1:]
