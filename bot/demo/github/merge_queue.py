"""The merge queue, and the pull requests that merge by themselves once nothing is left to wait for.

Each entry is tried on top of those before it, on a branch of its own whose checks decide.
https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
https://docs.github.com/en/webhooks/webhook-events-and-payloads#merge_group
"""

from bot.demo.github import merging, pull_requests, refs
from bot.demo.github.errors import ApiError
from bot.demo.github.events import MergeGroupChanged
from bot.demo.github.model import ZERO_OID, Account, AccountKind, Mergeability, PullRequest, QueueEntry
from bot.demo.github.repository import RefUpdate, Repository

QUEUE = Account(login="github-merge-queue[bot]", kind=AccountKind.BOT)
QUEUEABLE = frozenset({Mergeability.CLEAN, Mergeability.UNSTABLE})


def go_on(repository: Repository) -> None:
    """Do what has nothing left to wait for: automatic merges, and the head of the queue."""
    for pull in [each for each in repository.pulls.values() if each.auto_merge]:
        wish = pull.auto_merge
        if wish is None or merging.mergeability(repository, pull) is not Mergeability.CLEAN:
            continue
        if merging.is_queued_for(repository, pull.base):
            pull.auto_merge = None
            enqueue(repository, pull, wish.enabled_by)
        else:
            merging.merge(repository, pull, wish.enabled_by, method=wish.method, headline=wish.headline, body=wish.body)
    _advance(repository)


def enqueue(repository: Repository, pull: PullRequest, sender: Account) -> QueueEntry:
    """Let *pull* wait its turn. Raises ApiError 422 when there is no queue, or the pull request is not ready."""
    if not merging.is_queued_for(repository, pull.base):
        raise ApiError(422, f"The branch {pull.base} has no merge queue")
    if any(each.number == pull.number for each in repository.queue):
        raise ApiError(422, "Pull request is already in the queue")
    if merging.mergeability(repository, pull) not in QUEUEABLE:
        raise ApiError(422, "Pull request is not ready to be merged")
    pull_requests.announce(repository, pull, "enqueued", sender)
    entry = _try(repository, pull, sender)
    _advance(repository)
    return entry


def dequeue(repository: Repository, pull: PullRequest, sender: Account, reason: str = "MANUAL") -> None:
    """Take *pull* out of the queue; what stands behind it is tried again without it. Raises ApiError 422."""
    numbers = [each.number for each in repository.queue]
    if pull.number not in numbers:
        raise ApiError(422, "Pull request is not in the queue")
    behind = repository.queue[numbers.index(pull.number) :]
    pull_requests.announce(repository, pull, "dequeued", sender, {"reason": reason})
    for entry in reversed(behind):
        _destroy(repository, entry, "dequeued" if entry.number == pull.number else "invalidated")
    for entry in behind[1:]:
        _try(repository, repository.pulls[entry.number], entry.enqueuer)


def _try(repository: Repository, pull: PullRequest, sender: Account) -> QueueEntry:
    """Put *pull* on top of the queue, on a branch of its own."""
    onto = repository.queue[-1].head_sha if repository.queue else repository.git.resolve(pull.base)
    tree = repository.git.merged_tree(onto, pull.head_sha)
    if tree is None:
        raise ApiError(422, "Pull request is not mergeable on top of the queue")
    message = f"Merge pull request #{pull.number} from {repository.head_account(pull).login}/{pull.head}"
    head = repository.web_commit(tree=tree, parents=[onto, pull.head_sha], message=message, author=sender)
    entry = QueueEntry(
        number=pull.number,
        base=pull.base,
        base_sha=onto,
        head_sha=head,
        enqueuer=sender,
        enqueued_at=repository.world.now(),
    )
    repository.queue.append(entry)
    refs.update(repository, [RefUpdate(name=entry.ref, after=head)], QUEUE)
    _announce(repository, entry, "checks_requested")
    return entry


def _advance(repository: Repository) -> None:
    """Merge from the head of the queue what has passed, and throw out what has failed."""
    while repository.queue:
        entry = repository.queue[0]
        pull = repository.pulls[entry.number]
        if merging.has_failed(repository, entry.head_sha, entry.base):
            dequeue(repository, pull, QUEUE, "CI_FAILURE")
        elif merging.has_passed(repository, entry.head_sha, entry.base):
            pull_requests.announce(repository, pull, "dequeued", QUEUE, {"reason": "MERGE"})
            _destroy(repository, entry, "merged")
            merging.move_base(repository, pull, repository.git.resolve(entry.base), entry.head_sha, QUEUE)
        else:
            return


def _destroy(repository: Repository, entry: QueueEntry, reason: str) -> None:
    repository.queue.remove(entry)
    _announce(repository, entry, "destroyed", reason)
    refs.update(repository, [RefUpdate(name=entry.ref, after=ZERO_OID)], QUEUE)


def _announce(repository: Repository, entry: QueueEntry, action: str, reason: str = "") -> None:
    event = MergeGroupChanged(repository=repository.full_name, sender=QUEUE, entry=entry, action=action, reason=reason)
    repository.world.announce(event)
