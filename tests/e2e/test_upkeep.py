"""What happens without a push: locks are refreshed month by month, and a minor of python waits until it is ready."""

from datetime import UTC, datetime

import pytest

from bot.clock import SystemClock
from bot.demo.channel import Record, record
from bot.demo.github.repository import Repository
from tests.e2e.conftest import World, titles

PIXI_TOML = """\
[workspace]
name = "x"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
beta = "1.0.*"
"""
EMPTY_LOCK = """\
version: 6
environments:
  default:
    channels:
    - url: https://conda.anaconda.org/conda-forge/
    packages:
      linux-64: []
packages: []
"""
REFRESH = "Refresh pixi.lock"


class Calendar(SystemClock):
    """The machine's clock on another day."""

    today = datetime(2026, 11, 21, 8, tzinfo=UTC)

    def now(self) -> datetime:
        return self.today


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> type[Calendar]:
    monkeypatch.setattr(Calendar, "today", datetime(2026, 11, 21, 8, tzinfo=UTC))
    for module in ("bot.composition.service", "bot.demo.stage"):
        monkeypatch.setattr(f"{module}.SystemClock", Calendar)
    return Calendar


async def scanned(world: World, repository: Repository, calendar: type[Calendar], day: datetime) -> None:
    """The daily scan, on *day*; a push that changes nothing asks for the same."""
    calendar.today = day.replace(hour=8)
    comment = f"# {day.date()}\n{PIXI_TOML}"
    await world.pushed(repository, {"pixi.toml": comment})


async def locked(world: World) -> Repository:
    """Return a repository whose lock the bot itself has brought in step."""
    repository = await world.installed("acme/app", {"pixi.toml": PIXI_TOML, "pixi.lock": EMPTY_LOCK})
    await world.stage.github.merge(repository, 1)
    await world.stage.idle()
    await world.stage.github.close(repository, 2)
    assert titles(repository) == {}
    return repository


async def test_a_lock_is_refreshed_in_the_first_of_a_month_and_what_is_closed_waits_for_the_next(
    calendar: type[Calendar], world: World
) -> None:
    repository = await locked(world)
    world.publish(record("core", "1.5"))

    await scanned(world, repository, calendar, datetime(2026, 11, 30, tzinfo=UTC))
    before = titles(repository)
    await scanned(world, repository, calendar, datetime(2026, 12, 1, tzinfo=UTC))
    opened = titles(repository)
    [number] = opened
    pull = repository.pulls[number]
    tip = repository.head(pull.head)
    assert b"core-1.5-" in repository.read(pull.head, "pixi.lock")

    world.publish(record("core", "1.6"))
    await scanned(world, repository, calendar, datetime(2026, 12, 2, tzinfo=UTC))
    later = titles(repository)
    untouched = repository.head(pull.head) == tip
    await world.stage.github.close(repository, number)
    await scanned(world, repository, calendar, datetime(2026, 12, 1, tzinfo=UTC))
    closed = titles(repository)
    await scanned(world, repository, calendar, datetime(2027, 1, 1, tzinfo=UTC))

    assert (before, opened, closed) == ({}, {number: REFRESH}, {})
    assert (later, untouched) == ({number: REFRESH}, True)
    assert list(titles(repository).values()) == [REFRESH]
    assert "condabot/lock-maintenance-pixi-2027-01" in repository.branches()


async def test_a_record_that_is_taken_out_of_its_channel_is_replaced_at_once(
    calendar: type[Calendar], world: World
) -> None:
    repository = await locked(world)
    channel = world.stage.channel["conda-forge"]
    channel.replace(channel.data.without(lambda each: (each.name, each.version) == ("core", "1.0")))
    world.publish(record("core", "0.9"))

    await scanned(world, repository, calendar, datetime(2026, 11, 22, tzinfo=UTC))

    [number] = titles(repository)
    pull = repository.pulls[number]
    assert pull.title == REFRESH
    assert "is not, or no longer, in its channel" in (pull.body or "")
    assert b"core-0.9-" in repository.read(pull.head, "pixi.lock")
    assert repository.tree(pull.head)["pixi.toml"] == repository.tree("main")["pixi.toml"]


LONG_AGO, LATELY = 1_700_000_000_000, int(datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1000)


def python(version: str, timestamp: int) -> Record:
    return record("python", version, subdir="linux-64", timestamp=timestamp)


async def test_a_minor_of_python_is_proposed_by_itself_once_everything_is_ready_and_time_has_passed(
    calendar: type[Calendar], world: World
) -> None:
    world.publish(
        python("3.13.9", LONG_AGO), python("3.14.0", LATELY), record("gamma", "1.0", depends=["python <3.14"])
    )
    text = "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n  - python=3.13\n  - gamma ==1.0\n"
    repository = await world.installed("acme/app", {"environment.yml": text})
    blocked = world.outcomes()[-1]
    world.publish(record("gamma", "1.1", depends=["python"]))
    text = text.replace(" ==1.0", "")
    await world.pushed(repository, {"environment.yml": text})
    waiting = world.outcomes()[-1]
    calendar.today = datetime(2027, 2, 1, tzinfo=UTC)
    await world.pushed(repository, {"environment.yml": text + "\n"})

    sentence = "held back python 3.13.9: python 3.14: 0 of 1 ready, blocked by gamma ==1.0 (environment.yml:5)"
    assert sentence in blocked
    assert "held back python 3.13.9: python 3.14: 1 of 1 ready, due 2027-01-30" in waiting
    [pull] = [pull for pull in repository.pulls.values() if pull.state == "open"]
    assert (pull.title, pull.head) == ("Update python from 3.13.9 to 3.14.0", "condabot/python-3.14")
    assert b"python=3.14\n" in repository.read(pull.head, "environment.yml")
