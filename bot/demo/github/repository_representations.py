"""What is known about accounts, installations, repositories and their git objects, as GitHub writes it in JSON.

These dictionaries are facts, not answers: `skeleton.fill` keeps what the schema of an answer has and adds the rest.
"""

from datetime import UTC, datetime
from urllib.parse import quote

import pygit2

from bot.demo.github.git import FileDiff, TreeItem
from bot.demo.github.model import (
    Account,
    AccountKind,
    InstallationToken,
    JsonObject,
    MergeMethod,
    iso,
)
from bot.demo.github.repository import Repository
from bot.demo.github.state import Installation, State

REGISTERED = "2024-01-01T00:00:00Z"


class RepositoryRepresentations:
    """The facts about everything in *state*."""

    def __init__(self, state: State) -> None:
        self.state = state

    def url(self, *segments: object) -> str:
        """Return the address of something below this GitHub."""
        return "/".join([self.state.url, *(quote(str(each), safe="/") for each in segments)])

    def repository_url(self, repository: Repository, *segments: object) -> str:
        """Return the API's address of something in *repository*."""
        return self.url("repos", repository.full_name, *segments)

    def account(self, account: Account) -> JsonObject:
        """Return the facts about a person, bot or organization."""
        return {
            "login": account.login,
            "id": account.id,
            "node_id": f"U_{account.id}",
            "type": account.kind,
            "url": self.url("users", account.login),
            "html_url": self.url(account.login),
            "avatar_url": self.url("avatars", account.id),
            "description": None,
            "created_at": REGISTERED,
            "updated_at": REGISTERED,
        }

    def app(self) -> JsonObject:
        """Return the facts about the App.

        https://docs.github.com/en/rest/apps/apps#get-the-authenticated-app
        """
        app = self.state.app
        return {
            "id": app.id,
            "slug": app.slug,
            "node_id": f"A_{app.id}",
            "client_id": app.client_id,
            "owner": self.account(Account(login=app.slug, kind=AccountKind.ORGANIZATION)),
            "name": app.slug,
            "description": None,
            "external_url": self.url("apps", app.slug),
            "html_url": self.url("apps", app.slug),
            "created_at": REGISTERED,
            "updated_at": REGISTERED,
            "permissions": {},
            "events": list(self.state.events),
        }

    def installation(self, installation: Installation) -> JsonObject:
        """Return the facts about an installation."""
        api = ("app", "installations", installation.id)
        return {
            "id": installation.id,
            "node_id": f"I_{installation.id}",
            "account": self.account(installation.account),
            "repository_selection": installation.selection,
            "access_tokens_url": self.url(*api, "access_tokens"),
            "repositories_url": self.url("installation", "repositories"),
            "html_url": self.url("organizations", installation.account.login, "settings"),
            "app_id": self.state.app.id,
            "app_slug": self.state.app.slug,
            "target_id": installation.account.id,
            "target_type": installation.account.kind,
            "permissions": dict(installation.permissions),
            "events": list(self.state.events),
            "created_at": iso(installation.created_at),
            "updated_at": iso(installation.created_at),
            "suspended_at": optional_moment(installation.suspended_at),
            "suspended_by": self.account(self.state.person) if installation.suspended_at else None,
        }

    def token(self, token: InstallationToken, repositories: list[Repository] | None) -> JsonObject:
        """Return the facts about a new token; *repositories* only when it was narrowed to some."""
        facts = {
            "token": token.value,
            "expires_at": iso(token.expires_at),
            "permissions": dict(token.permissions),
            "repository_selection": "all" if repositories is None else "selected",
        }
        return facts | ({"repositories": [self.repository(each) for each in repositories]} if repositories else {})

    def repository(self, repository: Repository) -> JsonObject:
        """Return the facts about a repository."""
        html = self.url(repository.full_name)
        return {
            "id": repository.id,
            "node_id": repository.node_id,
            "name": repository.name,
            "full_name": repository.full_name,
            "owner": self.account(repository.owner),
            "private": repository.private,
            "visibility": "private" if repository.private else "public",
            "fork": repository.fork,
            **self._origin(repository),
            "is_template": repository.is_template,
            "archived": repository.archived,
            "default_branch": repository.default_branch,
            "master_branch": repository.default_branch,
            "url": self.repository_url(repository),
            "html_url": html,
            "clone_url": repository.clone_url,
            "allow_auto_merge": repository.allow_auto_merge,
            "allow_merge_commit": MergeMethod.MERGE in repository.merge_methods,
            "allow_squash_merge": MergeMethod.SQUASH in repository.merge_methods,
            "allow_rebase_merge": MergeMethod.REBASE in repository.merge_methods,
            "delete_branch_on_merge": repository.delete_branch_on_merge,
            "has_issues": True,
            "license": None,
            "created_at": iso(repository.created_at),
            "updated_at": iso(repository.created_at),
            "pushed_at": iso(repository.pushed_at),
        }

    def _origin(self, repository: Repository) -> JsonObject:
        if repository.parent is None:
            return {}
        facts = self.repository(repository.parent)
        return {"parent": facts, "source": facts.get("source", facts)}

    def git_commit(self, repository: Repository, oid: str) -> JsonObject:
        """Return the facts of git about a commit.

        https://docs.github.com/en/rest/git/commits
        """
        commit = repository.git.commit(oid)
        url = self.repository_url(repository, "git", "commits", oid)
        tree = str(commit.tree_id)
        return {
            "sha": oid,
            "node_id": f"C_{oid}",
            "url": url,
            "html_url": self.url(repository.full_name, "commit", oid),
            "author": signature(commit.author),
            "committer": signature(commit.committer),
            "message": commit.message,
            "tree": {"sha": tree, "url": self.repository_url(repository, "git", "trees", tree)},
            "parents": [self._parent(repository, str(each)) for each in commit.parent_ids],
            "comment_count": 0,
            "verification": self._verification(repository, oid),
        }

    def commit(self, repository: Repository, oid: str) -> JsonObject:
        """Return the facts of GitHub about a commit.

        https://docs.github.com/en/rest/commits/commits
        """
        facts = self.git_commit(repository, oid)
        url = self.repository_url(repository, "commits", oid)
        return {
            **facts,
            "url": url,
            "comments_url": f"{url}/comments",
            "commit": facts,
            "author": self._commit_account(repository, facts["author"]["email"]),
            "committer": self._commit_account(repository, facts["committer"]["email"]),
        }

    def _commit_account(self, repository: Repository, email: str) -> JsonObject | None:
        account = repository.account(email)
        return self.account(account) if account else None

    def _parent(self, repository: Repository, oid: str) -> JsonObject:
        url = self.repository_url(repository, "git", "commits", oid)
        return {"sha": oid, "url": url, "html_url": self.url(repository.full_name, "commit", oid)}

    def _verification(self, repository: Repository, oid: str) -> JsonObject:
        verified = oid in repository.verified
        return {
            "verified": verified,
            "reason": "valid" if verified else "unsigned",
            "signature": "signed by this GitHub" if verified else None,
            "payload": f"commit {oid}" if verified else None,
            "verified_at": signature(repository.git.commit(oid).committer)["date"] if verified else None,
        }

    def reference(self, repository: Repository, name: str, oid: str) -> JsonObject:
        """Return the facts about a git reference."""
        kind = repository.git.kind(oid)
        return {
            "ref": name,
            "node_id": f"REF_{repository.id}_{name}",
            "url": self.repository_url(repository, "git", name),
            "object": {"type": kind, "sha": oid, "url": self.repository_url(repository, "git", f"{kind}s", oid)},
        }

    def tree_item(self, repository: Repository, item: TreeItem) -> JsonObject:
        """Return the facts about one entry of a tree."""
        facts: JsonObject = {"path": item.path, "mode": item.octal_mode, "type": item.kind, "sha": item.oid}
        size = {} if item.size is None else {"size": item.size}
        return facts | size | {"url": self.repository_url(repository, "git", f"{item.kind}s", item.oid)}

    def file(self, repository: Repository, diff: FileDiff, oid: str) -> JsonObject:
        """Return the facts about one changed file."""
        facts = {
            "sha": diff.oid,
            "filename": diff.path,
            "status": diff.status,
            "additions": diff.additions,
            "deletions": diff.deletions,
            "changes": diff.additions + diff.deletions,
            "blob_url": self.url(repository.full_name, "blob", oid, diff.path),
            "raw_url": self.url(repository.full_name, "raw", oid, diff.path),
            "contents_url": self.repository_url(repository, "contents", diff.path),
        }
        previous = {"previous_filename": diff.previous_path} if diff.previous_path else {}
        return facts | previous | ({"patch": diff.patch} if diff.patch else {})


def signature(identity: pygit2.Signature) -> JsonObject:
    """Return name, address and moment of an author or committer."""
    moment = datetime.fromtimestamp(identity.time, tz=UTC)
    return {"name": identity.name, "email": identity.email, "date": iso(moment)}


def optional_moment(moment: datetime | None) -> str | None:
    """Return *moment* as GitHub writes it, None for none."""
    return iso(moment) if moment else None
