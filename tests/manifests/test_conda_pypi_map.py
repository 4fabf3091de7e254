"""The `conda-pypi-map` of pixi, in all of its forms."""

import pytest

from bot.errors import ManifestError
from bot.manifests import extract
from bot.model.manifest import ChannelNames, CondaPypiMap, MappingMode, PackageName

REPLACE = MappingMode.REPLACE


def names(name: str, *projects: str) -> tuple[PackageName, tuple[str, ...]]:
    return PackageName(name), projects


def declared(text: str, table: str = "workspace") -> CondaPypiMap | None:
    manifest = extract("pixi.toml", f'[{table}]\nchannels = ["conda-forge"]\n{text}'.encode())
    assert manifest is not None
    return manifest.declarations.conda_pypi_map


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", None, id="none"),
        pytest.param("conda-pypi-map = false", CondaPypiMap(is_off=True), id="off"),
        pytest.param(
            "conda-pypi-map = {}",
            CondaPypiMap(channels=(ChannelNames(channel="conda-forge", mode=REPLACE),)),
            id="an empty table means no mapping for conda-forge",
        ),
        pytest.param(
            'conda-pypi-map = {robostack = "local/names.json"}',
            CondaPypiMap(channels=(ChannelNames(channel="robostack", location="local/names.json"),)),
            id="a path",
        ),
        pytest.param(
            'conda-pypi-map = {"https://me:secret@conda.example/t/abc/x" = "https://me:secret@x.example/names.json"}',
            CondaPypiMap(
                channels=(ChannelNames(channel="https://conda.example/x", location="https://x.example/names.json"),)
            ),
            id="URLs lose their credentials",
        ),
        pytest.param(
            "conda-pypi-map = {internal = false}",
            CondaPypiMap(channels=(ChannelNames(channel="internal", mode=MappingMode.NONE),)),
            id="a channel without PyPI names",
        ),
        pytest.param(
            '[workspace.conda-pypi-map.conda-forge]\nlocation = "x.json"\nmapping-mode = "replace"\n'
            'same-name-heuristic = false\nmapping = {PyTorch = "torch", air = ["a", "b"], c = false}',
            CondaPypiMap(
                channels=(
                    ChannelNames(
                        channel="conda-forge",
                        mode=REPLACE,
                        location="x.json",
                        names=(names("pytorch", "torch"), names("air", "a", "b"), names("c")),
                        same_name=False,
                    ),
                )
            ),
            id="a table, the names of conda packages in lower case",
        ),
    ],
)
def test_it_is_read(text: str, expected: CondaPypiMap | None) -> None:
    assert declared(text) == expected


def test_it_is_read_under_the_old_name_of_the_workspace() -> None:
    assert declared("conda-pypi-map = false", "project") == CondaPypiMap(is_off=True)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("conda-pypi-map = true", "workspace.conda-pypi-map: must be a table"),
        ("conda-pypi-map = {x = true}", "workspace.conda-pypi-map.x: must be a URL or path, a table, or false"),
        (
            'conda-pypi-map = {x = {mapping-mode = "none"}}',
            "workspace.conda-pypi-map.x.mapping-mode: `none` is unknown; pixi knows overlay and replace",
        ),
        (
            "conda-pypi-map = {x = {same-name-heuristic = 1}}",
            "workspace.conda-pypi-map.x.same-name-heuristic: must be true or false",
        ),
        (
            "conda-pypi-map = {x = {mapping = {y = 1}}}",
            "workspace.conda-pypi-map.x.mapping.y: must be a name on PyPI, a list of names, or false",
        ),
        (
            "conda-pypi-map = {x = {mapping = {y = [1]}}}",
            "workspace.conda-pypi-map.x.mapping.y: must be a list of texts",
        ),
    ],
)
def test_what_pixi_would_not_read_is_said_by_line_and_key(text: str, sentence: str) -> None:
    with pytest.raises(ManifestError) as raised:
        declared(text)

    assert str(raised.value) == f"pixi.toml:3: {sentence}"
