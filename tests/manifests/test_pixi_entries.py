"""What the keys of a pixi dependency ask for beside its version."""

import pytest

from bot.model.manifest import Dependency, SkipReason
from bot.versioning.match_spec import solver_spec
from tests.workspaces.pixi import manifest


def entry(written: str) -> Dependency:
    [found] = manifest(f"[dependencies]\nx = {written}\n").dependencies
    return found


@pytest.mark.parametrize(
    ("written", "spec"),
    [
        ('{ version = "1.*", track-features = ["a", "b"] }', "x[version='1.*',track_features='a b']"),
        ('{ version = "1.*", license = "MIT" }', "x[version='1.*',license='MIT']"),
        ('{ version = "1.*", license-family = "BSD" }', "x[version='1.*',license_family='BSD']"),
        ('{ build-number = ">=1", subdir = "linux-64" }', "x[build_number='>=1',subdir='linux-64']"),
        ('{ version = "1.*", build = "py*" }', "x[version='1.*',build='py*']"),
    ],
)
def test_each_key_reaches_the_solver(written: str, spec: str) -> None:
    found = entry(written)

    assert found.skip is None
    assert found.match_spec is not None
    assert solver_spec(found.match_spec) == spec


@pytest.mark.parametrize(
    ("file_name", "spec"),
    [
        ("x-1.2-h0_0.conda", "x[version='==1.2',build='h0_0']"),
        ("x-1.2-h0_0.tar.bz2", "x[version='==1.2',build='h0_0']"),
        ("y-1.2-h0_0.conda", "x[version='1.*']"),
        ("x.conda", "x[version='1.*']"),
        ("x-!-h0_0.conda", "x[version='1.*']"),
    ],
)
def test_a_line_that_names_one_file_is_left_alone_with_what_its_name_tells(file_name: str, spec: str) -> None:
    found = entry(f'{{ version = "1.*", file-name = "{file_name}" }}')

    assert found.skip is not None
    assert (found.skip.reason, found.skip.detail) == ("explicit-url", f"version = 1.*, file-name = {file_name}")
    assert found.match_spec is not None
    assert solver_spec(found.match_spec) == spec


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        pytest.param('{ version = "1.*", extras = ["test"] }', "`extras` is not understood here", id="extras"),
        pytest.param('{ version = "1.*", flags = ["cuda"] }', "`flags` is not understood here", id="flags"),
        pytest.param('{ build-number = ">=z" }', "what `x` is given is no match spec", id="no build number"),
        pytest.param('{ version = "1.*", license = "It\'s mine" }', "has a character that cannot", id="a quote"),
    ],
)
def test_what_no_solver_can_be_told_is_named(written: str, sentence: str) -> None:
    skip = entry(written).skip

    assert skip is not None
    assert skip.reason is SkipReason.INVALID_SPEC
    assert sentence in skip.detail


@pytest.mark.parametrize(
    ("written", "condition"),
    [
        pytest.param('"__unix"', "__unix", id="a virtual package"),
        pytest.param('"python >=3.12"', "python >=3.12", id="a match spec"),
        pytest.param('{ package = "python", version = ">=3.12" }', 'python[version=">=3.12"]', id="a table"),
        pytest.param(
            '{ package = "pytorch", build = "*cuda*", build-number = ">=1" }',
            'pytorch[build="*cuda*",build_number=">=1"]',
            id="a table without a version",
        ),
        pytest.param('{ all = ["__unix", "python >=3.10"] }', "(__unix and python >=3.10)", id="all of them"),
        pytest.param('{ any = ["python <3.9", "numpy <2"] }', "(python <3.9 or numpy <2)", id="any of them"),
        pytest.param(
            '{ all = ["__unix", { any = ["__linux", { package = "a", version = "1.*" }] }] }',
            '(__unix and (__linux or a[version="1.*"]))',
            id="one within another",
        ),
    ],
)
def test_a_condition_stands_in_the_solve_in_the_solver_s_words(written: str, condition: str) -> None:
    found = entry(f'{{ version = "1.*", when = {written} }}')

    assert found.skip is not None
    assert found.skip.reason is SkipReason.SELECTOR
    assert found.match_spec is not None
    assert found.match_spec.when == condition
    assert solver_spec(found.match_spec) == f"x[version='1.*',when='{condition}']"


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("1", id="a number"),
        pytest.param("{ all = [] }", id="none of them"),
        pytest.param('{ all = ["a"], any = ["b"] }', id="both words"),
        pytest.param('{ version = "1.*" }', id="no package"),
        pytest.param('{ package = "a", channel = "x", when = "b" }', id="another key"),
        pytest.param('{ package = "a", version = \'"\' }', id="a quote"),
        pytest.param('"a ("', id="no condition"),
    ],
)
def test_a_condition_that_no_solver_can_be_told_is_named(written: str) -> None:
    found = entry(f'{{ version = "1.*", when = {written} }}')

    assert found.skip is not None
    assert found.skip.reason is SkipReason.INVALID_SPEC
    assert found.match_spec is None
