"""What is done with proposals and pull requests, decided on facts that GitHub gave."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.github.model import (
    BotIdentity,
    Branch,
    Commit,
    Oid,
    PullRequest,
    PullRequestState,
    RepositoryOverview,
    RepositoryReference,
)
from bot.github.ours import Marker, MarkerKeys, MarkerPlace, ProposedVersion, render_marker
from bot.jobs.decide import Action, SeenRepository, decide, declined, no_longer_wanted, open_keys, was_declined
from bot.model.update import BranchName
from bot.updating.answering import draft
from tests.rendering.proposals import proposal, update

KEYS = MarkerKeys(["x" * 32])
BOT = BotIdentity(user_id=7, login="condabot[bot]")
HEAD = BranchName("condabot/non-major")
OURS, TIP, OTHER = (Oid(digit * 40) for digit in "123")
DIGEST = "d" * 64
OPEN, CLOSED, MERGED = PullRequestState
DRAFT = draft(replace(proposal(update("click", "8.1", "8.2")), fingerprint=DIGEST))


def commit(oid: Oid = TIP, *, email: str = "7+condabot[bot]@users.noreply.github.com", signed: bool = True) -> Commit:
    return Commit(
        oid=oid,
        tree=OTHER,
        parents=(OURS,),
        author_email=email,
        signed_by_github=signed,
        committed_at=datetime(2026, 7, 1, tzinfo=UTC),
    )


def marker(
    *,
    key: str = "non-major",
    digest: str = DIGEST,
    at: Oid = TIP,
    versions: tuple[tuple[str, str], ...] = (("click", "8.2"),),
) -> Marker:
    proposed = tuple(ProposedVersion(name=name, version=version) for name, version in versions)
    return Marker(key=key, versions=proposed, base=OURS, digest=digest, commit=at)


def pull(
    said: Marker | None, *, state: PullRequestState = OPEN, number: int = 1, head: BranchName = HEAD
) -> PullRequest:
    place = MarkerPlace(repository_id=70, branch=head)
    return PullRequest(
        number=number,
        node_id=f"PR_{number}",
        title="Update click",
        body="" if said is None else f"text\n\n{render_marker(said, place, KEYS)}",
        state=state,
        head=head,
        head_oid=TIP,
        head_repository_id=70,
        base="main",
        author_id=BOT.user_id,
        created_at=datetime(2026, 7, 1, tzinfo=UTC),
        closed_at=None if state is OPEN else datetime(2026, 8, 1, tzinfo=UTC),
    )


def repository(*pulls: PullRequest, branches: Iterable[Branch] = ()) -> SeenRepository:
    overview = RepositoryOverview(
        repository=RepositoryReference(id=70, node_id="R_70", owner="acme", name="app"),
        bot=BOT,
        archived=False,
        fork=False,
        template=False,
        private=False,
        default_branch=Branch(name=BranchName("main"), head=commit(OURS)),
        branches=tuple(branches),
        pulls=pulls,
    )
    return SeenRepository(overview=overview, keys=KEYS, prefix="condabot/")


PRISTINE = Branch(name=HEAD, head=commit())
EDITED = Branch(name=HEAD, head=commit(OTHER, email="person@files.example"))
UNSIGNED = Branch(name=HEAD, head=commit(OTHER, signed=False))
BY_TOKEN = Branch(name=HEAD, head=commit(email="ada@files.example", signed=False))


@pytest.mark.parametrize(
    ("pulls", "branch", "action"),
    [
        pytest.param((), None, Action.OPEN, id="nothing is there yet"),
        pytest.param((), PRISTINE, Action.OPEN, id="a branch of ours without a pull request is used"),
        pytest.param((), EDITED, Action.HANDS_OFF, id="a branch with a person's commit is not, even without one"),
        pytest.param((pull(marker()),), PRISTINE, Action.KEEP, id="the same proposal is left as it is"),
        pytest.param((pull(marker(digest="e" * 64)),), PRISTINE, Action.REFRESH, id="another proposal replaces it"),
        pytest.param((pull(marker(at=OTHER)),), PRISTINE, Action.REFRESH, id="so does one whose making broke off"),
        pytest.param((pull(None),), PRISTINE, Action.REFRESH, id="without a marker nothing is known of it"),
        pytest.param(
            (replace(pull(marker()), conflicted=True),), PRISTINE, Action.REFRESH, id="a conflict is resolved by us"
        ),
        pytest.param((pull(marker()),), EDITED, Action.HANDS_OFF, id="a commit by a person is theirs"),
        pytest.param((pull(marker()),), UNSIGNED, Action.HANDS_OFF, id="one that only looks like ours as well"),
        pytest.param((pull(marker()),), BY_TOKEN, Action.KEEP, id="what a genuine marker names was made by us"),
        pytest.param((pull(None),), BY_TOKEN, Action.HANDS_OFF, id="without one, nobody knows"),
        pytest.param(
            (replace(pull(marker(), state=MERGED), head_oid=OTHER),),
            EDITED,
            Action.OPEN,
            id="one whose work was merged is used again, a person's too",
        ),
        pytest.param(
            (pull(marker(), state=MERGED),), EDITED, Action.HANDS_OFF, id="what a person did after that is theirs"
        ),
        pytest.param(
            (replace(pull(marker(digest="e" * 64), state=CLOSED), head_oid=OTHER),),
            EDITED,
            Action.HANDS_OFF,
            id="what a person did and nobody merged is theirs",
        ),
        pytest.param((pull(marker(), state=CLOSED),), None, Action.DECLINED, id="what was closed stays closed"),
        pytest.param((pull(marker(), state=MERGED),), None, Action.OPEN, id="what was merged may come again"),
        pytest.param(
            (pull(marker(digest="e" * 64), state=CLOSED),), None, Action.OPEN, id="another one was closed, not this"
        ),
        pytest.param(
            (pull(marker(), state=CLOSED), pull(marker(), number=2)),
            PRISTINE,
            Action.KEEP,
            id="one that a person reopened by another is kept",
        ),
        pytest.param(
            (replace(pull(marker()), author_id=8),), PRISTINE, Action.OPEN, id="a stranger's pull request is not ours"
        ),
        pytest.param(
            (replace(pull(marker(), state=CLOSED), body="<!-- condabot:1 e30= " + "0" * 64 + " -->"),),
            None,
            Action.OPEN,
            id="a forged marker decides nothing",
        ),
    ],
)
def test_what_is_done_with_a_proposal(pulls: tuple[PullRequest, ...], branch: Branch | None, action: Action) -> None:
    decision = decide(repository(*pulls, branches=[branch] if branch else []), DRAFT)

    assert decision.action is action
    assert (decision.name, decision.branch) == (HEAD, branch)


ANOTHER = "9+pre-commit-ci[bot]@users.noreply.github.com"
PERSON = "person@files.example"
ON_OURS = replace(commit(OTHER, email=ANOTHER, signed=False), parents=(TIP,))
UPDATED = replace(commit(OTHER, email=PERSON), parents=(TIP, OURS))


@pytest.mark.parametrize(
    ("head", "digest", "action"),
    [
        pytest.param(ON_OURS, DIGEST, Action.KEEP, id="another bot's commit stays while the same is proposed"),
        pytest.param(ON_OURS, "e" * 64, Action.REFRESH, id="and goes with what is replaced"),
        pytest.param(UPDATED, DIGEST, Action.KEEP, id="so does GitHub's own update of the branch"),
        pytest.param(UPDATED, "e" * 64, Action.REFRESH, id="in the same way"),
        pytest.param(
            replace(UPDATED, signed_by_github=False), DIGEST, Action.HANDS_OFF, id="a merge of a person's own"
        ),
        pytest.param(replace(ON_OURS, author_email=PERSON), DIGEST, Action.HANDS_OFF, id="a person's commit"),
        pytest.param(replace(ON_OURS, parents=(OTHER,)), DIGEST, Action.HANDS_OFF, id="what a person's may be below"),
    ],
)
def test_what_machines_add_does_not_stop_the_bot(head: Commit, digest: str, action: Action) -> None:
    seen = repository(pull(marker(digest=digest)), branches=[Branch(name=HEAD, head=head)])

    assert decide(seen, DRAFT).action is action
    assert bool(no_longer_wanted(seen, [])) is (action is not Action.HANDS_OFF)


def test_a_decision_names_the_open_pull_request_only() -> None:
    closed, opened = pull(marker(), state=CLOSED), pull(marker(), number=2)

    assert decide(repository(closed, opened, branches=[PRISTINE]), DRAFT).pull == opened
    assert decide(repository(closed), DRAFT).pull is None


def test_of_what_was_declined_the_newest_version_counts_for_each_key() -> None:
    markers = repository(
        pull(marker(versions=(("click", "8.2"), ("rich", "14"))), state=CLOSED),
        pull(marker(versions=(("click", "8.10"),)), state=CLOSED, number=2),
        pull(marker(versions=(("click", "8.3"),)), state=CLOSED, number=3),
        pull(marker(key="other", versions=(("six", "2"),)), state=CLOSED, number=4),
        pull(marker(key="merged"), state=MERGED, number=5),
        pull(marker(key="open"), number=6),
    ).markers

    assert declined(markers) == {"non-major": {"click": "8.10", "rich": "14"}, "other": {"six": "2"}}


def test_the_keys_of_what_is_open_are_known() -> None:
    markers = repository(pull(marker(key="a")), pull(marker(key="b"), state=CLOSED, number=2), pull(None, number=3))

    assert open_keys(markers.markers) == {"a"}


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        pytest.param([], False, id="nothing was closed"),
        pytest.param([pull(marker(), state=CLOSED)], True, id="just this was closed"),
        pytest.param(
            [pull(marker(digest="e" * 64, versions=(("click", "8.3"),)), state=CLOSED)], True, id="a newer one was"
        ),
        pytest.param(
            [pull(marker(digest="e" * 64, versions=(("click", "8.1.9"),)), state=CLOSED)], False, id="an older one was"
        ),
        pytest.param(
            [pull(marker(digest="e" * 64, versions=(("rich", "14"),)), state=CLOSED)], False, id="another package was"
        ),
        pytest.param([pull(marker(), state=MERGED)], False, id="it was merged"),
    ],
)
def test_a_decision_to_close_is_found_among_earlier_pull_requests(earlier: list[PullRequest], expected: object) -> None:
    assert was_declined(repository(), earlier, DRAFT) is expected


def test_what_nothing_proposes_any_more_is_withdrawn_unless_a_person_worked_on_it() -> None:
    heads = {name: BranchName(f"condabot/{name}") for name in ("gone", "edited", "no-branch", "closed")}
    pulls = [
        pull(marker(key=name), head=head, number=number, state=CLOSED if name == "closed" else OPEN)
        for number, (name, head) in enumerate(heads.items())
    ]
    branches = [
        PRISTINE,
        Branch(name=heads["gone"], head=commit()),
        Branch(name=heads["edited"], head=EDITED.head),
        Branch(name=heads["closed"], head=commit()),
    ]

    gone = no_longer_wanted(repository(pull(marker(), number=9), *pulls, branches=branches), [DRAFT])

    assert [each.head for each in gone] == [heads["gone"]]


@pytest.mark.parametrize(("state", "expected"), [(OPEN, HEAD), (CLOSED, "deps/non-major")])
def test_what_is_open_keeps_the_name_of_its_branch(state: PullRequestState, expected: str) -> None:
    renamed = replace(repository(pull(marker(), state=state), branches=[PRISTINE]), prefix="deps/")

    assert decide(renamed, DRAFT).name == expected
    assert decide(renamed, replace(DRAFT, key="other")).name == "deps/other"


@pytest.mark.parametrize(
    ("paths", "unread", "gone"),
    [
        pytest.param(("environment.yml",), {"README.md"}, True, id="all that it changes was read"),
        pytest.param(("environment.yml", "docs/env.yml"), {"docs/env.yml"}, False, id="one file was not"),
        pytest.param((), {"docs/env.yml"}, True, id="an earlier one does not tell what it changes"),
    ],
)
def test_what_changes_a_file_that_cannot_be_read_now_is_not_withdrawn(
    paths: tuple[str, ...],
    unread: set[str],
    gone: bool,  # noqa: FBT001 - a table
) -> None:
    said = replace(marker(key="click-8.x"), paths=paths)
    seen = repository(pull(said), branches=[PRISTINE])

    assert bool(no_longer_wanted(seen, [DRAFT], unread)) is gone


def test_what_is_for_another_branch_is_apart_from_the_rest() -> None:
    head = BranchName("condabot/v1-x")
    theirs = replace(pull(replace(marker(), into="v1"), number=3, head=head), base="v1")
    seen = repository(pull(marker()), theirs, branches=[PRISTINE, Branch(name=head, head=commit())])
    onto = replace(seen, onto=Branch(name=BranchName("v1"), head=commit(OTHER)), bases=("v1",))

    assert [each.pull for each in (decide(seen, DRAFT), decide(onto, DRAFT))] == [seen.overview.pulls[0], theirs]
    assert decide(onto, replace(DRAFT, key="other")).name.startswith("condabot/v1-other-")
    assert open_keys(onto.markers) == {"non-major"}
    assert no_longer_wanted(onto, [DRAFT]) == ()
    assert no_longer_wanted(onto, []) == (theirs,)
    assert no_longer_wanted(replace(seen, bases=("v*",)), [DRAFT]) == ()
    assert no_longer_wanted(replace(seen, bases=("w*",)), [DRAFT]) == (theirs,)


def test_what_is_for_a_wrong_branch_is_made_afresh() -> None:
    elsewhere = replace(pull(marker()), base="v1")

    assert decide(repository(elsewhere, branches=[PRISTINE]), DRAFT).action is Action.REFRESH


def test_a_proposal_of_another_key_has_another_branch() -> None:
    other = replace(DRAFT, key="click-9.x")

    assert decide(repository(pull(marker()), branches=[PRISTINE]), other).name == "condabot/click-9.x"


def test_one_that_somebody_wants_afresh_is_refreshed_though_it_says_the_same() -> None:
    asked = replace(marker(), rebuild=True)

    kept, afresh, edited = (
        decide(repository(pull(said), branches=(branch,)), DRAFT)
        for said, branch in ((marker(), PRISTINE), (asked, PRISTINE), (asked, EDITED))
    )

    assert (kept.action, kept.asked) == (Action.KEEP, False)
    assert (afresh.action, afresh.asked) == (Action.REFRESH, True)
    assert edited.action is Action.HANDS_OFF
