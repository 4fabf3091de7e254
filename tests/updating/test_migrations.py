"""A minor of python in a scan: said until it is offered, then a pull request of its own; asked for, at once."""

from dataclasses import replace
from datetime import timedelta

from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.model.report import ScanReport, Standing
from bot.model.solve import NotSolved, SolveRequest, SolveResult
from tests.planning.toy import LINUX, record
from tests.updating.test_scan import encoded, keys
from tests.updating.toy import Toy, scanner

OLD, NEXT = record("python", "3.13.9"), record("python", "3.14.0")
READY = record("alpha", "1.0", "python >=3.9")
PINNED, NEWER = record("sqlalchemy", "2.0.40", "python <3.14"), record("sqlalchemy", "2.0.45", "python")
ENVIRONMENT_YML = """\
name: app
channels: [conda-forge]
platforms: [linux-64, osx-arm64]
dependencies:
  - python=3.13
  - alpha
  - sqlalchemy ==2.0.40
"""
LOOSE = ENVIRONMENT_YML.replace(" ==2.0.40", "")
BLOCKED = "python 3.14: 1 of 2 ready, blocked by sqlalchemy ==2.0.40 (environment.yml:7)"


async def scanned(text: str, *records: Record) -> ScanReport:
    return await scanner(Toy(OLD, READY, PINNED, NEWER, *records)).scan(encoded({"environment.yml": text}), {})


async def test_the_line_of_python_says_what_blocks_the_next_minor() -> None:
    report = await scanned(ENVIRONMENT_YML, NEXT)

    python = report.statuses[0]
    assert (python.standing, python.newest, python.reason) == (Standing.HELD_BACK, "3.14.0", BLOCKED)
    assert [(each.minor, each.ready, each.total, each.offered) for each in report.migrations] == [("3.14", 1, 2, False)]
    assert BLOCKED in [each.sentence for each in report.held_back]
    assert "python-3.14" not in keys(report)


async def test_each_workspace_has_its_own_reason() -> None:
    files = {"environment.yml": ENVIRONMENT_YML, "docs/environment.yml": ENVIRONMENT_YML.replace("  - alpha\n", "")}

    report = await scanner(Toy(OLD, NEXT, READY, PINNED)).scan(encoded(files), {})

    reasons = {each.manifest: each.reason for each in report.statuses if each.name == "python"}
    assert reasons == {
        "environment.yml": BLOCKED,
        "docs/environment.yml": "python 3.14: 0 of 1 ready, blocked by sqlalchemy ==2.0.40 (docs/environment.yml:6)",
    }


async def test_a_minor_that_is_ready_everywhere_is_a_pull_request_of_its_own() -> None:
    report = await scanned(LOOSE, NEXT)

    [proposal] = report.proposals
    assert (proposal.plan.key, proposal.files) == ("python-3.14", {"environment.yml": LOOSE.replace("3.13", "3.14")})
    assert proposal.platforms == ("linux-64", "osx-arm64")
    assert [each.offered for each in report.migrations] == [True]
    assert report.statuses[0].standing is Standing.UPDATE


async def test_a_minor_that_is_not_built_for_a_platform_is_not_even_counted() -> None:
    here = replace(NEXT, subdir=LINUX)

    report = await scanned(LOOSE, here)

    assert report.migrations == ()
    assert report.statuses[0].reason == "python 3.14.0 is not (yet) built for osx-arm64"


class Halting(Toy):
    """A solver that gives no verdict on python 3.14."""

    async def solve(self, request: SolveRequest) -> SolveResult:
        if any("3.14" in spec for spec in request.specs):
            return NotSolved(reason="It took too long.")
        return await super().solve(request)


async def test_what_was_not_judged_is_a_problem_so_that_it_is_tried_again() -> None:
    report = await scanner(Halting(OLD, NEXT, READY, NEWER)).scan(encoded({"environment.yml": LOOSE}), {})

    assert [str(each) for each in report.problems] == ["environment.yml: python 3.14 was not judged: It took too long"]


YOUNG = record("python", "3.14.0", age=timedelta(days=30))


async def test_waiting_is_said_with_the_day() -> None:
    report = await scanned(LOOSE, YOUNG)

    assert report.proposals == ()
    assert report.statuses[0].reason == "python 3.14: 2 of 2 ready, due 2027-01-01"


async def test_who_asks_for_python_gets_the_newest_minor_that_solves_without_waiting() -> None:
    newest = record("python", "3.15.0")
    until = record("alpha", "1.0", "python >=3.9,<3.15")
    toy = Toy(OLD, YOUNG, newest, until, NEWER)

    report = await scanner(toy).scan_at_once(encoded({"environment.yml": LOOSE}), [PackageName("python")])

    [proposal] = report.proposals
    assert proposal.files == {"environment.yml": LOOSE.replace("3.13", "3.14")}
    assert report.migrations == ()


async def test_everything_at_once_takes_python_in_only_when_it_is_offered() -> None:
    files = encoded({"environment.yml": LOOSE})

    waiting = await scanner(Toy(OLD, YOUNG, READY, NEWER)).scan_at_once(files, [])
    offered = await scanner(Toy(OLD, NEXT, READY, NEWER)).scan_at_once(files, [])

    assert waiting.proposals == ()
    assert [each.sentence for each in waiting.held_back] == ["python 3.14: 2 of 2 ready, due 2027-01-01"]
    assert [each.files for each in offered.proposals] == [{"environment.yml": LOOSE.replace("3.13", "3.14")}]


async def test_a_matrix_that_pins_python_by_name_is_left_alone() -> None:
    report = await scanner(Toy(OLD, NEXT, READY, NEWER)).scan(encoded({"ci/py313.yml": LOOSE}), {})

    assert report.migrations == ()
    assert "stands for python 3.13" in report.statuses[0].reason


async def test_at_once_a_minor_comes_with_the_line_that_it_waits_for_and_nothing_follows() -> None:
    toy = Toy(OLD, NEXT, READY, PINNED, NEWER)
    files = encoded({"environment.yml": ENVIRONMENT_YML})

    report = await scanner(toy).scan_at_once(files, [])

    [proposal] = report.proposals
    assert {each.name: each.target.version for each in proposal.plan.updates} == {
        "python": "3.14.0",
        "sqlalchemy": "2.0.45",
    }
    assert report.held_back == ()
    after = await scanner(toy).scan_at_once(encoded(proposal.files), [])
    assert after.proposals == ()


async def test_at_once_a_minor_that_waits_for_a_line_that_stays_is_held_back() -> None:
    toy = Toy(OLD, NEXT, READY, PINNED)

    report = await scanner(toy).scan_at_once(encoded({"environment.yml": ENVIRONMENT_YML}), [])

    assert (report.proposals, [each.sentence for each in report.held_back]) == ((), [BLOCKED])


async def test_at_once_a_minor_that_does_not_go_with_what_it_waits_for_is_held_back_and_the_rest_moves() -> None:
    never = record("sqlalchemy", "2.0.45", "python <3.14")
    toy = Toy(OLD, NEXT, READY, PINNED, never)

    report = await scanner(toy).scan_at_once(encoded({"environment.yml": ENVIRONMENT_YML}), [])

    [proposal] = report.proposals
    assert [(each.name, each.target.version) for each in proposal.plan.updates] == [("sqlalchemy", "2.0.45")]
    assert [(each.name, each.release) for each in report.held_back] == [("python", "3.14.0")]
