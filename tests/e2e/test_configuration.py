"""What a repository asks for in `.github/condabot.yml`, and what other bots propose there."""

from bot.config import PATHS
from bot.demo.channel import record
from bot.demo.github.model import Account, AccountKind
from tests.e2e.conftest import AFRESH, ENVIRONMENT_YML, World, titles

PATH, OTHER = PATHS
RENOVATE = Account(login="renovate[bot]", kind=AccountKind.BOT)


async def test_a_wrong_configuration_stops_everything_until_it_is_mended(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML, PATH: "ignoreDep: [alpha]\n"})

    assert titles(repository) == {}
    assert world.outcomes()[-1] == [
        f"nothing is proposed: {PATH}:1: ignoreDep: is no setting; did you mean ignoreDeps?"
    ]

    await world.pushed(repository, {PATH: "ignoreDeps: []\n"})
    assert len(titles(repository)) == 2


async def test_everything_that_is_wrong_is_told_at_once(world: World) -> None:
    wrong = "ignoreDep: [alpha]\nlockAge: soon\n"

    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML, OTHER: wrong})

    assert titles(repository) == {}
    assert [each.partition(": must")[0] for each in world.outcomes()[-1]] == [
        f"nothing is proposed: {OTHER}:1: ignoreDep: is no setting; did you mean ignoreDeps?",
        f"nothing is proposed: {OTHER}:2: lockAge",
    ]


async def test_of_two_configurations_one_must_go(world: World) -> None:
    asked = {PATH: "ignoreDeps: [alpha]\n", OTHER: "ignoreDeps: []\n"}
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML, **asked})

    assert titles(repository) == {}
    assert world.outcomes()[-1] == [
        f"nothing is proposed: {PATH}: stands beside {OTHER}: keep one of the two, and remove one"
    ]


async def test_a_configuration_that_breaks_withdraws_nothing(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})
    before = titles(repository)

    await world.pushed(repository, {PATH: "ignoreDep: [alpha]\n"})

    assert before == titles(repository) != {}


async def test_the_last_valid_configuration_goes_on_while_one_is_wrong(world: World) -> None:
    files = {"environment.yml": ENVIRONMENT_YML, PATH: "ignoreDep: [alpha]\n"}
    repository = world.stage.github.create_repository("acme/app", files)
    valid = repository.commit("main", {PATH: "labels: [meant]\n"})
    repository.commit("main", {PATH: "lockAge: soon\n"})
    repository.commit("main", {PATH: "lockAge: later\n"})
    await world.stage.github.install("acme", [repository])
    await world.stage.idle()

    assert [pull.labels for pull in repository.pulls.values()] == [["meant"], ["meant"]]
    assert [line.partition(" must")[0] for line in world.outcomes()[-1][:2]] == [
        f"wrong in the configuration: {PATH}:1: lockAge:",
        f"the last configuration that was right, that of commit {valid[:7]}, goes on meanwhile",
    ]
    run = next(each for each in repository.check_runs.values() if each.head_sha == repository.head("main"))
    assert (run.conclusion, run.output["title"]) == (
        "failure",
        f"the configuration has 1 error: that of {valid[:7]} goes on",
    )
    assert [(each["path"], each["start_line"]) for each in run.annotations] == [(PATH, 1)]

    await world.pushed(repository, {PATH: "ignoreDeps: [alpha]\n"})
    assert titles(repository) == {}


async def test_folders_and_packages_are_ignored_as_asked(world: World) -> None:
    files = {"tests/environment.yml": ENVIRONMENT_YML, "old/environment.yml": ENVIRONMENT_YML}

    repository = await world.installed("acme/app", {**files, PATH: "ignorePaths: [old/**, '!tests/**']\n"})

    assert titles(repository) != {}
    assert "alpha=2.0" in repository.read("condabot/alpha-2.x", "tests/environment.yml").decode()
    assert "alpha=1.0" in repository.read("condabot/alpha-2.x", "old/environment.yml").decode()

    await world.pushed(repository, {PATH: "ignorePaths: [old/**, '!tests/**']\nignoreDeps: [alpha]\n"})
    assert titles(repository) == {}


async def test_a_configuration_costs_one_request_once(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML, PATH: "lockAge: 30 days\n"})
    before = len(world.stage.github.requests)

    await world.pushed(repository, {"environment.yml": f"# a comment\n{ENVIRONMENT_YML}"})

    assert len(world.read_since(before)) == 4


