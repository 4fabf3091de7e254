"""What is the bot's own, and which markers count."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.github.model import BotIdentity, Commit, Oid, PullRequest, PullRequestState
from bot.github.ours import (
    BranchState,
    Marker,
    MarkerKeys,
    MarkerPlace,
    ProposedVersion,
    branch_state,
    is_ours,
    read_marker,
    render_marker,
    without_markers,
)
from bot.model.update import BranchName

BOT = BotIdentity(user_id=5, login="condabot[bot]")
COMMIT = Commit(
    oid=Oid("c"),
    tree=Oid("t"),
    parents=(Oid("p"),),
    author_email="5+condabot[bot]@users.noreply.github.com",
    signed_by_github=True,
    committed_at=datetime(2026, 7, 1, tzinfo=UTC),
)
PULL = PullRequest(
    number=1,
    node_id="PR_1",
    title="Update numpy",
    body="",
    state=PullRequestState.OPEN,
    head=BranchName("condabot/numpy"),
    head_oid=Oid("c"),
    head_repository_id=1,
    base="main",
    author_id=5,
    created_at=datetime(2026, 7, 1, tzinfo=UTC),
    closed_at=None,
)
MARKER = Marker(
    key="numpy",
    versions=(ProposedVersion(name="numpy", version="2.2.0"),),
    base=Oid("b"),
    digest="d",
    commit=Oid("c"),
)
HERE = MarkerPlace(repository_id=1, branch=BranchName("condabot/numpy"))
OLD, NEW = "o" * 32, "n" * 32


@pytest.mark.parametrize(
    ("commit", "state"),
    [
        pytest.param(COMMIT, BranchState.PRISTINE, id="the bot's commit"),
        pytest.param(
            replace(COMMIT, author_email="5+condabot[bot]@users.noreply.ghe.example"),
            BranchState.PRISTINE,
            id="the bot's commit on an enterprise server",
        ),
        pytest.param(replace(COMMIT, author_email="me@home.example"), BranchState.EDITED, id="a person's commit"),
        pytest.param(
            replace(COMMIT, author_email="5+condabot[bot]@home.example"), BranchState.EDITED, id="a false address"
        ),
        pytest.param(
            replace(COMMIT, author_email="6+condabot[bot]@users.noreply.github.com"),
            BranchState.EDITED,
            id="another account of that name",
        ),
        pytest.param(replace(COMMIT, signed_by_github=False), BranchState.EDITED, id="the bot's name, unsigned"),
        pytest.param(replace(COMMIT, parents=(Oid("p"), Oid("q"))), BranchState.PRISTINE, id="a merge of the bot's"),
        pytest.param(
            replace(COMMIT, parents=(Oid("p"), Oid("q")), author_email="1+me@users.noreply.github.com"),
            BranchState.EDITED,
            id="a merge of a person's: the button of GitHub that brings a branch up to date",
        ),
        pytest.param(replace(COMMIT, parents=(Oid("p"), Oid("q"), Oid("r"))), BranchState.EDITED, id="an octopus"),
        pytest.param(replace(COMMIT, parents=()), BranchState.EDITED, id="a root"),
    ],
)
def test_a_branch_is_pristine_only_under_the_bots_own_commit(commit: Commit, state: BranchState) -> None:
    assert branch_state(commit, BOT) is state


@pytest.mark.parametrize(
    ("pull", "ours"),
    [
        pytest.param(PULL, True, id="the bot's"),
        pytest.param(replace(PULL, author_id=6), False, id="a person's on our branch"),
        pytest.param(replace(PULL, author_id=None), False, id="of an account that is gone"),
        pytest.param(replace(PULL, head_repository_id=2), False, id="from a fork with our branch's name"),
        pytest.param(replace(PULL, head_repository_id=None), False, id="from a fork that is gone"),
        pytest.param(replace(PULL, head=BranchName("deps/numpy")), True, id="from a branch that was called otherwise"),
    ],
)
def test_a_pull_request_is_ours_by_ids_not_by_words(pull: PullRequest, *, ours: bool) -> None:
    assert is_ours(pull, bot=BOT, repository_id=1) is ours


def body(marker: Marker = MARKER, place: MarkerPlace = HERE, keys: tuple[str, ...] = (NEW,)) -> str:
    return f"numpy moves\n\n{render_marker(marker, place, MarkerKeys(keys))}\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(body(), True, id="ours"),
        pytest.param(body(keys=(OLD,)), True, id="signed before the secret changed"),
        pytest.param(body(keys=("x" * 32,)), False, id="signed by somebody else"),
        pytest.param(body(place=replace(HERE, repository_id=2)), False, id="copied from another repository"),
        pytest.param(
            body(place=replace(HERE, branch=BranchName("condabot/scipy"))), False, id="copied from another branch"
        ),
        pytest.param(body(keys=("x" * 32,)) + body(), True, id="a forged one before ours"),
        pytest.param(body().replace("condabot:1", "condabot:2"), False, id="of another version"),
        pytest.param("", False, id="none"),
    ],
)
def test_only_our_own_marker_in_its_own_place_counts(text: str, *, found: bool) -> None:
    assert read_marker(text, HERE, MarkerKeys((NEW, OLD))) == (MARKER if found else None)


@pytest.mark.parametrize("payload", [b"AAAA", b"A", b"e30="], ids=["no JSON", "no base64", "no marker"])
def test_a_signed_marker_of_another_shape_counts_as_none(payload: bytes) -> None:
    keys = MarkerKeys((NEW,))
    text = f"<!-- condabot:1 {payload.decode()} {keys.sign(payload, HERE)} -->"
    assert read_marker(text, HERE, keys) is None


@given(st.text(max_size=200), st.text(max_size=20))
def test_whatever_a_marker_holds_it_stays_inside_its_comment(digest: str, key: str) -> None:
    marker = replace(MARKER, key=key, digest=digest)
    text = render_marker(marker, HERE, MarkerKeys((NEW,)))
    assert text.count("--") == 2
    assert read_marker(f"before {text} after", HERE, MarkerKeys((NEW,))) == marker


def test_a_body_without_its_marker_says_the_same_to_people() -> None:
    assert without_markers(body()) == "numpy moves"
