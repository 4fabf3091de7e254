"""pre-commit itself installs condabot from a repository, by `.pre-commit-hooks.yaml`, and runs its hooks."""

import shutil
import subprocess
from pathlib import Path

import pytest

from bot.cli.options import process_environment
from tests.conftest import Reader

pytestmark = pytest.mark.verify

ROOT = Path(__file__).parents[2]
INSTALLED = (".pre-commit-hooks.yaml", "pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "bot")
"""What an install of condabot is made of."""

CONFIG = """\
repos:
  - repo: {url}
    rev: {rev}
    hooks:
      - id: condabot-locked
      - id: condabot-config
"""
MANIFEST = '[workspace]\nname = "x"\nchannels = []\nplatforms = ["linux-64"]\n'
LOCK = "version: 6\nenvironments:\n  default:\n    channels: []\n    packages: {}\npackages: []\n"


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def committed(folder: Path) -> str:
    """Return the commit of everything in *folder*."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "one")
    return git(folder, "rev-parse", "HEAD")


def copy_installed(folder: Path) -> None:
    """Put into *folder* what condabot is installed from."""
    folder.mkdir(exist_ok=True)
    for name in INSTALLED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that is condabot's."""
    folder = tmp_path_factory.mktemp("hooks")
    copy_installed(folder)
    return folder


def test_locks_out_of_step_do_not_pass_the_hook(tmp_path: Path, hooks: Path, reader: Reader) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / ".pre-commit-config.yaml").write_text(CONFIG.format(url=hooks.as_uri(), rev=committed(hooks)))
    (checkout / "pixi.toml").write_text(MANIFEST)
    (checkout / ".github").mkdir()
    (checkout / ".github" / "condabot.yml").write_text("enabled: true\n")
    (checkout / "pixi.lock").write_text(LOCK)
    committed(checkout)
    environment = {**process_environment(), "PRE_COMMIT_HOME": str(tmp_path / "home")}
    run = [str(reader("pre-commit")), "-m", "pre_commit", "run", "--all-files"]

    passed = subprocess.run(run, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    (checkout / "pixi.toml").write_text(f'{MANIFEST}[dependencies]\npython = "*"\n')
    failed = subprocess.run(run, cwd=checkout, env=environment, capture_output=True, text=True, check=False)

    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert (failed.returncode, "linux-64 is not locked" in failed.stdout) == (1, True), failed.stdout + failed.stderr
