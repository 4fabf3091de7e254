"""Somebody pushed. Only the default branch matters, and there only manifests, locks and configuration.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#push
"""

from collections.abc import Iterator

import msgspec

from bot.handlers.payloads import Id, InstallationId, installed
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import PushRequest, Request, ScanRequest
from bot.store.wants import Priority, Want

MOST_COMMITS = 2048
"""GitHub names no more commits than this in a payload."""

MOST_PATHS = 500
"""A push of more files is worth a scan without a look at each of their names."""

PUSHED = Want(priority=Priority.PUSH, reason="a push")


class PushedRepository(msgspec.Struct, frozen=True):
    """The repository pushed to."""

    id: Id
    default_branch: str


class Commit(msgspec.Struct, frozen=True):
    """A commit and the files that it touched, None where the payload does not say."""

    added: tuple[str, ...] | None = None
    removed: tuple[str, ...] | None = None
    modified: tuple[str, ...] | None = None

    @property
    def complete(self) -> bool:
        """Say whether all files are named."""
        return None not in {self.added, self.removed, self.modified}

    @property
    def paths(self) -> Iterator[str]:
        """Return the files named."""
        for paths in (self.added, self.removed, self.modified):
            yield from paths or ()


class Push(msgspec.Struct, frozen=True):
    """The payload."""

    ref: str
    repository: PushedRepository
    forced: bool = False
    deleted: bool = False
    commits: tuple[Commit, ...] = ()
    installation: InstallationId | None = None

    @property
    def complete(self) -> bool:
        """Say whether the commits are all that changed: not after a forced push, nor if there are too many to name."""
        return (
            not self.forced and 0 < len(self.commits) < MOST_COMMITS and all(commit.complete for commit in self.commits)
        )


def requests(payload: Push, policy: WebhookPolicy) -> tuple[Request, ...]:
    """Scan when the default branch may have another manifest, lock or configuration than before.

    Which other files a configuration names is known where its repository is.
    """
    default = f"refs/heads/{payload.repository.default_branch}"
    if payload.installation is None or payload.ref != default or payload.deleted:
        return ()
    repository = installed(payload.installation, payload.repository)
    paths = tuple(dict.fromkeys(path for commit in payload.commits for path in commit.paths))
    few = payload.complete and len(paths) <= MOST_PATHS
    if few and not any(map(policy.is_relevant, paths)):
        return (PushRequest(repository=repository, paths=paths, why=PUSHED),)
    return (ScanRequest(repository=repository, why=PUSHED),)
