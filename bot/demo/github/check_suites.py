"""The suites in which GitHub gathers the check runs of one App on one commit.

Each push of a branch asks every App that may write checks for one.
https://docs.github.com/en/rest/guides/using-the-rest-api-to-interact-with-checks#about-check-suites
"""

from bot.demo.github.events import CheckSuiteChanged
from bot.demo.github.model import ZERO_OID, Account, CheckRun, CheckSuite
from bot.demo.github.repository import Repository

OUR_APP = ""
BRANCHES = "refs/heads/"
WORST_FIRST = ("failure", "timed_out", "cancelled", "action_required", "stale", "neutral", "skipped", "success")


def ask(repository: Repository, ref: str, before: str, after: str, sender: Account) -> None:
    """Ask our App for checks of what was pushed."""
    if after == ZERO_OID or not ref.startswith(BRANCHES):
        return
    suite = suite_of(repository, after, OUR_APP)
    suite.head_branch, suite.before = ref.removeprefix(BRANCHES), before
    announce(repository, suite, "requested", sender)


def suite_of(repository: Repository, sha: str, app: str) -> CheckSuite:
    """Return the suite of an App on a commit; it is made when there is none."""
    for each in repository.check_suites.values():
        if (each.head_sha, each.app) == (sha, app):
            return each
    suite = CheckSuite(
        id=repository.world.next_id(), app=app, head_sha=sha, created_at=repository.world.now(), before=ZERO_OID
    )
    repository.check_suites[suite.id] = suite
    return suite


def runs_of(repository: Repository, suite: CheckSuite) -> list[CheckRun]:
    """Return the latest run of each name in *suite*."""
    mine = (suite.head_sha, suite.app)
    runs = [each for each in repository.check_runs.values() if (each.head_sha, each.app) == mine]
    return list({each.name: each for each in runs}.values())


def outcome(repository: Repository, suite: CheckSuite) -> tuple[str, str | None]:
    """Return status and conclusion of *suite*: those of the run that is furthest from success."""
    runs = runs_of(repository, suite)
    if not runs:
        return "queued", None
    conclusions = [each.conclusion for each in runs if each.conclusion]
    if len(conclusions) < len(runs):
        return "in_progress", None
    return "completed", min(conclusions, key=WORST_FIRST.index)


def announce(repository: Repository, suite: CheckSuite, action: str, sender: Account) -> None:
    """Send the webhook for *action*."""
    event = CheckSuiteChanged(repository=repository.full_name, sender=sender, suite=suite, action=action)
    repository.world.announce(event)
