"""Scripts that bring their environment along: which are manifests, and what is asked where they say nothing."""

import pytest

from bot.errors import ManifestError
from bot.manifests import extract, is_script_path
from bot.model.manifest import Role

SCRIPT = """\
# /// script
# requires-python = ">=3.12"
# dependencies = ["rich==13.7.0"]
# [tool.pixi.dependencies]
# numpy = "1.26.*"
# ///
"""

OTHERS = {
    "a script of other programs": SCRIPT.replace("tool.pixi", "tool.uv"),
    "a block of another type": SCRIPT.replace("/// script", "/// pyproject"),
    "a block that is indented": SCRIPT.replace("# /// script", " # /// script"),
    "no block at all": "print('pixi')\n",
    "an open block without pixi": "# /// script\n# dependencies = []\n",
}


@pytest.mark.parametrize("kind", OTHERS)
def test_it_is_no_manifest_of_ours(kind: str) -> None:
    assert extract("run.py", OTHERS[kind].encode()) is None


BROKEN = {
    "a block that does not end": (SCRIPT.removesuffix("# ///\n"), r"run\.py:1: .* opens a block that no line `# ///`"),
    "a line that is no comment in it": (
        SCRIPT.replace("# numpy", "#numpy"),
        r"run\.py:1: .* opens a block that no line `# ///` closes",
    ),
    "a second block": (f"{SCRIPT}\n\n{SCRIPT}", r"run\.py:9: .* opens a second block; a script has one"),
    "no TOML in it": (SCRIPT.replace('"1.26.*"', ""), r"run\.py:5: is not TOML"),
    "a value of the wrong kind": (
        SCRIPT.replace('["rich==13.7.0"]', "7"),
        r"run\.py:3: must be a list \(at dependencies\)|run\.py:3: .*dependencies.* must be a list",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_pixi_refuses_is_refused_with_its_line(kind: str) -> None:
    text, sentence = BROKEN[kind]

    with pytest.raises(ManifestError) as refused:
        extract("run.py", text.encode())

    assert refused.value.path == "run.py"
    assert refused.match(sentence)


def test_its_requirements_are_its_own_and_its_python_counts() -> None:
    manifest = extract("run.py", SCRIPT.encode())

    assert manifest is not None
    assert {each.name: each.role for each in manifest.dependencies} == {
        "numpy": Role.DEPENDENCY,
        "rich": Role.DEPENDENCY,
    }
    assert manifest.declarations.requires_python == ">=3.12"


@pytest.mark.parametrize(
    ("workspace", "channels"),
    [
        pytest.param("", ["conda-forge"], id="where it names no channel pixi takes conda-forge"),
        pytest.param('# workspace.channels = ["bioconda"]\n', ["bioconda"], id="what it names counts"),
        pytest.param("# workspace.channels = []\n", [], id="also that there is none"),
    ],
)
def test_channels(workspace: str, channels: list[str]) -> None:
    text = SCRIPT.replace("# [tool.pixi.dependencies]\n", f"# [tool.pixi]\n{workspace}# [tool.pixi.dependencies]\n")

    manifest = extract("run.py", text.encode())

    assert manifest is not None
    assert [each.name for each in manifest.declarations.channels] == channels


def test_what_stands_before_and_behind_the_block_is_neither_value_nor_comment_of_a_line() -> None:
    text = f'# Do not edit.\nx = "1.0"\n{SCRIPT}# numpy = "1.26.*"\n'

    manifest = extract("run.py", text.encode())

    assert manifest is not None
    assert [(each.name, each.line, each.comment_above) for each in manifest.dependencies] == [
        ("numpy", 7, None),
        ("rich", 5, None),
    ]
    assert manifest.header.startswith("# Do not edit.")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("plot.py", True),
        ("app.pyw", True),
        ("scripts/plot.py", True),
        ("src/tools/plot.py", True),
        ("src/plot.py", False),
        ("scripts/plot.sh", False),
    ],
)
def test_which_python_files_are_looked_into(path: str, *, expected: bool) -> None:
    assert is_script_path(path) is expected
