"""The checks of an App on a commit have ended: what of the bot waits for them may merge by itself now.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#check_suite
"""

import msgspec

from bot.handlers.payloads import App, InstallationId, RepositoryId, installed
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import Request, ScanRequest
from bot.store.wants import Priority, Want

PASSED = {"success", "neutral", "skipped"}
ENDED = Want(priority=Priority.SCHEDULE, reason="checks of a pull request of ours ended well")


class Person(msgspec.Struct, frozen=True):
    """Who wrote a commit."""

    email: str = ""


class Commit(msgspec.Struct, frozen=True):
    """A commit."""

    author: Person = Person()


class Suite(msgspec.Struct, frozen=True):
    """The checks of one App on one commit."""

    head_commit: Commit | None = None
    conclusion: str | None = None
    app: App | None = None


class CheckSuite(msgspec.Struct, frozen=True):
    """The payload."""

    action: str
    check_suite: Suite
    repository: RepositoryId
    installation: InstallationId | None = None

    def is_for(self, bot: str) -> bool:
        """Say whether it is about a commit that *bot* wrote, and no check of its own: whoever lies here gets a scan."""
        suite = self.check_suite
        email = suite.head_commit.author.email if suite.head_commit else ""
        return f"+{bot}@" in email and not (suite.app and f"{suite.app.slug}[bot]" == bot)


def requests(payload: CheckSuite, policy: WebhookPolicy) -> tuple[Request, ...]:
    """Scan when the checks of somebody else have ended well on a commit of the bot."""
    ended_well = payload.action == "completed" and payload.check_suite.conclusion in PASSED
    if payload.installation is None or not ended_well or not payload.is_for(policy.bot):
        return ()
    return (ScanRequest(repository=installed(payload.installation, payload.repository), why=ENDED),)
