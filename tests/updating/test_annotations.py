"""Annotated lines in a whole scan: each is an environment of its own."""

from dataclasses import replace

from bot.model.report import Standing
from bot.updating.read.reading import MOST_ANNOTATED_LINES
from bot.updating.read.relevance import WORKFLOWS
from tests.planning.toy import record
from tests.updating.toy import Toy, scanner

COMMENT = "# renovate: datasource=conda depName="


async def test_lines_of_one_package_move_apart() -> None:
    text = f"{COMMENT}numpy\nA=1.26\n{COMMENT}numpy\nB=2.0.0  # condabot: ignore\n{COMMENT}numpy\nC=2.0.0\n"
    toy = Toy(*(record("numpy", version) for version in ("1.26.4", "2.0.0", "2.1.3")))

    report = await scanner(toy).scan({"Dockerfile": text.encode()}, {})

    [proposal] = report.proposals
    assert proposal.files == {"Dockerfile": text.replace("A=1.26", "A=2.1").replace("C=2.0.0", "C=2.1.3")}
    assert [each.standing for each in report.statuses] == [Standing.UPDATE, Standing.LEFT_ALONE, Standing.UPDATE]
    assert report.problems == ()


async def test_the_name_of_the_environment_is_no_axis() -> None:
    text = f"{COMMENT}numpy\nA=1.26.4\n{COMMENT}numpy\nB=1.26.4\n"
    toy = Toy(record("numpy", "1.26.4"), record("numpy", "1.27.0"))

    report = await scanner(toy).scan({"Dockerfile": text.encode()}, {})

    assert [each.standing for each in report.statuses] == [Standing.UPDATE, Standing.UPDATE]
    assert report.proposals[0].files == {"Dockerfile": text.replace("1.26.4", "1.27.0")}


async def test_a_workflow_that_may_not_be_written_is_not_even_solved() -> None:
    toy = Toy(record("numpy", "1.26.4"), record("numpy", "2.0.0"))
    text = f"{COMMENT}numpy\nA=1.26.4\n"

    report = await replace(scanner(toy), unwritable=(WORKFLOWS,)).scan({".github/workflows/a.yml": text.encode()}, {})

    [status] = report.statuses
    assert (status.standing, toy.solved) == (Standing.LEFT_ALONE, [])
    assert status.reason == "permission: workflow files need the `workflows` permission"


async def test_a_package_whose_name_says_oldest_is_no_environment_of_the_oldest_versions() -> None:
    text = f"{COMMENT}legacy-cgi\nLEGACY_CGI=2.6\n"
    toy = Toy(record("legacy-cgi", "2.6.1"), record("legacy-cgi", "3.0"))

    report = await scanner(toy).scan({"Dockerfile": text.encode()}, {})

    assert [each.standing for each in report.statuses] == [Standing.UPDATE]
    assert report.proposals[0].files == {"Dockerfile": text.replace("2.6", "3.0")}


async def test_lines_beyond_a_number_are_left_alone_and_say_so() -> None:
    text = f"{COMMENT}numpy\nA=2.0\n" * MOST_ANNOTATED_LINES
    toy = Toy(record("numpy", "2.0"))

    report = await scanner(toy).scan({"a.sh": text.encode(), "b.sh": f"{COMMENT}numpy\nA=1.0\n".encode()}, {})

    assert {each.standing for each in report.statuses if each.manifest == "a.sh"} == {Standing.UP_TO_DATE}
    (beyond,) = [each for each in report.statuses if each.manifest == "b.sh"]
    assert (beyond.standing, beyond.reason) == (
        Standing.LEFT_ALONE,
        "too-many: 200 lines under comments are followed in one repository",
    )
