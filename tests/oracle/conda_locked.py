"""What a `conda-lock.yml` must still hold, told by names alone, without the code under test.

conda-lock writes of each package what it needs, by name, of its own manager; `metadata.sources` are the files of which
the lines ask for packages.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

NAME = re.compile(r"(?:[^\s\[]*::)?\s*([A-Za-z0-9][\w.-]*)")


def still_asked_for(files: Mapping[str, bytes], path: str, before: str, after: str) -> list[str]:
    """Return what the lock text *after* at *path* has no longer of *before* though something there asks for it.

    *files* are those of the repository as they are now; of sources that are no YAML nothing is known.
    """
    old, new = (yaml.load(text, Loader=yaml.CBaseLoader) for text in (before, after))  # noqa: S506 - all stays text
    sources = [posixpath.normpath(posixpath.join(posixpath.dirname(path), each)) for each in new["metadata"]["sources"]]
    lines = [name for each in sources if each in files for name in _asked(each, files[each].decode())]
    return [
        f"{platform}: {name} is gone, and something asks for it"
        for platform in new["metadata"]["platforms"]
        for name in _lost(lines, _packages(old, platform), _packages(new, platform))
    ]


def _asked(path: str, text: str) -> Iterator[str]:
    """Yield the names of the packages that an environment file asks for, those of pip among them."""
    document = yaml.load(text, Loader=yaml.CBaseLoader) if path.endswith((".yml", ".yaml")) else {}  # noqa: S506
    items = document.get("dependencies") or []
    nested = [each for item in items if isinstance(item, dict) for each in item.get("pip", ())]
    for each in (*(item for item in items if isinstance(item, str)), *nested):
        if named := NAME.match(each):
            yield named[1].lower()


def _packages(lock: Mapping[str, Any], platform: str) -> Mapping[str, list[str]]:
    """Return the packages of *platform* with the names of what each needs."""
    there = [each for each in lock["package"] if each["platform"] == platform]
    return {each["name"]: list(each.get("dependencies") or {}) for each in there}


def _lost(lines: list[str], before: Mapping[str, list[str]], after: Mapping[str, list[str]]) -> list[str]:
    """Return what of *before* is gone and would be reached from *lines* if it were still there."""
    every = {**before, **after}
    reached, waiting = set[str](), [*lines]
    while waiting:
        name = waiting.pop()
        if name in every and name not in reached:
            reached.add(name)
            waiting += every[name]
    return sorted(name for name in before.keys() - after.keys() if name in reached)
