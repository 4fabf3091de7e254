"""What is known about pull requests, issues, comments and labels, as GitHub writes it in JSON.

As in `repository_representations`, these are facts for `skeleton.fill`.
"""

from collections import Counter

from bot.demo.github.check_representations import CheckRepresentations
from bot.demo.github.merging import mergeability
from bot.demo.github.model import (
    Account,
    Comment,
    Issue,
    JsonObject,
    Mergeability,
    PullRequest,
    Reaction,
    Release,
    Review,
    Thread,
    iso,
)
from bot.demo.github.repository import Repository
from bot.demo.github.repository_representations import optional_moment
from bot.demo.github.threads import LABEL_COLOR

REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")
LINKS = ("comments", "commits", "html", "issue", "review_comment", "review_comments", "self", "statuses")


class Representations(CheckRepresentations):
    """The facts about everything in `state`."""

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
            "closed_at": optional_moment(thread.closed_at),
            "author_association": repository.association(thread.author),
            "assignees": [self.account(Account(login=each)) for each in thread.assignees],
            "assignee": self.account(Account(login=thread.assignees[0])) if thread.assignees else None,
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
            **(links if isinstance(issue, PullRequest) else {"state_reason": issue.state_reason}),
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
            "author_association": repository.association(comment.author),
            "reactions": self._reactions(repository, comment),
        }

    def _reactions(self, repository: Repository, comment: Comment) -> JsonObject:
        counts = Counter(each.content for each in comment.reactions)
        url = self.repository_url(repository, "issues", "comments", comment.id, "reactions")
        return {"url": url, "total_count": counts.total(), **{each: counts[each] for each in REACTIONS}}

    def reaction(self, reaction: Reaction) -> JsonObject:
        """Return the facts about a reaction."""
        return {
            "id": reaction.id,
            "node_id": f"REA_{reaction.id}",
            "user": self.account(reaction.author),
            "content": reaction.content,
            "created_at": iso(reaction.created_at),
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
            "head": self._side(self._home(repository, pull), pull.head, pull.head_sha, repository.head_account(pull)),
            "base": self._side(repository, pull.base, pull.base_sha, repository.owner),
            "merged": pull.merged_at is not None,
            "merged_at": optional_moment(pull.merged_at),
            "merged_by": self.account(pull.merged_by) if pull.merged_by else None,
            "merge_commit_sha": pull.merge_commit_sha,
            "mergeable": shown.mergeable,
            "mergeable_state": shown,
            "rebaseable": shown.mergeable,
            "draft": pull.draft,
            "auto_merge": self._auto_merge(pull),
            "requested_reviewers": [self.account(Account(login=each)) for each in pull.requested_reviewers],
            "requested_teams": [self.team(repository, each) for each in pull.requested_teams],
            "_links": {name: {"href": f"{url}/{name}"} for name in LINKS},
            **self._size(repository, pull),
        }

    def _home(self, repository: Repository, pull: PullRequest) -> Repository | None:
        """Return the repository that *pull* comes from; None when it was deleted."""
        if pull.fork is None:
            return repository
        return next((each for each in self.state.repositories.values() if each.id == pull.fork), None)

    def _side(self, home: Repository | None, branch: str, sha: str, owner: Account) -> JsonObject:
        return {
            "label": f"{owner.login}:{branch}",
            "ref": branch,
            "sha": sha,
            "user": self.account(owner),
            "repo": self.repository(home) if home else None,
        }

    def release(self, repository: Repository, release: Release) -> JsonObject:
        """Return the facts about a release.

        https://docs.github.com/en/rest/releases/releases
        """
        url = self.repository_url(repository, "releases", release.id)
        return {
            "id": release.id,
            "node_id": f"RE_{release.id}",
            "tag_name": release.tag,
            "target_commitish": repository.default_branch,
            "name": release.name,
            "body": release.body,
            "draft": release.draft,
            "prerelease": release.prerelease,
            "author": self.account(release.author),
            "url": url,
            "html_url": self.url(repository.full_name, "releases", "tag", release.tag),
            "assets_url": f"{url}/assets",
            "upload_url": f"{url}/assets{{?name,label}}",
            "tarball_url": None,
            "zipball_url": None,
            "assets": [],
            "created_at": iso(release.published_at),
            "published_at": iso(release.published_at),
        }

    def team(self, repository: Repository, slug: str) -> JsonObject:
        """Return the facts about a team of the repository's owner."""
        team_id = Account(login=f"{repository.owner.login}/{slug}").id
        url = self.url("organizations", repository.owner.id, "team", team_id)
        return {"id": team_id, "node_id": f"T_{team_id}", "slug": slug, "name": slug, "url": url, "parent": None}

    def review(self, repository: Repository, pull: PullRequest, review: Review) -> JsonObject:
        """Return the facts about a review. In webhooks GitHub writes its state in small letters."""
        url = self.repository_url(repository, "pulls", pull.number)
        html = f"{self.url(repository.full_name, 'pull', pull.number)}#pullrequestreview-{review.id}"
        return {
            "id": review.id,
            "node_id": f"PRR_{review.id}",
            "user": self.account(review.author),
            "body": review.body,
            "state": review.state.lower(),
            "commit_id": review.commit,
            "submitted_at": iso(review.submitted_at),
            "html_url": html,
            "pull_request_url": url,
            "author_association": repository.association(review.author),
            "_links": {"html": {"href": html}, "pull_request": {"href": url}},
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


def pull_node_id(repository: Repository, pull: PullRequest) -> str:
    """Return the GraphQL id of a pull request."""
    return f"PR_{repository.id}_{pull.number}"
