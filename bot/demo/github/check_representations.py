"""What is known about check runs, check suites and commit statuses, as GitHub writes it in JSON.

As in `repository_representations`, these are facts for `skeleton.fill`.
"""

from bot.demo.github import check_suites
from bot.demo.github.model import Account, CheckRun, CheckSuite, CommitStatus, JsonObject, PullRequest, iso
from bot.demo.github.model import State as ThreadState
from bot.demo.github.repository import Repository
from bot.demo.github.repository_representations import RepositoryRepresentations, optional_moment, signature


class CheckRepresentations(RepositoryRepresentations):
    """The facts about what Apps say of commits."""

    def check_run(self, repository: Repository, run: CheckRun) -> JsonObject:
        """Return the facts about a check run.

        https://docs.github.com/en/rest/checks/runs
        """
        url = self.repository_url(repository, "check-runs", run.id)
        suite = check_suites.suite_of(repository, run.head_sha, run.app)
        return {
            "id": run.id,
            "node_id": f"CR_{run.id}",
            "name": run.name,
            "head_sha": run.head_sha,
            "external_id": run.external_id,
            "url": url,
            "html_url": self.url(repository.full_name, "runs", run.id),
            "details_url": run.details_url or self.url("apps", run.app or self.state.app.slug),
            "status": run.status,
            "conclusion": run.conclusion,
            "started_at": iso(run.started_at),
            "completed_at": optional_moment(run.completed_at),
            "output": {
                "title": run.output.get("title"),
                "summary": run.output.get("summary"),
                "text": run.output.get("text"),
                "annotations_count": len(run.annotations),
                "annotations_url": f"{url}/annotations",
            },
            "check_suite": self.check_suite(repository, suite),
            "app": self.app_called(run.app),
            "pull_requests": self._pull_links(repository, run.head_sha),
        }

    def annotation(self, repository: Repository, run: CheckRun, annotation: JsonObject) -> JsonObject:
        """Return the facts about one annotation of a check run."""
        href = self.url(repository.full_name, "blob", run.head_sha, annotation["path"])
        empty = {"start_column": None, "end_column": None, "title": None, "raw_details": None}
        return empty | annotation | {"blob_href": href}

    def check_suite(self, repository: Repository, suite: CheckSuite) -> JsonObject:
        """Return the facts about a check suite.

        https://docs.github.com/en/rest/checks/suites
        """
        url = self.repository_url(repository, "check-suites", suite.id)
        status, conclusion = check_suites.outcome(repository, suite)
        return {
            "id": suite.id,
            "node_id": f"CS_{suite.id}",
            "head_branch": suite.head_branch,
            "head_sha": suite.head_sha,
            "status": status,
            "conclusion": conclusion,
            "url": url,
            "before": suite.before,
            "after": suite.head_sha,
            "pull_requests": self._pull_links(repository, suite.head_sha),
            "app": self.app_called(suite.app),
            "created_at": iso(suite.created_at),
            "updated_at": iso(suite.created_at),
            "latest_check_runs_count": len(check_suites.runs_of(repository, suite)),
            "check_runs_url": f"{url}/check-runs",
            "rerequestable": True,
            "runs_rerequestable": True,
            "head_commit": self._brief_commit(repository, suite.head_sha),
            "repository": self.repository(repository),
        }

    def _brief_commit(self, repository: Repository, oid: str) -> JsonObject:
        commit = repository.git.commit(oid)
        author, committer = signature(commit.author), signature(commit.committer)
        return {
            "id": oid,
            "tree_id": str(commit.tree_id),
            "message": commit.message,
            "timestamp": committer["date"],
            "author": {"name": author["name"], "email": author["email"]},
            "committer": {"name": committer["name"], "email": committer["email"]},
        }

    def app_called(self, slug: str) -> JsonObject:
        """Return the facts about an App; the empty slug stands for ours."""
        if not slug:
            return self.app()
        app_id, url = Account(login=slug).id, self.url("apps", slug)
        named = {"id": app_id, "slug": slug, "name": slug, "node_id": f"A_{app_id}", "client_id": f"Iv1.{app_id}"}
        return self.app() | named | {"external_url": url, "html_url": url}

    def _pull_links(self, repository: Repository, sha: str) -> list[JsonObject]:
        """Return the open pull requests with *sha* as their head, but for those from forks, which GitHub leaves out."""
        return [
            self._pull_link(repository, each)
            for each in repository.pulls.values()
            if each.head_sha == sha and each.state is ThreadState.OPEN and not each.from_fork
        ]

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
