"""`action.yml`: its steps are run as a runner runs them, by bash, with files for what they say."""

import asyncio
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli.options import process_environment
from bot.demo.channel import CONDA_FORGE
from tests.cli.conftest import TITLE, AtGitHub, Condabot
from tests.cli.test_pack import pixi_lock
from tests.packages import HERE, Built

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
INSTALL, RUN, PACK = (step for step in STEPS if "run" in step)
LOCK = "version: 6\nenvironments:\n  default:\n    channels: []\n    packages: {}\npackages: []\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str


RunStep = Callable[..., Step]


def outputs_of(text: str) -> dict[str, str]:
    """Return what a step put into GITHUB_OUTPUT, read as runners do."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        if match := re.fullmatch(r"(\w+)<<(.+)", line):
            found[match[1]] = "\n".join(iter(lambda: next(lines), match[2]))
        else:
            name, _, value = line.partition("=")
            found[name] = value
    return found


def bash(step: Mapping[str, Any], environment: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run *step* as a runner does where `shell: bash` is said."""
    script = folder / "script.sh"
    script.write_text(step["run"])
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    return subprocess.run(
        command, cwd=folder / "checkout", env=environment, capture_output=True, text=True, check=False
    )


def files_in(folder: str) -> set[str]:
    return {each.name for each in Path(folder).iterdir()}


def commit_all(root: Path) -> None:
    git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "one"]):
        subprocess.run([*git, *command], check=True)


@pytest.fixture
def run_step(tmp_path: Path, condabot: Condabot) -> RunStep:
    """Run a step of the action on the checkout, with inputs; condabot is the one beside the tests."""
    bin_folder = tmp_path / "condabot-environment" / "bin"
    bin_folder.mkdir(parents=True)
    for name, arguments in (("condabot", [sys.executable, "-m", "bot"]), ("python", [sys.executable])):
        (bin_folder / name).write_text(f'#!/bin/sh\nexec {shlex.join(arguments)} "$@"\n')
        (bin_folder / name).chmod(0o755)

    def run(step: Mapping[str, Any] = RUN, **inputs: str) -> Step:
        values = {name: inputs.get(name, each["default"]) for name, each in ACTION["inputs"].items()}
        known = {f"${{{{ inputs.{name} }}}}": value for name, value in values.items()}
        own = {name: known.get(value, value) for name, value in step["env"].items()}
        output, summary = tmp_path / "output", tmp_path / "summary"
        output.write_text("")
        summary.write_text("")
        environment = {
            **process_environment(),
            **own,
            "PYTHONPATH": str(ROOT),
            "CONDABOT_CACHE_DIR": str(tmp_path / "cache"),
            "CONDABOT_MIRRORS": f"{CONDA_FORGE}={condabot.channel.url}/conda-forge",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(tmp_path),
        }
        ended = bash(step, environment, tmp_path)
        return Step(
            code=ended.returncode,
            log=ended.stdout + ended.stderr,
            outputs=outputs_of(output.read_text()),
            summary=summary.read_text(),
        )

    return run


def test_no_input_is_written_into_a_script() -> None:
    scripts = [each["run"] for each in STEPS if "run" in each]

    assert len(scripts) == 3
    assert not any("${{" in script for script in scripts)


def test_every_action_that_it_uses_is_named_by_a_whole_commit() -> None:
    used = [each["uses"] for each in STEPS if "uses" in each]

    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each) for each in used)


def test_every_output_is_one_of_a_step() -> None:
    named = {name: each["value"] for name, each in ACTION["outputs"].items()}

    expected = {name: f"${{{{ steps.run.outputs.{name} }}}}" for name in ("changed", "title", "body")}
    assert named == {**expected, "packed": "${{ steps.pack.outputs.packed }}"}


async def test_an_update_changes_the_checkout_and_says_what_a_pull_request_would(
    run_step: RunStep, condabot: Condabot
) -> None:
    step = await asyncio.to_thread(run_step, command="update")

    assert (step.code, step.outputs["changed"]) == (0, "true"), step.log
    assert step.outputs["title"] == "Update alpha from 1.0 to 2.0"
    assert "| package | change |" in step.outputs["body"]
    assert step.summary.strip() == step.outputs["body"].strip()
    assert b"alpha=2.0  # first" in condabot.read()["environment.yml"]


async def test_a_second_update_changes_nothing_and_says_so(run_step: RunStep) -> None:
    await asyncio.to_thread(run_step, command="update")

    step = await asyncio.to_thread(run_step, command="update")

    assert (step.code, step.outputs["changed"], step.outputs["title"]) == (0, "false", ""), step.log
    assert step.outputs["body"].strip() == ""


async def test_a_check_tells_whether_there_is_something_to_update_and_writes_nothing(
    run_step: RunStep, condabot: Condabot
) -> None:
    before = condabot.read()

    step = await asyncio.to_thread(run_step)

    assert (step.code, step.outputs["changed"]) == (0, "true"), step.log
    assert "alpha" in step.outputs["body"]
    assert step.summary.startswith("````````text\n")
    assert condabot.read() == before


@pytest.mark.parametrize(
    ("platforms", "code", "changed"),
    [pytest.param("[]", 0, "false", id="in step"), pytest.param('["linux-64"]', 1, "true", id="out of step")],
)
async def test_a_lock_that_is_out_of_step_fails_the_job(
    run_step: RunStep, condabot: Condabot, platforms: str, code: int, changed: str
) -> None:
    manifest = f'[workspace]\nname = "x"\nchannels = []\nplatforms = {platforms}\n'
    if code:
        manifest += '[dependencies]\ncore = "*"\n'
    condabot.write({"pixi.toml": manifest, "pixi.lock": LOCK})

    step = await asyncio.to_thread(run_step, command="check --locked")

    assert (step.code, step.outputs["changed"]) == (code, changed), step.log


