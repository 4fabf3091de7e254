"""Nothing that is wanted is lost, whatever happens in whatever order: the table against a set in memory."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.store.database import Connection, Pool
from bot.store.installations import InstallationFacts, see_installation, suspend_installation
from bot.store.repositories import InstalledRepository, RepositoryFacts, forget_repository, see_repositories
from bot.store.wants import Priority, Turn, Want, scan_done, scan_failed, scan_later, take_turn, want
from tests.turns import asked, begin, end, known, pass_time, taken

REPOSITORIES = range(6)
INSTALLATIONS = (1, 2, 3)
LONG = 10_000
"""Minutes, after which everything that waits is due."""


@dataclass(slots=True, kw_only=True)
class Remembered:
    """A repository as it should be. `next_try` and `since` are minutes."""

    installation: int
    archived: bool = False
    since: float | None = None
    next_try: float = 0
    priority: Priority = Priority.DAY
    running: Turn | None = None

    def want(self, priority: Priority, now: float) -> None:
        self.priority = priority if self.since is None else max(self.priority, priority)
        self.since = now if self.since is None else self.since


@dataclass(slots=True, kw_only=True)
class Model:
    """What the table should say, and the table: each method is something that happens, to both."""

    connection: Connection
    now: float = 0
    suspended: set[int] = field(default_factory=set)
    known: dict[int, Remembered] = field(default_factory=dict)

    def due(self) -> Mapping[int, Remembered]:
        return {
            number: each
            for number, each in self.known.items()
            if each.since is not None and max(each.since, each.next_try) <= self.now
            if not each.running and not each.archived and each.installation not in self.suspended
        }

    async def wanted(self, number: int, priority: Priority) -> None:
        """By a delivery, that may be the first to speak of the repository."""
        each = self.known.setdefault(number, Remembered(installation=INSTALLATIONS[number % 3]))
        repository = InstalledRepository(installation_id=each.installation, repository_id=number)
        await known(self.connection, repository)
        await want(self.connection, [number], Want(priority=priority, reason=priority.name))
        each.want(priority, self.now)
        if priority is Priority.PERSON:
            each.next_try = 0

    async def taken(self, _: int, least: Priority) -> None:
        """What is taken is due, runs nowhere else, is the most urgent of its account; none is only if there is none."""
        turn, due = await take_turn(self.connection, least=least), self.due()
        if turn is None:
            assert not [each for each in due.values() if each.priority >= least and not each.next_try]
            assert not due or least > Priority.DAY
            return
        number = turn.repository.repository_id
        each = due[number]
        others = (other.priority for other in due.values() if other.installation == each.installation)
        assert turn.repository.installation_id == each.installation
        assert turn.priority == each.priority == max(others)
        assert turn.priority >= least
        await begin(self.connection, number)
        each.running, each.since = turn, None

    async def done(self, number: int, _: Priority) -> None:
        if number in self.known and self.known[number].running:
            await scan_done(self.connection, number)
            self.known[number].next_try = 0
            await self._end(number)

    async def later(self, number: int, _: Priority) -> None:
        if number in self.known and (turn := self.known[number].running):
            await scan_later(self.connection, turn, timedelta(minutes=number))
            await self._again(number, turn, number)

    async def failed(self, number: int, _: Priority) -> None:
        if number in self.known and (turn := self.known[number].running):
            wait = await scan_failed(self.connection, turn)
            await self._again(number, turn, wait / timedelta(minutes=1))

    async def _again(self, number: int, turn: Turn, wait: float) -> None:
        each = self.known[number]
        waits_for_nothing = each.since is not None and each.priority is Priority.PERSON
        each.next_try = 0 if waits_for_nothing else self.now + wait
        each.want(turn.priority, self.now)
        await self._end(number)

    async def _end(self, number: int) -> None:
        await end(self.connection, number)
        self.known[number].running = None

    async def archived(self, number: int, _: Priority) -> None:
        if each := self.known.get(number):
            each.archived = not each.archived
            await self._see(number)

    async def moved(self, number: int, priority: Priority) -> None:
        if each := self.known.get(number):
            each.installation = INSTALLATIONS[priority // 10 % 3]
            await self._see(number)

    async def _see(self, number: int) -> None:
        each = self.known[number]
        facts = RepositoryFacts(id=number, node_id="", full_name="", archived=each.archived)
        await see_repositories(self.connection, each.installation, [facts])

    async def suspended_or_let_in(self, number: int, _: Priority) -> None:
        installation = INSTALLATIONS[number % 3]
        if installation in self.suspended:
            self.suspended.remove(installation)
            await see_installation(self.connection, InstallationFacts(id=installation))
        elif await asked(self.connection, "SELECT 1 FROM installation WHERE installation_id = %s", installation):
            self.suspended.add(installation)
            await suspend_installation(self.connection, installation)

    async def forgotten(self, number: int, _: Priority) -> None:
        if each := self.known.pop(number, None):
            where = InstalledRepository(installation_id=each.installation, repository_id=number)
            await forget_repository(self.connection, where)
            await end(self.connection, number)

    async def waited(self, minutes: int, _: Priority) -> None:
        self.now += minutes
        await pass_time(self.connection, minutes)

    async def settled(self) -> None:
        """Everything has ended, nothing is in the way any more, and much time has passed."""
        for number, each in self.known.items():
            await self.done(number, Priority.DAY)
            if each.archived:
                await self.archived(number, Priority.DAY)
        for installation in INSTALLATIONS:
            await see_installation(self.connection, InstallationFacts(id=installation))
        self.suspended.clear()
        await self.waited(LONG, Priority.DAY)


EVENTS = (
    Model.wanted,
    Model.wanted,
    Model.taken,
    Model.taken,
    Model.done,
    Model.later,
    Model.failed,
    Model.waited,
    Model.archived,
    Model.moved,
    Model.suspended_or_let_in,
    Model.forgotten,
)
HISTORIES = st.lists(
    st.tuples(st.sampled_from(EVENTS), st.sampled_from(REPOSITORIES), st.sampled_from(Priority)), max_size=60
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORIES)
async def test_what_is_wanted_is_looked_at_once_in_time_whatever_happens(
    pool: Pool, history: list[tuple[Callable[[Model, int, Priority], Awaitable[None]], int, Priority]]
) -> None:
    async with pool.connection() as connection, connection.transaction(force_rollback=True):
        model = Model(connection=connection)
        for event, number, priority in history:
            await event(model, number, priority)
        await model.settled()
        expected = sorted(model.due())
        assert sorted(await taken(connection)) == expected
