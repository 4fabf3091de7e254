"""Pull requests that merge by themselves, in each of the ways in which that can be."""

from datetime import timedelta

from bot.config import PATHS
from bot.demo.channel import record
from bot.demo.github.model import MergeMethod, PullRequest
from bot.demo.github.repository import Repository
from tests.e2e.conftest import AFRESH, Living, World, titles
from tests.e2e.test_upkeep import EMPTY_LOCK, PIXI_TOML

CONFIGURATION = {PATHS[0]: "automerge: true\n"}
PIXI = PIXI_TOML.replace("1.0.*", ">=1.0,<2")
TITLE = "Update beta from 1.1 to 1.2"


async def proposed(
    world: World, *, queue: bool = False, automatic: bool = True, required: tuple[str, ...] = ()
) -> Repository:
    """Return a repository where a pull request may merge by itself; what it requires is required from then on."""
    repository = await world.installed("acme/app", {"pixi.toml": PIXI, "pixi.lock": EMPTY_LOCK, **CONFIGURATION})
    await world.stage.github.merge(repository, 1)
    await world.stage.idle()
    assert titles(repository) == {}
    repository.required_checks, repository.merge_queue, repository.allow_auto_merge = required, queue, automatic
    world.publish(record("beta", "1.2", depends=["core <2"], timestamp=AFRESH))
    await world.wanted(repository)
    assert list(titles(repository).values()) == [TITLE]
    return repository


def the_one(repository: Repository) -> PullRequest:
    return next(pull for pull in repository.pulls.values() if pull.title == TITLE)


async def green(world: World, repository: Repository, sha: str) -> None:
    """The tests of the repository succeed on a commit, and the bot has done its work."""
    await world.stage.github.other_app().check(repository, sha, "test", "success")
    await world.stage.idle()


async def test_github_merges_it_once_what_is_required_is_green(world: World) -> None:
    repository = await proposed(world, required=("test",))
    pull = the_one(repository)

    assert pull.auto_merge is not None
    assert (pull.auto_merge.method, pull.auto_merge.enabled_by) == (MergeMethod.SQUASH, world.stage.github.app.bot)
    assert pull.auto_merge.headline == f"{TITLE} (#{pull.number})"
    assert pull.auto_merge.body == "beta: 1.1 -> 1.2"
    assert "Merges by itself once all required checks are green" in (pull.body or "")
    assert any(line.startswith(f"merges by itself #{pull.number}") for line in world.outcomes()[-1])

    await green(world, repository, pull.head_sha)
    assert pull.merged_at
    assert repository.git.commit(repository.head("main") or "").message.startswith(f"{TITLE} (#{pull.number})")


async def test_the_bot_merges_it_where_github_does_not_wait(world: World) -> None:
    repository = await proposed(world, required=("test",), automatic=False)
    pull = the_one(repository)
    assert pull.merged_at is None

    await world.stage.github.other_app().check(repository, pull.head_sha, "test", "failure")
    await world.wanted(repository)
    assert pull.merged_at is None

    await green(world, repository, pull.head_sha)
    assert pull.merged_at
    assert pull.merged_by == world.stage.github.app.bot
    assert any(line == f"merged #{pull.number}: {TITLE}" for outcomes in world.outcomes() for line in outcomes)


async def test_the_queue_merges_it_where_there_is_one(world: World) -> None:
    repository = await proposed(world, queue=True, automatic=False, required=("test",))
    pull = the_one(repository)

    await green(world, repository, pull.head_sha)
    [entry] = repository.queue
    assert (entry.number, entry.enqueuer) == (pull.number, world.stage.github.app.bot)

    await green(world, repository, entry.head_sha)
    assert pull.merged_at


async def test_what_fails_in_the_queue_is_not_put_there_again(world: World) -> None:
    repository = await proposed(world, queue=True, automatic=False, required=("test",))
    pull = the_one(repository)
    await green(world, repository, pull.head_sha)
    [entry] = repository.queue
    await world.stage.github.other_app().check(repository, entry.head_sha, "test", "failure")
    await world.wanted(repository)

    assert repository.queue == []
    assert any("somebody took back that it merges by itself" in line for line in world.outcomes()[-1])


async def test_a_push_of_a_person_takes_it_back(world: World) -> None:
    repository = await proposed(world, required=("test",))
    pull = the_one(repository)
    repository.commit(pull.head, {"pixi.toml": f"# mine\n{PIXI}"}, message="A person's commit")
    await world.stage.idle()

    assert pull.auto_merge is None
    assert any("any more" in line and "a person has committed to it" in line for line in world.outcomes()[-1])


async def test_what_a_person_took_back_stays_so(world: World) -> None:
    repository = await proposed(world, required=("test",))
    pull = the_one(repository)
    pull.auto_merge = None
    await world.wanted(repository)

    assert pull.auto_merge is None
    assert any("somebody took back" in line for line in world.outcomes()[-1])


async def test_where_nobody_tests_nothing_merges(living: Living) -> None:
    repository = await proposed(living)
    pull = the_one(repository)
    await living.passes(timedelta(hours=2))

    assert pull.merged_at is None
    assert any("no check has reported but condabot's own" in line for line in living.outcomes()[-1])


async def test_where_nothing_is_required_the_bot_gives_checks_the_time_to_begin(living: Living) -> None:
    repository = await proposed(living)
    pull = the_one(repository)
    await green(living, repository, pull.head_sha)
    assert pull.merged_at is None

    await living.passes(timedelta(hours=2))
    assert pull.merged_at


async def test_what_may_not_merge_by_itself_says_why(world: World) -> None:
    repository = await proposed(world, required=("test",))
    pull = the_one(repository)
    world.publish(record("new", "1.0", timestamp=AFRESH), record("beta", "1.3", depends=["new"], timestamp=AFRESH))
    await world.wanted(repository)

    assert pull.title == "Update beta from 1.1 to 1.3"
    assert pull.auto_merge is None
    assert "Does not merge by itself: new comes in." in (pull.body or "")