async def test_annotations_are_looked_for_where_the_configuration_says(world: World) -> None:
    script = "# renovate: datasource=conda depName=core\n$core = '1.0'\n"
    files = {"tools/install.ps1": script, PATH: 'annotationPaths: ["tools/*.ps1"]\n'}

    repository = await world.installed("acme/app", files)

    assert list(titles(repository).values()) == ["Update core from 1.0 to 2.0"]


async def test_what_renovate_proposes_is_left_to_it(world: World) -> None:
    repository = world.stage.github.create_repository("acme/app", {"environment.yml": ENVIRONMENT_YML})
    repository.commit("renovate/alpha-2.x", {"environment.yml": ENVIRONMENT_YML.replace("alpha=1.0", "alpha=2.0")})
    theirs = await world.stage.github.open_pull_request(
        repository, title="Update dependency alpha to v2", head="renovate/alpha-2.x", author=RENOVATE
    )
    await world.stage.github.install("acme", [repository])
    await world.stage.idle()

    assert list(titles(repository)) == [theirs.number]
    assert any("pull request 1 of renovate is open for it" in line for line in world.outcomes()[-1])
    assert sum("leave each file to one of them" in line for line in world.outcomes()[-1]) == 1

    await world.stage.github.close(repository, theirs.number)
    await world.pushed(repository, {"environment.yml": f"# a comment\n{ENVIRONMENT_YML}"})
    assert len(titles(repository)) == 2


async def test_pull_requests_are_labelled_and_given_to_people_as_the_configuration_says(world: World) -> None:
    files = {"environment.yml": ENVIRONMENT_YML, PATH: "labels: [dependencies]\nreviewers: [nobody-there]\n"}

    repository = await world.installed("acme/app", files)

    assert [sorted(pull.labels) for pull in repository.pulls.values()] == [["dependencies"], ["dependencies"]]
    refused = [line for line in world.outcomes()[0] if "did not get its reviewers" in line]
    assert len(refused) == len(repository.pulls)


async def test_the_code_owners_are_asked_where_somebody_wants_that(world: World) -> None:
    owned = {"environment.yml": ENVIRONMENT_YML, "CODEOWNERS": "*.yml @octo\n*.lock @hubot\n"}
    repository = world.stage.github.create_repository("acme/app", {**owned, PATH: "reviewersFromCodeOwners: true\n"})
    repository.collaborators["octo"] = "write"
    await world.stage.github.install("acme", [repository])
    await world.stage.idle()

    assert [pull.requested_reviewers for pull in repository.pulls.values()] == [["octo"], ["octo"]]


async def test_branches_are_called_as_the_repository_wants_and_those_that_are_there_stay(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})
    before = {pull.head for pull in repository.pulls.values()}

    await world.pushed(repository, {PATH: "branchPrefix: deps/conda-\n"})
    assert {pull.head for pull in repository.pulls.values() if pull.state == "open"} == before

    merged = next(pull for pull in repository.pulls.values() if pull.head == "condabot/alpha-2.x")
    await world.stage.github.merge(repository, merged.number)
    await world.stage.idle()
    world.publish(record("alpha", "3.0", depends=["core"], timestamp=AFRESH))
    await world.wanted(repository)
    assert {pull.head for pull in repository.pulls.values() if pull.state == "open"} == {"deps/conda-alpha-3.x"}


async def test_titles_and_signatures_are_as_people_write_them(world: World) -> None:
    repository = world.stage.github.create_repository("acme/app", {"environment.yml": ENVIRONMENT_YML})
    signed = "feat: a part\n\nSigned-off-by: Octo Cat <octo@files.example>\n"
    for number in range(3):
        repository.commit("main", {"README.md": str(number)}, message=signed)
    await world.stage.github.install("acme", [repository])
    await world.stage.idle()

    assert {title.partition(" ")[0] for title in titles(repository).values()} == {"chore(deps):"}
    messages = [repository.git.commit(pull.head_sha).message for pull in repository.pulls.values()]
    bot = world.stage.github.app.bot
    assert {message.rstrip().rpartition("\n")[2] for message in messages} == {
        f"Signed-off-by: {bot.login} <{bot.id}+{bot.login}@users.noreply.127.0.0.1>"
    }
