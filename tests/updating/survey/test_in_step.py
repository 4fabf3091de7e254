"""A lock is in step if it holds what its manifest asks for; what its channels say by now is another matter."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.package import Record
from bot.model.report import ScanReport
from bot.model.update import Purpose
from bot.rendering.names import title
from tests.planning.toy import FORGE, record
from tests.updating.toy import Toy, scanner

MANIFEST = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
docs = "1.*"
click = "*"
"""
DOCS, CLICK, OLD_CLICK = record("docs", "1.6", "click >=7"), record("click", "8.3"), record("click", "8.2")


def entry(locked: Record) -> str:
    depends = "".join(f"  - {each}\n" for each in locked.depends)
    return f"- conda: {locked.url}\n" + (f"  depends:\n{depends}" if depends else "")


def lock(*locked: Record, channel: str = FORGE.url, platforms: tuple[str, ...] = ("linux-64",)) -> str:
    """Return a lock of version 6."""
    selectors = "".join(f"      - conda: {each.url}\n" for each in sorted(locked, key=lambda each: each.url))
    lists = "".join(f"      {each}:\n{selectors}" for each in platforms)
    entries = "".join(map(entry, sorted(locked, key=lambda each: each.name)))
    return f"""\
version: 6
environments:
  default:
    channels:
    - url: {channel}/
    packages:
{lists}packages:
{entries}"""


async def scanned(text: str, *records: Record, manifest: str = MANIFEST) -> ScanReport:
    files = {"pixi.toml": manifest.encode(), "pixi.lock": text.encode()}
    return await scanner(Toy(*records)).scan(files, {})


async def again(report: ScanReport, *records: Record, manifest: str = MANIFEST) -> ScanReport:
    return await scanned(report.proposals[0].files["pixi.lock"], *records, manifest=manifest)


async def test_a_patch_of_the_channel_is_a_proposal_of_its_own_and_holds_nothing_back() -> None:
    patched = replace(DOCS, depends=("click <8.3",))
    newer = record("docs", "1.7", "click <8.3")

    report = await scanned(lock(DOCS, CLICK), patched, newer, CLICK, OLD_CLICK)

    correction, update = sorted(report.proposals, key=lambda each: each.plan.purpose)
    assert correction.plan.purpose is Purpose.CORRECTION
    assert title(correction) == "Correct pixi.lock as its channels do: click from 8.3 to 8.2"
    assert correction.plan.reasons == ("docs 1.6 needs click <8.3, say its channels now.",)
    assert [each.target.version for each in update.plan.updates] == ["1.7"]
    assert report.problems == ()
    assert (await again(replace(report, proposals=(correction,)), patched, CLICK, OLD_CLICK)).proposals == ()


async def test_all_at_once_it_is_corrected_with_the_rest() -> None:
    files = {"pixi.toml": MANIFEST.encode(), "pixi.lock": lock(DOCS, CLICK).encode()}
    patched, newer = replace(DOCS, depends=("click <8.3",)), record("docs", "1.7", "click <8.3")

    report = await scanner(Toy(patched, newer, CLICK, OLD_CLICK)).scan_at_once(files, ())

    assert [each.plan.key for each in report.proposals] == ["all"]


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        pytest.param(
            MANIFEST.replace('docs = "1.*"', 'docs = ">=1.7"'),
            "default: pixi.toml:6 asks for docs >=1.7, and 1.6 is locked",
            id="a line asks for something else",
        ),
        pytest.param(
            MANIFEST.replace('click = "*"', 'click = "*"\nextra = "*"'),
            "default: pixi.toml:8 asks for extra *, and it is not locked",
            id="a line is new",
        ),
        pytest.param(MANIFEST.replace('docs = "1.*"\n', ""), "default: nothing needs docs", id="a line is gone"),
        pytest.param(
            MANIFEST.replace('platforms = ["linux-64"]', 'platforms = ["linux-64", "osx-arm64"]'),
            "default: osx-arm64 is not locked",
            id="a platform is new",
        ),
        pytest.param(
            MANIFEST.replace('platforms = ["linux-64"]', 'platforms = ["osx-arm64"]'),
            "default: osx-arm64 is not locked; default: it is locked for linux-64, which it is not for",
            id="another platform",
        ),
        pytest.param(
            MANIFEST + "[environments]\nmore = []\n",
            "more: it is not locked",
            id="an environment is new",
        ),
        pytest.param(
            MANIFEST.replace('channels = ["conda-forge"]', 'channels = ["conda-forge"]\nsolve-strategy = "lowest"'),
            "default: it was locked with other options",
            id="another strategy",
        ),
    ],
)
async def test_what_disagrees_is_named_solved_and_written(manifest: str, sentence: str) -> None:
    everything = (DOCS, record("docs", "1.7", "click >=7"), CLICK, OLD_CLICK, record("extra", "1.0"))

    report = await scanned(lock(DOCS, CLICK), *everything, manifest=manifest)

    [proposal] = report.proposals
    [problem] = report.problems
    assert proposal.plan.purpose is Purpose.RELOCK
    assert sentence in problem.sentence
    after = await again(report, *everything, manifest=manifest)
    assert [each for each in after.proposals if each.plan.purpose is not Purpose.UPDATE] == []
    assert after.problems == ()


async def test_another_channel_is_written_with_the_records_that_it_has() -> None:
    report = await scanned(lock(DOCS, CLICK, channel="https://conda.anaconda.org/other"), DOCS, CLICK)

    [proposal] = report.proposals
    assert proposal.files["pixi.lock"] == lock(DOCS, CLICK)
    assert "it is locked for the channels https://conda.anaconda.org/other, not" in report.problems[0].sentence


