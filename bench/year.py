"""A year in the life of twenty repositories: real releases, at the moments at which they came, and made-up maintainers.

`python -m bench.year` plays the 52 weeks that end with the slice of conda-forge that comes with condabot, and prints a
line for each month; `--weeks`, `--repositories` and `--channel DIR` play others. The App goes by its real rules and its
GitHub, its database and the people by one clock, which is moved on three times a day: so releases are seen at three
hours of the day, not within five minutes.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from statistics import median

import msgspec
import psycopg

from bench.ground import ground_in
from bot.composition.service import LISTING, SWEEPING, WATCHING
from bot.demo.channel.records import ChannelData
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.demo.github.errors import ApiError
from bot.demo.github.model import PullRequest
from bot.demo.github.repository import Repository
from bot.demo.passing_time import ToldClock, live_by_told_time, tell_time, today
from bot.demo.stage import Scenery, Stage, open_stage
from bot.jobs.calm import Calm
from bot.jobs.upkeep import want_daily
from bot.leaving import run_and_leave
from bot.store.database import make_pool
from bot.store.embedded import embedded_postgres
from bot.store.migrate import migrate
from bot.versioning.conda import is_newer

BEGIN = datetime(2025, 8, 25, 0, tzinfo=UTC)
"""A Monday; the slice ends a year later. What is played is moved by whole weeks to where it lies ahead of us: what the
worker does by the machine's clock is then of no consequence."""

WEEK, DAY = timedelta(days=7), timedelta(days=1)
NIGHT, NOON, _ = HOURS = (1, 12, 23)
"""When the clock stops on each day: in the night, when pull requests may be opened on Mondays, whose want is spread
over 45 minutes; at noon, when people work; late, when every repository has had its minute of the day."""

FULL = "pull requests are open"
"""What is said where no more pull requests may be open at once."""

TURNS = 2
OPEN = "condabot/"
PINS = 6
PIXI_EACH = 4
"""One repository in so many is a pixi workspace with a lock; the others have an environment file."""

PATIENCE = 2
"""So many of its turns a proposal may wait, and is not kept waiting."""

NAMES = (
    *("hypothesis", "ruff", "polars", "coverage", "ipython", "pydantic", "numpy", "xarray", "typer", "sqlalchemy"),
    *("mypy", "pytest", "pandas", "scipy", "scikit-learn", "matplotlib-base", "tqdm", "requests", "rich", "pillow"),
    *("psutil", "click", "sphinx", "numba", "beautifulsoup4", "packaging", "attrs"),
)
ENVIRONMENT = "name: env\nchannels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n  - python=3.12\n{lines}"
PIXI = """\
[workspace]
name = "lived-in"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
python = "3.12.*"
{lines}"""
LOCK = """\
version: 6
environments:
  default:
    channels:
    - url: https://conda.anaconda.org/conda-forge/
    packages:
      linux-64: []
packages: []
"""
STUCK = """
SELECT full_name FROM repository WHERE wanted_at < now() - interval '1 day' OR scanned_at < now() - interval '2 days'
UNION ALL SELECT 'a job of ' || lock FROM procrastinate_jobs WHERE queue_name = 'repository' AND status <> 'succeeded'
"""
WAITING = """
SELECT DISTINCT ON (repository_id) repository_id, outcomes FROM run WHERE state = 'done' ORDER BY repository_id, id DESC
"""


class Habit(StrEnum):
    """What a maintainer does with pull requests of the bot."""

    MERGES = "merges after two days"
    CLOSES = "closes each third, merges the others"
    EDITS = "puts a commit on each fourth, and merges that after a week"
    IGNORES = "does nothing"


HABITS = (Habit.MERGES, Habit.MERGES, Habit.CLOSES, Habit.MERGES, Habit.EDITS)


def habit_of(number: int, count: int) -> Habit:
    """Return what the maintainer of the repository with a *number* among *count* does: the last one nothing."""
    return Habit.IGNORES if number == count - 1 else HABITS[number % len(HABITS)]


