"""What is known about each noun, as GitHub writes it in JSON.

These dictionaries are facts, not answers: `skeleton.fill` keeps what the schema of an answer has and adds the rest.
"""

from datetime import UTC, datetime
from urllib.parse import quote

import pygit2

from bot.demo.github.git import FileDiff, TreeItem
from bot.demo.github.merging import mergeability
from bot.demo.github.model import (
    Account,
    AccountKind,
    CheckRun,
    Comment,
    CommitStatus,
    InstallationToken,
    Issue,
    JsonObject,
    Mergeability,
    PullRequest,
    Thread,
    iso,
)
from bot.demo.github.model import (
    State as ThreadState,
)
from bot.demo.github.repository import Repository
from bot.demo.github.state import Installation, State

LABEL_COLOR = "ededed"
REGISTERED = "2024-01-01T00:00:00Z"
LINKS = ("comments", "commits", "html", "issue", "review_comment", "review_comments", "self", "statuses")


class Representations:
    """The facts about everything in *state*."""

    def __init__(self, state: State) -> None:
        self._state = state

    def url(self, *segments: object) -> str:
        """Return the address of something below this GitHub."""
        return "/".join([self._state.url, *(quote(str(each), safe="/") for each in segments)])

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
        app = self._state.app
        return {
            "id": app.id,
            "slug": app.slug,
            "node_id": f"A_{app.id}",
            "client_id": f"Iv1.{app.id}",
            "owner": self.account(Account(login=app.slug, kind=AccountKind.ORGANIZATION)),
            "name": app.slug,
            "description": None,
            "external_url": self.url("apps", app.slug),
            "html_url": self.url("apps", app.slug),
            "created_at": REGISTERED,
            "updated_at": REGISTERED,
            "permissions": {},
            "events": list(self._state.events),
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
            "app_id": self._state.app.id,
            "app_slug": self._state.app.slug,
            "target_id": installation.account.id,
            "target_type": installation.account.kind,
            "permissions": dict(installation.permissions),
            "events": list(self._state.events),
            "created_at": iso(installation.created_at),
            "updated_at": iso(installation.created_at),
            "suspended_at": _moment(installation.suspended_at),
            "suspended_by": self.account(self._state.person) if installation.suspended_at else None,
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
            "is_template": repository.is_template,
            "archived": repository.archived,
            "default_branch": repository.default_branch,
            "master_branch": repository.default_branch,
            "url": self.repository_url(repository),
            "html_url": html,
            "clone_url": repository.clone_url,
            "allow_auto_merge": repository.allow_auto_merge,
            "allow_merge_commit": True,
            "allow_squash_merge": True,
            "allow_rebase_merge": True,
            "delete_branch_on_merge": repository.delete_branch_on_merge,
            "has_issues": True,
            "license": None,
            "created_at": iso(repository.created_at),
            "updated_at": iso(repository.created_at),
            "pushed_at": iso(repository.pushed_at),
        }

    def fork(self, repository: Repository, owner: Account) -> JsonObject:
        """Return the facts about *owner*'s fork of *repository*, which exists only as the origin of pull requests."""
        full_name = f"{owner.login}/{repository.name}"
        fork_id = Account(login=full_name).id
        own = {"id": fork_id, "node_id": f"R_{fork_id}", "full_name": full_name, "fork": True}
        return self.repository(repository) | own | {"owner": self.account(owner), "html_url": self.url(full_name)}

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

    def label(self, repository: Repository, name: str) -> JsonObject:
        """Return the facts about a label."""
        return {
            "id": Account(login=f"label {name}").id,
            "node_id": f"L_{name}",
            "url": self.repository_url(repository, "labels", name),
            "name": name,
            "description": None,
            "color": repository.labels.get(name, LABEL_COLOR),
            "default": False,
        }

    def _thread(self, repository: Repository, thread: Thread) -> JsonObject:
        issue_url = self.repository_url(repository, "issues", thread.number)
        return {
            "id": thread.id,
            "number": thread.number,
            "title": thread.title,
            "body": thread.body,
            "state": thread.state,
            "user": self.account(thread.author),
            "labels": [self.label(repository, name) for name in thread.labels],
            "comments": len(thread.comments),
            "comments_url": f"{issue_url}/comments",
            "events_url": f"{issue_url}/events",
            "labels_url": issue_url + "/labels{/name}",
            "issue_url": issue_url,
            "repository_url": self.repository_url(repository),
            "created_at": iso(thread.created_at),
            "updated_at": iso(thread.updated_at),
            "closed_at": _moment(thread.closed_at),
            "author_association": "CONTRIBUTOR",
            "assignees": [],
            "locked": False,
        }

    def issue(self, repository: Repository, issue: Issue | PullRequest) -> JsonObject:
        """Return the facts about an issue, or about a pull request as an issue."""
        facts = self._thread(repository, issue)
        kind = "pull" if isinstance(issue, PullRequest) else "issues"
        html = self.url(repository.full_name, kind, issue.number)
        pull = {"url": self.repository_url(repository, "pulls", issue.number), "html_url": html}
        links = {"pull_request": pull | {"diff_url": f"{html}.diff", "patch_url": f"{html}.patch"}}
        return {
            **facts,
            "url": facts["issue_url"],
            "html_url": html,
            "node_id": f"I_{repository.id}_{issue.number}",
            **(links if isinstance(issue, PullRequest) else {}),
        }

    def comment(self, repository: Repository, thread: Issue | PullRequest, comment: Comment) -> JsonObject:
        """Return the facts about a comment."""
        return {
            "id": comment.id,
            "node_id": f"IC_{comment.id}",
            "url": self.repository_url(repository, "issues", "comments", comment.id),
            "html_url": f"{self.url(repository.full_name, 'issues', thread.number)}#issuecomment-{comment.id}",
            "issue_url": self.repository_url(repository, "issues", thread.number),
            "body": comment.body,
            "user": self.account(comment.author),
            "created_at": iso(comment.created_at),
            "updated_at": iso(comment.updated_at),
            "author_association": "CONTRIBUTOR",
        }

    def pull_request(self, repository: Repository, pull: PullRequest, state: Mergeability | None = None) -> JsonObject:
        """Return the facts about a pull request; *state* overrides its mergeability."""
        url = self.repository_url(repository, "pulls", pull.number)
        html = self.url(repository.full_name, "pull", pull.number)
        shown = state or mergeability(repository, pull)
        return {
            **self._thread(repository, pull),
            "url": url,
            "html_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            "node_id": pull_node_id(repository, pull),
            "head": self._side(repository, pull.head, pull.head_sha, pull.fork_owner),
            "base": self._side(repository, pull.base, pull.base_sha, None),
            "merged": pull.merged_at is not None,
            "merged_at": _moment(pull.merged_at),
            "merged_by": self.account(pull.merged_by) if pull.merged_by else None,
            "merge_commit_sha": pull.merge_commit_sha,
            "mergeable": shown.mergeable,
            "mergeable_state": shown,
            "rebaseable": shown.mergeable,
            "draft": pull.draft,
            "auto_merge": self._auto_merge(pull),
            "requested_reviewers": [],
            "requested_teams": [],
            "_links": {name: {"href": f"{url}/{name}"} for name in LINKS},
            **self._size(repository, pull),
        }

    def _side(self, repository: Repository, branch: str, sha: str, fork_owner: str | None) -> JsonObject:
        owner = Account(login=fork_owner) if fork_owner else repository.owner
        return {
            "label": f"{owner.login}:{branch}",
            "ref": branch,
            "sha": sha,
            "user": self.account(owner),
            "repo": self.fork(repository, owner) if fork_owner else self.repository(repository),
        }

    def _auto_merge(self, pull: PullRequest) -> JsonObject | None:
        wish = pull.auto_merge
        if wish is None:
            return None
        return {
            "enabled_by": self.account(wish.enabled_by),
            "merge_method": wish.method,
            "commit_title": wish.headline or "",
            "commit_message": wish.body or "",
        }

    def _size(self, repository: Repository, pull: PullRequest) -> JsonObject:
        base = repository.git.merge_base(pull.base_sha, pull.head_sha)
        files = repository.git.changed(base, pull.head_sha)
        return {
            "commits": len(repository.git.commits(pull.head_sha, without=[pull.base_sha])),
            "changed_files": len(files),
            "additions": sum(each.additions for each in files),
            "deletions": sum(each.deletions for each in files),
        }

    def check_run(self, repository: Repository, run: CheckRun) -> JsonObject:
        """Return the facts about a check run.

        https://docs.github.com/en/rest/checks/runs
        """
        url = self.repository_url(repository, "check-runs", run.id)
        suite = Account(login=f"suite {run.head_sha}").id
        pulls = [each for each in repository.pulls.values() if each.head_sha == run.head_sha]
        return {
            "id": run.id,
            "node_id": f"CR_{run.id}",
            "name": run.name,
            "head_sha": run.head_sha,
            "external_id": run.external_id,
            "url": url,
            "html_url": self.url(repository.full_name, "runs", run.id),
            "details_url": run.details_url or self.url("apps", self._state.app.slug),
            "status": run.status,
            "conclusion": run.conclusion,
            "started_at": iso(run.started_at),
            "completed_at": _moment(run.completed_at),
            "output": {
                "title": run.output.get("title"),
                "summary": run.output.get("summary"),
                "text": run.output.get("text"),
                "annotations_count": len(run.annotations),
                "annotations_url": f"{url}/annotations",
            },
            "check_suite": {"id": suite, "head_sha": run.head_sha, "head_branch": pulls[0].head if pulls else None},
            "app": self.app(),
            "pull_requests": [self._pull_link(repository, each) for each in pulls if each.state is ThreadState.OPEN],
        }

    def _pull_link(self, repository: Repository, pull: PullRequest) -> JsonObject:
        link = {"id": repository.id, "name": repository.name, "url": self.repository_url(repository)}
        return {
            "id": pull.id,
            "number": pull.number,
            "url": self.repository_url(repository, "pulls", pull.number),
            "head": {"ref": pull.head, "sha": pull.head_sha, "repo": link},
            "base": {"ref": pull.base, "sha": pull.base_sha, "repo": link},
        }

    def status(self, repository: Repository, status: CommitStatus) -> JsonObject:
        """Return the facts about a commit status."""
        return {
            "id": status.id,
            "node_id": f"SC_{status.id}",
            "url": self.repository_url(repository, "statuses", status.sha),
            "avatar_url": None,
            "state": status.state,
            "context": status.context,
            "description": status.description,
            "target_url": status.target_url,
            "created_at": iso(status.created_at),
            "updated_at": iso(status.created_at),
            "creator": self.account(status.creator),
            "required": None,
        }


def pull_node_id(repository: Repository, pull: PullRequest) -> str:
    """Return the GraphQL id of a pull request."""
    return f"PR_{repository.id}_{pull.number}"


def signature(identity: pygit2.Signature) -> JsonObject:
    """Return name, address and moment of an author or committer."""
    moment = datetime.fromtimestamp(identity.time, tz=UTC)
    return {"name": identity.name, "email": identity.email, "date": iso(moment)}


def _moment(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None
