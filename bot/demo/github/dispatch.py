"""From a request to the answer's facts: which operation it is, whether it may be done, and doing it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from bot.demo.github import permissions
from bot.demo.github.auth import AppCredential, Credential, InstallationCredential, Nobody, UserCredential
from bot.demo.github.errors import ApiError, moved, not_found
from bot.demo.github.graphql import execution
from bot.demo.github.graphql.session import Quota, Session
from bot.demo.github.hooks import WebhookSender
from bot.demo.github.model import JsonObject
from bot.demo.github.openapi import Operation, rest_description
from bot.demo.github.rest import HANDLERS
from bot.demo.github.rest.call import Call, Reply
from bot.demo.github.skeleton import rest_skeleton
from bot.demo.github.state import State
from bot.demo.github.validation import broken_request, ignored_members, response_problems

BY_NUMBER = re.compile(r"/repositories/([0-9]+)(/.*)?")
FOR_NOBODY = frozenset({"apps/create-from-manifest"})
FOR_PEOPLE = frozenset(
    {
        "users/get-authenticated",
        "apps/list-installations-for-authenticated-user",
        "apps/list-installation-repos-for-authenticated-user",
    }
)
FOR_EVERYONE = frozenset({"rate-limit/get"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A request as it came; `path` is still escaped, `body` is None when there is none."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    accept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a request is for. `operation` is None for GraphQL; `name` is what faults and records call it."""

    name: str
    operation: Operation | None
    parameters: Mapping[str, str]
    changes_repository: bool


