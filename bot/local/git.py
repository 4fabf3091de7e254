"""Reading files of another commit through the git program: nothing is written, fetched or run.

Only plumbing commands with fixed arguments are called (`rev-parse`, `ls-tree`, `cat-file`), which run no hook, filter,
text conversion or pager. What a person names as REF must look like one, so that it can never be an option or a path.
"""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bot.errors import BadInput
from bot.local.checkout import LARGEST_FILE

_REF: Final = re.compile(r"(?!-)[\w./@{}~^+-]{1,250}")
_OBJECT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REGULAR_FILES: Final = frozenset({"100644", "100755"})
_SECONDS: Final = 60
_OPTIONS: Final = (
    "--no-pager",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "safe.bareRepository=explicit"),  # the checkout may hold a repository of somebody else
    *("-c", "protocol.allow=never"),  # a partial clone would fetch what it lacks
)
_ENVIRONMENT: Final = {"LC_ALL": "C", "GIT_LITERAL_PATHSPECS": "1", "GIT_OPTIONAL_LOCKS": "0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A commit of the repository that the folder *root* is in. `ref` is what a person called it."""

    root: Path
    ref: str
    commit: str
    environment: Mapping[str, str] = field(repr=False)

    @classmethod
    def at(cls, root: Path, ref: str, environment: Mapping[str, str]) -> "Revision":
        """Return the commit that *ref* names; *environment* is what git sees of the process's.

        Raises:
            BadInput: *ref* does not look like one or names no commit here, or there is no git.

        """
        if not _REF.fullmatch(ref):
            raise BadInput(f"{ref[:80]!a} is not the name of a commit, branch or tag")
        answer = _git(root, environment, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        commit = answer.stdout.decode(errors="replace").strip()
        if answer.returncode or not _OBJECT.fullmatch(commit):
            said = f": git says {_said(answer)!a}" if answer.stderr else ""
            raise BadInput(f"{ref} is no commit that this repository has; fetch it first{said}")
        return cls(root=root, ref=ref, commit=commit, environment=environment)

    def read(self, path: str) -> bytes | None:
        """Return the file at *path* below `root` as this commit has it; None if it has no regular file there.

        Raises:
            BadInput: git cannot read it, or it is over `LARGEST_FILE` bytes.

        """
        listed = self._ask(path, "ls-tree", "-l", "-z", self.commit, "--", path).decode(errors="replace")
        if not listed:
            return None
        mode, _, blob, size = listed.partition("\t")[0].split()
        if mode not in _REGULAR_FILES:
            return None
        if int(size) > LARGEST_FILE:
            raise BadInput(f"has {size} bytes at {self.ref}, more than the {LARGEST_FILE} that are read", path=path)
        return self._ask(path, "cat-file", "blob", blob)

    def sizes(self) -> Mapping[str, int]:
        """Return the sizes in bytes of all regular files below `root`, by path.

        Raises:
            BadInput: git cannot list them.

        """
        listed = self._ask("", "ls-tree", "-r", "-l", "-z", self.commit).decode(errors="surrogateescape")
        found: dict[str, int] = {}
        for entry in filter(None, listed.split("\0")):
            described, _, path = entry.partition("\t")
            mode, _, _, size = described.split()
            if mode in _REGULAR_FILES:
                found[path] = int(size)
        return found

    def _ask(self, path: str, *arguments: str) -> bytes:
        answer = _git(self.root, self.environment, *arguments)
        if answer.returncode:
            raise BadInput(f"cannot be read at {self.ref}: git says {_said(answer)!a}", path=path)
        return answer.stdout


def _git(root: Path, environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("git", path=environment.get("PATH"))
    if program is None:
        raise BadInput("this needs the git program, which is not on PATH")
    try:
        return subprocess.run(  # noqa: S603 -- a fixed program and fixed arguments; REF is checked, paths come after `--`
            (program, "-C", str(root), *_OPTIONS, *arguments),
            env={**environment, **_ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise BadInput(f"git did not answer in {_SECONDS} seconds") from error


def _said(answer: subprocess.CompletedProcess[bytes]) -> str:
    return answer.stderr.decode(errors="replace").strip()[:200]
