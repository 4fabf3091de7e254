"""Lines that are left alone count in every solve; where nobody knows what they ask for, nothing is proposed."""

import pytest

from bot.model.report import ScanReport
from tests.planning.toy import record
from tests.updating.test_scan import pixi_lock, scanned
from tests.updating.toy import Toy

NUMPY = tuple(record("numpy", version) for version in ("1.26", "2.3"))
LIMITED = (record("limited", "1.0", "numpy <2"), record("limited", "2.0", "numpy >=2"))
ELSEWHERE = record("limited", "1.0", "numpy <2", build="other_0")
URL = LIMITED[0].url

ENVIRONMENT_YML = """\
{above}name: small
channels: [conda-forge]
platforms: [linux-64]
dependencies:
  - {line}
  - {other}
"""
PIXI_TOML = """\
[workspace]
name = "x"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
{line}
{other}
"""


async def of_file(line: str, other: str, above: str = "") -> ScanReport:
    text = ENVIRONMENT_YML.format(line=line, other=other, above=above)
    return await scanned({"environment.yml": text}, Toy(*NUMPY, *LIMITED))


async def of_lock(line: str, other: str, *locked: str) -> ScanReport:
    """Scan a pixi workspace that asks for *line* and *other*, and whose lock holds the *locked* versions."""
    known = {f"{each.name} {each.version}": each for each in (*NUMPY, *LIMITED)}
    records = tuple(known[each] for each in locked)
    lock = pixi_lock(records, records).replace("  test:", "  other:")
    environments = '[feature.other]\n[environments]\nother = ["other"]\n'
    text = PIXI_TOML.format(line=line, other=other) + environments
    return await scanned({"pixi.toml": text, "pixi.lock": lock}, Toy(*NUMPY, *LIMITED))


def sentences(report: ScanReport) -> str:
    return "\n".join([*(each.sentence for each in report.held_back), *(each.sentence for each in report.problems)])


KNOWN = [
    pytest.param(URL, "numpy=1.26", "", "limited 1.0 needs numpy <2", id="a package by its URL"),
    pytest.param("*np", "limited=1.0", "x-pins:\n  - &np numpy=1.26\n", "asks for numpy =1.26", id="an alias"),
    pytest.param("&np numpy=1.26", "limited=1.0\n  - *np", "", "asks for numpy =1.26", id="what an alias stands for"),
    pytest.param('"numpy\\x3d1.26"', "limited=1.0", "", "asks for numpy =1.26", id="a text with an escape"),
    pytest.param("numpy 1.26 a*|h0*", "limited=1.0", "", "asks for numpy 1.26", id="builds that only conda reads"),
]


@pytest.mark.parametrize(("line", "other", "above", "reason"), KNOWN)
async def test_a_line_that_is_left_alone_holds_the_others(line: str, other: str, above: str, reason: str) -> None:
    report = await of_file(line, other, above)

    assert report.proposals == ()
    assert reason in sentences(report)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("limited={{ version }}", id="a template"),
        pytest.param("limit*", id="a pattern of names"),
        pytest.param("limited >=", id="what is no match spec"),
        pytest.param("3.11", id="a number"),
        pytest.param("limited: 1.0", id="a table"),
    ],
)
async def test_an_environment_with_a_line_that_nobody_can_tell_is_not_judged(line: str) -> None:
    report = await of_file(line, "numpy=1.26")

    assert report.proposals == ()
    assert "default on linux-64 is not judged: nobody can tell what is asked for by environment.yml:5" in (
        sentences(report)
    )


async def test_what_neither_conda_nor_mamba_reads_counts_for_nothing() -> None:
    report = await of_file("run_constrained: [limited=1.0]", "numpy=1.26")

    assert report.problems == ()
    assert [each.name for each in report.proposals[0].plan.updates] == ["numpy"]
    assert report.statuses[0].reason.startswith("not-text: a table, where conda expects text: run_constrained")


async def test_what_nobody_can_tell_on_one_platform_is_no_matter_of_another() -> None:
    text = PIXI_TOML.format(line="", other='numpy = "1.26.*"').replace('"linux-64"]', '"linux-64", "win-64"]')
    files = {"pixi.toml": text + '[target.win-64.dependencies]\nmine = { path = "mine" }\n'}
    report = await scanned(files, Toy(*NUMPY))

    assert [each.sentence.partition(":")[0] for each in report.problems] == ["default on win-64 is not judged"]


async def test_the_record_of_a_package_that_is_asked_for_by_url_stays_in_its_lock() -> None:
    report = await of_lock(f'limited = {{ url = "{URL}" }}', 'numpy = "1.26.*"', "limited 1.0", "numpy 1.26")

    assert report.proposals == ()
    assert "limited 1.0 needs numpy <2, and pixi.toml:7 asks for limited" in sentences(report)


async def test_a_spec_that_condabot_does_not_rewrite_is_met_by_what_is_locked() -> None:
    report = await of_lock("numpy = '''1.26.*'''", 'limited = "1.0.*"', "limited 1.0", "numpy 1.26")

    assert report.proposals == ()
    assert "pixi.toml:7 asks for numpy 1.26.*" in sentences(report)


async def test_a_lock_that_holds_what_nobody_can_tell_stays_as_it_is() -> None:
    report = await of_lock('mine = { path = "mine" }', 'numpy = "1.26.*"', "limited 1.0", "numpy 1.26")

    assert report.proposals == ()
    assert "default, other on linux-64 are not judged" in sentences(report)


async def test_an_environment_that_nobody_can_tell_keeps_no_other_from_being_brought_in_step() -> None:
    text = PIXI_TOML.format(line="", other='numpy = "2.3.*"')
    text += '[feature.other.dependencies]\nmine = { path = "mine" }\n'
    text += '[environments]\nother = { features = ["other"], no-default-feature = true }\n'
    lock = pixi_lock(NUMPY[:1], LIMITED[:1]).replace("  test:", "  other:")
    files = {"pixi.toml": text, "pixi.lock": lock}
    (found,) = (await scanned(files, Toy(*NUMPY, *LIMITED))).proposals

    assert [(each.environment, [str(change.name) for change in each.changes]) for each in found.diffs] == [
        ("default", ["numpy"])
    ]
    assert "limited-1.0" in found.files["pixi.lock"]
