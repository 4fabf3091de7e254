"""Recipes are read for what they name: by lines, without rendering, without failing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.manifests.recipes import is_recipe_path, read_recipe

META = """\
{% set name = "tool" %}
{% set version = load_setup_py_data()["version"] %}
package:
  name: {{ name|lower }}
  version: {{ version }}
about:
  description: |
    requirements:
      run:
        - not-this
requirements:
  build:
    - {{ compiler("c") }}
  host:
    - numpy {{ numpy }}
  run:
    - python >=3.10,<3.13
    - {{ pin_compatible("numpy", max_pin="x") }}
    {% for dep in deps %}
    - {{ dep }}
    {% endfor %}
    - pyobjc  # [osx]
    - "conda-forge::PyTorch >=2.4,<3"  # a reason
    - 'libblas * *mkl'
  run_constrained:
    - dask >=2024
test:
  requires:
    - pytest
outputs:
- name: tool-extra
  requirements:
    run:
    - {{ pin_subpackage("tool", exact=True) }}
    - scipy[version='<2']
"""
META_SAYS = [
    (17, "run", "python", ">=3.10,<3.13"),
    (18, "run", "numpy", '{{ pin_compatible("numpy", max_pin="x") }}'),
    (22, "run", "pyobjc", ""),
    (23, "run", "pytorch", ">=2.4,<3"),
    (24, "run", "libblas", "* *mkl"),
    (26, "run_constraints", "dask", ">=2024"),
    (35, "run", "scipy", "[version='<2']"),
]
RECIPE = """\
schema_version: 1
context:
  python_min: "3.10"
requirements:
  host: [pip, hatchling]
  run:
    - python >=${{ python_min }}
    - ${{ pin_compatible('numpy', upper_bound='x') }}
    - if: win
      then: pywin32 >=306
      else:
        - uvloop
        - "libgcc"
    - typing-extensions ~=4.12
  run_constraints: ["pydantic >=2,<3", tool]
tests:
  - requirements:
      run:
        - pytest <9
    script:
      - pytest
"""
RECIPE_SAYS = [
    (7, "run", "python", ">=${{ python_min }}"),
    (8, "run", "numpy", "${{ pin_compatible('numpy', upper_bound='x') }}"),
    (10, "run", "pywin32", ">=306"),
    (12, "run", "uvloop", ""),
    (13, "run", "libgcc", ""),
    (14, "run", "typing-extensions", "~=4.12"),
    (15, "run_constraints", "pydantic", ">=2,<3"),
    (15, "run_constraints", "tool", ""),
]
VARIANTS = """\
# pins
c_compiler_version:    # [linux]
  - 14                 # [linux]
numpy:
- 1.26
- "2.0"   # [py>=313]
python: ['3.12.* *_cpython', 3.13]
openssl: "3"
zip_keys:
  - [python, numpy]
  -
    - a
    - b
pin_run_as_build:
  python:
    max_pin: x.x
cuda:
  - if: linux
    then: ["12.9"]
"""
VARIANTS_SAY = [
    (3, "variant", "c_compiler_version", "14"),
    (5, "variant", "numpy", "1.26"),
    (6, "variant", "numpy", "2.0"),
    (7, "variant", "python", "3.12.* *_cpython"),
    (7, "variant", "python", "3.13"),
    (8, "variant", "openssl", "3"),
    (19, "variant", "cuda", "12.9"),
]
FILES = {
    "recipe/meta.yaml": (META, META_SAYS),
    "recipe/recipe.yaml": (RECIPE, RECIPE_SAYS),
    "recipe/conda_build_config.yaml": (VARIANTS, VARIANTS_SAY),
    "recipe/variants.yaml": (VARIANTS, VARIANTS_SAY),
    ".ci_support/linux_64_.yaml": (VARIANTS, VARIANTS_SAY),
}


def said(path: str, text: str) -> list[tuple[int, str, str, str]]:
    return [(each.line, each.section.value, each.name, each.spec) for each in read_recipe(path, text)]


@pytest.mark.parametrize("path", FILES)
def test_what_is_needed_at_run_time_and_what_is_pinned_is_told_with_its_line(path: str) -> None:
    text, expected = FILES[path]

    assert is_recipe_path(path)
    assert said(path, text) == expected
    assert said(path, text.replace("\n", "\r\n")) == expected


@pytest.mark.parametrize("path", ["environment.yml", "recipe.toml", "docs/metadata.yaml", "ci_support/a.yaml"])
def test_other_files_are_no_recipes(path: str) -> None:
    assert not is_recipe_path(path)


def test_an_environment_under_that_name_tells_nothing() -> None:
    assert said("recipe.yaml", "channels: [a]\ndependencies:\n  - numpy\n") == []


@pytest.mark.parametrize("path", ["meta.yaml", "variants.yaml"])
@given(
    text=st.text(max_size=300)
    | st.lists(st.sampled_from([*META.split("\n"), *RECIPE.split("\n"), *VARIANTS.split("\n"), "- - -", "\t"])).map(
        "\n".join
    )
)
def test_whatever_stands_there_is_read(path: str, text: str) -> None:
    lines = text.split("\n")

    for each in read_recipe(path, text):
        assert each.spec in lines[each.line - 1]
