"""Lines about conda packages that are left alone belong to their environments, apart from those that move."""

from bot.model.environment import SolveUnit
from bot.model.manifest import PackageName
from bot.planning.baseline import files_of, limits, specs
from bot.planning.standing import not_known
from bot.workspaces import restricted, solve_units
from tests.planning.toy import record
from tests.workspaces.pixi import LINUX, WINDOWS, WORKSPACE, asked, environment, workspace

URL = "https://conda.example/noarch/tool-1.0-h0_0.conda"
MANIFEST = f"""{WORKSPACE}
[dependencies]
numpy = "2.*"
quoted = '''1.26.*'''
tool = {{ url = "{URL}" }}
sometimes = {{ version = "1.*", when = "__unix" }}

[constraints]
limited = {{ version = "<2", when = "__win" }}

[target.win-64.dependencies]
mine = {{ path = "mine" }}

[feature.other.dependencies]
further = '''3.*'''

[environments]
default = {{ solve-group = "all" }}
other = {{ features = ["other"], solve-group = "all" }}
alone = []
"""


def unit(name: str, subdir: str = LINUX) -> SolveUnit:
    units = solve_units(workspace(MANIFEST))
    return next(each for each in units if each.subdir == subdir and name in {env.name for env in each.environments})


def names(of: SolveUnit) -> list[str]:
    return [each.dependency.name for each in of.standing]


def test_they_are_no_requirements_and_are_what_the_environment_is_there_for() -> None:
    found = environment(workspace(MANIFEST), "alone")

    assert asked(found) == ["numpy 2.*"]
    assert found.roots(LINUX) == ("numpy", "quoted", "tool", "sometimes")


def test_they_are_asked_of_the_solver_as_they_are_written() -> None:
    alone = unit("alone")

    assert specs(alone) == (
        "numpy[version='2.*']",
        "quoted[version='1.26.*']",
        "sometimes[version='1.*',when='__unix']",
    )
    assert limits(alone) == ("limited[version='<2',when='__win']",)
    assert specs(alone, without={PackageName("quoted"), PackageName("sometimes")}) == ("numpy[version='2.*']",)


def test_a_file_is_asked_for_with_the_record_that_a_lock_has_of_it() -> None:
    alone, mine = unit("alone"), record("tool", "1.0")
    (file,) = files_of(alone, [record("tool", "2.0"), mine])

    assert (file.location, file.record) == (URL, mine)
    assert [each.record for each in files_of(alone, [record("tool", "2.0")])] == [None]
    assert files_of(alone, [mine], without={PackageName("tool")}) == ()


def test_those_of_others_in_a_solve_group_count_too() -> None:
    assert "further" in names(unit("default"))
    assert "further" not in names(unit("alone"))


def test_what_nobody_can_tell_is_named_on_the_platforms_that_it_is_for() -> None:
    assert not_known(unit("alone")) == ""
    assert not_known(unit("alone", WINDOWS)) == (
        "is not judged: nobody can say before it is installed what pixi.toml:16 mine will ask for"
    )


def test_they_follow_an_environment_to_other_platforms() -> None:
    found = restricted(workspace(MANIFEST.replace("platforms", "# platforms")), [WINDOWS])

    assert all(each.platforms == (WINDOWS,) for env in found.environments for each in env.standing)
