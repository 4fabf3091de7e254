"""A pyproject.toml is a manifest only with `[tool.pixi]`."""

import pytest

from bot.errors import ManifestError
from bot.manifests import extract


@pytest.mark.parametrize(
    "text",
    ['[project]\nname = "x"\n', "[tool.ruff]\n", "# no pixi here\n", "broken = ", '[tool]\nx = "pixi"\n'],
)
def test_a_project_without_pixi_is_no_manifest(text: str) -> None:
    assert extract("pyproject.toml", text.encode()) is None


def test_a_project_with_pixi_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ManifestError, match=r"pyproject\.toml:2: is not TOML"):
        extract("pyproject.toml", b"[tool.pixi]\nx = \n")


def test_the_name_in_pixis_own_table_wins() -> None:
    manifest = extract("pyproject.toml", b'[project]\nname = "a"\n[tool.pixi.workspace]\nname = "b"\n')

    assert manifest is not None
    assert manifest.declarations.name == "b"


def test_an_empty_extra_is_a_feature_too() -> None:
    manifest = extract("pyproject.toml", b"[project.optional-dependencies]\nall = []\n[tool.pixi]\n")

    assert manifest is not None
    assert [feature.name for feature in manifest.declarations.features] == ["default", "all"]
