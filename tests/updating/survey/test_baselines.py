"""Environments as they stand, and what of a common solution each of them has."""

from dataclasses import replace

from bot.model.environment import Company, SolveUnit
from bot.updating.survey.baselines import records_of
from tests.planning.toy import MACHINE, asks_for, record, unit

RECORDS = (record("tool", "1"), record("core", "1"), record("app", "1", "core"))


def test_the_only_environment_of_a_unit_has_all_its_records_sorted() -> None:
    alone = unit(asks_for("app", "*"))

    assert [each.name for each in records_of(alone.environments[0], alone, RECORDS)] == ["app", "core", "tool"]


def test_an_environment_has_nothing_of_what_only_its_company_asks_for() -> None:
    app, tool = unit(asks_for("app", "*")).environments[0], unit(asks_for("tool", "*")).environments[0]
    alone = replace(app, company=Company(requirements=tool.requirements))
    solved = SolveUnit(workspace="pixi.toml", environments=(alone,), platform=MACHINE)

    assert [each.dependency.name for each in solved.requirements] == ["app", "tool"]
    assert [each.name for each in records_of(alone, solved, RECORDS)] == ["app", "core"]


def test_an_environment_of_a_group_has_what_it_needs() -> None:
    app, tool = unit(asks_for("app", "*")).environments[0], unit(asks_for("tool", "*")).environments[0]
    both = SolveUnit(
        workspace="pixi.toml",
        environments=(app, replace(tool, name="test")),
        platform=MACHINE,
    )

    assert [each.name for each in records_of(app, both, RECORDS)] == ["app", "core"]
    assert [each.name for each in records_of(tool, both, RECORDS)] == ["tool"]
