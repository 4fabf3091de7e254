"""Of several manifests in one folder pixi reads the first only."""

import pytest

from bot.manifests import extract, preferred_to
from bot.model.manifest import Manifest

TEXTS = {
    "pixi.toml": b"[workspace]\n",
    "pyproject.toml": b"[tool.pixi.workspace]\n",
    "mojoproject.toml": b"[workspace]\n",
    "run.py": b"# /// script\n# [tool.pixi.dependencies]\n# ///\n",
}
ALL = frozenset(f"a/{name}" for name in TEXTS)


def manifest(name: str) -> Manifest:
    found = extract(f"a/{name}", TEXTS[name])
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "paths", "other"),
    [
        pytest.param("pixi.toml", ALL, None, id="a pixi.toml is always read"),
        pytest.param("pyproject.toml", ALL, "a/pixi.toml", id="beside it no pyproject.toml is"),
        pytest.param("mojoproject.toml", ALL, "a/pixi.toml", id="and no mojoproject.toml"),
        pytest.param("mojoproject.toml", ALL - {"a/pixi.toml"}, "a/pyproject.toml", id="nor beside a pyproject.toml"),
        pytest.param("run.py", ALL, None, id="a script is asked for by its name"),
        pytest.param("pyproject.toml", {"pixi.toml", "a/b/pixi.toml"}, None, id="other folders do not count"),
    ],
)
def test_which_is_read(name: str, paths: frozenset[str], other: str | None) -> None:
    assert preferred_to(manifest(name), paths) == other
