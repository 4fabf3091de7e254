"""What was asked of this GitHub, kept for tests: which operation, with what result, and with which permission."""

from dataclasses import dataclass

from bot.demo.github.model import InstallationToken
from bot.demo.github.permissions import Alternatives


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """One request.

    `operation` is GitHub's name (`pulls/create`), or `graphql`, or `graphql:` and the mutations. `is_write` is said of
    successful requests that change a repository: not of token requests. `needed` has one entry per demand; one of the
    permissions of each entry was enough.
    """

    method: str
    path: str
    status: int
    operation: str
    is_write: bool
    needed: tuple[Alternatives, ...]
    token: InstallationToken | None


def unused_permissions(records: list[RequestRecord]) -> dict[str, frozenset[str]]:
    """Return for each token the permissions (`contents=write`) that none of its requests needed at that level."""
    unused: dict[str, set[str]] = {}
    for record in records:
        if record.token is None:
            continue
        granted = {f"{name}={level}" for name, level in record.token.permissions.items() if name != "metadata"}
        left = unused.setdefault(record.token.value, granted)
        left -= {str(permission) for alternatives in record.needed for permission in alternatives}
    return {value: frozenset(left) for value, left in unused.items()}
