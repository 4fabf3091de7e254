"""Projects of conda-project name environment files."""

import pytest

from bot.errors import ManifestError
from bot.manifests import environment_files

PROJECT = b"""\
name: x
environments:
  default: [environment.yml]
  dev:
    - environment.yml
    - ../shared/dev tools.yaml
commands: {}
"""


def test_every_file_that_it_names_is_found_from_its_folder_and_once() -> None:
    assert environment_files("a/conda-project.yml", PROJECT) == ("a/environment.yml", "shared/dev tools.yaml")


@pytest.mark.parametrize("content", [b"", b"name: x\n", b"environments: 7\n", b"environments: {a: b, c: [[d]]}\n"])
def test_where_it_names_nothing_there_is_nothing(content: bytes) -> None:
    assert environment_files("conda-project.yml", content) == ()


def test_what_is_no_yaml_is_refused() -> None:
    with pytest.raises(ManifestError, match=r"conda-project\.yml:1: is not YAML"):
        environment_files("conda-project.yml", b"environments: [")
