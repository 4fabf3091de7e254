"""A line that counts in no environment says so, and not what is wrong elsewhere."""

from dataclasses import replace

import pytest

from bot.model.report import Standing
from bot.model.solve import SolveRequest, SolveResult, Unsolvable
from tests.planning.toy import record
from tests.updating.toy import Toy, scanner

HEAD = '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n\n[dependencies]\nalpha = "1.0.*"\n\n'
BROKEN = '[feature.broken.dependencies]\nnosuch = "1.*"\n\n[environments]\nbroken = ["broken"]\n\n'
MADE_WRONG = '[feature.broken]\nchannels = ["file:///x"]\n\n[environments]\nbroken = ["broken"]\n\n'
ELSEWHERE = "none of its environments is for win-64"


class Telling(Toy):
    """A solver that says for which platform nothing was found."""

    async def solve(self, request: SolveRequest) -> SolveResult:
        result = await super().solve(request)
        return replace(result, text=f"not on {request.subdir}") if isinstance(result, Unsolvable) else result


@pytest.mark.parametrize(
    "beside", ["", BROKEN, MADE_WRONG], ids=["all-is-well", "one-does-not-solve", "one-is-not-made"]
)
@pytest.mark.parametrize(
    ("table", "reason"),
    [
        pytest.param("target.win-64.dependencies", ELSEWHERE, id="of-another-platform"),
        pytest.param("target.win-64.pypi-dependencies", ELSEWHERE, id="of-pypi"),
        pytest.param("feature.spare.dependencies", "no environment has the feature spare", id="of-no-environment"),
    ],
)
async def test_a_line_that_counts_nowhere_is_left_alone(table: str, reason: str, beside: str) -> None:
    text = f'{HEAD}{beside}[{table}]\nbeta = "==1.0"\n'

    report = await scanner(Toy(record("alpha", "1.0.0"))).scan({"pixi.toml": text.encode()}, {})

    (line,) = (each for each in report.statuses if each.name == "beta")
    assert (line.standing, line.reason) == (Standing.LEFT_ALONE, reason)


async def test_a_line_of_the_platforms_that_are_solved_is_not_unused() -> None:
    text = f'{HEAD}[target.linux-64.dependencies]\nbeta = "==1.0"\n'

    report = await scanner(Toy(record("alpha", "1.0.0"), record("beta", "1.0"))).scan({"pixi.toml": text.encode()}, {})

    assert {each.standing for each in report.statuses} == {Standing.UP_TO_DATE}


async def test_a_marker_is_not_judged_where_its_environment_is_not() -> None:
    text = (
        "name: x\nplatforms: [linux-64]\ndependencies:\n- nosuch=1\n- pip:\n  - beta==1.0; sys_platform == 'darwin'\n"
    )

    report = await scanner(Toy(record("alpha", "1.0.0"))).scan({"environment.yml": text.encode()}, {})

    (line,) = (each for each in report.statuses if each.name == "beta")
    assert line.standing is Standing.UNKNOWN
    assert line.reason == "its environments could not be judged"


async def test_of_platforms_that_nobody_named_the_first_tells_why() -> None:
    text = "name: x\ndependencies:\n- alpha=1\n- nosuch  # [linux]\n- neither  # [not linux]\n"

    report = await scanner(Telling(record("alpha", "1.0.0"))).scan({"environment.yml": text.encode()}, {})

    (problem,) = report.problems
    assert problem.sentence.startswith("default on linux-64 does not solve as it stands")


async def test_a_line_for_which_another_stands_everywhere_says_so() -> None:
    text = f'{HEAD}[host-dependencies]\nalpha = "*"\n'

    report = await scanner(Toy(record("alpha", "1.0.0"))).scan({"pixi.toml": text.encode()}, {})

    (plain, _) = report.statuses
    assert (plain.standing, plain.reason) == (Standing.LEFT_ALONE, "line 9 stands for it in every environment")


MATRIX = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
alpha = ">=1,<3"

[feature.alpha1.dependencies]
alpha = "1.*"

[environments]
alpha1 = ["alpha1"]
"""


async def test_a_line_that_another_keeps_behind_in_one_environment_names_that() -> None:
    report = await scanner(Toy(record("alpha", "1.0.0"), record("alpha", "2.0.0"))).scan(
        {"pixi.toml": MATRIX.encode()}, {}
    )

    shared, _ = report.statuses
    assert (shared.standing, shared.reason) == (
        Standing.HELD_BACK,
        "pixi.toml:9 asks for alpha 1.* in 'alpha1'",
    )
