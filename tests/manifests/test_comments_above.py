"""Which comments stand above items, and over how many."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ManifestError
from bot.manifests import extract, extract_annotated, rewrite


def above(path: str, text: str) -> dict[str, tuple[str, int, int]]:
    """Return the comment above each dependency that has one: its words, and the line below it of how many."""
    manifest = extract(path, text.encode())
    assert manifest is not None
    found = {each.name: each.comment_above for each in manifest.dependencies}
    return {name: (each.text, each.position, each.items) for name, each in found.items() if each}


YAML = """\
dependencies:
# numerics, and
#   what goes with them
- numpy=1.26
- scipy=1.11
# alone

- pandas=2.1
  # deeper
- xarray
# outcommented
# - dask
- zarr
# of pip
- pip
- pip:
  # from PyPI
  - requests==2.0
  - rich
"""


def test_in_yaml_a_comment_stands_over_the_items_up_to_what_is_none() -> None:
    assert above("environment.yml", YAML) == {
        "numpy": ("numerics, and what goes with them", 0, 2),
        "scipy": ("numerics, and what goes with them", 1, 2),
        "pip": ("of pip", 0, 1),
        "requests": ("from PyPI", 0, 2),
        "rich": ("from PyPI", 1, 2),
    }


DEEPER = """\
dependencies:
    # Tools
    # https://example.org/issues/7221
  - rdkit =2024
  - nglview
    # only with this one
  - pytest =8
    # of what stands above
  - scipy =1
"""


def test_in_yaml_a_deeper_comment_is_about_what_stands_above_it_if_that_has_a_version() -> None:
    assert above("environment.yml", DEEPER) == {
        "rdkit": ("Tools https://example.org/issues/7221", 0, 2),
        "nglview": ("Tools https://example.org/issues/7221", 1, 2),
        "pytest": ("only with this one", 0, 1),
    }


TOML = """\
[project]
# not of an item
dependencies = ["six>=1"]

[project.optional-dependencies]
test = [
  # "pytest-old>=1",
  # for the tests
  "pytest>=8", "pytest-cov",
  "hypothesis",
]

# not of an item either
[tool.pixi.dependencies]
# ====
# the newest
# ====
numpy = "2.*"
# scipy = "*"
pandas = { version = "2.*" }
# read by all
xarray = "*"
"""


def test_in_toml_a_comment_stands_over_entries_and_list_items() -> None:
    assert above("pyproject.toml", TOML) == {
        "numpy": ("the newest", 0, 1),
        "xarray": ("read by all", 0, 1),
        "pytest": ("for the tests", 0, 3),
        "pytest-cov": ("for the tests", 0, 3),
        "hypothesis": ("for the tests", 1, 3),
    }


@pytest.mark.parametrize(
    "line", ["renovate: datasource=conda depName=x/numpy", "yamllint disable-line", "noqa", "----"]
)
def test_what_is_written_for_programs_is_no_comment(line: str) -> None:
    assert above("environment.yml", f"dependencies:\n# {line}\n- numpy=1.26\n") == {}


def test_line_ends_of_windows_are_none_of_its_words() -> None:
    assert above("environment.yml", "dependencies:\r\n# read by all\r\n- numpy=1.26\r\n") == {
        "numpy": ("read by all", 0, 1)
    }


def test_the_comment_above_an_annotated_line_is_its_annotation() -> None:
    text = "# renovate: datasource=conda depName=numpy\nENV NUMPY=1.26\n"
    manifest = extract_annotated("Dockerfile", text.encode())

    assert manifest is not None
    assert [each.comment_above for each in manifest.dependencies] == [None]


def test_a_line_below_a_comment_is_rewritten_as_any_other() -> None:
    manifest = extract("environment.yml", YAML.encode())
    assert manifest is not None
    numpy = manifest.dependencies[0]

    assert rewrite(manifest, YAML, {numpy.at: "=2.4"}) == YAML.replace("numpy=1.26", "numpy=2.4")


@given(st.lists(st.sampled_from(["# a", "  # b", "- x=1", "  - y=2", "", "\x85", "\u2028", "\r", "- |", "# - z"])))
def test_no_order_of_lines_makes_reading_fail(lines: list[str]) -> None:
    text = "\n".join(["dependencies:", *lines])

    with suppress(ManifestError):
        manifest = extract("environment.yml", text.encode())
        found = [each.comment_above for each in (manifest.dependencies if manifest else ())]
        assert all(each is None or 0 <= each.position < each.items for each in found)
