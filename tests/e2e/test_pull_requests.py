"""From a push to a pull request, and what becomes of it."""

import asyncio
from pathlib import Path

import pytest

from bot.demo.channel import record
from bot.demo.github.repository import Repository
from tests.e2e.conftest import AFRESH, ENVIRONMENT_YML, World, titles

ALPHA_2 = {1: "Update alpha from 1.0 to 1.1", 2: "Update alpha from 1.0 to 2.0"}


async def test_an_installation_opens_pull_requests_that_change_only_the_version(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML, "README.md": "hello"})

    assert titles(repository) == ALPHA_2
    after = repository.read("condabot/alpha-2.x", "environment.yml").decode()
    assert after == ENVIRONMENT_YML.replace("alpha=1.0", "alpha=2.0")
    assert repository.tree("condabot/alpha-2.x").keys() == repository.tree("main").keys()


async def test_a_commit_of_the_bot_is_verified_and_has_one_parent(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})

    assert repository.head("condabot/alpha-2.x") in repository.verified
    assert _parents(repository, "condabot/alpha-2.x") == [repository.head("main")]


async def test_another_look_at_the_same_commit_asks_github_three_times(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})
    before = len(world.stage.github.requests)

    await world.wanted(repository)

    assert world.asked_since(before) == ["apps/create-installation-access-token", "graphql", "git/get-tree"]
    assert titles(repository) == ALPHA_2


async def test_a_push_that_changes_nothing_has_its_check_beside_the_new_commit(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})
    before = len(world.stage.github.requests)

    await world.pushed(repository, {"environment.yml": "# a comment far away\n\n\n" + ENVIRONMENT_YML})

    assert world.asked_since(before)[4:] == [
        "apps/create-installation-access-token",
        "checks/list-for-ref",
        "checks/create",
        "apps/revoke-installation-access-token",
    ]
    shown = [
        each.output["title"] for each in repository.check_runs.values() if each.head_sha == repository.head("main")
    ]
    assert shown == ["2 pull requests open"]
    assert titles(repository) == ALPHA_2


async def test_a_push_that_touches_nothing_relevant_asks_github_nothing(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})
    before = len(world.stage.github.requests)

    await world.pushed(repository, {"src/main.py": "print()\n"})

    assert world.asked_since(before) == []


async def test_a_real_git_push_to_the_bare_repository_wakes_the_bot(world: World, tmp_path: Path) -> None:
    repository = await world.installed("acme/app", {"README.md": "nothing here yet"})
    clone = tmp_path / "clone"
    await _git("clone", "--quiet", str(repository.path), str(clone))
    (clone / "environment.yml").write_text(ENVIRONMENT_YML)
    await _git("-C", str(clone), "add", ".")
    await _git("-C", str(clone), "commit", "--quiet", "-m", "An environment")

    await _git("-C", str(clone), "push", "--quiet", "origin", "main")
    await world.stage.idle()

    assert titles(repository) == ALPHA_2


async def test_a_newer_release_refreshes_the_pull_request_it_belongs_to(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})
    world.publish(record("alpha", "2.1"))

    await world.pushed(repository, {"environment.yml": ENVIRONMENT_YML + "\n"})

    assert titles(repository) == {1: "Update alpha from 1.0 to 1.1", 2: "Update alpha from 1.0 to 2.1"}
    assert "alpha=2.1" in repository.read("condabot/alpha-2.x", "environment.yml").decode()


async def test_a_persons_commit_on_a_bot_branch_is_never_overwritten(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})
    repository.commit("condabot/alpha-2.x", {"fix.py": "1\n"}, message="Make it work with alpha 2")
    tip = repository.head("condabot/alpha-2.x")
    world.publish(record("alpha", "2.1"))

    await world.pushed(repository, {"environment.yml": ENVIRONMENT_YML + "\n"})

    assert repository.head("condabot/alpha-2.x") == tip
    assert repository.pulls[2].title == "Update alpha from 1.0 to 2.0"
    assert "hands off condabot/alpha-2.x: a person has committed to it" in world.outcomes()[-1]


async def test_a_branch_that_a_person_worked_on_is_used_again_once_that_is_merged(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})
    repository.commit("condabot/alpha-2.x", {"fix.py": "1\n"}, message="Make it work with alpha 2")
    await world.stage.github.merge(repository, 2)
    world.publish(record("alpha", "2.1"))

    await world.pushed(repository, {"README.md": "Works with alpha 2.\n"})
    await world.wanted(repository)

    [again] = [pull for pull in repository.pulls.values() if pull.title == "Update alpha from 2.0 to 2.1"]
    assert again.head == "condabot/alpha-2.x"
    assert (repository.read("main", "fix.py"), repository.read(again.head, "fix.py")) == (b"1\n", b"1\n")