async def test_a_diff_is_markdown_for_the_summary(run_step: RunStep, condabot: Condabot) -> None:
    await asyncio.to_thread(commit_all, condabot.root)
    condabot.write({"environment.yml": condabot.read()["environment.yml"].replace(b"alpha=1.0", b"alpha=1.1")})

    step = await asyncio.to_thread(run_step, command="diff HEAD")

    assert (step.code, step.outputs["changed"]) == (0, "true"), step.log
    assert "alpha" in step.outputs["body"]
    assert step.summary.strip() == step.outputs["body"].strip()


async def test_a_run_opens_one_pull_request_in_the_apps_own_words(run_step: RunStep, world: AtGitHub) -> None:
    step = await asyncio.to_thread(run_step, command="run", token=world.runner())

    assert (step.code, step.outputs["changed"], step.outputs["title"]) == (0, "true", TITLE), step.log
    [pull] = world.repository.pulls.values()
    assert (pull.title, pull.author.login) == (TITLE, "github-actions[bot]")
    assert (pull.body or "").partition("<!--")[0].strip() in step.outputs["body"]
    assert step.summary.strip() == step.outputs["body"].strip()


async def test_a_run_that_may_write_nothing_fails_the_job(run_step: RunStep, world: AtGitHub) -> None:
    token = world.runner({"contents": "read", "pull_requests": "read"})

    step = await asyncio.to_thread(run_step, command="run", token=token)

    assert (step.code, step.outputs["changed"]) == (1, "false"), step.log
    assert "::error title=condabot::GitHub refused" in step.log


async def test_credentials_are_for_run_alone(run_step: RunStep, tmp_path: Path) -> None:
    (tmp_path / "condabot-environment" / "bin" / "condabot").write_text("#!/bin/sh\nenv\n")

    step = await asyncio.to_thread(run_step, **{"token": "a-token", "app-id": "7", "private-key": "a-key"})

    assert not {"a-token", "a-key"} & set(re.split(r"[=\n]", step.log))
    assert "CONDABOT_APP_ID" not in step.log


@pytest.mark.parametrize("command", ["", "serve", "check; touch here", "$(touch here)"])
async def test_nothing_else_is_run(run_step: RunStep, condabot: Condabot, command: str) -> None:
    step = await asyncio.to_thread(run_step, command=command)

    assert (step.code, step.outputs["changed"]) == (2, "false"), step.log
    assert "here" not in condabot.read()


async def test_what_a_repository_says_is_no_command_of_the_runner(run_step: RunStep) -> None:
    step = await asyncio.to_thread(run_step)

    first, last = re.findall(r"^::(?:stop-commands::)?(\w{32})(?:::)?$", step.log, re.MULTILINE)
    assert first == last
    assert step.log.index(f"::stop-commands::{first}") < step.log.index("alpha") < step.log.index(f"::{first}::")


async def test_a_folder_that_is_not_there_fails(run_step: RunStep) -> None:
    step = await asyncio.to_thread(run_step, path="nowhere")

    assert step.code != 0


async def test_an_environment_is_packed_and_named_for_the_step_that_uploads_it(
    run_step: RunStep, condabot: Condabot, packages: Mapping[str, Built]
) -> None:
    lib = packages["lib-1.0.conda"]
    condabot.write({"sub/pixi.lock": pixi_lock(lib, environment="test")})
    condabot.channel["conda-forge"].archives = {lib.place: lib.content}

    step = await asyncio.to_thread(run_step, PACK, pack=f"sub/pixi.lock --environment test --platform {HERE}")

    assert step.code == 0, step.log
    assert step.outputs["packed"] == f"sub-pixi.lock-test-{HERE}"
    assert files_in(step.outputs["folder"]) == {
        "environment.tar.gz",
        *(f"environment.tar.gz.{ending}" for ending in ("sha256", "cdx.json", "manifest.json")),
    }


async def test_what_cannot_be_packed_fails_the_job_and_is_not_uploaded(run_step: RunStep) -> None:
    step = await asyncio.to_thread(run_step, PACK, pack="pixi.lock")

    assert (step.code, step.outputs) == (2, {}), step.log
    assert "pixi.lock" in step.log


def test_what_is_packed_is_uploaded_whole() -> None:
    upload = STEPS[-1]

    assert STEPS[-2] == PACK
    assert upload["if"] == PACK["if"] == "inputs.pack != ''"
    assert upload["with"]["name"] == ACTION["outputs"]["packed"]["value"]
    assert upload["with"]["path"] == "${{ steps.pack.outputs.folder }}"


@pytest.mark.verify
def test_the_action_installs_what_lies_beside_it_and_nothing_of_the_checkout(tmp_path: Path) -> None:
    (tmp_path / "checkout").mkdir()
    for name in ("venv", "pip", "secrets", "sitecustomize"):
        (tmp_path / "checkout" / f"{name}.py").write_text("raise SystemExit('code of the repository was run')\n")
    said = {"CONDABOT_ACTION_COMMAND": "run", "CONDABOT_ACTION_EXTRAS": "", "CONDABOT_ACTION_VERSION": ""}
    said["CONDABOT_ACTION_PACK"] = "pixi.lock"
    where = {"GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(tmp_path)}
    environment = {**process_environment(), **said, **where}

    ended = bash(INSTALL, environment, tmp_path)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.startswith("condabot ")
    packages = next(tmp_path.glob("condabot-environment/lib/*/site-packages"))
    assert list(packages.glob("gidgethub"))  # `run` has what it needs, and no database
    assert list(packages.glob("conda_pack"))
    assert not list(packages.glob("psycopg*"))
