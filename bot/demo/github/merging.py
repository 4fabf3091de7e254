"""Whether and how a pull request is merged.

https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request
https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/automatically-merging-a-pull-request
"""

from bot.demo.github import pull_requests, refs
from bot.demo.github.errors import ApiError
from bot.demo.github.model import (
    ZERO_OID,
    Account,
    Mergeability,
    MergeMethod,
    PullRequest,
    State,
)
from bot.demo.github.repository import RefUpdate, Repository

MERGE_REFUSALS = {
    Mergeability.DIRTY: "Pull Request is not mergeable",
    Mergeability.UNKNOWN: "Pull Request is not mergeable",
    Mergeability.BLOCKED: "Required status checks have not succeeded",
    Mergeability.BEHIND: "Head branch is out of date. Review and try the merge again.",
    Mergeability.DRAFT: "Pull Request is still a draft",
}
METHODS = {
    MergeMethod.MERGE: "Merge commits are not allowed on this repository.",
    MergeMethod.SQUASH: "Squash merges are not allowed on this repository.",
    MergeMethod.REBASE: "Rebase merges are not allowed on this repository.",
}
QUEUE_ONLY = "Repository rule violations found\n\nChanges must be made through the merge queue"


def mergeability(repository: Repository, pull: PullRequest) -> Mergeability:
    """Return what GitHub would show beside the merge button of an open pull request."""
    base, head = repository.head(pull.base), pull.head_sha
    if pull.state is not State.OPEN or base is None or not repository.git.exists(head):
        return Mergeability.UNKNOWN
    if repository.git.merged_tree(base, head) is None:
        return Mergeability.DIRTY
    if pull.draft:
        return Mergeability.DRAFT
    if not has_passed(repository, head, pull.base) or lacks_approval(repository, pull):
        return Mergeability.BLOCKED
    if _protected(repository, pull.base) and repository.strict_checks and not repository.git.is_ancestor(base, head):
        return Mergeability.BEHIND
    return Mergeability.CLEAN if all(latest_results(repository, head).values()) else Mergeability.UNSTABLE


def has_passed(repository: Repository, sha: str, base: str) -> bool:
    """Say whether everything that branch *base* requires has succeeded on *sha*."""
    latest = latest_results(repository, sha)
    return all(latest.get(name, False) for name in _required(repository, base))


def has_failed(repository: Repository, sha: str, base: str) -> bool:
    """Say whether something that branch *base* requires has ended without success on *sha*."""
    latest, required = latest_results(repository, sha), _required(repository, base)
    running = {run.name for run in repository.check_runs.values() if run.head_sha == sha and run.conclusion is None}
    running |= {each.context for each in repository.statuses if each.sha == sha and each.state == "pending"}
    return any(not latest[name] for name in required if name in latest and name not in running)


def review_decision(repository: Repository, pull: PullRequest) -> str | None:
    """Return what the reviews of those who may write come to; None where none is required and none was given.

    https://docs.github.com/en/graphql/reference/enums#pullrequestreviewdecision
    """
    said = [each for each in pull.reviews if each.state != "COMMENTED" and repository.may_write(each.author.login)]
    latest = [state for state in {each.author: each.state for each in said}.values() if state != "DISMISSED"]
    needed = repository.required_approvals if _protected(repository, pull.base) else 0
    if "CHANGES_REQUESTED" in latest:
        return "CHANGES_REQUESTED"
    if len(latest) < needed:
        return "REVIEW_REQUIRED"
    return "APPROVED" if latest else None


def lacks_approval(repository: Repository, pull: PullRequest) -> bool:
    """Say whether the base wants reviews that *pull* does not have."""
    wanted = _protected(repository, pull.base) and repository.required_approvals
    return bool(wanted) and review_decision(repository, pull) != "APPROVED"


def is_queued_for(repository: Repository, base: str) -> bool:
    """Say whether the branch *base* changes only through a merge queue."""
    return repository.merge_queue and _protected(repository, base)


def _protected(repository: Repository, base: str) -> bool:
    return base == repository.default_branch


def latest_results(repository: Repository, sha: str) -> dict[str, bool]:
    """Return for each check and status on *sha* whether its latest result is a success."""
    checks = {run.name: run.passed for run in repository.check_runs.values() if run.head_sha == sha}
    statuses = {each.context: each.state == "success" for each in repository.statuses if each.sha == sha}
    return checks | statuses


def _required(repository: Repository, base: str) -> tuple[str, ...]:
    return repository.required_checks if _protected(repository, base) else ()


