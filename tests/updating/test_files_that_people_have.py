"""Manifests and locks that are told by their content: read, moved together, or named with the reason."""

from collections.abc import Mapping

import pytest

from bot import lockfiles
from bot.model.lock_verdict import LockStanding
from bot.model.package import Record
from bot.model.report import ScanReport
from bot.updating.locked import judge_locks
from tests.conda_locks import entry
from tests.planning.toy import FORGE, record
from tests.updating.test_conda_locks import ALPHA_2, BOTH, CORE, EXTRA, locked, scan
from tests.updating.test_explicit_lists import ENVIRONMENT as ASKED
from tests.updating.test_explicit_lists import PINNED
from tests.updating.test_explicit_lists import scan as scan_lists
from tests.updating.toy import Toy, scanner

ENVIRONMENT = BOTH["environment.yml"]
NEW = ENVIRONMENT.replace("alpha=1.0.0", "alpha=2.0.0")
SCRIPT = """\
#!/usr/bin/env python
# /// script
# [tool.pixi.workspace]
# channels = ["conda-forge"]
# platforms = ["linux-64"]
# [tool.pixi.dependencies]
# alpha = "1.0.*"
# python = "3.12.*"
# ///
print("alpha 1.0.*")
"""
MOJO = '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n\n[dependencies]\nalpha = "1.0.*"\n'
ALPHAS = tuple(record("alpha", version) for version in ("1.0.0", "2.0.0"))
PYTHON = record("python", "3.12.4")


def pixi_lock(*records: Record) -> str:
    urls = sorted(each.url for each in records)
    times = {each.url: each.timestamp for each in records}
    listed = "".join(f"      - conda: {url}\n" for url in urls)
    entries = "".join(f"- conda: {url}\n  timestamp: {times[url]}\n" for url in urls)
    channel = f"    channels:\n    - url: {FORGE.url}/\n"
    return (
        f"version: 6\nenvironments:\n  default:\n{channel}    packages:\n      linux-64:\n{listed}packages:\n{entries}"
    )


def locked_by(text: str) -> list[str]:
    """Return the URLs that the pixi.lock *text* locks."""
    (environment,) = lockfiles.parse("pixi.lock", text.encode()).environments
    return sorted(each.url for records in environment.conda.values() for each in records)


async def scan_pixi(files: Mapping[str, str]) -> ScanReport:
    return await scanner(Toy(*ALPHAS, PYTHON)).scan({path: text.encode() for path, text in files.items()}, {})


async def test_a_script_and_the_lock_that_has_its_name_move_together() -> None:
    files = {"plot.py": SCRIPT, "plot.py.pixi.lock": pixi_lock(ALPHAS[0], PYTHON), "pixi.lock": pixi_lock()}

    report = await scan_pixi(files)

    (proposal,) = report.proposals
    assert report.problems == ()
    assert sorted(proposal.files) == ["plot.py", "plot.py.pixi.lock"]
    assert proposal.files["plot.py"] == SCRIPT.replace('# alpha = "1.0.*"', '# alpha = "2.0.*"')
    assert locked_by(proposal.files["plot.py.pixi.lock"]) == locked_by(pixi_lock(ALPHAS[1], PYTHON))
    assert (await scan_pixi({**files, **proposal.files})).proposals == ()


async def test_a_mojoproject_toml_and_its_lock_move_together() -> None:
    report = await scan_pixi({"mojoproject.toml": MOJO, "pixi.lock": pixi_lock(ALPHAS[0])})

    (proposal,) = report.proposals
    assert sorted(proposal.files) == ["mojoproject.toml", "pixi.lock"]
    assert proposal.files["mojoproject.toml"] == MOJO.replace("1.0", "2.0")
    assert locked_by(proposal.files["pixi.lock"]) == locked_by(pixi_lock(ALPHAS[1]))


@pytest.mark.parametrize("first", [MOJO, "[workspace\n"], ids=["one that is read", "one that cannot be read"])
async def test_a_manifest_beside_one_that_pixi_reads_first_is_named_and_left_alone(first: str) -> None:
    second = '[tool.pixi.workspace]\nchannels = ["conda-forge"]\n\n[tool.pixi.dependencies]\nalpha = "1.0.*"\n'

    report = await scan_pixi({"pixi.toml": first, "pyproject.toml": second, "mojoproject.toml": MOJO})

    assert {path for proposal in report.proposals for path in proposal.files} <= {"pixi.toml"}
    assert {each.manifest for each in report.statuses} <= {"pixi.toml"}
    assert {each.path: each.sentence for each in report.recognised} == dict.fromkeys(
        ("pyproject.toml", "mojoproject.toml"), "pixi.toml stands beside it, and pixi reads that one only"
    )


async def test_a_pyproject_toml_without_pixi_hides_nothing_and_says_what_it_is() -> None:
    report = await scan_pixi({"pyproject.toml": "[project]\n", "mojoproject.toml": MOJO})

    assert [each.manifest for each in report.statuses] == ["mojoproject.toml"]
    assert [(each.path, each.sentence) for each in report.recognised] == [
        ("pyproject.toml", "has no `[tool.pixi]`, so pixi does not read it")
    ]


@pytest.mark.parametrize(
    "name", ["conda-lock.default.yml", "conda-lock-gpu.yml", "gpu.lock.yaml", "whatever.yml", "pinned.yaml"]
)
async def test_a_lock_of_conda_lock_is_told_by_its_content_and_followed(name: str) -> None:
    report = await scan({"environment.yml": ENVIRONMENT, name: BOTH["conda-lock.yml"]})

    (proposal,) = report.proposals
    assert report.problems == ()
    assert proposal.files == {
        "environment.yml": NEW,
        name: locked(entry(ALPHA_2), entry(CORE), entry(EXTRA), texts=[NEW]),
    }


