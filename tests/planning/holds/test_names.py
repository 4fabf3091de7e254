"""What the name of a file, a feature or an environment says of the versions in it."""

import pytest

from bot.model.manifest import Manifest
from tests.planning.holds.written import environment_yml, held, pixi_toml, said

AXES = {
    "python, flat, first in the name": (
        environment_yml("python=3.11", path="ci/envs/311-latest.yaml"),
        '"311-latest.yaml" stands for python 3.11',
    ),
    "python, dotted": (
        environment_yml("python=3.10", path="conda/environment-test-3.10.yml"),
        '"environment-test-3.10.yml" stands for python 3.10',
    ),
    "python by its short name": (
        environment_yml("python=3.12", path="requirements/py312.yml"),
        '"py312.yml" stands for python 3.12',
    ),
    "python, with any word before it": (
        environment_yml("python=3.9", path="env39.yml"),
        '"env39.yml" stands for python 3.9',
    ),
    "a version down to the patch": (
        environment_yml("python==3.9.12", path="environment-py39.yml"),
        '"environment-py39.yml" stands for python 3.9.12',
    ),
    "a second axis": (
        environment_yml("pandas=2.3", path="ci/envs/311-pd23.yaml"),
        '"311-pd23.yaml" stands for pandas 2.3',
    ),
    "two numbers apart from their word": (
        environment_yml("cuda-version=12.9", path="conda/environments/all_cuda-129_arch-x86_64.yaml"),
        '"all_cuda-129_arch-x86_64.yaml" stands for cuda-version 12.9',
    ),
    "one number apart from its word": (
        environment_yml("cuda-version=12.9", path="environment-cuda-12.yml"),
        '"environment-cuda-12.yml" stands for cuda-version 12.9',
    ),
    "the declared name of the environment": (
        environment_yml("python=3.10", name="viz-py310"),
        '"viz-py310" stands for python 3.10',
    ),
    "a feature": (pixi_toml("py314", 'python = "3.14.*"'), '"py314" stands for python 3.14'),
    "a free-threaded feature": (
        pixi_toml("py314t", 'python-freethreading = "=3.14"'),
        '"py314t" stands for python-freethreading 3.14',
    ),
    "a feature of one number": (
        pixi_toml("cuda12", 'cuda-version = "==12.9"'),
        '"cuda12" stands for cuda-version 12.9',
    ),
    "a feature of a library's major": (pixi_toml("pandas2", 'pandas = ">=2.2,<3"'), '"pandas2" stands for pandas 2'),
    "a floor and the cap right above it": (
        pixi_toml("py311", 'python = ">=3.11.4,<3.12"'),
        '"py311" stands for python 3.11',
    ),
    "a compatible release": (pixi_toml("py312", 'python = "~=3.12.0"'), '"py312" stands for python 3.12.0'),
    "an environment that uses the feature": (
        pixi_toml("test", 'numpy = "1.26.*"', "np126 = ['test']"),
        '"np126" stands for numpy 1.26',
    ),
    "an environment of the default feature": (
        pixi_toml("default", 'numpy = "1.26.*"', "np126 = []"),
        '"np126" stands for numpy 1.26',
    ),
}


@pytest.mark.parametrize(("manifest", "sentence"), AXES.values(), ids=AXES)
def test_a_pin_that_the_name_stands_for_stays_in_range(manifest: Manifest, sentence: str) -> None:
    assert list(said(manifest).values()) == [f"matrix-axis: {sentence}"]
    assert [hold.scope for hold in held(manifest).values()] == ["range"]