@dataclass(slots=True, kw_only=True)
class Lived:
    """What was counted: for each repository the moments of pushes; scans and requests by day; what stood too long."""

    days: int = 0
    pushes: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    most_open: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    scans: list[int] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    opened: dict[str, list[datetime]] = field(default_factory=dict)
    merged: int = 0
    closed: int = 0
    stuck: list[str] = field(default_factory=list)
    kept_waiting: list[str] = field(default_factory=list)

    @property
    def most_pushes(self) -> int:
        """Return the most pushes to one repository in a week, from Monday to Sunday."""
        return max((_most_in_a_week(moments) for moments in self.pushes.values()), default=0)

    @property
    def pushes_per_week(self) -> float:
        """Return the pushes to a repository in a week, on average."""
        weeks = len(self.most_open) * self.days / 7
        return sum(map(len, self.pushes.values())) / weeks if weeks else 0

    @property
    def most_opened(self) -> int:
        """Return the most pull requests that were opened in a repository in a week, from Monday to Sunday."""
        return max(map(_most_in_a_week, self.opened.values()), default=0)

    @property
    def median_opened(self) -> float:
        """Return how many were opened in a repository in a week: the median, with the weeks in which none was."""
        weeks = -(-self.days // 7)
        opened = [
            list(Counter(each.isocalendar()[:2] for each in moments).values()) for moments in self.opened.values()
        ]
        return median(sorted(n for each in opened for n in each + [0] * (weeks - len(each)))) if opened else 0

    def __str__(self) -> str:
        """Return it as lines."""
        days, pushes = max(self.days, 1), sum(map(len, self.pushes.values()))
        lines = {
            "days and repositories": f"{self.days}, {len(self.most_open)}",
            "pushes": f"{pushes}; to a repository in a week {self.pushes_per_week:.2f}, at most {self.most_pushes}",
            "pull requests": f"{sum(map(len, self.opened.values()))} opened, {self.merged} merged, "
            f"{self.closed} closed by people; in a repository in a week {self.median_opened:g} (median), "
            f"at most {self.most_opened}",
            "open at once": f"at most {max(self.most_open.values(), default=0)}",
            "scans in a day": f"{sum(self.scans) / days:.1f}, at most {max(self.scans, default=0)}",
            "requests to GitHub in a day": f"{sum(self.requests) / days:.0f}, at most {max(self.requests, default=0)}",
            "stuck": ", ".join(self.stuck) or "nothing",
            "waiting past two of its turns": ", ".join(self.kept_waiting) or "nothing",
        }
        return "\n".join(f"{name}: {value}" for name, value in lines.items())


def _most_in_a_week(moments: Sequence[datetime]) -> int:
    weeks = Counter(each.isocalendar()[:2] for each in moments)
    return max(weeks.values(), default=0)


@dataclass(slots=True, kw_only=True)
class Year:
    """The stage, and what goes on there."""

    stage: Stage
    clock: ToldClock
    begin: datetime
    history: ChannelData
    repositories: tuple[Repository, ...]
    lived: Lived = field(default_factory=Lived)
    _tips: dict[tuple[str, str], str | None] = field(default_factory=dict)
    _edited: set[tuple[str, int]] = field(default_factory=set)
    _waited: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    _asked: int = 0
    _ran: int = 0

    async def live(self, days: int) -> AsyncIterator[Lived]:
        """Play so many *days*; give what was counted after each 28 of them, and at the end."""
        for day in range(days):
            for hour in HOURS:
                await self._pass(self.begin + day * DAY + timedelta(hours=hour) - self.clock.now())
                await self._look_by_the_clock()
                if hour == NIGHT and day % 7 == 0:
                    self._see_who_waits()
                if hour == NOON:
                    await self._people()
                self._count()
            self._end_day()
            if (day + 1) % 28 == 0 or day + 1 == days:
                yield self.lived

    async def _pass(self, time: timedelta) -> None:
        self.clock.pass_on(time)
        await tell_time(self.stage.conninfo, self.clock.now())
        self.stage.channel["conda-forge"].replace(self.history.as_of(self.clock.now()))

    async def _look_by_the_clock(self) -> None:
        """Do what a coordinator does by the clock; then let the workers do what follows."""
        for duty in (SWEEPING, LISTING, WATCHING):
            await self.stage.duties.do(duty)
        async with make_pool(self.stage.conninfo, size=2) as pool:
            await want_daily(pool, self.clock.now())
        await self.stage.idle()

    # -- people

    async def _people(self) -> None:
        for number, repository in enumerate(self.repositories):
            habit = habit_of(number, len(self.repositories))
            for pull in [each for each in repository.pulls.values() if each.state == "open"]:
                await self._see(habit, repository, pull)
        await self.stage.idle()

    async def _see(self, habit: Habit, repository: Repository, pull: PullRequest) -> None:
        age, github = self.clock.now() - pull.created_at, self.stage.github
        if habit is Habit.IGNORES or age < 2 * DAY:
            return
        if habit is Habit.CLOSES and pull.number % 3 == 0:
            await github.close(repository, pull.number)
            self.lived.closed += 1
            return
        if habit is Habit.EDITS and pull.number % 4 == 0 and age < WEEK:
            if (repository.full_name, pull.number) not in self._edited:
                self._edited.add((repository.full_name, pull.number))
                repository.commit(pull.head, {"fix.py": f"{pull.number}\n"}, message="Make it work")
            return
        with suppress(ApiError):  # it cannot be merged today
            await github.merge(repository, pull.number)
            self.lived.merged += 1

    # -- counting

    def _count(self) -> None:
        for repository in self.repositories:
            for branch in repository.branches():
                tip = repository.head(branch)
                key = (repository.full_name, branch)
                if branch.startswith(OPEN) and tip != self._tips.get(key) and tip in repository.verified:
                    self.lived.pushes[repository.full_name].append(self.clock.now())
                self._tips[key] = tip
            count = sum(each.state == "open" for each in repository.pulls.values())
            self.lived.most_open[repository.full_name] = max(self.lived.most_open[repository.full_name], count)

    def _end_day(self) -> None:
        lived = self.lived
        lived.days += 1
        lived.opened = {each.full_name: [pull.created_at for pull in each.pulls.values()] for each in self.repositories}
        lived.requests.append(len(self.stage.github.requests) - self._asked)
        self._asked = len(self.stage.github.requests)
        with psycopg.connect(self.stage.conninfo) as connection:
            [(ran,)] = connection.execute("SELECT count(*) FROM run").fetchall()
            lived.stuck += [name for (name,) in connection.execute(STUCK) if name not in lived.stuck]
        lived.scans.append(ran - self._ran)
        self._ran = ran

    def _see_who_waits(self) -> None:
        """When it is its turn, nothing is passed over again and again, but for what waits for people."""
        with psycopg.connect(self.stage.conninfo) as connection:
            outcomes: dict[int, list[str]] = dict(connection.execute(WAITING).fetchall())
        for repository in self.repositories:
            is_passed_over = any(map(_is_passed_over, outcomes.get(repository.id, ())))
            self._waited[repository.id] = self._waited[repository.id] + 1 if is_passed_over else 0
            if self._waited[repository.id] > PATIENCE and repository.full_name not in self.lived.kept_waiting:
                self.lived.kept_waiting.append(repository.full_name)


def _is_passed_over(line: str) -> bool:
    return line.startswith(("waits: ", "hands off ")) and FULL not in line


@asynccontextmanager
async def open_year(conninfo: str, folder: Path, channel: ChannelData, *, repositories: int) -> AsyncIterator[Year]:
    """Build the stage with so many *repositories*, on which the App is installed when the history of *channel* begins.

    The database has its tables, and nobody is connected to it.
    """
    later = WEEK * ((today() - BEGIN) // WEEK + 1)
    clock, history = ToldClock(BEGIN + later), _moved(channel, later)
    live_by_told_time(conninfo)
    await tell_time(conninfo, clock.now())
    then = history.as_of(clock.now())
    scenery = Scenery(
        channel=DemoChannel(ServedChannel.of("conda-forge", then)),
        calm=Calm(onboarding=False),  # everybody has said yes
        clock=clock,
        has_duties=True,
        database_url=conninfo,
    )
    async with open_stage(folder, scenery) as stage:
        files = _files(_newest(then), repositories)
        made = tuple(
            stage.github.create_repository(f"acme/lived-{number:02}", each) for number, each in enumerate(files)
        )
        await stage.github.install("acme", made)
        await stage.idle()
        yield Year(stage=stage, clock=clock, begin=clock.now(), history=history, repositories=made)


def _moved(channel: ChannelData, later: timedelta) -> ChannelData:
    """Return *channel* as if everything had been released *later*."""
    more = int(later / timedelta(milliseconds=1))
    subdirs = {
        subdir: tuple(msgspec.structs.replace(each, timestamp=each.timestamp + more) for each in records)
        for subdir, records in channel.subdirs.items()
    }
    return ChannelData(subdirs=subdirs)


def _newest(channel: ChannelData) -> dict[str, str]:
    """Return the newest version of each of the names that repositories ask for."""
    newest: dict[str, str] = {}
    for each in channel.records():
        if each.name in NAMES and (each.name not in newest or is_newer(each.version, newest[each.name])):
            newest[each.name] = each.version
    return newest


def _files(versions: Mapping[str, str], count: int) -> Iterator[Mapping[str, str]]:
    """Yield the files of *count* repositories."""
    for number in range(count):
        names = sorted(random.Random(number).sample(sorted(versions), PINS))  # noqa: S311 - the same ones each time
        if number % PIXI_EACH == PIXI_EACH - 1:
            lines = "".join(f'{name} = "{_minor(versions[name])}.*"\n' for name in names)
            yield {"pixi.toml": PIXI.format(lines=lines), "pixi.lock": LOCK}
        else:
            lines = "".join(f"  - {name}={_minor(versions[name])}\n" for name in names)
            yield {"environment.yml": ENVIRONMENT.format(lines=lines)}


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


async def _main(options: argparse.Namespace) -> None:
    history = ChannelData.demo() if options.channel is None else ground_in(options.channel).now
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_postgres(Path(folder) / "data", at_end="delete") as conninfo,
    ):
        migrate(conninfo)
        async with open_year(conninfo, Path(folder), history, repositories=options.repositories) as year:
            async for lived in year.live(options.weeks * 7):
                print(f"{lived}\n", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.year", description=__doc__)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--repositories", type=int, default=20)
    parser.add_argument("--channel", type=Path, metavar="DIR", help="a channel as files: DIR/SUBDIR/repodata.json.zst")
    asked = parser.parse_args()
    run_and_leave(lambda: sys.exit(asyncio.run(_main(asked))))
