"""The oracle on real manifests and the locks beside them: it takes those in step, and says of others what is wrong."""

import json
import posixpath
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.pixi_locked import out_of_date
from tests.oracle.pixi_manifest import NotJudgedError, declared_environments

pytestmark = pytest.mark.verify

VERSIONS = ("version: 6\n", "version: 7\n")


def pairs(real_files: Path) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yield every manifest with the lock of the same folder and commit, as entries of the index."""
    index = [json.loads(line) for line in (real_files / "index.jsonl").read_text().splitlines()]
    locks = {_place(entry): entry for entry in index if entry["kind"] == "pixi-lock"}
    for entry in index:
        if entry["kind"] == "pixi-manifest" and _place(entry) in locks:
            yield entry, locks[_place(entry)]


def _place(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    return entry["repo"], entry["commit"], posixpath.dirname(entry["path"])


def judged(path: str, manifest: str, lock: str) -> list[str] | str:
    """Return what is wrong with a pair, or in one text why it is not judged."""
    if not lock.startswith(VERSIONS):
        return "an old version of the lock"
    try:
        return out_of_date(declared_environments(path, manifest), lock)
    except NotJudgedError as error:
        return str(error)


def test_real_locks_are_taken_or_it_is_said_why_not(real_files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {
        f"{manifest['repo']} {manifest['path']} at {manifest['commit'][:10]}": judged(
            manifest["path"], (real_files / manifest["file"]).read_text(), (real_files / lock["file"]).read_text()
        )
        for manifest, lock in pairs(real_files)
    }

    tally = Counter("in step" if not why else "out of date" if isinstance(why, list) else why for why in found.values())
    refused = [f"{name}: {why[0]} (and so on)" for name, why in found.items() if isinstance(why, list) and why]
    with capsys.disabled():
        sys.stdout.write("\n".join([f"\n{len(found)} pairs: {dict(tally)}", *refused, ""]))
    assert tally["in step"]