async def test_what_no_environment_names_any_more_leaves_no_entry() -> None:
    stray = record("stray", "1.0", subdir="osx-arm64")
    text = (
        lock(DOCS, CLICK).replace(
            "packages:\n- conda",
            f"  old:\n    channels:\n    - url: {FORGE.url}/\n    packages:\n"
            f"      osx-arm64:\n      - conda: {stray.url}\npackages:\n- conda",
        )
        + f"- conda: {stray.url}\n"
    )

    report = await scanned(text, DOCS, CLICK)

    [proposal] = report.proposals
    assert proposal.files["pixi.lock"] == lock(DOCS, CLICK)


TARGET = MANIFEST.replace(
    'platforms = ["linux-64"]\n\n[dependencies]',
    'platforms = ["linux-64", "osx-arm64"]\n\n[target.linux-64.dependencies]',
)
EMPTY = MANIFEST[: MANIFEST.index("[dependencies]")]


async def test_a_platform_on_which_nothing_is_asked_for_any_more_leaves_no_row_and_no_entry() -> None:
    macos = [record(each.name, each.version, *each.depends, subdir="osx-arm64") for each in (DOCS, CLICK)]
    rows = "".join(f"      - conda: {each.url}\n" for each in reversed(macos))
    both = lock(DOCS, CLICK).replace("packages:\n- conda", f"      osx-arm64:\n{rows}packages:\n- conda")
    both += "".join(map(entry, reversed(macos)))

    report = await scanned(both, DOCS, CLICK, *macos, manifest=TARGET)

    [proposal] = report.proposals
    assert proposal.files["pixi.lock"] == lock(DOCS, CLICK)
    assert "it asks for nothing on osx-arm64, for which packages are locked" in report.problems[0].sentence
    told = {each.platform: [change.name for change in each.changes] for each in proposal.diffs}
    assert told == {"linux-64": [], "osx-arm64": ["click", "docs"]}
    assert (await again(report, DOCS, CLICK, manifest=TARGET)).problems == ()


async def test_an_environment_that_asks_for_nothing_any_more_is_locked_without_packages() -> None:
    more = EMPTY + '[feature.more.dependencies]\ndocs = "1.*"\n[environments]\nmore = ["more"]\n'
    other = lock(DOCS, CLICK).split("  default:\n")[1].split("packages:\n- conda")[0]
    text = lock(DOCS, CLICK).replace("packages:\n- conda", f"  more:\n{other}packages:\n- conda")

    report = await scanned(text, DOCS, CLICK, manifest=more)

    [proposal] = report.proposals
    rows = other[other.index("      linux-64") :]
    assert proposal.files["pixi.lock"] == text.replace(f"    packages:\n{rows}", "    packages: {}\n", 1)
    assert (await again(report, DOCS, CLICK, manifest=more)).problems == ()


async def test_nothing_stays_in_the_lock_of_a_workspace_that_asks_for_nothing_any_more() -> None:
    report = await scanned(lock(DOCS, CLICK), DOCS, CLICK, manifest=EMPTY)

    [proposal] = report.proposals
    [diff] = proposal.diffs
    assert [each.name for each in diff.changes] == ["click", "docs"]
    head = lock(DOCS, CLICK).split("    packages:\n")[0]
    assert proposal.files["pixi.lock"] == f"{head}    packages: {{}}\npackages: []\n"
    assert (await again(report, manifest=EMPTY)).problems == ()


async def test_a_platform_on_which_nothing_is_asked_for_may_have_an_empty_row() -> None:
    empty = lock(DOCS, CLICK).replace("packages:\n- conda", "      osx-arm64: []\npackages:\n- conda")

    report = await scanned(empty, DOCS, CLICK, manifest=TARGET)

    assert (report.problems, report.proposals) == ((), ())


NEWER = record("docs", "1.6", "click >=7", age=timedelta(days=20))
DATED = MANIFEST.replace('platforms = ["linux-64"]', 'platforms = ["linux-64"]\nexclude-newer = "2026-10-01"')


async def test_a_locked_record_that_exclude_newer_keeps_out_is_relocked_within_it() -> None:
    older = record("docs", "1.5", "click >=7")
    text = lock(CLICK, NEWER) + f"  timestamp: {NEWER.timestamp}\n"

    report = await scanned(text, NEWER, older, CLICK, OLD_CLICK, manifest=DATED)

    [proposal] = report.proposals
    assert proposal.plan.purpose is Purpose.RELOCK
    assert proposal.files["pixi.lock"].startswith(lock(CLICK, older).split("packages:\n- conda")[0])
    sentence = "default: `exclude-newer` keeps docs 1.6 out, which is of 2026-10-13"
    assert sentence in report.problems[0].sentence
    after = await again(report, NEWER, older, CLICK, OLD_CLICK, manifest=DATED)
    assert (after.problems, [each for each in after.proposals if each.plan.purpose is Purpose.RELOCK]) == ((), [])


async def test_nothing_is_updated_in_a_lock_that_cannot_be_brought_within_exclude_newer() -> None:
    text = lock(CLICK, NEWER) + f"  timestamp: {NEWER.timestamp}\n"

    report = await scanned(text, NEWER, CLICK, record("click", "8.4"), manifest=DATED)

    assert report.proposals == ()
    stale, unsolved = report.problems
    assert "exclude-newer" in stale.sentence
    assert unsolved.sentence.startswith("default on linux-64 does not solve as it stands: ")