NO_AXES = {
    "a lower bound is no pin": environment_yml("pyyaml>=3.10", path="conda/environment-test-3.10.yml"),
    "an upper bound is no pin": environment_yml("python<3.12", path="environment-py312.yml"),
    "a wide range is no pin": environment_yml("python>=3.9,<3.12", path="environment-py39.yml"),
    "alternatives are no pin": environment_yml("python=3.11|3.12", path="environment-py311.yml"),
    "alternatives in a group are no pin": environment_yml(
        '"python (3.11|3.12),!=3.11.2"', path="environment-py311.yml"
    ),
    "a pin of another version": environment_yml("python=3.12", path="ci/envs/311-latest.yaml"),
    "a number of another package": environment_yml("numpy=2.3", path="ci/envs/311-pd23.yaml"),
    "python's short name is only python's": environment_yml("pytest-mock=3.12.0", path="environment-py312.yml"),
    "python's first number is no axis": environment_yml("python=3.12", path="environment-py3.yml"),
    "the bits of a platform": environment_yml("libfoo=6.4", "arrow=64", path="conda/environment-linux-64-arm64.yml"),
    "an architecture": environment_yml("boost=8.6", path="environment-x86_64.yml"),
    "a counter": environment_yml("flask=2.1", path="environment2.yml"),
    "a longer number": environment_yml("pandas=2.3", path="environment-2023.yml"),
    "a directory": environment_yml("biom-format=2023.9", path="2023.9/amplicon/environment.yml"),
    "no number at all": environment_yml("python=3.12", path="environment-dev.yml"),
    "a development version": environment_yml("numpy=dev", path="environment-py312.yml"),
    "another feature's name": pixi_toml("docs", 'python = "3.12.*"', "py311 = ['test']", "docs = ['docs']"),
    "an environment without the default feature": pixi_toml(
        "default", 'numpy = "1.26.*"', "np126 = { features = ['docs'], no-default-feature = true }"
    ),
    "the name of a workspace": pixi_toml("default", 'here = "2.*"'),
}


@pytest.mark.parametrize("manifest", NO_AXES.values(), ids=NO_AXES)
def test_a_pin_is_not_held_for(manifest: Manifest) -> None:
    assert said(manifest) == {}


MINIMUM = {
    "min": (
        environment_yml("numpy=1.26", path="ci/environment-py311-min-versions.yml"),
        '"environment-py311-min-versions.yml" tests the oldest versions',
    ),
    "minimum": (pixi_toml("minimum", 'numpy = "==2.1.0"'), '"minimum" tests the oldest versions'),
    "oldest": (environment_yml("numpy>=1.26", path="ci/oldest.yaml"), '"oldest.yaml" tests the oldest versions'),
    "lowest": (pixi_toml("lowest-direct", 'numpy = "*"'), '"lowest-direct" tests the oldest versions'),
    "legacy, in capitals": (
        environment_yml("numpy=1.26", path="environment_LEGACY.yml"),
        '"environment_LEGACY.yml" tests the oldest versions',
    ),
    "minimal": (
        environment_yml("numpy=1.26", path="ci/requirements/minimal.yml"),
        '"minimal.yml" tests the oldest versions',
    ),
    "minimal, of an environment": (pixi_toml("minimal", 'numpy = "1.26.*"'), '"minimal" tests the oldest versions'),
    "min-deps": (
        environment_yml("numpy=1.26", path="env-min-deps.yml"),
        '"env-min-deps.yml" tests the oldest versions',
    ),
    "mindeps": (pixi_toml("mindeps-optional", 'numpy = "=1.24"'), '"mindeps-optional" tests the oldest versions'),
    "oldies": (environment_yml("numpy=1.26", path="ci/312-oldies.yaml"), '"312-oldies.yaml" tests the oldest versions'),
    "oldestdeps": (pixi_toml("oldestdeps", 'numpy = "=1.24"'), '"oldestdeps" tests the oldest versions'),
    "msrv, of a feature": (pixi_toml("msrv", 'numpy = "~=1.91.1"'), '"msrv" tests the oldest versions'),
    "right after a number": (
        environment_yml("numpy=1.26", path="env-py311min.yml"),
        '"env-py311min.yml" tests the oldest versions',
    ),
}


@pytest.mark.parametrize(("manifest", "sentence"), MINIMUM.values(), ids=MINIMUM)
def test_nothing_moves_where_the_name_says_that_the_oldest_versions_are_tested(
    manifest: Manifest, sentence: str
) -> None:
    assert said(manifest) == {"numpy": f"minimum: {sentence}"}
    assert held(manifest)["numpy"].scope == "all"


NO_MINIMUM = {
    "admin": environment_yml("numpy=1.26", path="environment-admin.yml"),
    "mining": environment_yml("numpy=1.26", path="environment-mining.yml"),
    "minimally": environment_yml("numpy=1.26", path="environment-minimally.yml"),
    "golden": environment_yml("numpy=1.26", path="environment-golden.yml"),
    "a directory": environment_yml("numpy=1.26", path="legacy/environment.yml"),
    "another environment's name": pixi_toml("default", 'numpy = "1.26.*"', "min-versions = ['old']"),
}


@pytest.mark.parametrize("manifest", NO_MINIMUM.values(), ids=NO_MINIMUM)
def test_a_line_is_no_minimum_for(manifest: Manifest) -> None:
    assert said(manifest) == {}
