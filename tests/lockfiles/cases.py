"""Golden rewrites: a folder of `fixtures/lockfiles/pixi-lock` is a lock, what is solved anew, and the lock after it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.lockfiles import Solutions, parse
from bot.model.manifest import PackageName
from bot.model.package import Lock, Record

FIXTURES = Path(__file__).parents[2] / "fixtures" / "lockfiles" / "pixi-lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`changes.json` says which names go and which records come, by environment and subdir."""

    folder: Path

    @property
    def before(self) -> str:
        return self._text("before.lock")

    @property
    def after(self) -> str:
        return self._text("after.lock")

    @property
    def lock(self) -> Lock:
        return parse("pixi.lock", self.before.encode())

    @property
    def solutions(self) -> Solutions:
        changes: dict[str, dict[str, dict[str, Any]]] = json.loads(self._text("changes.json"))
        return {
            (name, platform): solved_anew(self.lock, name, platform, change)
            for name, platforms in changes.items()
            for platform, change in platforms.items()
        }

    def _text(self, name: str) -> str:
        return (self.folder / name).read_bytes().decode()


CASES = tuple(Case(folder=folder) for folder in sorted(FIXTURES.iterdir()))


def solved_anew(lock: Lock, name: str, platform: str, change: Mapping[str, Any]) -> tuple[Record, ...]:
    environment = lock.environment(name)
    assert environment is not None
    kept = [each for each in environment.conda[platform] if each.name not in change["remove"]]
    return (*kept, *(record(**fields) for fields in change["add"]))


def record(**fields: Any) -> Record:
    """Return a record from JSON's types; what is left out has a value of its own."""
    defaults: dict[str, Any] = {"version": "1.0", "build": "h0_0", "build_number": 0, "subdir": "linux-64"}
    given = defaults | {key: _frozen(value) for key, value in fields.items()}
    name, version, build, subdir = given["name"], given["version"], given["build"], given["subdir"]
    url = f"https://conda.anaconda.org/conda-forge/{subdir}/{name}-{version}-{build}.conda"
    return Record(**({"url": url} | given | {"name": PackageName(name)}))


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict):
        return {key: tuple(items) for key, items in value.items()}
    return value
