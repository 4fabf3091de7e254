"""A pyproject.toml is a manifest only with `[tool.pixi]`."""

import pytest

from bot.errors import ManifestError
from bot.manifests import extract, rewrite


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


def test_a_marker_may_have_escapes_and_a_version_may_not() -> None:
    text = (
        "[tool.pixi]\n[project]\ndependencies = [\n"
        r"""  "a >= 1.2; sys_platform == \"win32\"",
  "b; sys_platform == \"win32\"",
  "c>\u003d1.2",
]
"""
    )

    manifest = extract("pyproject.toml", text.encode())

    assert manifest is not None
    assert [(each.version, each.skip and each.skip.reason) for each in manifest.dependencies] == [
        (">= 1.2", None),
        ("", None),
        ("", "not-text"),
    ]
    assert rewrite(manifest, text, {manifest.dependencies[0].at: ">= 2.3"}) == text.replace("a >= 1.2", "a >= 2.3")
