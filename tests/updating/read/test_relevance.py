"""Which files a scan reads, and which pushes are worth one."""

import pytest

from bot.config import PATHS, Configuration
from bot.updating.read.relevance import (
    LARGEST_ENVIRONMENT,
    LARGEST_LOCK,
    LARGEST_SCRIPT,
    MOST_ANNOTATED_FILES,
    MOST_ENVIRONMENTS,
    MOST_LOCKS,
    MOST_RECIPES,
    MOST_SCRIPTS,
    RENOVATE_CONFIGURATIONS,
    is_relevant,
    left_out,
    names_any,
    recognised_paths,
    relevant_paths,
)

PATH, OTHER = PATHS
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


def test_a_lock_that_is_not_written_is_read_beside_its_manifest_only() -> None:
    paths = ["a/anaconda-project.yml", "a/anaconda-project-lock.yml", "b/anaconda-project-lock.yml"]

    assert "a/anaconda-project-lock.yml" in relevant_paths(dict.fromkeys(paths, 10**6))
    assert "b/anaconda-project-lock.yml" not in relevant_paths(dict.fromkeys(paths, 10**6))
    assert is_relevant("a/anaconda-project-lock.yml")


def test_without_a_manifest_nothing_is_read() -> None:
    assert relevant_paths({"x-conda-lock.yml": 1, "conda-linux-64.lock": 1, "virtual-packages.yml": 10**9}) == ()


ANNOTATED = {"Dockerfile": 256_000, "deploy/run.sh": 1, "settings.toml": 1, ".github/workflows/test.yml": 1}


def test_files_that_may_have_annotations_are_read_up_to_a_size() -> None:
    others = {"large.yml": 256_001, "tests/Dockerfile": 1, "src/main.py": 1, "package.json": 1}

    assert relevant_paths(ANNOTATED | others) == tuple(sorted(ANNOTATED))


@pytest.mark.parametrize("path", sorted(RENOVATE_CONFIGURATIONS))
def test_where_renovate_is_configured_none_is(path: str) -> None:
    assert relevant_paths({**ANNOTATED, path: 1}) == ()
    assert relevant_paths({**ANNOTATED, "pixi.toml": 1, path: 1}) == tuple(sorted(["pixi.toml", path]))


def test_recipes_and_projects_are_recognised_by_their_paths() -> None:
    paths = ["recipe/meta.yaml", "conda.toml", "tests/meta.yaml", "environment.yml"]

    assert [each.path for each in recognised_paths(dict.fromkeys(paths, 1))] == ["conda.toml", "recipe/meta.yaml"]


def test_files_that_are_too_many_for_annotations_are_left_out_and_counted() -> None:
    paths = ["z.sh", *(f"deep/{number:03}.sh" for number in range(MOST_ANNOTATED_FILES + 1))]
    sizes = dict.fromkeys(paths, 1)

    assert set(paths) - set(relevant_paths(sizes)) == {"deep/499.sh", "deep/500.sh"}
    assert [(each.path, each.sentence) for each in left_out(sizes)] == [
        (
            "deep/499.sh",
            "versions under comments are looked for in 500 files, the topmost first; this one and 1 more are too many",
        )
    ]
    assert left_out(sizes) == recognised_paths(sizes)


def test_python_files_are_read_where_scripts_lie_or_where_pixi_locked_one() -> None:
    scripts = {"plot.py": LARGEST_SCRIPT, "scripts/a.py": 1, "src/b.py": 1, "src/b.py.pixi.lock": 10**9}
    others = {"large.py": LARGEST_SCRIPT + 1, "src/c.py": 1, "tests/d.py": 1, "src/e.py.pixi.lock": 1}

    assert relevant_paths(scripts | others) == tuple(sorted(scripts))
    many = {f"scripts/{number:03}.py": 1 for number in range(MOST_SCRIPTS + 1)}
    assert len(relevant_paths(many)) == MOST_SCRIPTS


RENOVATE = {"renovate.json": 1}  # so that no file is read for comments


def test_yaml_is_read_in_folders_of_environments_and_beside_manifests() -> None:
    near = {"workflow/envs/a.yaml": LARGEST_ENVIRONMENT, "pixi.toml": 1, "other.yml": 1}
    others = {"envs/large.yaml": LARGEST_ENVIRONMENT + 1, "workflow/config.yaml": 1, "tests/envs/a.yml": 1}

    assert relevant_paths({**near, **others, **RENOVATE}) == tuple(sorted({**near, **RENOVATE}))
    many = {f"envs/{number:03}.yml": 1 for number in range(MOST_ENVIRONMENTS + 1)}
    assert len(relevant_paths(many | RENOVATE)) == MOST_ENVIRONMENTS + 1


def test_files_that_may_be_locks_are_read_up_to_a_size_and_number() -> None:
    locks = {
        "conda-lock.gpu.yml": LARGEST_LOCK,
        "x/y.lock.yaml": 1,
        "env/any name.txt": 1,
        "env/py312.lock": 1,
        "x/spec-file.txt": 1,
        "x/pins-linux.txt": 1,
    }
    others = {
        "conda-lock.large.yml": LARGEST_LOCK + 1,
        "env/poetry.lock": 1,
        "env/CMakeLists.txt": 1,
        "x/README.txt": 1,
        "pnpm-lock.yaml": 1,
        "tests/gpu.lock": 1,
    }
    manifest = {"env/environment.yml": 1, **RENOVATE}

    assert relevant_paths(locks | others | manifest) == tuple(sorted(locks | manifest))
    many = {f"env/{number:03}.lock": 1 for number in range(MOST_LOCKS + 1)}
    assert len(relevant_paths(many | manifest)) == MOST_LOCKS + 2


