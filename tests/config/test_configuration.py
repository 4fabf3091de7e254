"""`.github/condabot.yml` or `.yaml`: what is asked for is got, and what cannot be got is said with its line."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import PATHS, Configuration, read_configuration
from bot.config.document import DEEPEST, LARGEST, LONGEST_TEXT
from bot.config.kinds import MOST_ITEMS
from bot.config.reading import MOST_TOLD
from bot.errors import ConfigurationError
from bot.model.manifest import PackageName

PATH, OTHER = PATHS
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


def read(content: bytes, path: str = PATH) -> Configuration:
    return read_configuration({path: content})


def told(content: bytes) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(content)
    return [str(each) for each in caught.value.problems]


def test_every_setting_is_read() -> None:
    assert read(WHOLE.encode()) == Configuration(
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


@pytest.mark.parametrize("path", PATHS)
def test_the_name_may_end_in_either_way(path: str) -> None:
    assert read(WHOLE.encode(), path) == read(WHOLE.encode())
    assert read_configuration({path: b"ignorePaths: []", "README.md": b"a: ["}).ignore_paths == ()


def test_two_files_are_an_error_that_names_both() -> None:
    with pytest.raises(ConfigurationError, match="keep one of the two") as caught:
        read_configuration({PATH: b"", OTHER: b""})

    assert [PATH in str(caught.value), OTHER in str(caught.value)] == [True, True]


def test_the_file_that_is_there_is_the_one_that_is_named() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(b"a: 1", OTHER)

    assert str(caught.value).startswith(f"{OTHER}:1: a: is no setting")


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"---\n"])
def test_without_settings_there_are_defaults(content: bytes) -> None:
    assert read(content) == read_configuration({}) == Configuration()


def test_an_empty_list_is_not_the_default() -> None:
    assert read(b"ignorePaths: []").ignore_paths == ()


WRONG = {
    "a key that nobody knows": ("a: 1", ":1: a: is no setting; there are advisories, annotationPaths, assignees,"),
    "a key with a slip": ("\nignorePath: []", ":2: ignorePath: is no setting; did you mean ignorePaths?"),
    "a key that is none": ("? [a]\n: 1", ":1: ?: is no setting"),
    "a key twice": ("lockAge: 1d\nlockAge: 2d", ":2: lockAge: is there twice, first in line 1"),
    "a text for a list": ("ignorePaths: a", ":1: ignorePaths: must be a list of up to 500 patterns, not `a`"),
    "a text for a map": ("lockSources: a", ":1: lockSources: must map up to 500 paths to paths, not `a`"),
    "a path twice": ("lockSources: {a: b,\n a: c}", ":2: lockSources.a: is there twice"),
    "a number for a path": ("lockSources: {a: 1}", ":1: lockSources.a: must be a path of 1 to 200 characters, in"),
    "a number in a list": (
        "ignoreDeps:\n- numpy\n- 1",
        ":3: ignoreDeps[1]: must be a package name of letters, digits, `-`, `_` and `.`, not the number `1`",
    ),
    "an empty pattern": ('ignorePaths: [""]', ":1: ignorePaths[0]: must be a pattern of 1 to 200 characters, in"),
    "a list in a list": ("ignorePaths: [[a]]", ":1: ignorePaths[0]: must be a pattern of 1 to 200 characters, in"),
    "what no package is called": ("minorAlone: ['a b']", ":1: minorAlone[0]: must be a package name of letters,"),
    "a bare number for a span": (
        "minimumReleaseAge: 7",
        ":1: minimumReleaseAge: must be a span of time such as `7 days`, `12 hours` or `2 weeks`, not the number `7`",
    ),
    "an unknown unit": ("lockAge: 7 moons", ":1: lockAge: must be a span of time such as `7 days`, `12 hours` or"),
    "digits of another script": ("lockAge: ٣ days", ":1: lockAge: must be a span of time such as"),
    "a list for a span": (
        "lockAge: [7 days]",
        ":1: lockAge: must be a span of time such as `7 days`, `12 hours` or `2 weeks`, not a list of 1",
    ),
    "a table for a span": (
        "lockAge: {days: 7}",
        ":1: lockAge: must be a span of time such as `7 days`, `12 hours` or `2 weeks`, not keys with values",
    ),
    "nothing for a span": (
        "lockAge:",
        ":1: lockAge: must be a span of time such as `7 days`, `12 hours` or `2 weeks`, not nothing",
    ),
    "a list for keys": (
        "- numpy",
        ":1: must be keys with values, such as `advisories: {ignore: [",
    ),
    "no YAML": ("a: [\n", ":2: is not YAML: expected the node content"),
    "a control character": ("a: \x01", ": is not YAML that can be read"),
    "an unknown alias": ("a: *b", ":1: is not YAML: found undefined alias"),
    "an alias of what holds it": ("a: &a [*a]", f":1: a{'[0]' * DEEPEST}: is nested deeper than {DEEPEST} levels"),
    "two documents": ("lockAge: 1d\n---\nlockAge: 2d", ":2: is not YAML: but found another document"),
    "too deep": ("a: " + "[" * 2_000, ": is not YAML that can be read"),
    "too long": ("#" * (LARGEST + 1), f": has {LARGEST + 1} bytes"),
    "too many": (f"ignorePaths: [{'a,' * (MOST_ITEMS + 1)}]", ":1: ignorePaths: must be a list of up to 500 patterns"),
    "too long a pattern": (f"ignorePaths: [{'a' * (LONGEST_TEXT + 1)}]", ":1: ignorePaths[0]: must be a pattern of 1"),
    "a key that acts on terminals": ('"\\e[2J\\n": 1', ":1: ?[2J?: is no setting"),
    "what acts on terminals": ('lockAge: "\\e[2J"', ":1: lockAge: must be a span of time such as"),
}


@pytest.mark.parametrize(("text", "sentence"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_its_line_and_what_would_be_right(text: str, sentence: str) -> None:
    (problem,) = told(text.encode())

    assert problem.startswith(f"{PATH}{sentence}")
    assert len(problem) < 1_000
    assert problem.isprintable()


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_the_lines() -> None:
    text = """\
