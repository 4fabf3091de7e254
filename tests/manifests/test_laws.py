"""Laws that hold for every manifest, whatever is in it."""

import re
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.errors import ManifestError, RewriteRefused
from bot.manifests import decode, extract, extract_annotated, rewrite
from bot.model.manifest import Datasource, Dependency, KeyPath, Manifest
from tests.manifests import golden

PATHS = [
    "environment.yml",
    "pixi.toml",
    "pyproject.toml",
    "anaconda-project.yml",
    "Dockerfile",
    "mojoproject.toml",
    "run.py",
]

releases = st.from_regex(r"[1-9][0-9]{0,2}(\.[1-9]?[0-9]){0,3}", fullmatch=True)


@st.composite
def version_specs(draw: st.DrawFn, dependency: Dependency) -> str:
    """A version spec that may stand in the place of that of *dependency*."""
    release = draw(releases)
    if dependency.match_spec is not None and dependency.match_spec.build is not None:
        operator = re.match(r"[=<>!~]*", dependency.version)
        assert operator is not None
        return operator[0] + release
    if dependency.at[0] == "annotations" and dependency.version[0].isdigit():
        return release
    forms = ["=={}", ">={}", ">={},<999", "!={}"] if dependency.datasource is Datasource.PYPI else ["={}", ">={},<999"]
    return draw(st.sampled_from(forms)).format(release)


@st.composite
def planned_rewrites(draw: st.DrawFn) -> tuple[Manifest, str, Mapping[KeyPath, str]]:
    case = draw(st.sampled_from(golden.CASES))
    manifest = golden.manifest(case)
    moveable = [each for each in manifest.dependencies if each.version and each.skip is None]
    chosen = draw(st.lists(st.sampled_from(moveable), unique=True)) if moveable else []
    return manifest, decode(manifest.path, golden.before(case)), {each.at: draw(version_specs(each)) for each in chosen}


@given(planned_rewrites())
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_after_a_rewrite_exactly_the_planned_versions_are_read(
    planned: tuple[Manifest, str, Mapping[KeyPath, str]],
) -> None:
    manifest, text, changes = planned
    read = extract_annotated if manifest.path == "Dockerfile" or ".github" in manifest.path else extract

    rewritten = rewrite(manifest, text, changes)

    again = read(manifest.path, rewritten.encode())
    assert again is not None
    versions = {each.at: each.version for each in manifest.dependencies}
    assert {each.at: each.version for each in again.dependencies} == {**versions, **changes}


@given(planned_rewrites())
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_only_lines_with_a_planned_version_differ(planned: tuple[Manifest, str, Mapping[KeyPath, str]]) -> None:
    manifest, text, changes = planned
    lines = {each.line for each in manifest.dependencies if each.at in changes}

    rewritten = rewrite(manifest, text, changes)

    pairs = enumerate(zip(text.split("\n"), rewritten.split("\n"), strict=True), start=1)
    assert {number for number, (old, new) in pairs if old != new} <= lines


@pytest.mark.parametrize("case", golden.CASES)
def test_every_item_has_a_version_that_can_be_replaced_or_no_version_or_a_reason(case: str) -> None:
    manifest = golden.manifest(case)
    text = decode(manifest.path, golden.before(case))

    for each in manifest.dependencies:
        if each.skip is not None or not each.version:
            with pytest.raises(RewriteRefused, match="there is no version at"):
                rewrite(manifest, text, {each.at: "=1"})


@pytest.mark.parametrize("case", golden.CASES)
def test_key_paths_are_unique(case: str) -> None:
    key_paths = [each.at for each in golden.manifest(case).dependencies]

    assert len(key_paths) == len(set(key_paths))


@pytest.mark.parametrize("case", golden.CASES)
def test_each_dependency_stands_on_the_line_it_names(case: str) -> None:
    manifest = golden.manifest(case)
    lines = decode(manifest.path, golden.before(case)).split("\n")

    for each in manifest.dependencies:
        assert each.version in lines[each.line - 1]


YAML_FRAGMENTS = ["- ", "[", "]", "{", "}", ": ", "&a ", "*a", "!!str ", "|\n", ">-\n", "---\n", "?", "~", "<<: ", "!<"]
TOML_FRAGMENTS = [
    "[[x]]\n",
    '"1.0"',
    '"""',
    "a.b.c = ",
    "[dependencies]\n",
    "[tool.pixi]\n",
    "1979-05-27 07:32:00",
    "0x",
]
WORDS = [
    "dependencies:",
    "packages:",
    "env_specs:\n  a:\n",
    "inherit_from: a\n",
    "pip:",
    "sel(linux): ",
    "numpy=1.26",
    "{{ x }}",
    "# renovate: datasource=conda depName=x\n",
    "# /// script\n",
    "# [tool.pixi]\n",
    "# ///\n",
    "=",
]
CHARACTERS = ["'", '"', "\\", "#", "%", "\t", "\n", "\r\n", "\ufeff", "\x00", "\x85", "\U0001f600"]
ESCAPES = ['"\\uD800"', '"\\U00110000"', "1_", "inf"]
FRAGMENTS = st.sampled_from([*YAML_FRAGMENTS, *TOML_FRAGMENTS, *WORDS, *CHARACTERS, *ESCAPES])


@st.composite
def mutated_files(draw: st.DrawFn) -> tuple[str, bytes]:
    """A golden file with pieces of it replaced by fragments that mean something to its parser."""
    case = draw(st.sampled_from(golden.CASES))
    text = golden.before(case).decode()
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + draw(FRAGMENTS) + text[start + draw(st.integers(0, 8)) :]
    return golden.expected(case)["path"], text.encode()


