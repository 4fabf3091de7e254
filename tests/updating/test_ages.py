"""Age limits what comes in; what is there stays, also where nobody knows how old it is."""

from dataclasses import replace
from datetime import timedelta

from bot.model.package import Record
from tests.planning.toy import record
from tests.updating.test_scan import pixi_lock, scanned
from tests.updating.toy import Toy

YOUNG = timedelta(days=1)
ENVIRONMENT_YML = "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n  - tool=1.0\n  - other=1.0\n"
OTHER = (record("other", "1.0"), record("other", "2.0"))
PIXI_TOML = """\
[workspace]
name = "x"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
other = "1.0.*"
tool = "*"

[feature.test]

[environments]
test = ["test"]
"""


def undated(*records: Record) -> tuple[Record, ...]:
    return tuple(replace(each, timestamp=None) for each in records)


async def moved(*records: Record) -> list[str]:
    """Return what is proposed for an environment that asks for tool=1.0 and other=1.0. Asserts that it is judged."""
    report = await scanned({"environment.yml": ENVIRONMENT_YML}, Toy(*records, *OTHER))
    assert report.problems == ()
    return [f"{each.name} {each.target.version}" for found in report.proposals for each in found.plan.updates]


async def test_an_environment_of_records_of_unknown_age_is_judged_and_only_what_has_an_age_comes_in() -> None:
    assert await moved(*undated(record("tool", "1.0"), record("tool", "2.0"))) == ["other 2.0"]


async def test_an_environment_that_needs_a_young_record_is_judged_and_nothing_young_comes_in() -> None:
    young = [record("tool", version, age=YOUNG) for version in ("1.0", "2.0")]

    assert await moved(*young) == ["other 2.0"]


async def test_a_lock_takes_in_what_nobody_knows_the_age_of_only_where_it_must() -> None:
    (tool,) = undated(record("tool", "1.0"))
    files = {"pixi.toml": PIXI_TOML, "pixi.lock": pixi_lock((OTHER[0],), (OTHER[0],))}

    must = await scanned(files, Toy(tool, *OTHER))
    need_not = await scanned(files, Toy(tool, record("tool", "0.9"), *OTHER))

    assert ["tool-1.0-" in each.proposals[0].files["pixi.lock"] for each in (must, need_not)] == [True, False]
