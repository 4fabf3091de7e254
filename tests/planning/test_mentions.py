"""Where else a package is named, and whether it could follow."""

from bot.manifests.recipes import read_recipe
from bot.model.manifest import Datasource, PackageName
from bot.model.report import DependencyStatus, Standing
from bot.model.update import BranchPlan, Mention, Release, SpecChange, Update, UpdateKind
from bot.planning.mentions import mentions_of

NUMPY = PackageName("numpy")
RECIPE = (
    "requirements:\n  run:\n    - numpy <2\n    - numpy >=1.26\n    - scipy\n    - numpy {{ pin }}\n    - numpy 2.5\n"
)
MINIMUM = 'minimum: "min.yml" tests the oldest versions'


def update(name: str, target: str, *changes: SpecChange) -> Update:
    return Update(
        name=PackageName(name),
        datasource=Datasource.CONDA,
        current="1.26.4",
        target=Release(version=target, subdirs=frozenset(), built=None),
        kind=UpdateKind.MAJOR,
        changes=changes,
        environments=("default",),
        workspaces=("pixi.toml",),
    )


def status(
    manifest: str, line: int, spec: str, reason: str = "", name: str = "numpy", standing: Standing = Standing.LEFT_ALONE
) -> DependencyStatus:
    return DependencyStatus(
        manifest=manifest,
        line=line,
        environments=(),
        name=PackageName(name),
        spec=spec,
        standing=standing,
        reason=reason,
    )


def told(*statuses: DependencyStatus, plan: BranchPlan | None = None, recipe: str = "") -> list[Mention]:
    wanted = plan or BranchPlan(key="numpy", updates=(update("numpy", "2.5.1"),))
    return list(mentions_of(wanted, statuses, read_recipe("recipe/meta.yaml", recipe)))


def mention(path: str, line: int, spec: str, reason: str = "", excludes: str = "", name: str = "numpy") -> Mention:
    return Mention(name=PackageName(name), path=path, line=line, spec=spec, reason=reason, excludes=excludes)


def test_a_held_line_is_named_with_its_reason() -> None:
    assert told(status("ci/min.yml", 7, "=1.26", MINIMUM)) == [mention("ci/min.yml", 7, "=1.26", MINIMUM)]


def test_a_line_that_is_left_alone_for_another_reason_is_named_and_judged() -> None:
    library = "a library, not part of an environment"
    lines = [
        status("pyproject.toml", 28, ">=1.24,<2", library),
        status("pyproject.toml", 29, ">=1.24", library),
        status("run.sh", 3, "1.26", "permission: workflow files need the `workflows` permission"),
        status("setup.yml", 1, "{{ numpy }}", "template: {{ numpy }}"),
    ]

    assert told(*lines) == [
        mention("pyproject.toml", 28, ">=1.24,<2", excludes="2.5.1"),
        mention("pyproject.toml", 29, ">=1.24"),
        mention("run.sh", 3, "1.26", excludes="2.5.1"),
        mention("setup.yml", 1, "{{ numpy }}"),
    ]


def test_what_moves_or_may_move_or_has_no_version_is_not_named() -> None:
    change = SpecChange(manifest="pixi.toml", at=("dependencies", "numpy"), line=3, old="1.*", new="2.*")
    plan = BranchPlan(key="numpy", updates=(update("numpy", "2.5.1", change),))

    assert told(status("pixi.toml", 3, "1.*", MINIMUM), plan=plan) == []
    assert told(status("other.yml", 3, "=1.26", standing=Standing.UPDATE)) == []
    assert told(status("other.yml", 3, "", "a library, not part of an environment")) == []
    assert told(status("other.yml", 3, "*", "unconstrained: 1 of 1 dependency has no version")) == []
    assert told(status("other.yml", 3, "=1.26", MINIMUM, name="scipy")) == []


def test_names_of_conda_and_pypi_are_compared_as_one() -> None:
    plan = BranchPlan(key="x", updates=(update("typing_extensions", "4.15"),))
    line = status("pyproject.toml", 9, ">=4", "a library, not part of an environment", name="typing-extensions")

    assert told(line, plan=plan) == [mention("pyproject.toml", 9, ">=4", name="typing-extensions")]


def test_a_recipe_is_named_and_judged_where_that_can_be_done() -> None:
    assert told(recipe=RECIPE) == [
        mention("recipe/meta.yaml", 3, "<2", excludes="2.5.1"),
        mention("recipe/meta.yaml", 4, ">=1.26"),
        mention("recipe/meta.yaml", 6, "{{ pin }}"),
        mention("recipe/meta.yaml", 7, "2.5"),
    ]


def test_a_variant_keeps_nothing_out() -> None:
    lines = read_recipe("conda_build_config.yaml", "numpy:\n  - 1.26\n")

    assert mentions_of(BranchPlan(key="numpy", updates=(update("numpy", "2.5.1"),)), (), lines) == (
        mention("conda_build_config.yaml", 2, "1.26"),
    )


def test_packages_come_in_the_order_of_the_plan() -> None:
    plan = BranchPlan(key="all", updates=(update("scipy", "1.16"), update("numpy", "2.5.1")))

    assert [(each.name, each.line) for each in told(plan=plan, recipe=RECIPE)][:2] == [("scipy", 5), ("numpy", 3)]


def test_a_refresh_of_a_lock_names_nothing() -> None:
    assert told(status("a.yml", 1, "=1", MINIMUM), plan=BranchPlan(key="relock", updates=()), recipe=RECIPE) == []
