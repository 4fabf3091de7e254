"""Golden folders: `fixtures/manifests/<format>/<case>/` with `before`, `after` and `expected.json`.

`expected.json` holds the path of the manifest, what is extracted from `before` (fields at their defaults are left
out), and the changes that turn it into `after`. A new case is a new folder.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

from bot.manifests import extract, extract_annotated
from bot.model.manifest import KeyPath, Manifest

FOLDER = Path(__file__).parents[2] / "fixtures" / "manifests"
CASES = sorted(path.parent.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*/expected.json"))


def before(case: str) -> bytes:
    return (FOLDER / case / "before").read_bytes()


def after(case: str) -> bytes:
    return (FOLDER / case / "after").read_bytes()


def expected(case: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((FOLDER / case / "expected.json").read_text(encoding="utf-8"))
    return read


def changes(case: str) -> Mapping[KeyPath, str]:
    return {tuple(change["at"]): change["to"] for change in expected(case)["changes"]}


def manifest(case: str) -> Manifest:
    """The manifest that `before` is. Asserts that it is one."""
    read = extract_annotated if case.startswith("annotated/") else extract
    found = read(expected(case)["path"], before(case))
    assert found is not None
    return found


def plain(value: object) -> Any:
    """Return *value* as JSON has it, without the fields of dataclasses that are at their defaults."""
    if is_dataclass(value):
        named = {each.name: getattr(value, each.name) for each in fields(value) if not _is_default(value, each)}
        return {name: plain(part) for name, part in named.items()}
    return [plain(each) for each in value] if isinstance(value, tuple) else value


def _is_default(value: object, each: Any) -> bool:
    return each.default is not MISSING and getattr(value, each.name) == each.default
