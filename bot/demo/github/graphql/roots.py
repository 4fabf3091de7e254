"""The fields of Query and Mutation.

https://docs.github.com/en/graphql/reference/queries, https://docs.github.com/en/graphql/reference/mutations
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.demo.github import merge_queue, merging, pull_requests, refs
from bot.demo.github.errors import RefRejectedError
from bot.demo.github.git import TreeChange
from bot.demo.github.graphql.nodes import (
    Node,
    actor_node,
    object_node,
    pull_request_node,
    queue_entry_node,
    ref_node,
    repository_node,
)
from bot.demo.github.graphql.session import GraphQLRefusal, Session, not_found, unprocessable
from bot.demo.github.model import AutoMerge, Mergeability, MergeMethod, State
from bot.demo.github.permissions import CONTENTS_WRITE, WORKFLOWS_WRITE
from bot.demo.github.repository import RefUpdate, Repository
from bot.demo.github.rest.git_database import WORKFLOWS, check_path

IMMEDIATE = frozenset({Mergeability.CLEAN, Mergeability.UNSTABLE})
Input = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What can be asked for."""

    session: Session

    def repository(self, *, owner: str, name: str, **_options: Any) -> Node:
        """Return a repository. Raises GraphQLRefusal NOT_FOUND."""
        return repository_node(self.session, self.session.repository(f"{owner}/{name}"))

    def node(self, *, id: str) -> Node:  # noqa: A002 - GitHub's name
        """Return a repository or pull request by its global id. Raises GraphQLRefusal NOT_FOUND."""
        if id.startswith("R_"):
            return repository_node(self.session, self.session.repository_by_id(id))
        repository, pull = self.session.pull_by_id(id)
        return pull_request_node(self.session, repository, pull)

    def rate_limit(self, **_options: Any) -> Mapping[str, Any]:
        """Return what this request cost and what is left."""
        quota = self.session.quota
        return {
            "cost": 1,
            "limit": quota.limit,
            "remaining": quota.remaining,
            "used": quota.limit - quota.remaining,
            "reset_at": quota.reset_at,
            "node_count": 0,
        }

    @property
    def viewer(self) -> Node:
        """Return who asks."""
        return actor_node(self.session, self.session.actor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """What can be changed. Every `input` has passed GitHub's schema."""

    session: Session

    def update_refs(self, *, input: Input) -> Input:  # noqa: A002 - GitHub's name
        """Compare and swap references, all or none."""
        repository = self.session.repository_by_id(input["repositoryId"])
        updates = [
            RefUpdate(
                name=each["name"],
                before=each.get("beforeOid"),
                after=each["afterOid"],
                force=bool(each.get("force")),
            )
            for each in input["refUpdates"]
        ]
        self._demand_workflows(repository, updates)
        self._move(repository, updates)
        return _echo(input)

    def _demand_workflows(self, repository: Repository, updates: list[RefUpdate]) -> None:
        """Refuse to bring in workflows that no branch has, without the permission to write them.

        https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/choosing-permissions-for-a-github-app
        """
        for update in updates:
            if not repository.git.exists(update.after):
                continue
            base = repository.head(repository.default_branch)
            common = repository.git.merge_base(base, update.after) if base else None
            changed = repository.git.changed(common, update.after)
            if any(each.path.startswith(WORKFLOWS) for each in changed):
                self.session.credential.demand(WORKFLOWS_WRITE)

    def create_commit_on_branch(self, *, input: Input) -> Input:  # noqa: A002 - GitHub's name
        """Commit file contents on a branch that is where the caller thinks it is."""
        repository, name = self._branch(input["branch"])
        tip = repository.git.target(name)
        expected = input["expectedHeadOid"]
        if tip is None:
            raise not_found("Ref", f"the name '{name}'")
        if tip != expected:
            raise GraphQLRefusal(
                "STALE_DATA", f'Expected branch to point to "{expected}" but it did not. Pull and try again.'
            )
        changes = self._changes(repository, input.get("fileChanges") or {})
        message = "\n\n".join(filter(None, (input["message"]["headline"], input["message"].get("body"))))
        tree = repository.git.write_tree(tip, changes)
        oid = repository.web_commit(tree=tree, parents=[tip], message=message, author=self.session.actor)
        self._move(repository, [RefUpdate(name=name, before=tip, after=oid)])
        commit = object_node(self.session, repository, oid)
        return _echo(input) | {"commit": commit, "ref": ref_node(self.session, repository, name)}

    def _branch(self, branch: Input) -> tuple[Repository, str]:
        full_name, name = branch.get("repositoryNameWithOwner"), branch.get("branchName")
        if not full_name or not name:
            raise unprocessable("Name the branch by repositoryNameWithOwner and branchName.")
        repository = self.session.repository(full_name)
        self.session.credential.demand_repository(repository)
        return repository, f"refs/heads/{str(name).removeprefix('refs/heads/')}"

    def _changes(self, repository: Repository, files: Input) -> list[TreeChange]:
        additions, deletions = files.get("additions") or [], files.get("deletions") or []
        paths = [each["path"] for each in (*additions, *deletions)]
        for path in paths:
            check_path(path)
        if any(path.startswith(WORKFLOWS) for path in paths):
            self.session.credential.demand(WORKFLOWS_WRITE)
        tip_modes = 0o100644
        added = [
            TreeChange(
                path=each["path"], mode=tip_modes, oid=repository.git.write_blob(base64.b64decode(each["contents"]))
            )
            for each in additions
        ]
        return [*added, *(TreeChange(path=each["path"], mode=tip_modes, oid=None) for each in deletions)]

    def _move(self, repository: Repository, updates: list[RefUpdate]) -> None:
        try:
            refs.update(repository, updates, self.session.actor)
        except RefRejectedError as error:
            raise unprocessable(str(error)) from error

    def create_pull_request(self, *, input: Input) -> Input:  # noqa: A002 - GitHub's name
        """Open a pull request."""
        repository = self.session.repository_by_id(input["repositoryId"])
        proposal = pull_requests.Proposal(
            title=input["title"],
            head=input["headRefName"],
            base=input["baseRefName"],
            body=input.get("body"),
            draft=bool(input.get("draft")),
        )
        pull = pull_requests.open_pull_request(repository, proposal, self.session.actor)
        return _echo(input) | {"pull_request": pull_request_node(self.session, repository, pull)}

    def update_pull_request(self, *, input: Input) -> Input:  # noqa: A002 - GitHub's name
        """Change title, body, base or state."""
        wanted = {name: input[name] for name in ("title", "body") if input.get(name) is not None}
        wanted |= {"base": input["baseRefName"]} if input.get("baseRefName") else {}
        wanted |= {"state": State[input["state"]]} if input.get("state") else {}
        return self._edit(input, wanted)

    def close_pull_request(self, *, input: Input) -> Input:  # noqa: A002 - GitHub's name
        """Close a pull request."""
        return self._edit(input, {"state": State.CLOSED})

    def reopen_pull_request(self, *, input: Input) -> Input:  # noqa: A002 - GitHub's name
        """Reopen a pull request."""
        return self._edit(input, {"state": State.OPEN})

    def _edit(self, input_: Input, wanted: dict[str, Any]) -> Input:
        repository, pull = self.session.pull_by_id(input_["pullRequestId"])
        pull_requests.edit(repository, pull, wanted, self.session.actor)
        return self._pull_payload(input_)

    def enable_pull_request_auto_merge(self, *, input: Input) -> Input:  # noqa: A002 - GitHub's name
        """Let a pull request merge once its checks have succeeded."""
        self.session.credential.demand(CONTENTS_WRITE)
        repository, pull = self.session.pull_by_id(input["pullRequestId"])
        if not repository.allow_auto_merge:
            raise unprocessable("Auto merge is not allowed for this repository")
        if (input.get("expectedHeadOid") or pull.head_sha) != pull.head_sha:
            raise unprocessable("Head branch was modified. Review and try again.")
        state = merging.mergeability(repository, pull)
        if state in IMMEDIATE:
            raise unprocessable(f"Pull request Pull request is in {state} status")
        pull.auto_merge = AutoMerge(
            method=MergeMethod[input.get("mergeMethod") or "MERGE"],
            enabled_by=self.session.actor,
            enabled_at=self.session.state.now(),
            headline=input.get("commitHeadline"),
            body=input.get("commitBody"),
        )
        pull_requests.announce(repository, pull, "auto_merge_enabled", self.session.actor)
        return self._pull_payload(input)

    def disable_pull_request_auto_merge(self, *, input: Input) -> Input:  # noqa: A002 - GitHub's name
        """Take back the wish to merge."""
        self.session.credential.demand(CONTENTS_WRITE)
        repository, pull = self.session.pull_by_id(input["pullRequestId"])
        if pull.auto_merge is None:
            raise unprocessable("Can't disable auto-merge for this pull request.")
        pull.auto_merge = None
        pull_requests.announce(repository, pull, "auto_merge_disabled", self.session.actor)
        return self._pull_payload(input)

    def enqueue_pull_request(self, *, input: Input) -> Input:  # noqa: A002 - GitHub's name
        """Put a pull request into the merge queue."""
        self.session.credential.demand(CONTENTS_WRITE)
        repository, pull = self.session.pull_by_id(input["pullRequestId"])
        if (input.get("expectedHeadOid") or pull.head_sha) != pull.head_sha:
            raise unprocessable("Head branch was modified. Review and try again.")
        entry = merge_queue.enqueue(repository, pull, self.session.actor)
        return _echo(input) | {"merge_queue_entry": queue_entry_node(self.session, repository, entry, 0)}

    def dequeue_pull_request(self, *, input: Input) -> Input:  # noqa: A002 - GitHub's name
        """Take a pull request out of the merge queue."""
        repository, pull = self.session.pull_by_id(input["id"])
        merge_queue.dequeue(repository, pull, self.session.actor)
        return _echo(input) | {"merge_queue_entry": None}

    def _pull_payload(self, input_: Input) -> Input:
        repository, pull = self.session.pull_by_id(input_["pullRequestId"])
        actor = actor_node(self.session, self.session.actor)
        node = pull_request_node(self.session, repository, pull)
        return _echo(input_) | {"pull_request": node, "actor": actor}


def _echo(input_: Input) -> dict[str, Any]:
    return {"client_mutation_id": input_.get("clientMutationId")}
