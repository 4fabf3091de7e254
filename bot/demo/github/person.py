"""What a person does on this GitHub, with a browser and with git.

Every deed returns when the App has been told of it. Whether the person may do it, GitHub asks only where it says so.
"""

from collections.abc import Mapping

from bot.demo.github import check_suites, checks, merge_queue, merging, pull_requests, threads
from bot.demo.github.model import Account, CheckRun, Comment, Issue, MergeMethod, PullRequest, State
from bot.demo.github.repository import Content, Repository
from bot.demo.github.state import State as World


class Person:
    """One person."""

    def __init__(self, world: World, account: Account) -> None:
        self.account = account
        self._world = world

    # -- commits

    async def commit(self, repository: Repository, branch: str, files: Mapping[str, Content], message: str = "") -> str:
        """Push a commit to a branch, also of a fork; pull requests of that branch follow."""
        oid = repository.commit(branch, files, message=message or "Edit by a person", author=self.account)
        await self._world.settle()
        return oid

    async def update_branch(self, repository: Repository, number: int) -> None:
        """Press "Update branch". Raises ApiError 422."""
        merging.update_branch(repository, repository.pulls[number], self.account)
        await self._world.settle()

    # -- issues, comments, and what the bodies of both show

    async def open_issue(self, repository: Repository, title: str, body: str = "") -> Issue:
        """Open an issue."""
        issue = threads.open_issue(repository, title=title, body=body, author=self.account)
        await self._world.settle()
        return issue

    async def edit(self, repository: Repository, number: int, **wanted: str) -> None:
        """Change the `title` or `body` of an issue or pull request, or the `base` of the latter."""
        threads.edit(repository, self._thread(repository, number), wanted, self.account)
        await self._world.settle()

    async def tick(self, repository: Repository, number: int, line: str) -> None:
        """Click the box in the line of the body that has the text *line*. Raises LookupError when there is none.

        https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/about-tasklists
        """
        lines = (self._thread(repository, number).body or "").split("\n")
        index = next((index for index, each in enumerate(lines) if line in each and "- [" in each), None)
        if index is None:
            raise LookupError(f"no box beside {line!r}")
        old, new = ("- [ ]", "- [x]") if "- [ ]" in lines[index] else ("- [x]", "- [ ]")
        lines[index] = lines[index].replace(old, new, 1)
        await self.edit(repository, number, body="\n".join(lines))

    async def comment(self, repository: Repository, number: int, body: str) -> Comment:
        """Write a comment."""
        made = threads.comment(repository, self._thread(repository, number), body, self.account)
        await self._world.settle()
        return made

    async def edit_comment(self, repository: Repository, comment: Comment, body: str) -> None:
        """Write a comment anew."""
        thread, edited = self._comment(repository, comment)
        threads.edit_comment(repository, thread, edited, body, self.account)
        await self._world.settle()

    async def delete_comment(self, repository: Repository, comment: Comment) -> None:
        """Take a comment away."""
        threads.delete_comment(repository, *self._comment(repository, comment), self.account)
        await self._world.settle()

    async def label(self, repository: Repository, number: int, *names: str) -> None:
        """Add labels."""
        threads.label(repository, self._thread(repository, number), names, self.account)
        await self._world.settle()

    async def unlabel(self, repository: Repository, number: int, *names: str) -> None:
        """Take labels away."""
        threads.unlabel(repository, self._thread(repository, number), names, self.account)
        await self._world.settle()

    async def close(self, repository: Repository, number: int) -> None:
        """Close an issue, or a pull request without merging it."""
        threads.edit(repository, self._thread(repository, number), {"state": State.CLOSED}, self.account)
        await self._world.settle()

    async def reopen(self, repository: Repository, number: int) -> None:
        """Reopen an issue or pull request. Raises ApiError 422."""
        threads.edit(repository, self._thread(repository, number), {"state": State.OPEN}, self.account)
        await self._world.settle()

    # -- pull requests

    async def open_pull_request(
        self, repository: Repository, *, title: str, head: str, body: str = "", fork: Repository | None = None
    ) -> PullRequest:
        """Open a pull request for the default branch, from a branch of *fork* where that is given."""
        proposal = pull_requests.Proposal(title=title, head=head, base=repository.default_branch, body=body, fork=fork)
        pull = pull_requests.open_pull_request(repository, proposal, self.account)
        await self._world.settle()
        return pull

    async def approve(self, repository: Repository, number: int) -> None:
        """Approve a pull request as it is now."""
        await self._review(repository, number, "APPROVED", "")

    async def request_changes(self, repository: Repository, number: int, body: str) -> None:
        """Ask for changes."""
        await self._review(repository, number, "CHANGES_REQUESTED", body)

    async def _review(self, repository: Repository, number: int, state: str, body: str) -> None:
        pull_requests.review(repository, repository.pulls[number], state=state, body=body, author=self.account)
        merge_queue.go_on(repository)
        await self._world.settle()

    async def merge(self, repository: Repository, number: int, method: MergeMethod = MergeMethod.MERGE) -> str:
        """Merge and return the new tip. Raises ApiError 405 when GitHub's button would be grey."""
        tip = merging.merge(repository, repository.pulls[number], self.account, method=method)
        await self._world.settle()
        return tip

    async def enqueue(self, repository: Repository, number: int) -> None:
        """Press "Merge when ready". Raises ApiError 422."""
        merge_queue.enqueue(repository, repository.pulls[number], self.account)
        await self._world.settle()

    async def dequeue(self, repository: Repository, number: int) -> None:
        """Take a pull request out of the queue. Raises ApiError 422."""
        merge_queue.dequeue(repository, repository.pulls[number], self.account)
        await self._world.settle()

    # -- checks

    async def press(self, repository: Repository, run: CheckRun, identifier: str) -> None:
        """Press a button of a check run.

        https://docs.github.com/en/webhooks/webhook-events-and-payloads#check_run
        """
        checks.announce(
            repository, run, "requested_action", self.account, {"requested_action": {"identifier": identifier}}
        )
        await self._world.settle()

    async def rerequest(self, repository: Repository, run: CheckRun) -> None:
        """Press "Re-run" beside a check run."""
        checks.reset(run)
        checks.announce(repository, run, "rerequested", self.account)
        await self._world.settle()

    async def rerequest_all(self, repository: Repository, sha: str) -> None:
        """Press "Re-run all checks" of our App on a commit."""
        suite = check_suites.suite_of(repository, sha, check_suites.OUR_APP)
        for run in check_suites.runs_of(repository, suite):
            checks.reset(run)
        check_suites.announce(repository, suite, "rerequested", self.account)
        await self._world.settle()

    def _thread(self, repository: Repository, number: int) -> threads.AnyThread:
        thread = repository.thread(number)
        if thread is None:
            raise LookupError(f"{repository.full_name} has no #{number}")
        return thread

    def _comment(self, repository: Repository, comment: Comment) -> tuple[threads.AnyThread, Comment]:
        found = repository.comment(comment.id)
        if found is None:
            raise LookupError(f"{repository.full_name} has no comment {comment.id}")
        return found
