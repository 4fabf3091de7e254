"""The samples of the demo: what is proposed is what the channel has, what solves, and nothing besides."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import rattler
import yaml

from bot.demo.our_tool import REPOSITORY, demo_channels
from bot.demo.samples import NAMES
from bot.demo.scenario import OpenedPull, opened, play
from bot.egress import resolve_channels
from bot.manifests import extract
from bot.model.solve import Solution, SolveRequest, SolveResult
from bot.planning.baseline import question, specs
from bot.relock import SolverPool
from bot.settings import CHANNEL_ALIAS, ChannelSettings, Mirror
from bot.workspaces import compose, solve_units

pytestmark = pytest.mark.verify

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What the demo came to."""

    pulls: tuple[OpenedPull, ...]
    violations: list[str]

    @property
    def locked(self) -> tuple[OpenedPull, ...]:
        return tuple(each for each in self.pulls if "pixi.lock" in each.files)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return asyncio.run(_play(tmp_path_factory.mktemp("demo")))


async def _play(root: Path) -> Played:
    async with play(root, lambda _: None) as stage:
        return Played(pulls=opened(stage.repositories), violations=stage.stage.github.violations)


def test_everything_that_was_said_to_github_fits_its_own_description(played: Played) -> None:
    assert played.violations == []


def test_every_sample_gets_pull_requests_and_one_update_is_forbidden_by_another_package(played: Played) -> None:
    by_repository = {each.repository.name: each for each in played.pulls}

    assert by_repository.keys() == {*NAMES, REPOSITORY, "just-installed"}
    assert "acme-tool has new commands" in (by_repository[REPOSITORY].pull.body or "")
    assert by_repository["just-installed"].pull.title == "Configure condabot"
    assert any("needs pydantic-core ==2.46.4" in (each.pull.body or "").replace("\\", "") for each in played.pulls)


def test_every_record_of_every_lock_is_the_channels_by_url_and_sha256(played: Played) -> None:
    offered = _offered()

    locked = [entry for each in played.locked for entry in _packages(each.files["pixi.lock"][1])]

    assert locked
    assert [entry for entry in locked if offered.get(entry["conda"]) != entry["sha256"]] == []


def test_the_version_of_a_lock_stays_and_its_text_is_what_the_reference_writer_writes(
    played: Played, tmp_path: Path
) -> None:
    for each in played.locked:
        before, after = each.files["pixi.lock"]
        assert after.splitlines()[0] == before.splitlines()[0]
        if after.startswith("version: 7"):
            (tmp_path / "pixi.lock").write_text(after)
            rattler.LockFile.from_path(tmp_path / "pixi.lock").to_path(tmp_path / "again.lock")
            assert (tmp_path / "again.lock").read_text() == after


def test_no_record_is_left_that_nothing_needs(played: Played) -> None:
    for each in played.locked:
        lock = _load(each.files["pixi.lock"][1])
        chosen = {
            selector["conda"]
            for environment in lock["environments"].values()
            for selectors in environment["packages"].values()
            for selector in selectors
        }
        assert chosen == {entry["conda"] for entry in lock["packages"]}


def test_with_nothing_locked_every_changed_environment_still_solves(played: Played, tmp_path: Path) -> None:
    questions = [question for each in played.pulls for question in _questions(each)]

    results = asyncio.run(_solve(questions, tmp_path))

    assert questions
    assert [result for result in results if not isinstance(result, Solution)] == []


def _offered() -> dict[str, str]:
    """Return the sha256 of everything in the channel, by URL."""
    served = demo_channels()
    places = {name: served[name.rpartition("/")[2]].data.subdirs for name in served.mirrors}
    return {
        f"{url}/{subdir}/{each.fn}": each.sha256
        for url, subdirs in places.items()
        for subdir, records in subdirs.items()
        for each in records
    }


def _packages(lock: str) -> list[dict[str, str]]:
    packages: list[dict[str, str]] = _load(lock)["packages"]
    return packages


def _load(lock: str) -> Any:
    """Read a lock by another parser than condabot's own."""
    return yaml.load(lock, yaml.CSafeLoader)


def _questions(each: OpenedPull) -> Iterator[SolveRequest]:
    """Ask whether what the manifests of a pull request ask for solves, from nothing."""
    for path, (_, text) in each.files.items():
        manifest = None if path == "pixi.lock" else extract(path, text.encode())
        if manifest is not None:
            workspace = compose(manifest, None, lambda name: resolve_channels(name, CHANNEL_ALIAS), now=NOW)
            for unit in solve_units(workspace):
                yield question(unit, specs=specs(unit), newest_record=NOW)


async def _solve(questions: list[SolveRequest], cache: Path) -> list[SolveResult]:
    async with demo_channels() as channel:
        mirrors = tuple(Mirror(canonical=name, url=url) for name, urls in channel.mirrors.items() for url in urls)
        async with SolverPool(ChannelSettings(mirrors=mirrors, cache_dir=cache), processes=2) as pool:
            session = pool.session()
            return list(await asyncio.gather(*(session.solve(each) for each in questions)))


def test_the_pull_request_of_the_readme_is_one_that_the_demo_opens(played: Played) -> None:
    quoted = [line[2:] for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("> ")]
    title, text = quoted[0].removeprefix("### "), in_words(" ".join(quoted[1:]))

    body = in_words(next(each.pull.body or "" for each in played.pulls if each.pull.title == title))

    assert text[text.index("**Held back**") :] in body
    [moved] = re.findall(r"`httpx`\]\([^)]*\) \| (`[^`]*` -> `[^`]*`)", text)
    assert moved in body


def in_words(markdown: str) -> str:
    """Return *markdown* on one line, without what only escapes."""
    return " ".join(markdown.replace("\\", "").split())
