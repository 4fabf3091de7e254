"""`.github/condabot.yml`: what is asked for is got, and what cannot be got is said with its line."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import PATH, Configuration, read_configuration
from bot.config.reading import LARGEST, LONGEST_TEXT, MOST_ITEMS
from bot.errors import BadInput
from bot.model.manifest import PackageName

WHOLE = """\
# how eager
minimumReleaseAge: 14 days
transitiveReleaseAge: 12h
pythonMinorAge: 8 weeks
lockAge: 0 days
minorAlone: [NumPy, pandas]
ignoreDeps:
  - openssl
ignorePaths: ["**/old/**"]
annotationPaths:
  - "scripts/*.ps1"
lockSources:
  locks/py312-linux-64.lock: py312.yml
"""


def test_every_setting_is_read() -> None:
    assert read_configuration(WHOLE.encode()) == Configuration(
        minimum_release_age=timedelta(days=14),
        transitive_release_age=timedelta(hours=12),
        python_minor_age=timedelta(weeks=8),
        lock_age=timedelta(0),
        minor_alone=frozenset(map(PackageName, ("numpy", "pandas"))),
        ignore_deps=frozenset({PackageName("openssl")}),
        ignore_paths=("**/old/**",),
        annotation_paths=("scripts/*.ps1",),
        lock_sources={"locks/py312-linux-64.lock": "py312.yml"},
    )


@pytest.mark.parametrize("content", [None, b"", b"# nothing\n", b"---\n"])
def test_without_settings_there_are_defaults(content: bytes | None) -> None:
    assert read_configuration(content) == Configuration()


def test_an_empty_list_is_not_the_default() -> None:
    assert read_configuration(b"ignorePaths: []").ignore_paths == ()


WRONG = {
    "a key that nobody knows": ("a: 1", f"{PATH}:1: a: is no setting; there are annotationPaths, ignoreDeps,"),
    "a key with a slip": ("\nignorePath: []", f"{PATH}:2: ignorePath: is no setting; did you mean ignorePaths?"),
    "a key that is none": ("? [a]\n: 1", f"{PATH}:1: ?: is no setting"),
    "a key twice": ("lockAge: 1d\nlockAge: 2d", f"{PATH}:2: lockAge: is there twice"),
    "a text for a list": ("ignorePaths: a", f"{PATH}:1: ignorePaths: must be a list of up to"),
    "a text for a map": ("lockSources: a", f"{PATH}:1: lockSources: must map up to"),
    "a path twice": ("lockSources: {a: b, a: c}", f"{PATH}:1: lockSources: names a path twice"),
    "a number in a list": ("ignoreDeps:\n- numpy\n- 1", f"{PATH}:3: ignoreDeps: must be a list of texts"),
    "an empty pattern": ('ignorePaths: [""]', f"{PATH}:1: ignorePaths: must be a list of texts"),
    "a list in a list": ("ignorePaths: [[a]]", f"{PATH}:1: ignorePaths: must be a list of texts"),
    "what no package is called": ("minorAlone: ['a b']", f"{PATH}:1: minorAlone: must be a list of package names"),
    "a bare number for a span": ("minimumReleaseAge: 7", f"{PATH}:1: minimumReleaseAge: must be a span of time such"),
    "an unknown unit": ("minimumReleaseAge: 7 moons", f"{PATH}:1: minimumReleaseAge: must be a span of time such"),
    "a list for a span": ("minimumReleaseAge: [7 days]", f"{PATH}:1: minimumReleaseAge: must be a span of time such"),
    "nothing for a span": ("minimumReleaseAge:", f"{PATH}:1: minimumReleaseAge: must be a span of time such"),
    "a list for keys": ("- numpy", f"{PATH}:1: must be keys with values"),
    "no YAML": ("a: [\n", f"{PATH}:2: is not YAML: expected the node content"),
    "a control character": ("a: \x01", f"{PATH}: is not YAML that can be read"),
    "an unknown alias": ("a: *b", f"{PATH}:1: is not YAML: found undefined alias"),
    "two documents": ("lockAge: 1d\n---\nlockAge: 2d", f"{PATH}:2: is not YAML: but found another document"),
    "too deep": ("a: " + "[" * 2_000, f"{PATH}: is not YAML that can be read"),
    "too long": ("#" * (LARGEST + 1), f"{PATH}: has {LARGEST + 1} bytes"),
    "too many": (f"ignorePaths: [{'a,' * (MOST_ITEMS + 1)}]", f"{PATH}:1: ignorePaths: must be a list of up to"),
    "too long a pattern": (f"ignorePaths: [{'a' * (LONGEST_TEXT + 1)}]", f"{PATH}:1: ignorePaths: must be a list"),
}


@pytest.mark.parametrize(("text", "sentence"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_configuration(text.encode())

    assert str(caught.value).startswith(sentence)


def test_another_encoding_is_said() -> None:
    with pytest.raises(BadInput, match="is not UTF-8"):
        read_configuration("lockAge: 1d".encode("utf-16"))


@given(st.binary(max_size=200) | st.text(alphabet="ignorePaths:[]{}&*!- \n\"'#7days", max_size=100).map(str.encode))
def test_whatever_stands_there_is_read_or_is_bad_input(content: bytes) -> None:
    with suppress(BadInput):
        read_configuration(content)
