"""Which files a scan reads, and which pushes are worth one."""

import pytest

from bot.updating.relevance import RENOVATE_CONFIGURATIONS, is_relevant, recognised_paths, relevant_paths

REPOSITORY = (
    "environment.yml",
    "pixi.toml",
    "pixi.lock",
    "README.md",
    ".pre-commit-config.yaml",
    "ci/conda-lock.yml",
    "ci/conda-linux-64.lock",
    "ci/virtual-packages.yml",
    "envs/x.linux-64.pin.txt",
    "tests/conda-lock.yml",
    "docs/pixi.lock",
)


def test_manifests_are_read_with_every_lock_that_may_name_them() -> None:
    assert relevant_paths(dict.fromkeys(REPOSITORY, 1)) == tuple(
        sorted(set(REPOSITORY) - {"README.md", "tests/conda-lock.yml", "docs/pixi.lock"})
    )


def test_without_a_manifest_nothing_is_read() -> None:
    assert relevant_paths({"x-conda-lock.yml": 1, "conda-linux-64.lock": 1, "virtual-packages.yml": 10**9}) == ()


ANNOTATED = {"Dockerfile": 256_000, "deploy/run.sh": 1, "settings.toml": 1, ".github/workflows/test.yml": 1}


def test_files_that_may_have_annotations_are_read_up_to_a_size() -> None:
    others = {"large.yml": 256_001, "tests/Dockerfile": 1, "conda-lock.yml": 1, "main.py": 1, "package.json": 1}

    assert relevant_paths(ANNOTATED | others) == tuple(sorted(ANNOTATED))


@pytest.mark.parametrize("path", sorted(RENOVATE_CONFIGURATIONS))
def test_where_renovate_is_configured_none_is(path: str) -> None:
    assert relevant_paths({**ANNOTATED, path: 1}) == ()
    assert relevant_paths({**ANNOTATED, "pixi.toml": 1, path: 1}) == tuple(sorted(["pixi.toml", path]))


def test_recipes_and_projects_are_recognised_by_their_paths() -> None:
    paths = ["recipe/meta.yaml", "conda.toml", "pixi.lock", "tests/meta.yaml", "environment.yml"]

    assert [each.path for each in recognised_paths(paths)] == ["conda.toml", "recipe/meta.yaml"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("environment.yml", True),
        ("a/pixi.lock", True),
        ("conda-lock.yml", True),
        ("conda-osx-64.lock", True),
        ("virtual-packages.yaml", True),
        (".github/condabot.yml", True),
        ("renovate.json", True),
        ("docker/Dockerfile", True),
        ("tests/Dockerfile", False),
        ("README.md", False),
        ("poetry.lock", False),
    ],
)
def test_a_push_is_told_by_its_paths(path: str, *, expected: bool) -> None:
    assert is_relevant(path) is expected
