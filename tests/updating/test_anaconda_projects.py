"""A project of anaconda-project, from its files to what is proposed: each env spec is solved as an environment."""

from bot.model.report import ScanReport, Standing
from tests.planning.toy import record
from tests.updating.toy import Toy, scanner

ALPHA = tuple(record("alpha", version) for version in ("1.0", "1.1", "2.0"))
CORE = tuple(record("core", version) for version in ("1.0", "1.1"))
BETA = record("beta", "1.0", "core <1.1")

PATH = "anaconda-project.yml"
LOCK = "anaconda-project-lock.yml"
PROJECT = """\
# Two environments.
packages:
 - core=1.0      # of both
channels: [conda-forge]
platforms: [linux-64]
env_specs:
  app:
    packages: ["alpha=1.0"]
  test:
    inherit_from: [app]
    packages:
      - alpha=1.1   # stands in for the other
  held:
    packages: [beta]
"""


async def scanned(project: str = PROJECT, **locks: str) -> ScanReport:
    files = {PATH: project.encode()} | ({LOCK: locks["lock"].encode()} if locks else {})
    return await scanner(Toy(*ALPHA, *CORE, BETA)).scan_at_once(files, [])


async def test_updates_are_found_for_each_env_spec_and_written_where_it_says_so() -> None:
    [proposal] = (await scanned()).proposals

    assert proposal.files == {PATH: PROJECT.replace('"alpha=1.0"', '"alpha=2.0"').replace("alpha=1.1 ", "alpha=2.0 ")}


async def test_every_line_says_in_which_env_specs_it_counts() -> None:
    report = await scanned()

    assert report.problems == ()
    assert [(each.name, each.line, each.environments, each.standing) for each in report.statuses] == [
        ("core", 3, ("app", "held", "test"), Standing.HELD_BACK),
        ("alpha", 8, ("app",), Standing.UPDATE),
        ("alpha", 12, ("test",), Standing.UPDATE),
        ("beta", 14, ("held",), Standing.LEFT_ALONE),
    ]


async def test_after_the_update_there_is_nothing_left() -> None:
    [proposal] = (await scanned()).proposals

    assert (await scanned(proposal.files[PATH])).proposals == ()


async def test_what_is_locked_stays_and_says_so_and_the_rest_moves() -> None:
    report = await scanned(lock="locking_enabled: false\nenv_specs: {held: {locked: true}}\n")

    assert [each.files for each in report.proposals] == [each.files for each in (await scanned()).proposals]
    sentence = 'foreign-lock: "anaconda-project-lock.yml" locks "held", and condabot does not write such locks'
    assert {each.name: each.reason for each in report.statuses if each.standing is Standing.LEFT_ALONE} == {
        "core": sentence,
        "beta": sentence,
    }


async def test_a_project_that_is_locked_as_a_whole_gets_no_proposal() -> None:
    assert (await scanned(lock="locking_enabled: true\n")).proposals == ()


async def test_a_lock_that_cannot_be_read_holds_the_project_and_is_named() -> None:
    report = await scanned(lock="env_specs: [\n")

    assert report.proposals == ()
    [problem] = report.problems
    assert problem.path == LOCK
    assert problem.sentence.endswith(f"; until then {PATH} stays as it is")
