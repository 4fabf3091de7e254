"""Inspections in children say what they say in this process, and end with a name. The children are real processes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.children.bounds import MEBIBYTE
from bot.children.frames import frame
from bot.composition.egress import egress_policy
from bot.composition.engine import open_engine
from bot.demo.channel import record
from bot.demo.channel.server import DemoChannel
from bot.errors import ConfigurationError, InspectionStopped
from bot.inspecting import Inspectors, ScanLimits
from bot.inspecting import process as inspector_process
from bot.inspecting.protocol import LONGEST
from bot.model.change_report import Judgement
from bot.model.report import Problem
from bot.planning.policy import Policy
from bot.relock import SolverPool
from bot.settings import ChannelSettings, EgressSettings, PypiSettings
from bot.updating.inspecting import OwnInspections
from bot.updating.inspection import (
    RELOCKED,
    Inspected,
    Inspection,
    Inspections,
    Looked,
    Note,
    Prepared,
    Resolved,
    Stop,
    Words,
)
from tests.channels import served, settings_for
from tests.inspecting.world import FILES, Together, Unanswering, circumstances, read, supplies

WRONG = Problem(path=".github/condabot.yml", line=1, sentence="ignoreDep: is no setting")
AFRESH = 1_700_000_000_000
LARGE = 45_000_000
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="only time is bounded on Windows")


@pytest.fixture
async def server() -> AsyncIterator[DemoChannel]:
    versions = ("1.0", "1.1", "2.0")
    async with served(a=tuple(record("alpha", each, timestamp=AFRESH) for each in versions)) as demo:
        yield demo


@pytest.fixture
def settings(server: DemoChannel, tmp_path: Path) -> ChannelSettings:
    return settings_for(server, tmp_path / "cache")


def children(inspectors: Inspectors) -> list[int]:
    return [each.pid for each in inspectors._alive]


def folders(inspectors: Inspectors) -> list[Path]:
    return [Path(each._folder) for each in inspectors._alive]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def told(inspections: Inspections) -> tuple[Inspected, Prepared, bytes, str]:
    """Return everything that an inspection of the small repository says."""
    async with inspections.open(7, 1) as inspection:
        await read(inspection, FILES)
        inspected = await inspection.scan(circumstances())
        key = inspected.drafts[0].key
        prepared = await inspection.prepared(key)
        text = await inspection.text(key, prepared.paths[0])
        return inspected, prepared, text, await inspection.body(key, Words(base="b" * 40, longest=60_000))


async def scanned(inspectors: Inspectors, repository_id: int = 1) -> Inspected:
    async with inspectors.open(7, repository_id) as inspection:
        await read(inspection, FILES)
        return await inspection.scan(circumstances())


async def asked_to_solve(inspection: Inspection, solvers: Unanswering) -> "asyncio.Task[Inspected]":
    """Return a scan that waits for a solve."""
    await read(inspection, FILES)
    scanning = asyncio.create_task(inspection.scan(circumstances()))
    await solvers.asked.wait()
    return scanning


@pytest.mark.started
async def test_a_child_says_what_this_process_would(settings: ChannelSettings) -> None:
    indexes = PypiSettings(cache_dir=settings.cache_dir)
    async with open_engine(
        settings,
        indexes,
        egress=egress_policy(settings, indexes, EgressSettings()),
        policy=Policy(),
        processes=1,
        environment={},
    ) as engine:
        here = await told(OwnInspections(engine=engine))
    async with SolverPool(settings, processes=1) as pool, Inspectors(supplies(settings, pool)) as inspectors:
        there = await told(inspectors)

    assert there == here
    assert there[0].complete
    assert [(each.key, each.title) for each in there[0].drafts] == [
        ("alpha-2.x", "Update alpha from 1.0 to 2.0"),
        ("more/non-major-without-lock", "Update alpha from 1.0 to 1.1"),
        ("non-major-without-lock", "Update alpha from 1.0 to 1.1"),
    ]
    assert b"alpha=2.0" in there[2]


async def test_a_child_says_of_a_change_what_this_process_would(settings: ChannelSettings) -> None:
    indexes = PypiSettings(cache_dir=settings.cache_dir)
    async with open_engine(
        settings,
        indexes,
        egress=egress_policy(settings, indexes, EgressSettings()),
        policy=Policy(),
        processes=1,
        environment={},
    ) as engine:
        here = await looked(OwnInspections(engine=engine))
    async with Inspectors(supplies(settings, Unanswering())) as inspectors:
        there = await looked(inspectors)

    assert there == here
    assert (there.headline, there.judgement) == ("the configuration has 1 error", Judgement.FAILURE)
    assert there.notes == (Note(path=WRONG.path, line=1, message=WRONG.sentence, is_failure=True),)
    assert "`1.0` -> `1.1`" in there.summary or "`=1.0` -> `=1.1`" in there.summary


async def looked(inspections: Inspections) -> Looked:
    """Return what is said of a change whose configuration was refused and taken away."""
    after = FILES | {"environment.yml": FILES["environment.yml"].replace(b"alpha=1.0", b"alpha=1.1")}
    async with inspections.open(7, 1) as inspection:
        await read(inspection, FILES)
        with pytest.raises(ConfigurationError):
            await read(inspection, after | {WRONG.path: b"ignoreDep: [alpha]\n"})
        await read(inspection, after)
        return await inspection.look(circumstances().now, (WRONG,))


async def test_solves_are_asked_for_side_by_side(settings: ChannelSettings) -> None:
    async with SolverPool(settings, processes=2) as pool:
        solvers = Together(pool)
        async with Inspectors(supplies(settings, solvers)) as inspectors:
            inspected = await scanned(inspectors)

    assert len(inspected.drafts) == 3
    assert len(solvers.questions) >= 2


async def test_what_a_scan_came_to_is_remembered_for_its_repository_alone(settings: ChannelSettings) -> None:
    async with SolverPool(settings, processes=2) as pool:
        solvers = Together(pool)
        async with Inspectors(supplies(settings, solvers)) as inspectors:
            first = await scanned(inspectors)
            solves = len(solvers.questions)
            again = await scanned(inspectors)
            same = len(solvers.questions)
            await scanned(inspectors, repository_id=2)
            pids = children(inspectors)

    assert again.drafts == first.drafts
    assert same == solves
    assert len(solvers.questions) == 2 * solves
    assert len(pids) == 1


async def test_a_wrong_configuration_is_told_and_costs_no_child(settings: ChannelSettings) -> None:
    wrong = {".github/condabot.yml": b"ignoreDep: [alpha]\n"}
    async with Inspectors(supplies(settings, Unanswering())) as inspectors:
        async with inspectors.open(7, 1) as inspection:
            with pytest.raises(ConfigurationError) as raised:
                await read(inspection, FILES | wrong)
        before = children(inspectors)
        async with inspectors.open(7, 2) as inspection:
            await read(inspection, FILES)
        after = children(inspectors)

    [problem] = raised.value.problems
    assert (problem.path, problem.line, problem.key) == (".github/condabot.yml", 1, "ignoreDep")
    assert before == after != []


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param(ScanLimits(inspections=1), id="after so many inspections"),
        pytest.param(ScanLimits(recycle_above=1), id="once it held too much memory"),
    ],
)
async def test_a_child_is_replaced(settings: ChannelSettings, limits: ScanLimits) -> None:
    seen: list[int] = []
    async with Inspectors(supplies(settings, Unanswering()), limits) as inspectors:
        for _ in range(2):
            async with inspectors.open(7, 1) as inspection:
                await read(inspection, FILES)
                seen += children(inspectors)

    assert len(set(seen)) == 2
    assert not any(map(is_running, seen))


class TestBounds:
    async def test_a_scan_that_waits_for_ever_ends_with_its_time(self, settings: ChannelSettings) -> None:
        solvers = Unanswering()
        async with Inspectors(supplies(settings, solvers), ScanLimits(seconds=30)) as inspectors:
            async with inspectors.open(7, 1) as inspection:
                await read(inspection, FILES)
                inspection._left = 0.2  # type: ignore[attr-defined]  # the time that is left of the 30 seconds
                with pytest.raises(InspectionStopped, match="needs more than 30 seconds; name what") as stopped:
                    await inspection.scan(circumstances())
                [pid], [folder] = children(inspectors), folders(inspectors)

            assert children(inspectors) == []
        assert stopped.value.by is Stop.TIME
        assert not is_running(pid)
        assert not folder.exists()

    @pytest.mark.started
    async def test_too_much_memory(self, settings: ChannelSettings) -> None:
        files = {f"{each}/pixi.toml": b"[workspace]\n" for each in "abcd"}
        large = {f"{each}/pixi.lock": b"#" * LARGE for each in "abcd"}
        limits = ScanLimits(memory=200 * MEBIBYTE)
        async with Inspectors(supplies(settings, Unanswering()), limits) as inspectors:
            async with inspectors.open(7, 1) as inspection:
                with pytest.raises(InspectionStopped, match="more than 200 MB of memory") as stopped:
                    await _read_and_scan(inspection, files | large)
            following = await _lists(inspectors)

        assert stopped.value.by is Stop.MEMORY
        assert following == ("environment.yml", "more/environment.yml")

    @pytest.mark.started
    async def test_too_much_processor_time(self, settings: ChannelSettings) -> None:
        limits = ScanLimits(processor_seconds=0.05)
        async with (
            Inspectors(supplies(settings, Unanswering()), limits) as inspectors,
            inspectors.open(7, 1) as inspection,
        ):
            with pytest.raises(InspectionStopped, match=r"more than 0\.05 seconds of processor time") as stopped:
                await inspection.listed({f"folder-{number}/environment.yml": 1 for number in range(100_000)})

        assert stopped.value.by is Stop.PROCESSOR

    async def test_processor_time_is_for_one_inspection_and_not_for_a_life(self, settings: ChannelSettings) -> None:
        many = {f"folder-{number}/environment.yml": 1 for number in range(2_000)}
        seen: set[int] = set()
        async with Inspectors(supplies(settings, Unanswering()), ScanLimits(processor_seconds=60)) as inspectors:
            for _ in range(3):
                async with inspectors.open(7, 1) as inspection:
                    await inspection.listed(many)
                    seen |= set(children(inspectors))

        assert len(seen) == 1


class TestEnds:
    @pytest.mark.started
    async def test_a_child_that_is_killed_is_an_outcome_and_the_next_scan_gets_another(
        self, settings: ChannelSettings
    ) -> None:
        solvers = Unanswering()
        async with Inspectors(supplies(settings, solvers)) as inspectors:
            async with inspectors.open(7, 1) as inspection:
                scanning = await asked_to_solve(inspection, solvers)
                [pid] = children(inspectors)
                os.kill(pid, signal.SIGKILL)
                with pytest.raises(InspectionStopped, match="ended \\(signal SIGKILL\\)") as stopped:
                    await scanning
            following = await _lists(inspectors)

            assert pid not in children(inspectors)
        assert stopped.value.by is Stop.DEATH
        assert following == ("environment.yml", "more/environment.yml")

    @pytest.mark.started
    async def test_a_cancelled_scan_leaves_neither_child_nor_folder_nor_solve(self, settings: ChannelSettings) -> None:
        solvers, begun = Unanswering(), asyncio.Event()

        async def scan(inspectors: Inspectors) -> None:
            async with inspectors.open(7, 1) as inspection:
                scanning = await asked_to_solve(inspection, solvers)
                begun.set()
                await scanning

        async with Inspectors(supplies(settings, solvers)) as inspectors:
            job = asyncio.create_task(scan(inspectors))
            await begun.wait()
            [pid], [folder] = children(inspectors), folders(inspectors)
            job.cancel()
            with pytest.raises(asyncio.CancelledError):
                await job

            assert children(inspectors) == []
        assert not is_running(pid)
        assert not folder.exists()

    async def test_closing_ends_what_is_under_way(self, settings: ChannelSettings) -> None:
        solvers = Unanswering()
        inspectors = Inspectors(supplies(settings, solvers))
        async with inspectors.open(7, 1) as inspection:
            scanning = await asked_to_solve(inspection, solvers)
            [pid] = children(inspectors)
            await inspectors.aclose()
            with pytest.raises(InspectionStopped):
                await scanning

        assert not is_running(pid)
        assert children(inspectors) == []

    @pytest.mark.skipif(sys.platform != "linux", reason="waits for a process that is not a child")
    async def test_a_child_ends_with_its_parent(self, settings: ChannelSettings) -> None:
        mirrors = [f"{each.canonical}={each.url}" for each in settings.mirrors]
        owner = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.inspecting.owner", str(settings.cache_dir), *mirrors),
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        assert owner.stdout is not None
        pid, folder = (await owner.stdout.readline()).decode().split()
        gone = asyncio.Event()
        handle = os.pidfd_open(int(pid))
        asyncio.get_running_loop().add_reader(handle, gone.set)
        owner.kill()
        await gone.wait()
        asyncio.get_running_loop().remove_reader(handle)
        os.close(handle)
        await owner.wait()

        assert not await asyncio.to_thread(Path(folder).exists)

    @pytest.mark.parametrize(
        "lie",
        [
            pytest.param(frame(b"\xc1"), id="no message"),
            pytest.param(frame(b"\x81\xa4type\xa5Hello"), id="a message of the parent"),
            pytest.param(frame(b"\x81\xa4type\xa4Text"), id="a message that lacks something"),
            pytest.param((LONGEST + 1).to_bytes(4, "big"), id="a frame that is too long"),
        ],
    )
    async def test_a_child_that_says_what_no_child_says_is_killed(
        self, settings: ChannelSettings, lie: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(inspector_process, "MODULE", "tests.inspecting.liar")
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        (tmp_path / "lie").write_text(lie.hex())
        async with Inspectors(supplies(settings, Unanswering())) as inspectors, inspectors.open(7, 1) as inspection:
            with pytest.raises(InspectionStopped, match="signal SIGKILL") as stopped:
                await inspection.listed({})

        assert stopped.value.by is Stop.DEATH


async def test_a_defect_is_an_outcome_and_its_traceback_is_logged(
    settings: ChannelSettings, caplog: pytest.LogCaptureFixture
) -> None:
    async with Inspectors(supplies(settings, Unanswering())) as inspectors, inspectors.open(7, 1) as inspection:
        await read(inspection, FILES)
        with pytest.raises(InspectionStopped, match=r"^defect: KeyError: 'no such key'$") as stopped:
            await inspection.prepared("no such key")

    assert stopped.value.by is Stop.DEFECT
    assert "in prepared" in caplog.text


@pytest.mark.started
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_a_child_sees_nothing_of_our_secrets(settings: ChannelSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDABOT_PRIVATE_KEY", "secret")
    async with Inspectors(supplies(settings, Unanswering())) as inspectors, inspectors.open(7, 1) as inspection:
        await read(inspection, FILES)
        [pid] = children(inspectors)
        content = await asyncio.to_thread(Path(f"/proc/{pid}/environ").read_bytes)

    assert b"secret" not in content


async def _read_and_scan(inspection: Inspection, files: dict[str, bytes]) -> None:
    await read(inspection, files)
    await inspection.scan(circumstances())


async def _lists(inspectors: Inspectors) -> tuple[str, ...]:
    async with inspectors.open(7, 2) as inspection:
        return await inspection.listed({path: len(content) for path, content in FILES.items()})


LOCKED = b"""\
version: 6
environments:
  default:
    channels:
    - url: https://conda.anaconda.org/a/
    packages:
      linux-64: []