lockAge: soon
ignoreDep: [openssl]
ignorePaths: [docs, 1, [a]]
minimumReleaseAge: 7 days
lockSources: {a: 1, b: c, 2: d}
"""

    assert [each.partition(": must")[0].partition(": is no")[0] for each in told(text.encode())] == [
        f"{PATH}:1: lockAge",
        f"{PATH}:2: ignoreDep",
        f"{PATH}:3: ignorePaths[1]",
        f"{PATH}:3: ignorePaths[2]",
        f"{PATH}:5: lockSources.a",
        f"{PATH}:5: lockSources.2",
    ]


def test_beyond_what_anybody_reads_it_is_counted() -> None:
    problems = told(f"ignoreDeps: [{'1, ' * 100}]".encode())

    assert len(problems) == MOST_TOLD + 1
    assert problems[-1] == f"{PATH}: {100 - MOST_TOLD} more are wrong as well"


def test_what_aliases_stand_for_is_counted() -> None:
    ten = "".join(f"a{each}: &a{each} [{f'*a{each - 1},' * 10}]\n" for each in range(1, 10))

    (problem,) = told(f"a0: &a0 [a]\n{ten}".encode())

    assert "values that a configuration has, aliases counted" in problem


def test_an_alias_of_a_value_is_that_value() -> None:
    found = read(b"lockAge: &age 2 weeks\nminimumReleaseAge: *age\n")

    assert found.lock_age == found.minimum_release_age == timedelta(weeks=2)


def test_another_encoding_is_said() -> None:
    assert told("lockAge: 1d".encode("utf-16")) == [f"{PATH}: is not UTF-8"]


@given(st.binary(max_size=200) | st.text(alphabet="ignorePaths:[]{}&*!- \n\"'#7days", max_size=100).map(str.encode))
def test_whatever_stands_there_is_read_or_is_an_error_of_the_configuration(content: bytes) -> None:
    with suppress(ConfigurationError):
        read(content)
