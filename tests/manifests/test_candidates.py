"""Which paths are manifests, and which of them are only seen."""

import pytest

from bot.manifests.candidates import candidate_paths, is_manifest_path
from bot.manifests.paths import DEFAULT_IGNORE_PATHS

MANIFESTS = [
    "environment.yml",
    "environment-dev.yaml",
    "envs/env.yml",
    "env_gpu.yaml",
    "a/b/c/environment.yml",
    "pixi.toml",
    "sub/pixi.toml",
    "pyproject.toml",
    "anaconda-project.yml",
    "sub/anaconda-project.yaml",
    ".binder/deps.yml",
    "ci/envs/311-latest.yaml",
    "requirements/py312.yml",
    "conda/meta.yaml",
]
OTHERS = [
    "environment.txt",
    "my-environment.yml",
    "src/ci/envs.yaml.j2",
    "src/docs/config.yml",
    "Pixi.toml",
    "anaconda-project-lock.yml",
    "pixi.lock",
    "envs/311-latest.yaml",
    "environment.yml/readme.md",
]


@pytest.mark.parametrize("path", MANIFESTS)
def test_a_path_that_may_be_a_manifest_is_one(path: str) -> None:
    assert is_manifest_path(path)


@pytest.mark.parametrize("path", OTHERS)
def test_any_other_path_is_none(path: str) -> None:
    assert not is_manifest_path(path)


def test_ignored_manifests_are_seen_and_say_what_hides_them() -> None:
    paths = ["environment.yml", "tests/environment.yml", "src/a.py", "a/examples/b/pixi.toml", "vendor/pixi.toml"]

    candidates = candidate_paths(paths)

    assert candidates.managed == ("environment.yml",)
    assert candidates.ignored == {
        "tests/environment.yml": DEFAULT_IGNORE_PATHS[0],
        "a/examples/b/pixi.toml": DEFAULT_IGNORE_PATHS[1],
        "vendor/pixi.toml": DEFAULT_IGNORE_PATHS[2],
    }


def test_what_is_included_by_name_is_managed_whatever_it_is_called_and_wherever_it_is() -> None:
    paths = ["tests/environment.yml", "deploy/runtime.yml", "deploy/other.yml"]

    candidates = candidate_paths(paths, include_paths=["tests/environment.yml", "deploy/run*"])

    assert candidates.managed == ("tests/environment.yml", "deploy/runtime.yml")
    assert candidates.ignored == {}


def test_a_configuration_may_ignore_nothing() -> None:
    assert candidate_paths(["tests/environment.yml"], ignore_paths=()).managed == ("tests/environment.yml",)
