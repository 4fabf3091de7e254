"""What people ask for in pull requests, from the comment to the answer."""

import psycopg
import pytest

from bot.demo.github.model import Account, PullRequest
from bot.demo.github.repository import Repository
from tests.e2e.conftest import ENVIRONMENT_YML, World

MANIFEST = {"environment.yml": ENVIRONMENT_YML}


async def opened(world: World) -> tuple[Repository, PullRequest]:
    """Return a repository with pull requests of the bot, and the one that moves `alpha` alone."""
    repository = await world.installed("acme/app", MANIFEST)
    pull = next(each for each in repository.pulls.values() if "alpha" in each.title)
    return repository, pull


def answers(pull: PullRequest) -> list[str]:
    return [each.body for each in pull.comments if each.author.login == "condabot[bot]"]


def reactions(pull: PullRequest) -> list[list[str]]:
    return [[each.content for each in comment.reactions] for comment in pull.comments]


def parents(repository: Repository, commit: str) -> list[str]:
    return [str(each.id) for each in repository.git.commit(commit).parents]


async def says(world: World, repository: Repository, pull: PullRequest, said: str, who: str = "maintainer") -> None:
    await world.stage.github.acting_as(who).comment(repository, pull.number, said)
    await world.stage.idle()


async def test_help_is_answered_once_below_a_reaction(world: World) -> None:
    repository, pull = await opened(world)

    await says(world, repository, pull, "/condabot what?")

    assert reactions(pull) == [["eyes"], []]
    assert "There is no command `what?`" in answers(pull)[0]
    assert "@" not in answers(pull)[0]


@pytest.mark.interrupted  # nothing is written, with a token that may
async def test_who_may_not_write_gets_a_face_and_nothing_else(world: World) -> None:
    repository, pull = await opened(world)

    for role in ("read", "triage"):
        repository.collaborators["stranger"] = role
        await says(world, repository, pull, "/condabot ignore", who="stranger")

        assert (reactions(pull)[-1], answers(pull), pull.state) == (["confused"], [], "open")
        assert world.outcomes()[-1] == ["not done: who asked may not write to this repository"]


async def test_who_may_write_is_heard(world: World) -> None:
    repository, pull = await opened(world)

    for heard, role in enumerate(("write", "maintain", "admin"), start=1):
        repository.collaborators["ada"] = role
        await says(world, repository, pull, "/condabot help", who="ada")

        assert reactions(pull).count(["eyes"]) == heard


async def test_a_comment_that_is_told_of_again_is_answered_once(world: World) -> None:
    repository, pull = await opened(world)
    await says(world, repository, pull, "/condabot help")
    delivery = next(each for each in world.stage.github.deliveries if each.event == "issue_comment")

    await world.stage.github.redeliver(delivery.id)
    await world.stage.idle()

    assert len(answers(pull)) == 1
    assert world.outcomes()[-1] == ["answered before"]


async def test_an_edit_asks_for_nothing_and_neither_does_an_issue(world: World) -> None:
    repository, pull = await opened(world)
    github, before = world.stage.github, len(world.outcomes())
    person = github.acting_as("maintainer")
    comment = await person.comment(repository, pull.number, "hello")
    await person.edit_comment(repository, comment, "/condabot ignore")
    issue = await person.open_issue(repository, "A question")
    await person.comment(repository, issue.number, "/condabot ignore")
    await world.stage.idle()

    assert len(world.outcomes()) == before
    assert pull.state == "open"


async def test_what_is_asked_for_while_nobody_works_waits(world: World) -> None:
    repository, pull = await opened(world)
    await _pause(world, on=True)
    await says(world, repository, pull, "/condabot help")
    assert answers(pull) == []

    await _pause(world, on=False)
    await world.stage.idle()
    assert len(answers(pull)) == 1


async def test_ignore_closes_and_means_not_this_version(world: World) -> None:
    repository, pull = await opened(world)

    await says(world, repository, pull, "/condabot ignore package")
    await world.wanted(repository)

    assert pull.state == "closed"
    assert "Closed: not this version of alpha" in answers(pull)[0]
    assert "ignoreDeps:\n  - alpha" in answers(pull)[0]
    assert [each.number for each in repository.pulls.values() if each.title == pull.title] == [pull.number]


async def test_rebuild_makes_it_afresh_on_its_base(world: World) -> None:
    repository, pull = await opened(world)
    await world.pushed(repository, {"README.md": "hello"})
    tip = repository.head("main")
    assert parents(repository, pull.head_sha) != [tip]

    await says(world, repository, pull, "/condabot rebuild")

    assert parents(repository, pull.head_sha) == [tip]
    assert "made afresh on `main`" in answers(pull)[0]


async def test_rebuild_touches_nothing_that_people_have_pushed(world: World) -> None:
    repository, pull = await opened(world)
    await world.stage.github.acting_as("ada").commit(repository, pull.head, {"more.txt": "mine"})
    before = pull.head_sha

    await says(world, repository, pull, "/condabot rebuild")

    assert pull.head_sha == before
    assert "what people push is never overwritten" in answers(pull)[0]


async def test_of_a_persons_own_it_is_said_what_these_are_for(world: World) -> None:
    repository = await world.installed("acme/app", MANIFEST)
    person = world.stage.github.acting_as("maintainer")
    await person.commit(repository, "topic", {"README.md": "hello"})
    pull = await person.open_pull_request(repository, title="A change", head="topic")

    for said, words in (("rebuild", "makes condabot's own"), ("ignore", "declines what condabot")):
        await says(world, repository, pull, f"/condabot {said}")

        assert words in answers(pull)[-1]
        assert pull.state == "open"


async def test_a_comment_that_is_gone_hurts_nothing(world: World) -> None:
    repository, pull = await opened(world)
    await _pause(world, on=True)
    person = world.stage.github.acting_as("maintainer")
    comment = await person.comment(repository, pull.number, "/condabot help")
    await person.delete_comment(repository, comment)
    await _pause(world, on=False)
    await world.stage.idle()

    assert len(answers(pull)) == 1


async def test_a_bot_is_not_heard(world: World) -> None:
    repository, pull = await opened(world)
    before = len(world.outcomes())
    bot = world.stage.github.other_app("renovate").bot
    person = world.stage.github.acting_as("maintainer")
    person.account = Account(login=bot.login, kind=bot.kind)
    await person.comment(repository, pull.number, "/condabot ignore")
    await world.stage.idle()

    assert (len(world.outcomes()), pull.state) == (before, "open")


async def _pause(world: World, *, on: bool) -> None:
    async with await psycopg.AsyncConnection.connect(world.stage.conninfo) as connection:
        await connection.execute("UPDATE installation SET paused = %s", (on,))


async def test_explain_says_why_a_package_is_not_newer(world: World) -> None:
    repository, pull = await opened(world)

    await says(world, repository, pull, "/condabot explain Alpha")
    await says(world, repository, pull, "/condabot explain nothing-like-it")

    assert answers(pull)[0].startswith("`alpha` on `main`:")
    assert "| `environment.yml:6` (default) | `=1.0` | `1.0` | `2.0` | `2.0` | it can be moved |" in answers(pull)[0]
    assert "No line of a manifest asks for `nothing-like-it`" in answers(pull)[1]
