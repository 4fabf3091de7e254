"""The life of a check run and of a commit status, whoever reports it.

https://docs.github.com/en/rest/checks/runs, https://docs.github.com/en/rest/commits/statuses
"""

from bot.demo.github import check_suites, merge_queue
from bot.demo.github.events import CheckRunChanged, StatusChanged
from bot.demo.github.model import Account, CheckRun, CommitStatus, JsonObject
from bot.demo.github.repository import Repository


def begin(repository: Repository, run: CheckRun, sender: Account) -> None:
    """Take note of a new check run, which may have ended already."""
    repository.check_runs[run.id] = run
    check_suites.suite_of(repository, run.head_sha, run.app)
    announce(repository, run, "created", sender)
    go_on(repository, run, sender)


def go_on(repository: Repository, run: CheckRun, sender: Account) -> None:
    """Do what follows from the end of *run*, if it has ended: the suite ends, and what waited for it merges."""
    if run.status != "completed":
        return
    announce(repository, run, "completed", sender)
    suite = check_suites.suite_of(repository, run.head_sha, run.app)
    if check_suites.outcome(repository, suite)[0] == "completed":
        check_suites.announce(repository, suite, "completed", sender)
    merge_queue.go_on(repository)


def reset(run: CheckRun) -> None:
    """Let *run* wait to be done once more.

    https://docs.github.com/en/rest/checks/runs#rerequest-a-check-run
    """
    run.status, run.conclusion, run.completed_at = "queued", None, None


def announce(
    repository: Repository, run: CheckRun, action: str, sender: Account, details: JsonObject | None = None
) -> None:
    """Send the webhook of a check run for *action*."""
    event = CheckRunChanged(
        repository=repository.full_name, sender=sender, run=run, action=action, details=details or {}
    )
    repository.world.announce(event)


def report_status(repository: Repository, status: CommitStatus) -> None:
    """Take note of a commit status."""
    repository.statuses.append(status)
    event = StatusChanged(repository=repository.full_name, sender=status.creator, status=status)
    repository.world.announce(event)
    merge_queue.go_on(repository)