def test_a_project_of_conda_project_is_read_for_what_it_names() -> None:
    assert relevant_paths({"a/conda-project.yml": 1, "README.md": 1, **RENOVATE}) == (
        "a/conda-project.yml",
        "renovate.json",
    )


def test_lockfiles_without_a_manifest_are_seen() -> None:
    sizes = dict.fromkeys(["pixi.lock", "a/pixi.toml", "a/pixi.lock", "tests/pixi.lock", "a/x.py.pixi.lock"], 1)

    assert [(each.path, each.sentence) for each in recognised_paths(sizes)] == [
        ("a/x.py.pixi.lock", "a lockfile whose manifest is not there"),
        ("pixi.lock", "a lockfile whose manifest is not there"),
    ]
    assert [each.path for each in recognised_paths({"conda-lock.yml": 1})] == ["conda-lock.yml"]


def test_ignored_manifests_are_seen_as_far_as_names_tell_them() -> None:
    sizes = dict.fromkeys(["tests/environment.yml", "docs/examples/config.yml", "vendor/pixi.toml", "tests/a.py"], 1)

    assert [(each.path, each.sentence.partition("{")[0]) for each in recognised_paths(sizes)] == [
        ("tests/environment.yml", "not looked into, for `ignorePaths` has `**/"),
        ("vendor/pixi.toml", "not looked into, for `ignorePaths` has `**/"),
    ]


RECIPES = {
    "recipe/meta.yaml": 100_000,
    "rattler/recipe.yml": 1,
    "recipe/conda_build_config.yaml": 1,
    "variants.yaml": 1,
    ".ci_support/linux_64_.yaml": 1,
}


def test_recipes_are_read_beside_manifests_up_to_a_size_and_number() -> None:
    renovate = {"renovate.json": 1}  # so that no file is read for comments
    others = {"recipe.yaml": 100_001, "tests/meta.yaml": 1, "meta.json": 1}

    assert relevant_paths(RECIPES | renovate) == ()
    assert set(relevant_paths(RECIPES | renovate | others | {"pixi.toml": 1})) == {*RECIPES, *renovate, "pixi.toml"}
    many = {f"recipes/{number:03}/recipe.yaml": 1 for number in range(MOST_RECIPES + 5)}
    assert len(relevant_paths(many | renovate | {"pixi.toml": 1})) == MOST_RECIPES + 2


def test_configured_paths_come_in_addition_to_the_default_ones_or_take_them_away() -> None:
    sizes = dict.fromkeys(["pixi.toml", "tests/environment.yml", "old/pixi.toml", "tools/install.ps1", PATH], 1)

    assert relevant_paths(sizes) == (PATH, "old/pixi.toml", "pixi.toml")
    assert relevant_paths(dict.fromkeys(["pixi.toml", OTHER], 1)) == (OTHER, "pixi.toml")
    assert relevant_paths(sizes, Configuration(ignore_paths=("old/**",))) == (PATH, "pixi.toml")
    assert relevant_paths(sizes, Configuration(ignore_paths=("old/**", "!tests/**"))) == (
        PATH,
        "pixi.toml",
        "tests/environment.yml",
    )
    assert relevant_paths(sizes, Configuration(include_paths=("old/**",))) == (PATH, "old/pixi.toml")
    assert relevant_paths(sizes, Configuration(enabled=False)) == ()
    assert relevant_paths(sizes, Configuration(annotation_paths=("tools/*.ps1",))) == (
        PATH,
        "old/pixi.toml",
        "pixi.toml",
        "tools/install.ps1",
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("environment.yml", True),
        ("a/pixi.lock", True),
        ("conda-lock.yml", True),
        ("conda-osx-64.lock", True),
        ("virtual-packages.yaml", True),
        (".github/condabot.yml", True),
        (".github/condabot.yaml", True),
        ("renovate.json", True),
        ("docker/Dockerfile", True),
        ("tests/Dockerfile", False),
        ("scripts/plot.py", True),
        ("src/plot.py", False),
        ("src/plot.py.pixi.lock", True),
        ("conda-lock.gpu.yml", True),
        ("mojoproject.toml", True),
        ("README.md", False),
        ("poetry.lock", False),
    ],
)
def test_a_push_is_told_by_its_paths(path: str, *, expected: bool) -> None:
    assert is_relevant(path) is expected


@pytest.mark.parametrize(
    ("patterns", "paths", "named"),
    [
        pytest.param(("tools/*.sh",), ("tools/a.sh",), True, id="one of them"),
        pytest.param(("tools/*.sh",), ("a.sh", "tools/a.py"), False, id="none of them"),
        pytest.param((), ("a.sh",) * 500, False, id="no pattern"),
        pytest.param(("**/a/" * 40 + "b*",) * 100, ("a/" * 400 + "c",) * 500, True, id="what would take minutes"),
    ],
)
def test_whether_a_pattern_names_a_path(patterns: tuple[str, ...], paths: tuple[str, ...], *, named: bool) -> None:
    assert names_any(patterns, paths) is named