async def test_two_locks_of_one_manifest_move_with_it() -> None:
    report = await scan({**BOTH, "gpu.lock.yml": BOTH["conda-lock.yml"]})

    (proposal,) = report.proposals
    assert sorted(proposal.files) == ["conda-lock.yml", "environment.yml", "gpu.lock.yml"]


async def test_a_lock_of_any_name_that_cannot_be_read_keeps_its_manifest_back() -> None:
    broken = BOTH["conda-lock.yml"].replace("version: 1\n", "version: 9\n", 1)

    report = await scan({"environment.yml": ENVIRONMENT, "gpu.lock.yml": broken})

    assert report.proposals == ()
    assert [each.path for each in report.problems] == ["gpu.lock.yml"]
    assert "environment.yml stays as it is" in report.problems[0].sentence


@pytest.mark.parametrize("name", ["environment.lock", "environment-linux-64.txt", "environment.pin.txt"])
async def test_an_explicit_list_with_the_name_of_its_manifest_moves_with_it(name: str) -> None:
    report = await scan_lists({"environment.yml": ASKED, name: PINNED})

    (proposal,) = report.proposals
    assert report.problems == ()
    assert sorted(proposal.files) == sorted(["environment.yml", name])


async def test_a_list_of_nobody_is_named_whatever_it_is_called() -> None:
    report = await scan_lists({"environment.yml": ASKED, "other.yml": ASKED, "spec-file.txt": PINNED})

    assert [each.path for each in report.problems] == ["spec-file.txt"]


async def test_a_project_that_cannot_be_read_is_a_problem() -> None:
    report = await scan({"conda-project.yml": "environments: [\n", "environment.yml": ENVIRONMENT})

    assert [each.path for each in report.problems] == ["conda-project.yml"]
    assert report.proposals != ()


NONE = {
    "environment.yml": ("name: x\n", "has no list under `dependencies`, so it is no environment"),
    "pyproject.toml": ("[project]\n", "has no `[tool.pixi]`, so pixi does not read it"),
    "run.py": (
        "# /// script\n# dependencies = []\n# ///\n",
        "a script whose block has no `[tool.pixi]`, so it asks for nothing from a channel",
    ),
}


@pytest.mark.parametrize("path", NONE)
async def test_a_file_that_looks_like_a_manifest_and_is_none_says_why(path: str) -> None:
    text, sentence = NONE[path]

    report = await scan({path: text})

    assert [(each.path, each.sentence) for each in report.recognised] == [(path, sentence)]


async def test_any_other_file_says_nothing() -> None:
    report = await scan({"setup.py": "pixi = 1\n", "mkdocs.yml": "name: x\n", "docs/x.yml": "a: b\n"})

    assert (report.recognised, report.problems) == ((), ())


PACKAGE = '[package]\nname = "mine"\n\n[package.host-dependencies]\nalpha = "1.0.*"\nlib = { path = "../lib" }\n'
BESIDE = "pixi.toml beside it has `[package]` and no `[workspace]`, so pixi does not read this lock"


@pytest.mark.parametrize(
    ("asking", "reason"),
    [
        pytest.param("", "(none here does)", id="by-nobody"),
        pytest.param("packages/mine", "(pixi.toml:6)", id="by-its-folder"),
        pytest.param("./packages/mine/", "(pixi.toml:6)", id="by-its-folder-in-other-words"),
        pytest.param("packages/mine/pixi.toml", "(pixi.toml:6)", id="by-its-manifest"),
        pytest.param("packages/other", "(none here does)", id="another-one"),
    ],
)
async def test_a_package_without_a_workspace_is_read_for_the_one_that_asks_for_it(asking: str, reason: str) -> None:
    files = {"packages/mine/pixi.toml": PACKAGE, "packages/mine/pixi.lock": pixi_lock(ALPHAS[0])}
    workspace = MOJO.replace('alpha = "1.0.*"', f'mine = {{ path = "{asking}" }}')

    report = await scan_pixi(files | ({"pixi.toml": workspace} if asking else {}))

    mine = "packages/mine/pixi.toml"
    said = {str(each.name): each.reason for each in report.statuses if each.manifest == mine}
    assert said["alpha"].startswith("member: its file has `[package]` and no `[workspace]`")
    assert said["alpha"].endswith(f"pixi reads it where a workspace asks for it {reason}")
    assert said["lib"] == "path: path = ../lib"
    assert [(each.path, each.sentence) for each in report.recognised] == [("packages/mine/pixi.lock", BESIDE)]
    assert [each.path for each in report.problems if each.path != "pixi.toml"] == []
    assert report.proposals == ()


async def test_the_lock_beside_a_package_without_a_workspace_is_out_of_step_with_nothing() -> None:
    files = {"pixi.toml": PACKAGE.encode(), "pixi.lock": pixi_lock(ALPHAS[0]).encode()}

    (verdict,) = judge_locks(files, scanner(Toy()).reader)

    assert (verdict.standing, [each.sentence for each in verdict.reasons]) == (LockStanding.ORPHANED, [BESIDE])


async def test_a_workspace_that_is_a_package_too_is_one() -> None:
    report = await scan_pixi({"pixi.toml": MOJO + PACKAGE, "pixi.lock": pixi_lock(ALPHAS[0])})

    assert report.recognised == ()
    assert {each.reason.partition(":")[0] for each in report.statuses} & {"member"} == set()
