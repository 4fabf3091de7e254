"""What is done next so that a pull request merges by itself: a row for each state that it may be in."""

from dataclasses import replace

import pytest

from bot.github.merging import Mergeable, MergeState, Method
from bot.github.model import Oid
from bot.jobs.merging import Step, next_step

REQUIRED = MergeState(
    number=1,
    node_id="PR_1",
    body="",
    head=Oid("1" * 40),
    mergeable=Mergeable.BLOCKED,
    methods=tuple(Method),
    automatic=True,
    checks=("test",),
)
FREE = replace(REQUIRED, mergeable=Mergeable.CLEAN, checks=())
GREEN = replace(REQUIRED, mergeable=Mergeable.CLEAN)
QUEUE = replace(GREEN, has_queue=True)


@pytest.mark.parametrize(
    ("state", "step", "waits_for"),
    [
        pytest.param(REQUIRED, Step.ARM, "GitHub merges it once", id="GitHub waits for what is required"),
        pytest.param(replace(REQUIRED, mergeable=Mergeable.UNKNOWN), Step.ARM, "GitHub merges", id="before it looked"),
        pytest.param(replace(REQUIRED, mergeable=Mergeable.BEHIND), Step.ARM, "GitHub merges", id="behind its base"),
        pytest.param(replace(REQUIRED, armed_by=7), Step.WAIT, "GitHub merges it once", id="it was told already"),
        pytest.param(replace(REQUIRED, automatic=False), Step.WAIT, "what its branch requires", id="it may not wait"),
        pytest.param(
            replace(REQUIRED, automatic=False, mergeable=Mergeable.BEHIND), Step.WAIT, "it is behind", id="nor behind"
        ),
        pytest.param(
            replace(REQUIRED, automatic=False, mergeable=Mergeable.UNKNOWN), Step.WAIT, "GitHub has not", id="nor so"
        ),
        pytest.param(replace(REQUIRED, checks=()), Step.WAIT, "what its branch requires", id="only an approval lacks"),
        pytest.param(replace(REQUIRED, mergeable=Mergeable.DIRTY), Step.WAIT, "it conflicts", id="a conflict"),
        pytest.param(replace(REQUIRED, mergeable=Mergeable.DRAFT), Step.WAIT, "it is a draft", id="a draft"),
        pytest.param(GREEN, Step.MERGE, "", id="everything that is required is green"),
        pytest.param(replace(GREEN, mergeable=Mergeable.HAS_HOOKS), Step.MERGE, "", id="on a server with hooks"),
        pytest.param(replace(GREEN, mergeable=Mergeable.UNSTABLE), Step.MERGE, "", id="what is not required is not"),
        pytest.param(FREE, Step.MERGE, "", id="nothing is required, and everything is green"),
        pytest.param(replace(FREE, mergeable=Mergeable.UNSTABLE), Step.WAIT, "a check is not green", id="one is red"),
        pytest.param(QUEUE, Step.ENQUEUE, "", id="a queue merges"),
        pytest.param(replace(QUEUE, queued=True), Step.WAIT, "the merge queue has it", id="it is in the queue"),
        pytest.param(replace(QUEUE, mergeable=Mergeable.BLOCKED), Step.ARM, "GitHub merges", id="GitHub enqueues it"),
        pytest.param(replace(QUEUE, methods=()), Step.ENQUEUE, "", id="a queue has a method of its own"),
        pytest.param(replace(GREEN, methods=()), Step.WAIT, "the repository does not allow", id="no method is allowed"),
    ],
)
def test_what_is_done_next(state: MergeState, step: Step, waits_for: str) -> None:
    found = next_step(state, strategy="auto", was_asked=False, is_settled=True)

    assert found.step is step
    assert found.waits_for.startswith(waits_for)
    assert bool(found.waits_for) is bool(waits_for)


def test_what_somebody_took_back_is_not_asked_for_again() -> None:
    for state in (REQUIRED, GREEN, QUEUE, FREE):
        found = next_step(state, strategy="auto", was_asked=True, is_settled=True)
        assert (found.step, found.waits_for) == (Step.WAIT, "somebody took back that it merges by itself")


def test_where_nothing_is_required_a_while_goes_by_for_checks_to_begin() -> None:
    assert next_step(FREE, strategy="auto", was_asked=False, is_settled=False).step is Step.WAIT
    assert next_step(GREEN, strategy="auto", was_asked=False, is_settled=False).step is Step.MERGE


@pytest.mark.parametrize(
    ("strategy", "allowed", "method"),
    [
        ("auto", tuple(Method), Method.SQUASH),
        ("auto", (Method.MERGE, Method.REBASE), Method.MERGE),
        ("auto", (Method.REBASE,), Method.REBASE),
        ("squash", tuple(Method), Method.SQUASH),
        ("rebase", tuple(Method), Method.REBASE),
        ("merge-commit", tuple(Method), Method.MERGE),
        ("rebase", (Method.SQUASH,), None),
    ],
)
def test_by_which_method(strategy: str, allowed: tuple[Method, ...], method: Method | None) -> None:
    found = next_step(replace(GREEN, methods=allowed), strategy=strategy, was_asked=False, is_settled=True)

    assert (found.method if found.step is Step.MERGE else None) is method
