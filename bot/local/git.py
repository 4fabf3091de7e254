"""Reading files of another commit through the git program: nothing is written, fetched or run.

Only commands with fixed arguments are called (`rev-parse`, `ls-tree`, `ls-files`, `cat-file`, `merge-base`,
`merge-file`, and `log` without a patch), which run no hook, filter, text conversion or pager. What a person names as
REF must look like one, so that it can never be an option or a path.
"""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bot.errors import BadInput
from bot.local.checkout import LARGEST_FILE

_REF: Final = re.compile(r"(?!-)[\w./@{}~^+-]{1,250}")
_OBJECT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REGULAR_FILES: Final = frozenset({"100644", "100755"})
_SHA1: Final = 40
"""Digits of an object's name, unless a repository was made for longer ones."""

_GITHEAD: Final = "GITHEAD_"
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


def common_ancestor(one: Revision, other: Revision) -> Revision | None:
    """Return the best commit that both come from, None if there is none."""
    answer = _git(one.root, one.environment, "merge-base", one.commit, other.commit)
    commit = answer.stdout.decode(errors="replace").strip()
    return replace(one, ref=commit[:10], commit=commit) if _OBJECT.fullmatch(commit) else None


def merge_text(environment: Mapping[str, str], ours: bytes, base: bytes, theirs: bytes) -> tuple[bytes, bool]:
    """Return the three-way merge of a text, as git makes it, and whether it has no conflict."""
    with TemporaryDirectory() as folder:
        names = ("ours", "base", "theirs")
        for name, content in zip(names, (ours, base, theirs), strict=True):
            Path(folder, name).write_bytes(content)
        labels = (part for name in names for part in ("-L", name))
        answer = _git(Path(folder), environment, "merge-file", "--stdout", *labels, *names)
    return answer.stdout, answer.returncode == 0


def merging(root: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield names of what git may be merging into the work tree, or applying to it, the surest first.

    `git merge` tells its drivers by variables (`GITHEAD_<commit>`), a rebase by the last line of what it has begun.
    """
    yield from (name.removeprefix(_GITHEAD) for name in environment if name.startswith(_GITHEAD))
    yield "CHERRY_PICK_HEAD"
    answer = _git(root, environment, "rev-parse", "--git-path", "rebase-merge/done")
    begun = root / answer.stdout.decode(errors="replace").strip()
    if answer.returncode == 0 and begun.is_file():
        yield from begun.read_text(errors="replace").split("\n")[-2:][0].split(" ")[1:2]
    yield "REBASE_HEAD"


def is_unmerged(root: Path, environment: Mapping[str, str], path: str) -> bool:
    """Tell whether git has left the file at *path* in conflict, and waits for somebody to resolve it."""
    return bool(_git(root, environment, "ls-files", "--unmerged", "-z", "--", path).stdout)


def commits_that_brought(root: Path, environment: Mapping[str, str], path: str, content: bytes) -> Iterator[str]:
    """Yield commits in which the file at *path* became, or stopped being, *content*.

    git before 2.44 does not tell a driver what it cherry-picks.
    """
    head = _git(root, environment, "rev-parse", "HEAD").stdout.strip()
    digest = hashlib.sha256 if len(head) > _SHA1 else hashlib.sha1
    blob = digest(b"blob %d\0%b" % (len(content), content)).hexdigest()
    found = _git(root, environment, "log", "--all", "--format=%H", "-n8", f"--find-object={blob}", "--", path)
    yield from found.stdout.decode(errors="replace").split()


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