@pytest.mark.interrupted
async def test_a_person_who_pushes_while_the_bot_writes_keeps_the_branch(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})
    world.publish(record("alpha", "2.1"))

    def push_meanwhile(_: int, __: str, path: str) -> None:
        if path.endswith("/git/commits"):
            world.stage.github.after_write = None
            repository.commit("condabot/alpha-2.x", {"fix.py": "1\n"}, message="Just in time")

    world.stage.github.after_write = push_meanwhile
    await world.pushed(repository, {"environment.yml": ENVIRONMENT_YML + "\n"})

    assert repository.read("condabot/alpha-2.x", "fix.py") == b"1\n"
    assert any(each.startswith("hands off condabot/alpha-2.x") for each in world.outcomes()[-1])


async def test_what_was_closed_and_would_be_written_alike_gives_its_place_to_the_next(world: World) -> None:
    text = "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n  - gamma=1\n  - delta=1\n"
    for name, built in (("gamma", AFRESH), ("delta", AFRESH + 10**9)):
        world.publish(record(name, "1.0", timestamp=AFRESH), record(name, "2.0", timestamp=built))
    files = {"environment.yml": text, ".github/condabot.yml": "prConcurrentLimit: 1\n"}
    repository = await world.installed("acme/app", files)
    opened = titles(repository)
    await world.stage.github.close(repository, 1)
    world.publish(record("gamma", "2.1", timestamp=AFRESH))

    await world.wanted(repository)

    assert opened == {1: "Update gamma from 1.0 to 2.0"}
    assert titles(repository) == {2: "Update delta from 1.0 to 2.0"}


async def test_a_closed_pull_request_is_not_opened_again_until_there_is_something_newer(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})
    await world.stage.github.close(repository, 2)

    await world.pushed(repository, {"environment.yml": ENVIRONMENT_YML + "\n"})
    still = titles(repository)
    world.publish(record("alpha", "2.1"))
    await world.pushed(repository, {"environment.yml": ENVIRONMENT_YML + "\n\n"})

    assert still == {1: "Update alpha from 1.0 to 1.1"}
    assert titles(repository)[3] == "Update alpha from 1.0 to 2.1"


async def test_what_nothing_proposes_any_more_is_withdrawn_and_may_come_again(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})

    await world.pushed(repository, {"environment.yml": ENVIRONMENT_YML.replace("  - alpha=1.0  # first\n", "")})
    gone = titles(repository)
    await world.pushed(repository, {"environment.yml": ENVIRONMENT_YML})

    assert gone == {}
    assert sorted(titles(repository).values()) == sorted(ALPHA_2.values())


UNREADABLE = {
    "no YAML": ENVIRONMENT_YML.replace("  - alpha", "  -alpha: ["),
    "a key that nobody knows": ENVIRONMENT_YML.replace("dependencies:", "dependancies:"),
    "a mapping": ENVIRONMENT_YML.replace("  - ", "    ").replace("=", ": "),
    "a template": ENVIRONMENT_YML.replace("name: small", "{% if x %}\nname: small\n{% endif %}"),
    "a merge key": f"<<: {{name: x}}\n{ENVIRONMENT_YML}",
    "a pointer of Git LFS": "version https://git-lfs.github.com/spec/v1\n",
    "nothing": "",
    "too much": f"{ENVIRONMENT_YML}{'# long' * 100_000}\n",
}


async def test_a_push_after_which_a_manifest_cannot_be_read_withdraws_nothing(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})

    for what, text in UNREADABLE.items():
        await world.pushed(repository, {"environment.yml": text})
        meanwhile = titles(repository)
        await world.pushed(repository, {"environment.yml": ENVIRONMENT_YML})

        assert (what, meanwhile, titles(repository)) == (what, ALPHA_2, ALPHA_2)


async def test_a_merge_makes_the_sibling_that_conflicts_afresh(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})

    await world.stage.github.merge(repository, 1)
    await world.stage.idle()

    assert titles(repository) == {2: "Update alpha from 1.1 to 2.0"}
    assert _parents(repository, "condabot/alpha-2.x") == [repository.head("main")]


async def test_forks_archives_and_templates_are_left_alone(world: World) -> None:
    for setting in ("archived", "fork", "is_template"):
        repository = world.stage.github.create_repository(f"{setting}/app", {"environment.yml": ENVIRONMENT_YML})
        setattr(repository, setting, True)

        await world.stage.github.install(setting, [repository])
        await world.stage.idle()

        assert titles(repository) == {}
        assert world.outcomes()[-1][0].startswith("left alone: the repository is")


def _parents(repository: Repository, branch: str) -> list[str]:
    tip = repository.head(branch)
    assert tip is not None
    return [str(parent) for parent in repository.git.commit(tip).parent_ids]


async def _git(*arguments: str) -> None:
    """Run the git program as a person does."""
    git = await asyncio.create_subprocess_exec("git", "-c", "user.name=A", "-c", "user.email=a@example.com", *arguments)
    assert await git.wait() == 0
