"""What a lock is exported as moves in the same commit as the lock, is judged with it, and is merged with it."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot import lockfiles
from bot.config import Configuration
from bot.config.tables import Export, ExportFormat
from bot.lockfiles.exports import exported
from bot.model.lock_verdict import LockStanding
from bot.model.update import Purpose
from bot.updating.exports import export_texts
from bot.updating.locked import judge_locks
from bot.updating.read.relevance import relevant_paths
from bot.updating.relocking import Sides, relock
from bot.updating.scan import Scanner
from tests.planning.toy import NOW, record
from tests.updating.test_scan import encoded, pixi_lock
from tests.updating.toy import Toy, scanner

A1, A2 = record("alpha", "1.0"), record("alpha", "2.0")
MANIFEST = (
    '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n\n[dependencies]\nalpha = "*"\n'
    '\n[environments]\ndefault = { solve-group = "all" }\ntest = { solve-group = "all" }\n'
)
OLD, NEW = pixi_lock((A1,), (A1,)), pixi_lock((A2,), (A2,))
LISTS, LOCKS = Export(to="locks"), Export(format=ExportFormat.CONDA_LOCK)
SPEC = "locks/default_linux-64_conda_spec.txt"


def of(lock: str, *exports: Export) -> dict[str, str]:
    parsed = lockfiles.parse("pixi.lock", lock.encode())
    return {path: text for each in exports for path, text in exported(parsed, each).items()}


def files(lock: str, *exports: Export, **others: str) -> dict[str, bytes]:
    return encoded({"pixi.toml": MANIFEST, "pixi.lock": lock, **of(lock, *exports), **others})


def configured(*exports: Export) -> Scanner:
    made = replace(scanner(Toy(A1, A2)), now=NOW.replace(day=1))
    return made.configured(Configuration(exports=exports))


def standings(found: Mapping[str, bytes], *exports: Export) -> dict[str, tuple[LockStanding, str]]:
    verdicts = judge_locks(found, configured(*exports).reader)
    return {each.path: (each.standing, "; ".join(why.sentence for why in each.reasons)) for each in verdicts}


@pytest.mark.parametrize("export", [LISTS, LOCKS], ids=["explicit", "conda-lock"])
async def test_what_is_exported_moves_with_its_lock(export: Export) -> None:
    report = await configured(export).scan(files(OLD, export), {})

    proposal = next(each for each in report.proposals if each.plan.purpose is Purpose.UPDATE)
    after = of(proposal.files["pixi.lock"], export)
    assert {path: text for path, text in proposal.files.items() if path in after} == after
    assert after == of(NEW, export)
    assert report.problems == ()


async def test_it_is_no_lock_of_its_own() -> None:
    without = await configured(LOCKS).scan(files(OLD), {})

    report = await configured(LOCKS).scan(files(OLD, LOCKS), {})

    assert report.manifests == without.manifests
    assert report.statuses == without.statuses


async def test_no_file_is_made_that_is_not_there() -> None:
    report = await configured(LISTS, LOCKS).scan(files(OLD, LISTS), {})

    assert {*report.proposals[-1].files} == {"pixi.lock", *of(NEW, LISTS)}


def test_of_a_lock_that_stays_nothing_is_written() -> None:
    assert export_texts(files(OLD, LISTS), [LISTS], {"pixi.lock": OLD}) == {}
    assert export_texts(files(OLD, LISTS), [LISTS], {}) == {}


def test_it_is_judged_with_its_lock() -> None:
    stale = {**files(NEW, LISTS, LOCKS), SPEC: of(OLD, LISTS)[SPEC].encode()}
    stale["locks/gone_linux-64_conda_spec.txt"] = stale.pop("conda-lock.yml")

    found = standings(stale, LISTS, LOCKS)

    assert found.pop("pixi.lock")[0] is LockStanding.IN_STEP
    odd = {path: each for path, each in found.items() if each[0] is not LockStanding.IN_STEP}
    out = LockStanding.OUT_OF_STEP
    assert odd == {
        SPEC: (out, "it is not what pixi.lock says now: `condabot export` writes it"),
        "locks/gone_linux-64_conda_spec.txt": (out, "pixi.lock has no such environment or platform any more"),
        "conda-lock.yml": (out, "it is not there: `condabot export` writes it"),
    }
    assert {*found} - {*odd} == {"locks/test_linux-64_conda_spec.txt", "test.conda-lock.yml"}


def test_without_its_lock_or_with_one_that_cannot_be_exported_it_is_said() -> None:
    alone = {path: content for path, content in files(OLD, LISTS).items() if path != "pixi.lock"}
    unknown = Export(to="locks", environments=("default", "prod"))

    assert standings(alone, LISTS)[SPEC] == (LockStanding.ORPHANED, "pixi.lock is not there")
    assert standings(files(OLD, LISTS), unknown)[SPEC][0] is LockStanding.NOT_JUDGED


def test_it_is_among_the_files_that_are_read() -> None:
    sizes = {path: len(content) for path, content in files(OLD, LISTS, LOCKS).items()}

    assert {*of(OLD, LISTS)} <= {*relevant_paths(sizes, Configuration(exports=(LISTS,)))}


MARKED = "<<<<<<< HEAD\n{}=======\n{}>>>>>>> main\n"


@pytest.mark.parametrize(
    "ours",
    [
        pytest.param(files(NEW) | encoded(of(OLD, LISTS)), id="a person moved the lock alone"),
        pytest.param(
            files(NEW, LISTS) | encoded({SPEC: MARKED.format(of(OLD, LISTS)[SPEC], of(NEW, LISTS)[SPEC])}),
            id="markers were left in a list",
        ),
    ],
)
async def test_a_pull_request_gets_what_its_lock_exports(ours: dict[str, bytes]) -> None:
    before = files(OLD, LISTS)

    found = await relock(Sides(began=before, theirs=before, ours=ours), configured(LISTS))

    assert found.problems == ()
    after = {**ours, **found.files}
    assert {path: after[path].decode() for path in of(NEW, LISTS)} == of(NEW, LISTS)
