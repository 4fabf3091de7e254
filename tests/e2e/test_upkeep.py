"""What happens without a push: locks are refreshed month by month, and a minor of python waits until it is ready."""

from datetime import UTC, datetime

from bot.demo.channel import Record, record
from bot.demo.github.repository import Repository
from tests.e2e.conftest import Living, titles

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


async def scanned(living: Living, repository: Repository, day: datetime) -> None:
    """The daily scan, on *day*; a push that changes nothing asks for the same."""
    await living.comes(day)
    await living.pushed(repository, {"pixi.toml": f"# {day}\n{PIXI_TOML}"})


async def locked(world: Living) -> Repository:
    """Return a repository whose lock the bot itself has brought in step."""
    repository = await world.installed("acme/app", {"pixi.toml": PIXI_TOML, "pixi.lock": EMPTY_LOCK})
    await world.stage.github.merge(repository, 1)
    await world.stage.idle()
    await world.stage.github.close(repository, 2)
    assert titles(repository) == {}
    return repository


async def test_a_lock_is_refreshed_in_the_first_of_a_month_and_what_is_closed_waits_for_the_next(
    living: Living,
) -> None:
    repository = await locked(living)
    living.publish(record("core", "1.5"))

    await scanned(living, repository, datetime(2026, 6, 30, 8, tzinfo=UTC))
    before = titles(repository)
    await scanned(living, repository, datetime(2026, 7, 1, 8, tzinfo=UTC))
    opened = titles(repository)
    [number] = opened
    pull = repository.pulls[number]
    assert b"core-1.5-" in repository.read(pull.head, "pixi.lock")
    await living.stage.github.close(repository, number)
    await scanned(living, repository, datetime(2026, 7, 1, 12, tzinfo=UTC))
    closed = titles(repository)

    await scanned(living, repository, datetime(2026, 8, 1, 8, tzinfo=UTC))
    again = titles(repository)
    tip = repository.head("condabot/lock-maintenance-pixi-2026-08")
    living.publish(record("core", "1.6"))
    await scanned(living, repository, datetime(2026, 8, 2, 8, tzinfo=UTC))

    assert (before, opened, closed) == ({}, {number: REFRESH}, {})
    assert list(again.values()) == [REFRESH]
    assert titles(repository) == again
    assert tip
    assert repository.head("condabot/lock-maintenance-pixi-2026-08") == tip


async def test_a_record_that_is_taken_out_of_its_channel_is_replaced_at_once(living: Living) -> None:
    repository = await locked(living)
    channel = living.stage.channel["conda-forge"]
    channel.replace(channel.data.without(lambda each: (each.name, each.version) == ("core", "1.0")))
    living.publish(record("core", "0.9"))

    await scanned(living, repository, datetime(2026, 6, 17, 8, tzinfo=UTC))

    [number] = titles(repository)
    pull = repository.pulls[number]
    assert pull.title == REFRESH
    assert "is not, or no longer, in its channel" in (pull.body or "")
    assert b"core-0.9-" in repository.read(pull.head, "pixi.lock")
    assert repository.read(pull.head, "pixi.toml") == PIXI_TOML.encode()


LONG_AGO, LATELY = 1_700_000_000_000, int(datetime(2026, 6, 1, tzinfo=UTC).timestamp() * 1000)


def python(version: str, timestamp: int) -> Record:
    return record("python", version, subdir="linux-64", timestamp=timestamp)


async def test_a_minor_of_python_is_proposed_by_itself_once_everything_is_ready_and_time_has_passed(
    living: Living,
) -> None:
    living.publish(
        python("3.13.9", LONG_AGO), python("3.14.0", LATELY), record("gamma", "1.0", depends=["python <3.14"])
    )
    text = "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n  - python=3.13\n  - gamma ==1.0\n"
    repository = await living.installed("acme/app", {"environment.yml": text})
    blocked = living.outcomes()[-1]
    living.publish(record("gamma", "1.1", depends=["python"]))
    text = text.replace(" ==1.0", "")
    await living.pushed(repository, {"environment.yml": text})
    waiting = living.outcomes()[-1]
    await living.comes(datetime(2026, 9, 2, tzinfo=UTC))
    await living.pushed(repository, {"environment.yml": text + "\n"})

    sentence = "held back python 3.13.9: python 3.14: 0 of 1 ready, blocked by gamma ==1.0 (environment.yml:5)"
    assert sentence in blocked
    assert "held back python 3.13.9: python 3.14: 1 of 1 ready, due 2026-08-30" in waiting
    [pull] = [pull for pull in repository.pulls.values() if pull.state == "open"]
    assert (pull.title, pull.head) == ("Update python from 3.13.9 to 3.14.0", "condabot/python-3.14")
    assert b"python=3.14\n" in repository.read(pull.head, "environment.yml")
