"""Write into a wheel which commit it is built from, where git knows: `condabot --version` says so."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CommitHook(BuildHookInterface):
    """Adds `bot/_build.py`. A checkout that is installed as it stands moves on, so nothing is said of it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file, if there is a commit."""
        commit = _commit(self.root) if version == "standard" else ""
        if not commit:
            return
        self._folder = TemporaryDirectory()
        path = Path(self._folder.name) / "_build.py"
        path.write_text(f'"""Written when the wheel was built."""\n\nCOMMIT = "{commit}"\n', encoding="ascii")
        build_data["force_include"][str(path)] = "bot/_build.py"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was written."""
        del version, build_data, artifact_path
        if folder := getattr(self, "_folder", None):
            folder.cleanup()


def _commit(root: str) -> str:
    """Return the commit that is checked out at *root*, marked if files differ from it; empty if nobody knows."""
    git = ["git", "-C", root, "-c", "safe.directory=*"]
    try:
        top = _said([*git, "rev-parse", "--show-toplevel"])
        if Path(top).resolve() != Path(root).resolve():  # built within another repository
            return ""
        changed = _said([*git, "status", "--porcelain", "--untracked-files=no"])
        return _said([*git, "rev-parse", "HEAD"]) + ("+changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _said(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 -- git
