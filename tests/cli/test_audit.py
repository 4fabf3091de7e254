"""`condabot audit` as a program: what it prints, what it writes, and how it exits."""

import asyncio
import io
import json
import os
import sys
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest
from aiohttp import web
from rich.console import Console

from bot import __version__
from bot.cli import main
from bot.cli.audit import ExitCode, exit_code, print_audit
from bot.demo.channel import CONDA_FORGE, DemoChannel, ServedChannel
from bot.demo.channel.repodata import Mode
from bot.demo.localhost import LocalServer
from bot.model.audit import AuditReport, FindingRule, LockAudit, NotJudged
from bot.model.report import Problem
from tests.audits import BZIP2, bzip2, demo_lock, finding, is_bzip2, locked_data

FORGED = demo_lock().replace(bzip2().sha256, "0" * 64)
PROBLEM = Problem(path="a/pixi.lock", sentence="this is not YAML", line=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Runs `condabot audit` in a process of its own, in a checkout, on a channel."""

    root: Path
    environment: Mapping[str, str]

    async def __call__(self, *arguments: str) -> Ended:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "audit", str(self.root), *arguments),
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        stdout, stderr = await process.communicate()
        return Ended(code=process.returncode or 0, stdout=stdout.decode(), stderr=stderr.decode())

    def write(self, text: str) -> None:
        (self.root / "pixi.lock").write_text(text)


@pytest.fixture
async def server() -> AsyncIterator[DemoChannel]:
    async with DemoChannel(ServedChannel.of("conda-forge", locked_data(), modes=[Mode.ZST])) as server:
        yield server


@pytest.fixture
def command(server: DemoChannel, tmp_path: Path) -> Command:
    root = tmp_path / "checkout"
    root.mkdir()
    environment = {
        "PATH": os.environ["PATH"],  # noqa: TID251 -- where the git program is
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "HOME": str(tmp_path),
        "CONDABOT_CACHE_DIR": str(tmp_path / "cache"),
        "CONDABOT_PYPI_MAPPING_URL": "",
        "CONDABOT_MIRRORS": f"{CONDA_FORGE}={server.url}/conda-forge",
        **{f"GIT_{who}_{what}": "x@files.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    return Command(root=root, environment=environment)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Runs `condabot audit` on `tmp_path` in this process: for what asks no channel."""

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["condabot", "audit", str(tmp_path), *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        output = capsys.readouterr()
        return Ended(code=int(ended.value.code or 0), stdout=output.out, stderr=output.err)

    return run


async def test_a_clean_lock_exits_with_0(command: Command) -> None:
    command.write(demo_lock())

    ended = await command()

    assert (ended.code, ended.stdout) == (0, "pixi.lock: 107 records of conda channels, 0 findings\n")


async def test_a_forged_hash_exits_with_1_and_is_named_with_its_line(command: Command) -> None:
    command.write(FORGED)

    ended = await command()

    line = FORGED.split("\n").index(f"- conda: {BZIP2}", FORGED.count("\n", 0, FORGED.index("\npackages:"))) + 1
    assert ended.code == 1
    assert ended.stdout.startswith(f"error pixi.lock:{line}: bzip2-1.0.8-hda65f42_8.conda has the sha256 ")
    assert "[hash-differs; default on linux-64]" in ended.stdout


async def test_json_and_sarif_come_from_one_run(command: Command, tmp_path: Path) -> None:
    command.write(FORGED)
    file = tmp_path / "audit.sarif"

    ended = await command("--json", "--sarif", str(file))

    [found] = json.loads(ended.stdout)["locks"][0]["findings"]
    [run] = json.loads(file.read_text())["runs"]
    assert ended.code == 1
    assert (found["rule"], found["url"]) == ("hash-differs", BZIP2)
    assert run["tool"]["driver"]["version"] == __version__
    assert [each["ruleId"] for each in run["results"]] == ["hash-differs"]


async def test_sarif_on_stdout_is_all_that_stands_there(command: Command) -> None:
    command.write(demo_lock())

    ended = await command("--sarif", "-")

    assert (ended.code, json.loads(ended.stdout)["runs"][0]["results"]) == (0, [])


def advisory(name: str, fixed: str) -> bytes:
    affected = {
        "package": {"ecosystem": "PyPI", "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
    }
    return json.dumps({"id": "GHSA-1", "aliases": ["CVE-1"], "summary": "It leaks.", "affected": [affected]}).encode()


def with_purl(lock: str, url: str, purl: str) -> str:
    """Return *lock* with the package URL of the record at *url* stated."""
    head, entry, rest = lock.rpartition(f"- conda: {url}\n")
    return f"{head}{entry}  purls:\n  - {purl}\n{rest}"


async def test_a_package_with_an_advisory_exits_with_1_and_says_where_it_is_fixed(
    command: Command, tmp_path: Path
) -> None:
    command.write(with_purl(demo_lock(), BZIP2, "pkg:pypi/bz?source=hash-mapping"))
    (tmp_path / "advisories").mkdir()
    (tmp_path / "advisories" / "one.json").write_bytes(advisory("bz", "1.0.9"))

    ended = await command("--advisories", str(tmp_path / "advisories"))

    finding, summary = ended.stdout.splitlines()
    assert ended.code == 1
    assert finding.endswith(
        "bzip2 1.0.8 (on PyPI bz) is affected by GHSA-1 (CVE-1): It leaks. Fixed in 1.0.9."
        " [advisory; default on linux-64]"
    )
    assert summary == (
        "pixi.lock: 107 records of conda channels, 1 findings; "
        "1 package held against advisories, 1 affected; of 106 packages nothing is known"
    )


async def test_what_the_checkout_says_does_not_count_is_told_and_no_finding(command: Command, tmp_path: Path) -> None:
    command.write(with_purl(demo_lock(), BZIP2, "pkg:pypi/bz?source=hash-mapping"))
    (tmp_path / "advisories").mkdir()
    (tmp_path / "advisories" / "one.json").write_bytes(advisory("bz", "1.0.9"))
    (command.root / ".github").mkdir()
    (command.root / ".github" / "condabot.yml").write_text(
        "advisories:\n  ignore:\n    - {id: CVE-1, reason: nobody packs here, until: 9999-01-01}\n"
    )

    ended = await command("--advisories", str(tmp_path / "advisories"), "--sarif", str(tmp_path / "audit.sarif"))

    finding, summary = ended.stdout.splitlines()
    [result] = json.loads((tmp_path / "audit.sarif").read_text())["runs"][0]["results"]
    [suppression] = result["suppressions"]
    said = "ignored until 9999-01-01 because nobody packs here (.github/condabot.yml:3)"
    assert ended.code == 0
    assert finding.endswith(
        f"bzip2 1.0.8 (on PyPI bz) is not affected by GHSA-1 (CVE-1): {said}. [advisory; default on linux-64]"
    )
    assert summary.endswith(
        "0 findings; 1 package held against advisories, 1 not affected (1 by the word of the repository); "
        "of 106 packages nothing is known"
    )
    assert (suppression["kind"], suppression["status"], suppression["justification"]) == ("external", "accepted", said)


async def test_advisories_of_a_mirror_are_kept_and_are_in_the_document(command: Command, tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("GHSA-1.json", advisory("bz", "1.0.8"))
    (tmp_path / "served" / "PyPI").mkdir(parents=True)
    (tmp_path / "served" / "PyPI" / "all.zip").write_bytes(content.getvalue())
    command.write(with_purl(demo_lock(), BZIP2, "pkg:pypi/bz"))
    application = web.Application()
    application.router.add_static("/", tmp_path / "served")

    async with LocalServer(application) as mirror:
        ended = await command("--advisories", mirror.url, "--json")
    offline = await command("--advisories", mirror.url, "--json", "--offline")

    [lock] = json.loads(ended.stdout)["locks"]
    [verdict] = lock["advisories"]["verdicts"]
    assert (verdict["id"], verdict["exposure"], verdict["name"]) == ("GHSA-1", "fixed", "bzip2")
    assert lock["advisories"]["judged"] == 1
    assert json.loads(offline.stdout)["locks"] == [lock]


async def test_a_source_of_advisories_that_is_none_is_said(command: Command, tmp_path: Path) -> None:
    command.write(demo_lock())

    ended = await command("--advisories", str(tmp_path / "nowhere"))

    assert ended.code == 2
    assert "nowhere: is no folder of advisories" in ended.stderr


async def test_a_channel_that_does_not_answer_exits_with_3(command: Command, server: DemoChannel) -> None:
    server["conda-forge"].failures[""] = HTTPStatus.INTERNAL_SERVER_ERROR
    command.write(FORGED)

    ended = await command()

    assert ended.code == 3
    assert ended.stdout.startswith(f"not judged pixi.lock: 107 records. Channel {CONDA_FORGE} answered 500:")
    assert "127.0.0.1" not in ended.stdout + ended.stderr


async def test_a_record_that_left_its_channel_exits_with_1(command: Command, server: DemoChannel) -> None:
    server["conda-forge"].replace(locked_data().without(is_bzip2))
    command.write(demo_lock())

    ended = await command("--json")

    assert ended.code == 1
    assert [each["url"] for each in json.loads(ended.stdout)["locks"][0]["findings"]] == [BZIP2]


async def test_a_license_is_compared_with_the_base(command: Command) -> None:
    command.write(demo_lock().replace("license: bzip2-1.0.6", "license: MIT"))
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-qm", "x"), ("tag", "base")):
        git = await asyncio.create_subprocess_exec("git", *arguments, cwd=command.root, env=command.environment)
        assert await git.wait() == 0
    command.write(demo_lock())

    ended = await command("--base", "base")

    assert ended.code == 1
    assert "warning pixi.lock:" in ended.stdout
    assert "states the license bzip2-1.0.6; 1.0.8 stated MIT." in ended.stdout


@pytest.mark.parametrize(
    ("lock", "arguments", "sentence"),
    [
        pytest.param(None, (), "no lockfile that condabot reads is in this folder", id="no lock"),
        pytest.param("a", ("--base", "-h"), "'-h' is not the name of a commit", id="a REF that is an option"),
        pytest.param("a", ("--base", "x"), "x is no commit that this repository has", id="no such REF"),
        pytest.param("a", ("--json", "--sarif", "-"), "both print to stdout", id="two documents on stdout"),
        pytest.param(
            "version: 1", (), "not read pixi.lock:1: version: version 1 comes from an old pixi", id="a lock too old"
        ),
    ],
)
def test_bad_input_exits_with_2_and_a_sentence(
    run: Callable[..., Ended], tmp_path: Path, lock: str | None, arguments: tuple[str, ...], sentence: str
) -> None:
    if lock:
        (tmp_path / "pixi.lock").write_text(lock)

    ended = run(*arguments)

    assert ended.code == ExitCode.BAD_INPUT
    assert sentence in " ".join((ended.stdout + ended.stderr).split())


def test_a_sarif_file_that_cannot_be_written_exits_with_2(run: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / "pixi.lock").write_text("version: 1\n")

    ended = run("--sarif", str(tmp_path / "nowhere" / "x"))

    assert ended.code == ExitCode.BAD_INPUT
    assert "x: --sarif: cannot be written: No such file or directory" in ended.stderr


def audited(*rules: FindingRule, sentence: str = "It differs.", unjudged: int = 0, others: int = 0) -> LockAudit:
    return LockAudit(
        path="[red]pixi.lock",
        records=5,
        others=others,
        findings=tuple(finding(rule, sentence) for rule in rules),
        not_judged=(NotJudged(reason="It is down.", records=unjudged),) if unjudged else (),
    )


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (AuditReport(locks=(audited(),)), ExitCode.CLEAN),
        (AuditReport(locks=(audited(unjudged=1),)), ExitCode.NOT_JUDGED),
        (AuditReport(locks=(audited(unjudged=1),), problems=(PROBLEM,)), ExitCode.BAD_INPUT),
        (AuditReport(locks=(audited(FindingRule.SIZE_DIFFERS, unjudged=1),), problems=(PROBLEM,)), ExitCode.FINDINGS),
        (AuditReport(locks=(audited(FindingRule.LICENSE_CHANGED),)), ExitCode.FINDINGS),
    ],
)
def test_the_exit_code_is_the_first_that_holds(report: AuditReport, code: ExitCode) -> None:
    assert exit_code(report) is code


def test_nothing_in_a_lock_is_markup_or_acts_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "[bold]x[/] [link=https://files.example]y[/link] \x1b[2J :smile: \u202e\n"
    ignored = {"[red]tests/pixi.lock": "**/tests/**"}

    print_audit(
        Console(force_terminal=True, color_system=None),
        AuditReport(locks=(audited(FindingRule.RECORD_GONE, sentence=hostile, others=2),), ignored=ignored),
    )

    error, hidden, summary = capsys.readouterr().out.splitlines()
    shown = r"[red]pixi.lock:7: [bold]x[/] [link=https://files.example]y[/link] \x1b[2J :smile: \u202e\n"
    assert error == f"error {shown} [record-gone; default on linux-64]"
    assert hidden == "ignored [red]tests/pixi.lock: its folder is hidden by **/tests/**; name it as PATH to audit it"
    assert summary == (
        "[red]pixi.lock: 5 records of conda channels, 1 findings; 2 PyPI packages and source builds are not audited"
    )
