"""Conda versions are ordered by py-rattler and told apart honestly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SpecError
from bot.model.update import UpdateKind
from bot.versioning import conda

NUMBERS = st.lists(st.sampled_from([0, 1, 2, 9, 10, 2024]), min_size=1, max_size=4)
SUFFIXES = st.sampled_from(["", "", "a", "f", "rc1", ".dev0", ".post1", "_1"])
VERSIONS = st.builds(
    lambda epoch, numbers, suffix: epoch + ".".join(map(str, numbers)) + suffix,
    st.sampled_from(["", "", "1!"]),
    NUMBERS,
    SUFFIXES,
)

ORDER = [
    ("2.10", "2.9", "numbers count, not characters"),
    ("1.1.1", "1.1.1w", "a letter at the end sorts below the number"),
    ("1.0.0", "1.0.0a", "so does a bare a"),
    ("2024b", "2024a", "letters count among themselves"),
    ("9f", "9e", "jpeg"),
    ("1!1.0", "2.0", "an epoch outranks everything"),
    ("1.0", "1.0rc1", "a candidate comes before its release"),
    ("1.0.post1", "1.0", "a post release comes after it"),
    ("1.0", "1.0.dev5", "dev comes first"),
]


@pytest.mark.parametrize(("newer", "older", "sentence"), ORDER, ids=[sentence for _, _, sentence in ORDER])
def test_order_is_conda_s(newer: str, older: str, sentence: str) -> None:  # noqa: ARG001 - the id
    assert conda.is_newer(newer, older)
    assert not conda.is_newer(older, newer)
    assert conda.newest([newer, older]) == conda.newest([older, newer]) == newer


def test_equal_versions_are_the_same_and_keep_their_order() -> None:
    assert conda.same_version("1.0", "1.0.0")
    assert not conda.same_version("1.0", "1.0.1")
    assert conda.sort_versions(["1.10", "1.0.0", "1.0", "1.2"]) == ["1.0.0", "1.0", "1.2", "1.10"]


def test_there_is_no_newest_of_nothing() -> None:
    with pytest.raises(SpecError, match="no version to choose from"):
        conda.newest([])


@pytest.mark.parametrize("text", ["", "1..2", "1 2", "é", "1.2/3"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match="is not a version"):
        conda.is_newer(text, "1.0")


@pytest.mark.parametrize(
    "version",
    [
        "1.0rc1",
        "1.2.3rc0",
        "2.0a1",
        "2.0.b2",
        "1.0c1",
        "1.0.0alpha",
        "1.0.0-alpha.1",
        "3.0.0_beta1",
        "1.0.dev0",
        "1.0dev",
        "2.0.0.dev20230101",
        "1.0a1.dev2",
        "1.0pre1",
        "1.0preview2",
        "1.0.RC1",
        "0.1.dev5+g0123",
        "1.0a1dev",
        "1!2.0b1",
    ],
)
def test_prereleases_are_recognised(version: str) -> None:
    assert conda.is_prerelease(version)


@pytest.mark.parametrize(
    "version",
    [
        "1.0",
        "1.1.1w",
        "1.1.1a",
        "9e",
        "9b",
        "2024a",
        "2024b",
        "1.0.post1",
        "8.4p1",
        "1.2+rc1",
        "0.0.0.20230101.gabc123",
        "1.2.3_1",
        "main",
        "1!2.0",
    ],
)
def test_letter_and_post_releases_are_no_prereleases(version: str) -> None:
    assert not conda.is_prerelease(version)


KINDS = [
    ("1.26.4", "2.3.1", UpdateKind.MAJOR, "the first number"),
    ("1.26.4", "1.27.0", UpdateKind.MINOR, "the second"),
    ("1.26.4", "1.26.5", UpdateKind.PATCH, "the third"),
    ("1.2.3.4", "1.2.3.5", UpdateKind.PATCH, "a later one"),
    ("1", "1.1", UpdateKind.MINOR, "a segment that one side has not is zero"),
    ("1.0", "1.0.0.1", UpdateKind.PATCH, "so it is further down"),
    ("1.26.4", "1!1.26.4", UpdateKind.MAJOR, "an epoch"),
    ("2024a", "2024b", UpdateKind.MAJOR, "a letter belongs to its segment"),
    ("9e", "9f", UpdateKind.MAJOR, "also after one digit"),
    ("1.1.1v", "1.1.1w", UpdateKind.PATCH, "also in the third"),
    ("2024.1", "2025.2", UpdateKind.MAJOR, "a calendar's year"),
    ("2024.1", "2024.2", UpdateKind.MINOR, "a calendar's month"),
    ("1.2+cu118", "1.2+cu121", UpdateKind.PATCH, "a local part"),
    ("2.0rc1", "2.0", UpdateKind.MINOR, "a candidate's suffix is its segment's"),
]


@pytest.mark.parametrize(("old", "new", "kind", "sentence"), KINDS, ids=[sentence for *_, sentence in KINDS])
def test_the_kind_is_the_first_segment_that_differs(old: str, new: str, kind: UpdateKind, sentence: str) -> None:  # noqa: ARG001 - the id
    assert conda.update_kind(old, new) is kind
    assert conda.update_kind(new, old) is kind


@pytest.mark.parametrize(
    ("version", "line"),
    [("2.5.1", "2"), ("2024a", "2024"), ("9e", "9"), ("1!2.0", "1!2"), ("v1.2", "v1"), ("main", "main"), ("7_1", "7")],
)
def test_a_version_belongs_to_a_line(version: str, line: str) -> None:
    assert conda.version_line(version) == line


def test_what_is_no_version_has_no_line() -> None:
    with pytest.raises(SpecError):
        conda.version_line("a b")


@pytest.mark.parametrize(
    ("version", "major", "minor"),
    [
        ("1.26.4", "1.*", "1.26.*"),
        ("3", "3.*", "3.*"),
        ("1!2.3.4", "1!2.*", "1!2.3.*"),
        ("2024a", "2024a.*", "2024a.*"),
        ("4.1_3", "4.*", "4.1.*"),
        ("1.2.3+cu1", "1.*", "1.2.*"),
    ],
)
def test_a_version_is_within_its_major_and_its_minor(version: str, major: str, minor: str) -> None:
    assert (conda.major_spec(version), conda.minor_spec(version)) == (major, minor)
    assert conda.satisfies(major, version)
    assert conda.satisfies(minor, version)


SATISFIES = [
    ("", "1.2", True),
    ("*", "1.2", True),
    ("=1.2", "1.2.5", True),
    ("= 1.2", "1.2.5", True),
    ("=1.2", "1.20", False),
    ("==1.2", "1.2.5", False),
    ("1.2", "1.2.0", True),
    ("==1.2.*", "1.2.5", True),
    (">= 1.2 , < 2", "1.9", True),
    (">=1.2,<2.0a0", "2.0rc1", False),
    (">=1.2,<2", "2.0rc1", True),
    ("1.2|1.3", "1.3", True),
    ("(>=1,<2)|>3", "2.5", False),
    ("!=1.5", "1.5", False),
    ("~=1.2", "1.9", True),
    ("~=1.2", "2.0", False),
    ("2024a.*", "2024a", True),
]


@pytest.mark.parametrize(("version_spec", "version", "expected"), SATISFIES)
def test_a_version_spec_admits_what_py_rattler_admits(version_spec: str, version: str, *, expected: bool) -> None:
    assert conda.satisfies(version_spec, version) is expected


@pytest.mark.parametrize(
    "version_spec", ["=1.2=py*", "1.2 py*", "[version='1.2']", ">=1.2 <2", "a::1.2", ">=", "1 2 3"]
)
def test_what_is_more_or_less_than_a_version_spec_is_refused(version_spec: str) -> None:
    with pytest.raises(SpecError):
        conda.validate_version_spec(version_spec)


def test_a_version_spec_is_valid() -> None:
    conda.validate_version_spec(">=1.2, <2|3.*")


@given(left=VERSIONS, right=VERSIONS)
def test_the_order_is_total(left: str, right: str) -> None:
    verdicts = [conda.is_newer(left, right), conda.is_newer(right, left), conda.same_version(left, right)]

    assert verdicts.count(True) == 1


@given(version=VERSIONS)
def test_every_version_is_within_its_own_lines(version: str) -> None:
    assert conda.satisfies(conda.major_spec(version), version)
    assert conda.satisfies(conda.minor_spec(version), version)
    assert version.startswith(conda.version_line(version))
