"""What the App may do, in the two steps in which a job asks for it. `app.yml` asks the owner for no more than this.

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

WITHDRAW: Permissions = MappingProxyType({"contents": "write", "metadata": "read", "pull_requests": "write"})
"""To close pull requests and delete their branches."""


def may_write(permissions: Permissions) -> bool:
    """Say whether a token with *permissions* could change anything."""
    return "write" in permissions.values()