packages: []
"""
WORKSPACE = b'[workspace]\nchannels = ["a"]\nplatforms = ["linux-64"]\n\n[dependencies]\n'


async def relocked(inspections: Inspections) -> tuple[Resolved, bytes, bytes | None, bytes | None, str]:
    """Return everything that an inspection says of a pull request whose lock is stale."""
    before = {"pixi.toml": WORKSPACE, "pixi.lock": LOCKED}
    async with inspections.open(7, 1) as inspection:
        for files in (before, before, {**before, "pixi.toml": WORKSPACE + b'alpha = "1.*"\n'}):
            await read(inspection, files)
        found = await inspection.relock(circumstances().now)
        text = await inspection.text(RELOCKED, "pixi.lock")
        merged = await inspection.merged(b"1\n2\n3\n", b"1\n2\n!\n", b"?\n2\n3\n")
        clash = await inspection.merged(b"1\n", b"2\n", b"3\n")
        return found, text, merged, clash, await inspection.explain(circumstances().now, "alpha")


async def test_a_child_says_of_a_relock_what_this_process_would(settings: ChannelSettings) -> None:
    indexes = PypiSettings(cache_dir=settings.cache_dir)
    async with open_engine(
        settings,
        indexes,
        egress=egress_policy(settings, indexes, EgressSettings()),
        policy=Policy(),
        processes=1,
        environment={},
    ) as engine:
        here = await relocked(OwnInspections(engine=engine))
    async with SolverPool(settings, processes=1) as pool, Inspectors(supplies(settings, pool)) as inspectors:
        there = await relocked(inspectors)

    assert there == here
    found, text, merged, clash, explained = there
    assert (found.locks, found.needs_merge, found.problems) == (("pixi.lock",), False, ())
    assert b"alpha-1.1" in text
    assert (merged, clash) == (b"?\n2\n!\n", None)
    assert "| `pixi.toml:6` | `1.*` |" in explained
