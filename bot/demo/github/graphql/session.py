"""One GraphQL request: who asks, what it cost, and the error types GitHub uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.demo.github.auth import InstallationCredential
from bot.demo.github.errors import ApiError
from bot.demo.github.git import MissingObjectError
from bot.demo.github.model import Account, PullRequest
from bot.demo.github.repository import Repository
from bot.demo.github.representations import Representations, pull_node_id
from bot.demo.github.state import State

LARGEST_CONNECTION = 100


class GraphQLRefusal(Exception):
    """An error with a `type` in a GraphQL answer."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What is left of the hour's points."""

    limit: int
    remaining: int
    reset_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One request and what it may see."""

    state: State
    credential: InstallationCredential
    quota: Quota

    @property
    def actor(self) -> Account:
        """Return who makes the changes of this request."""
        return self.credential.actor

    @property
    def show(self) -> Representations:
        """Return what makes addresses."""
        return Representations(self.state)

    def repository(self, full_name: str) -> Repository:
        """Return a repository that the token may read, also by a former name. Raises GraphQLRefusal NOT_FOUND."""
        try:
            repository = self.state.repository_of_old_name(full_name) or self.state.repository(full_name)
            self.credential.demand_reading(repository)
        except ApiError:
            raise not_found("Repository", f"the name '{full_name}'") from None
        return repository

    def repository_by_id(self, node_id: str) -> Repository:
        """Return the repository with a GraphQL id. Raises GraphQLRefusal NOT_FOUND."""
        try:
            repository = self.state.repository_by_node(node_id)
            self.credential.demand_repository(repository)
        except ApiError:
            raise not_found("node", f"the global id of '{node_id}'") from None
        return repository

    def pull_by_id(self, node_id: str) -> tuple[Repository, PullRequest]:
        """Return the pull request with a GraphQL id. Raises GraphQLRefusal NOT_FOUND."""
        for repository in self.credential.repositories():
            for pull in repository.pulls.values():
                if pull_node_id(repository, pull) == node_id:
                    return repository, pull
        raise not_found("node", f"the global id of '{node_id}'")


def not_found(kind: str, what: str) -> GraphQLRefusal:
    """Return GitHub's error for what does not exist or must not be seen."""
    return GraphQLRefusal("NOT_FOUND", f"Could not resolve to a {kind} with {what}.")


def unprocessable(message: str) -> GraphQLRefusal:
    """Return GitHub's error for what cannot be done."""
    return GraphQLRefusal("UNPROCESSABLE", message)


def as_refusal(error: Exception) -> GraphQLRefusal | None:
    """Return *error* as GraphQL says it; None when it is a mistake in this GitHub."""
    match error:
        case GraphQLRefusal():
            return error
        case ApiError(status=403):
            return GraphQLRefusal("FORBIDDEN", error.message)
        case ApiError():
            return unprocessable("; ".join([each.get("message", "") for each in error.errors]) or error.message)
        case MissingObjectError():
            return GraphQLRefusal("NOT_FOUND", f"Could not resolve to an object: {error}")
    return None


def connection(
    items: Sequence[Any],
    *,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
) -> dict[str, Any]:
    """Return the asked-for part of *items*; `first` or `last` is required, and at most a hundred.

    https://docs.github.com/en/graphql/guides/using-pagination-in-the-graphql-api
    """
    _check_bounds(first, last)
    start, stop = int(after or 0), int(before) - 1 if before else len(items)
    stop = stop if first is None else min(start + first, stop)
    start = start if last is None else max(stop - last, start)
    shown = items[start:stop]
    return {
        "nodes": shown,
        "edges": [{"cursor": str(start + index + 1), "node": each} for index, each in enumerate(shown)],
        "total_count": len(items),
        "page_info": {
            "start_cursor": str(start + 1) if shown else None,
            "end_cursor": str(stop) if shown else None,
            "has_next_page": stop < len(items),
            "has_previous_page": start > 0,
        },
    }


def _check_bounds(first: int | None, last: int | None) -> None:
    if first is None and last is None:
        raise GraphQLRefusal("MISSING_PAGINATION_BOUNDARIES", "You must provide a `first` or `last` value.")
    if not all(each is None or 0 <= each <= LARGEST_CONNECTION for each in (first, last)):
        raise GraphQLRefusal("EXCESSIVE_PAGINATION", "Requesting more than 100 records exceeds the limit.")
