"""What the App may do, in the two steps in which a job asks for it. `app.yml` asks the owner for no more than this.

What an owner has not granted yet is not asked for: the rest is done all the same, and what is missing is said.
https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

Permissions: TypeAlias = Mapping[str, str]

READ: Permissions = MappingProxyType({"contents": "read", "metadata": "read", "pull_requests": "read"})
"""To look at a repository and decide."""

WRITE: Permissions = MappingProxyType(
    {"checks": "write", "contents": "write", "metadata": "read", "pull_requests": "write"},
)
"""To push branches, open pull requests, and report checks."""

CHECKED: Permissions = MappingProxyType({"checks": "read", "metadata": "read"})
"""To see what others have tested."""

MERGE: Permissions = MappingProxyType({"contents": "write", "metadata": "read"})
"""To merge a pull request of the bot: https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request."""

HAVE_MERGED: Permissions = MappingProxyType({"contents": "write", "metadata": "read", "pull_requests": "write"})
"""To have GitHub merge pull requests of the bot, or not any more."""

WITHDRAW: Permissions = MappingProxyType({"contents": "write", "metadata": "read", "pull_requests": "write"})
"""To close pull requests and delete their branches."""

PUSH: Permissions = MappingProxyType({"contents": "write", "metadata": "read"})
"""To push a commit to a branch."""

SCANNED: Permissions = MappingProxyType({"metadata": "read", "security_events": "write"})
"""To have code scanning show findings. Only who wants that grants it: the App does not ask for it by itself."""

TELL: Permissions = MappingProxyType({"checks": "write", "metadata": "read"})
"""To say something beside a commit."""

PROPOSED: Permissions = MappingProxyType({"metadata": "read", "pull_requests": "read"})
"""To see what a pull request touches."""

ANSWER: Permissions = MappingProxyType({"metadata": "read", "pull_requests": "write"})
"""To react to a comment, to answer, and to change or close a pull request of the bot."""

SEE_ISSUES: Permissions = MappingProxyType({"issues": "read", "metadata": "read"})
"""To find the dashboard."""

CHANGE_ISSUES: Permissions = MappingProxyType({"issues": "write", "metadata": "read"})
"""To write it."""

SOURCE: Permissions = MappingProxyType({"contents": "read", "metadata": "read"})
"""To read files."""

HEAR: Permissions = MappingProxyType({"merge_queues": "read"})
"""To be told of what a merge queue is about to merge; no token has it.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#merge_group
"""

LIST: Permissions = MappingProxyType({"metadata": "read"})
"""To see which repositories there are."""

LEVELS = ("", "read", "write", "admin")
"""From nothing to everything."""


def may_write(permissions: Permissions) -> bool:
    """Say whether a token with *permissions* could change anything."""
    return "write" in permissions.values()


def allows(permissions: Permissions, permission: str, level: str) -> bool:
    """Say whether *permissions* have *permission* at *level* or above; a level that is not known is none."""
    return _rank(permissions.get(permission, "")) >= _rank(level)


def within(wanted: Permissions, granted: Permissions) -> Permissions:
    """Return what of *wanted* was *granted*, each at the lower of both levels."""
    lower = {name: min(level, granted.get(name, ""), key=_rank) for name, level in wanted.items()}
    return MappingProxyType({name: level for name, level in lower.items() if _rank(level)})


def missing(permission: str, level: str, *, repository: str, page: str) -> str:
    """Return the sentence for a permission that an owner has not granted; *page* is where they can."""
    return f"the App may not {level} {permission} in {repository}: accept its new permissions at {page}"


def _rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else 0
