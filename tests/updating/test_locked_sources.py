"""Repositories with packages from source: what is proposed beside them, and that they stay in the lock as they are."""

from collections.abc import Iterable, Mapping

from bot.model.package import Record
from bot.model.report import ScanReport, Standing
from bot.model.update import Purpose
from bot.rendering.pull_request import Told, body
from tests.planning.toy import FORGE, NOW, record
from tests.updating.toy import Toy, scanner

NUMPY, NUMPY_2 = record("numpy", "1.26"), record("numpy", "2.3")
RUST, RUST_2 = record("rust", "1.90", "numpy <2"), record("rust", "1.91")
ZLIB, ZLIB_2 = record("zlib", "1.3"), record("zlib", "1.4")
CHANNEL = (NUMPY, NUMPY_2, RUST, RUST_2, ZLIB, ZLIB_2)
WORKSPACE = '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'
DEV = WORKSPACE + '[dev]\ntool = { path = "." }\n[dependencies]\nnumpy = ">=1.26,<2"\nzlib = ">=1.3,<1.4"\n'
BUILT = WORKSPACE + '[dependencies]\ntool = { path = "part" }\nzlib = ">=1.3,<1.4"\n'
SOURCE = "- conda_source: tool[0a1b2c3d] @ part\n  depends:\n  - numpy\n"


def lock(environments: Mapping[str, Iterable[str] | None], entries: Iterable[str]) -> bytes:
    """Return a lock of version 7 with *entries*; the environments are those entries, or have no platform at all."""
    head = "version: 7\nplatforms:\n- name: linux-64\nenvironments:\n"
    body_of = {name: "" if of is None else _selectors(of) for name, of in environments.items()}
    parts = (
        f"  {name}:\n    channels:\n    - url: {FORGE.url}/\n    packages:{text or ' {}'}\n"
        for name, text in body_of.items()
    )
    return f"{head}{''.join(parts)}packages:\n{''.join(entries)}".encode()


def _selectors(entries: Iterable[str]) -> str:
    return "\n      linux-64:" + "".join(f"\n      {each.splitlines()[0]}" for each in entries)


def entry(locked: Record) -> str:
    depends = "".join(f"  - {each}\n" for each in locked.depends)
    return f"- conda: {locked.url}\n" + (f"  depends:\n{depends}" if depends else "")


def default(*entries: str) -> bytes:
    return lock({"default": entries}, entries)


async def scanned(manifest: str, locked: bytes) -> ScanReport:
    return await scanner(Toy(*CHANNEL)).scan({"pixi.toml": manifest.encode(), "pixi.lock": locked}, {})


def standings(report: ScanReport) -> dict[str, tuple[Standing, str]]:
    return {each.name: (each.standing, each.reason) for each in report.statuses}


async def test_what_a_build_backend_added_stays_and_holds_back_what_does_not_go_with_it() -> None:
    report = await scanned(DEV, default(entry(NUMPY), entry(RUST), entry(ZLIB)))

    [proposal] = report.proposals
    assert [each.name for each in proposal.plan.updates] == ["zlib"]
    assert f"- conda: {RUST.url}\n" in proposal.files["pixi.lock"]
    standing, reason = standings(report)["numpy"]
    assert standing is Standing.HELD_BACK
    assert reason == (
        "numpy 2.3 does not solve in 'default' on linux-64: what the build backend of tool adds stays as it is locked, "
        "and pixi.toml:5 asks for tool"
    )


async def test_a_proposal_says_that_it_was_kept() -> None:
    [proposal] = (await scanned(DEV, default(entry(NUMPY), entry(RUST), entry(ZLIB)))).proposals

    text = body(proposal, Told(base="0" * 40, now=NOW), 10_000)
    assert "What the build backend of `tool` adds is not known before it runs" in text


async def test_a_lock_that_is_brought_in_step_keeps_what_is_built_from_source() -> None:
    report = await scanned(BUILT.replace("zlib", "rust").replace(">=1.3,<1.4", "*"), default(entry(NUMPY), SOURCE))

    [proposal] = report.proposals
    assert proposal.plan.purpose is Purpose.RELOCK
    assert SOURCE in proposal.files["pixi.lock"]
    assert f"- conda: {RUST_2.url}\n" in proposal.files["pixi.lock"]


async def test_a_platform_where_nobody_can_tell_what_it_needs_is_not_locked_without_it() -> None:
    report = await scanned(BUILT.replace('"linux-64"]', '"linux-64", "osx-64"]'), default(entry(NUMPY), SOURCE))

    assert report.proposals == ()
    assert any("osx-64 is not locked" in each.sentence for each in report.problems)


async def test_a_source_that_nothing_asks_for_any_more_is_left_to_pixi() -> None:
    report = await scanned(BUILT.replace('tool = { path = "part" }', 'numpy = "*"'), default(entry(NUMPY), SOURCE))

    assert report.proposals == ()
    assert any("would have other packages that are built from source" in each.sentence for each in report.problems)


async def test_an_environment_that_asks_for_nothing_need_not_be_locked() -> None:
    manifest = DEV.replace("[dev]", "[feature.a.dev]").replace("[dependencies]", "[feature.a.dependencies]")
    grouped = f'{manifest}[environments]\na = {{ features = ["a"], solve-group = "g" }}\nb = {{ solve-group = "g" }}\n'
    entries = [entry(NUMPY), entry(RUST), entry(ZLIB)]

    report = await scanned(grouped, lock({"a": entries, "b": None, "default": None}, entries))

    [proposal] = report.proposals
    assert report.problems == ()
    assert f"  b:\n    channels:\n    - url: {FORGE.url}/\n    packages: {{}}\n" in proposal.files["pixi.lock"]
    assert f"- conda: {ZLIB_2.url}\n" in proposal.files["pixi.lock"]


async def test_a_line_that_the_package_inherits_stays_with_what_the_lock_says_of_it() -> None:
    manifest = (
        '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'
        '[workspace.dependencies]\nnumpy = ">=1.26,<2"\n[package]\nname = "tool"\n'
        "[package.run-dependencies]\nnumpy = { workspace = true }\n"
        '[dependencies]\nnumpy = { workspace = true }\ntool = { path = "." }\nzlib = ">=1.3,<1.4"\n'
    )
    source = "- conda_source: tool[0a1b2c3d] @ .\n  depends:\n  - numpy\n"

    report = await scanned(manifest, default(entry(NUMPY), entry(ZLIB), source))

    [proposal] = report.proposals
    assert [each.name for each in proposal.plan.updates] == ["zlib"]
    [said] = [each for each in report.statuses if each.name == "numpy" and each.line == 5]
    assert said.standing is Standing.LEFT_ALONE
    assert said.reason == "pixi.lock holds what is built from source, and what that asks for; condabot builds nothing"