def read_anything(path: str, content: bytes) -> None:
    """Extract; whatever is wrong with *content* must be a `ManifestError` that names the file."""
    for read in (extract, extract_annotated):
        problem = None
        try:
            read(path, content)
        except ManifestError as error:
            problem = error
        assert problem is None or problem.path == path


@given(mutated_files())
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_damaged_manifest_is_read_or_refused_with_a_sentence(file: tuple[str, bytes]) -> None:
    read_anything(*file)


@given(st.sampled_from(PATHS), st.lists(FRAGMENTS, max_size=40).map("".join))
@example("environment.yml", "dependencies: [" * 3)
@example("environment.yml", 'dependencies:\n- "\\U00110000"')
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_text_is_read_or_refused_with_a_sentence(path: str, text: str) -> None:
    read_anything(path, f"dependencies: # pixi renovate:\n{text}".encode())
    read_anything(path, text.encode())


@given(st.sampled_from(PATHS), st.binary(max_size=200))
@settings(max_examples=60)
def test_any_bytes_are_read_or_refused_with_a_sentence(path: str, content: bytes) -> None:
    read_anything(path, b"dependencies: # pixi renovate:\n" + content)


BOMBS = {
    "nested flow lists": ("environment.yml", "dependencies: " + "[" * 240_000),
    "nested block lists": ("environment.yml", "dependencies:\n" + "- " * 240_000),
    "nested flow tables": ("environment.yml", "dependencies: " + "{a: " * 110_000),
    "an alias bomb": (
        "environment.yml",
        "a0: &a0 [x, x]\n"
        + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 24))
        + "dependencies: *a23\n",
    ),
    "an alias bomb of sections": (
        "environment.yml",
        "a0: &a0 [x]\n"
        + "".join(f"a{n}: &a{n} [{{sel(linux): *a{n - 1}}}, {{sel(osx): *a{n - 1}}}]\n" for n in range(1, 24))
        + "dependencies: [{sel(win): *a23}]\n",
    ),
    "too many aliases": ("environment.yml", "a: &a x\ndependencies:\n" + "- *a\n" * 100),
    "an alias to what encloses it": ("environment.yml", "dependencies: &a\n- *a\n"),
    "a dotted-key bomb": ("pixi.toml", "a." * 240_000 + "a = 1"),
    "a dotted header": ("pixi.toml", "[" + "a." * 240_000 + "a]"),
    "nested arrays": ("pixi.toml", "a = " + "[" * 240_000),
    "nested inline tables": ("pixi.toml", "a = " + "{a = " * 80_000),
    "many keys": ("pixi.toml", "".join(f"a{n} = 1\n" for n in range(40_000))),
    "many list items": ("pixi.toml", "a = [" + "1," * 240_000 + "]"),
    "an endless string": ("pixi.toml", 'a = """' + '\\"' * 240_000),
    "an endless quoted scalar": ("environment.yml", 'dependencies: "' + "x\n" * 50_000),
    "many dots": ("pixi.toml", "[dependencies]\n" + 'a = "' + "1." * 240_000 + '"'),
    "many operators in a spec": ("environment.yml", "dependencies:\n- numpy " + ">=1," * 110_000),
    "many brackets in a spec": ("environment.yml", "dependencies:\n- 'numpy" + "[" * 240_000 + "'"),
    "many operators in a requirement": ("environment.yml", "dependencies:\n- pip:\n  - numpy " + ">=1," * 110_000),
    "many blanks in a requirement": ("environment.yml", "dependencies:\n- pip:\n  - 'a" + " " * 240_000 + "!'"),
    "many extras": ("environment.yml", "dependencies:\n- pip:\n  - 'a[" + "b," * 110_000 + "'"),
    "a marker bomb": ("environment.yml", 'dependencies:\n- pip:\n  - "a; ' + "(" * 240_000 + '"'),
    "many selectors": ("environment.yml", "dependencies:\n- a  # [" + "linux or " * 90_000 + "]"),
    "a chain of env specs": (
        "anaconda-project.yml",
        "env_specs:\n" + "".join(f"  a{n}: {{inherit_from: a{n + 1}}}\n" for n in range(3_000)),
    ),
    "a mesh of env specs": (
        "anaconda-project.yml",
        "env_specs:\n"
        + "".join(f"  a{n}: {{inherit_from: [{', '.join(f'a{m}' for m in range(n))}]}}\n" for n in range(100)),
    ),
    "nested lists of packages": ("anaconda-project.yml", "packages: " + "[" * 240_000),
    "a long annotated line": ("Dockerfile", "# renovate: datasource=conda depName=a\n" + "a =" * 80_000),
    "long blanks in an annotation": ("Dockerfile", "# renovate: datasource=conda depName=a" + " a" * 100_000 + "\n1"),
    "a block that never ends": ("run.py", "# /// script\n# [tool.pixi]\n" + "# a = 1\n" * 50_000),
    "a block of many closing lines": ("run.py", "# /// script\n# [tool.pixi]\n" + "# ///\n" * 70_000),
    "many blocks": ("run.py", "# /// script\n# [tool.pixi]\n# ///\n\n" * 12_000),
    "nested arrays in a script": ("run.py", "# /// script\n# tool.pixi.a = " + "[" * 240_000 + "\n# ///\n"),
    "a long program before a block": ("run.py", "x = 1\n" * 70_000 + "# /// script\n# [tool.pixi]\n# ///\n"),
    "more than is read": ("environment.yml", "dependencies:\n" + "# x\n" * 300_000),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_hostile_text_is_refused_or_read_in_bounded_time(bomb: str) -> None:
    path, text = BOMBS[bomb]

    read_anything(path, text.encode())