def merge(
    repository: Repository,
    pull: PullRequest,
    sender: Account,
    *,
    method: MergeMethod = MergeMethod.MERGE,
    headline: str | None = None,
    body: str | None = None,
) -> str:
    """Merge and return the commit at the new tip of the base. Raises ApiError 405 when it cannot be merged."""
    if method not in repository.merge_methods:
        raise ApiError(405, METHODS[method])
    if is_queued_for(repository, pull.base):
        raise ApiError(405, QUEUE_ONLY)
    base, tree = _mergeable(repository, pull)
    if method is MergeMethod.REBASE:
        tip = _rebased(repository, pull, base)
    else:
        squash = method is MergeMethod.SQUASH
        tip = repository.web_commit(
            tree=tree,
            parents=[base] if squash else [base, pull.head_sha],
            message=_message(repository, pull, method, headline, body),
            author=pull.author if squash else sender,
        )
    move_base(repository, pull, base, tip, sender)
    return tip


def _mergeable(repository: Repository, pull: PullRequest) -> tuple[str, str]:
    """Return the tip of the base and the tree of the merge. Raises ApiError 405."""
    state = mergeability(repository, pull)
    if state in MERGE_REFUSALS:
        raise ApiError(405, MERGE_REFUSALS[state])
    base = repository.git.resolve(pull.base)
    return base, str(repository.git.merged_tree(base, pull.head_sha))


def move_base(repository: Repository, pull: PullRequest, base: str, tip: str, sender: Account) -> None:
    """Move the base, marking the merge first: the push must not find the pull request open."""
    name = f"refs/heads/{pull.base}"
    repository.git.point(name, tip)
    pull_requests.mark_merged(repository, pull, tip, sender)
    refs.announce(repository, name, base, tip, sender)
    if repository.delete_branch_on_merge and not pull.from_fork and repository.head(pull.head):
        refs.update(repository, [RefUpdate(name=pull.head_ref, after=ZERO_OID)], sender)


def _message(
    repository: Repository, pull: PullRequest, method: MergeMethod, headline: str | None, body: str | None
) -> str:
    merged = f"Merge pull request #{pull.number} from {repository.head_account(pull).login}/{pull.head}"
    default = merged if method is MergeMethod.MERGE else f"{pull.title} (#{pull.number})"
    default_body = pull.title if method is MergeMethod.MERGE else (pull.body or "")
    text = default_body if body is None else body
    return f"{headline or default}\n\n{text}".rstrip("\n")


def _rebased(repository: Repository, pull: PullRequest, base: str) -> str:
    tip = base
    for oid in repository.git.commits(pull.head_sha, without=[base]):
        tree = repository.git.picked_tree(oid, tip)
        if tree is None:
            raise ApiError(405, "This branch can't be rebased")
        picked = repository.git.commit(oid)
        author = repository.account(picked.author.email) or pull.author
        tip = repository.web_commit(tree=tree, parents=[tip], message=picked.message, author=author)
    return tip


def update_branch(repository: Repository, pull: PullRequest, sender: Account) -> None:
    """Merge the base into the head. Raises ApiError 422 when they conflict or there is nothing to merge.

    https://docs.github.com/en/rest/pulls/pulls#update-a-pull-request-branch
    """
    base = repository.git.resolve(pull.base)
    tree = repository.git.merged_tree(pull.head_sha, base)
    if tree is None:
        raise ApiError(422, "merge conflict between base and head")
    if repository.git.is_ancestor(base, pull.head_sha):
        raise ApiError(422, "There are no new commits on the base branch.")
    message = f"Merge branch '{pull.base}' into {pull.head}"
    tip = repository.web_commit(tree=tree, parents=[pull.head_sha, base], message=message, author=sender)
    refs.update(repository, [RefUpdate(name=pull.head_ref, after=tip)], sender)


def shown_mergeability(repository: Repository, pull: PullRequest) -> Mergeability:
    """Return the mergeability as a single pull request shows it.

    With `lazy_mergeability` it is unknown when first asked after a push: that request starts the background job.
    https://docs.github.com/en/rest/guides/using-the-rest-api-to-interact-with-your-git-database#checking-mergeability-of-pull-requests
    """
    state = mergeability(repository, pull)
    pair = (repository.head(pull.base) or "", pull.head_sha)
    if repository.world.lazy_mergeability and pair not in repository.computed:
        repository.computed.add(pair)
        return Mergeability.UNKNOWN
    return state