class Dispatcher:
    """Finds and does what is asked for; everything that does not fit GitHub's description becomes a violation."""

    def __init__(self, *, state: State, webhooks: WebhookSender, violations: list[str]) -> None:
        self._state = state
        self._webhooks = webhooks
        self._violations = violations

    def target(self, incoming: Incoming) -> Target:
        """Return what the request is for. Raises ApiError 404, and notes the violation, for an unknown operation."""
        if incoming.path == "/graphql":
            return _graphql_target(incoming)
        found = rest_description().find(incoming.method, incoming.path)
        if found is None or found[0].id not in HANDLERS:
            self._violations.append(f"{incoming.method} {incoming.path}: no such operation")
            raise not_found()
        operation, parameters = found
        writes = operation.method != "GET" and operation.template.startswith("/repos/")
        return Target(name=operation.id, operation=operation, parameters=parameters, changes_repository=writes)

    def resolved(self, incoming: Incoming) -> Incoming:
        """Return the request with the name of a repository that was named by its number, as redirections do.

        Raises ApiError 404.
        """
        match = BY_NUMBER.fullmatch(incoming.path)
        if match is None:
            return incoming
        repository = self._state.repository_by_id(int(match[1]))
        return replace(incoming, path=f"/repos/{repository.full_name}{match[2] or ''}")

    def perform(self, incoming: Incoming, target: Target, credential: Credential, quota: Quota) -> Reply:
        """Do it. Raises ApiError."""
        if target.operation is None:
            return self._graphql(incoming, credential, quota)
        self._follow_renaming(incoming, target, credential)
        self._authorize(target.operation, target, credential)
        self._check_request(incoming, target.operation)
        call = Call(
            state=self._state,
            webhooks=self._webhooks,
            operation=target.operation,
            parameters=target.parameters,
            query=incoming.query,
            body=incoming.body or {},
            accept=incoming.accept,
            path=incoming.path,
            credential=credential,
        )
        return HANDLERS[target.operation.id](call)

    def answer(self, incoming: Incoming, operation: Operation | None, reply: Reply) -> bytes:
        """Return the body of an answer, filled up to the schema and checked."""
        if reply.raw is not None:
            return reply.raw
        if reply.facts is None:
            return b""
        if operation is None:
            return json.dumps(reply.facts).encode()
        description = rest_description()
        schema = operation.responses.get(reply.status)
        body = (
            rest_skeleton().fill(schema, reply.facts)
            if schema and reply.status < HTTPStatus.BAD_REQUEST
            else reply.facts
        )
        problems = response_problems(description, operation, reply.status, body)
        self._note(incoming, problems)
        return json.dumps(body).encode()

    def _authorize(self, operation: Operation, target: Target, credential: Credential) -> None:
        if operation.id in FOR_NOBODY:
            return
        if isinstance(credential, Nobody):
            raise ApiError(401, "Requires authentication")
        if operation.id in FOR_EVERYONE:
            return
        if isinstance(credential, UserCredential) or operation.id in FOR_PEOPLE:
            _authorize_person(operation, credential)
            return
        needed = permissions.REST.get(operation.id)
        if isinstance(credential, AppCredential):
            if needed is not None:
                raise ApiError(401, "Bad credentials")
            return
        if needed is None:
            raise ApiError(401, "A JSON web token could not be decoded")
        if "repo" in target.parameters:
            self._authorize_repository(operation, target, credential, needed)
        else:
            credential.demand(needed)

    def _follow_renaming(self, incoming: Incoming, target: Target, credential: Credential) -> None:
        if "repo" not in target.parameters:
            return
        former = f"{target.parameters['owner']}/{target.parameters['repo']}"
        repository = self._state.repository_of_old_name(former)
        if repository is None:
            return
        if isinstance(credential, InstallationCredential):
            credential.demand_reading(repository)
        rest = incoming.path.split("/", 4)[4:]
        raise moved("/".join([self._state.url, "repositories", str(repository.id), *rest]), incoming.method)

    def _authorize_repository(
        self, operation: Operation, target: Target, credential: InstallationCredential, needed: permissions.Alternatives
    ) -> None:
        repository = self._state.repository(f"{target.parameters['owner']}/{target.parameters['repo']}")
        if operation.method == "GET" and not credential.sees(repository):
            credential.demand_reading(repository)
            return
        credential.demand_repository(repository)
        credential.demand(needed)
        if repository.archived and target.changes_repository:
            raise ApiError(403, "Repository was archived so is read-only.")

    def _check_request(self, incoming: Incoming, operation: Operation) -> None:
        description = rest_description()
        self._note(incoming, ignored_members(description, operation, incoming.query, incoming.body))
        problems = broken_request(description, operation, incoming.query, incoming.body)
        if problems:
            self._note(incoming, problems)
            raise ApiError(422, f"Invalid request.\n\n{problems[0]}")

    def _graphql(self, incoming: Incoming, credential: Credential, quota: Quota) -> Reply:
        if not isinstance(credential, InstallationCredential):
            raise ApiError(401, "Bad credentials")
        if not isinstance(incoming.body, dict) or not isinstance(incoming.body.get("query"), str):
            self._violations.append("graphql: the request has no query")
            raise ApiError(400, "A query attribute must be specified and must be a string.")
        session = Session(state=self._state, credential=credential, quota=quota)
        query, variables = incoming.body["query"], incoming.body.get("variables")
        return Reply(facts=execution.execute(session, query, variables, self._violations))

    def _note(self, incoming: Incoming, problems: list[str]) -> None:
        self._violations += [f"{incoming.method} {incoming.path}: {problem}" for problem in problems]


def _authorize_person(operation: Operation, credential: Credential) -> None:
    """Let people see what is theirs to see, and nothing else: the App acts for itself."""
    if not isinstance(credential, UserCredential):
        raise ApiError(403, "Resource not accessible by integration")
    if operation.id not in FOR_PEOPLE:
        raise ApiError(403, "Resource not accessible by integration")


def _graphql_target(incoming: Incoming) -> Target:
    if incoming.method != "POST":
        raise not_found()
    query = incoming.body.get("query", "") if isinstance(incoming.body, dict) else ""
    names = execution.mutations(execution.document(str(query)))
    name = f"graphql:{','.join(names)}" if names else "graphql"
    return Target(name=name, operation=None, parameters={}, changes_repository=bool(names))


def parse_body(raw: bytes) -> JsonObject | list[Any] | None:
    """Return the JSON of a request. Raises ApiError 400."""
    if not raw:
        return None
    try:
        body: JsonObject | list[Any] = json.loads(raw)
    except ValueError:
        raise ApiError(400, "Problems parsing JSON") from None
    if not isinstance(body, dict | list):
        raise ApiError(400, "Body should be a JSON object")
    return body
