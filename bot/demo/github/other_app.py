"""Another App on this GitHub, such as the one that runs people's tests."""

from bot.demo.github import checks
from bot.demo.github.model import Account, AccountKind, CheckRun, CommitStatus
from bot.demo.github.repository import Repository
from bot.demo.github.state import State


class OtherApp:
    """An App called *slug* that reports on commits. Each deed returns when our App has been told."""

    def __init__(self, state: State, slug: str) -> None:
        self.slug = slug
        self._state = state

    @property
    def bot(self) -> Account:
        """Return the account it acts as."""
        return Account(login=f"{self.slug}[bot]", kind=AccountKind.BOT)

    async def check(self, repository: Repository, sha: str, name: str, conclusion: str | None = None) -> CheckRun:
        """Report a check run on a commit; without *conclusion* it is under way."""
        now = self._state.now()
        run = CheckRun(
            id=self._state.next_id(),
            name=name,
            head_sha=sha,
            app=self.slug,
            status="completed" if conclusion else "in_progress",
            conclusion=conclusion,
            external_id="",
            details_url="",
            started_at=now,
            completed_at=now if conclusion else None,
        )
        checks.begin(repository, run, self.bot)
        await self._state.settle()
        return run

    async def finish(self, repository: Repository, run: CheckRun, conclusion: str) -> None:
        """End a check run that was under way."""
        run.status, run.conclusion, run.completed_at = "completed", conclusion, self._state.now()
        checks.go_on(repository, run, self.bot)
        await self._state.settle()

    async def status(self, repository: Repository, sha: str, context: str, state: str) -> CommitStatus:
        """Report a commit status: `success`, `failure`, `error` or `pending`."""
        status = CommitStatus(
            id=self._state.next_id(),
            sha=sha,
            state=state,
            context=context,
            description=None,
            target_url=None,
            creator=self.bot,
            created_at=self._state.now(),
        )
        checks.report_status(repository, status)
        await self._state.settle()
        return status
