"""PyPI versions are ordered by `packaging`, and specifiers are rewritten in their own form."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.errors import SpecError
from bot.model.update import UpdateKind
from bot.versioning import pep440
from bot.versioning.ranges import RangeStrategy

ORDER = [
    ("2.10", "2.9", "numbers count"),
    ("1.0", "1.0rc1", "a candidate comes before its release"),
    ("1.0.post1", "1.0", "a post release comes after it"),
    ("1.0a1", "1.0.dev1", "dev comes first"),
    ("1!1.0", "2024.1", "an epoch outranks everything"),
    ("1.0+local", "1.0", "a local version comes after its public one"),
]


@pytest.mark.parametrize(("newer", "older", "sentence"), ORDER, ids=[sentence for *_, sentence in ORDER])
def test_order_is_pep_440_s(newer: str, older: str, sentence: str) -> None:  # noqa: ARG001 - the id
    assert pep440.is_newer(newer, older)
    assert not pep440.is_newer(older, newer)
    assert pep440.newest([newer, older]) == newer


def test_equal_versions_are_the_same_and_keep_their_order() -> None:
    assert pep440.same_version("1.0", "1.0.0")
    assert pep440.sort_versions(["1.10", "1.0.0", "1.0", "1.2"]) == ["1.0.0", "1.0", "1.2", "1.10"]


def test_there_is_no_newest_of_nothing() -> None:
    with pytest.raises(SpecError, match="no version to choose from"):
        pep440.newest([])


@pytest.mark.parametrize("text", ["", "2024a.b", "1.0-", "9" * 5000])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match="is not a version of PEP 440"):
        pep440.is_prerelease(text)


@pytest.mark.parametrize(("version", "expected"), [("1.0rc1", True), ("1.0.dev1", True), ("1.0.post1", False)])
def test_prereleases_are_recognised(version: str, *, expected: bool) -> None:
    assert pep440.is_prerelease(version) is expected


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("1.2.3", "2.0.0", UpdateKind.MAJOR),
        ("1.2.3", "1!1.2.3", UpdateKind.MAJOR),
        ("1.2.3", "1.3", UpdateKind.MINOR),
        ("1.2.3", "1.2.4", UpdateKind.PATCH),
        ("1", "1.1", UpdateKind.MINOR),
        ("1.0rc1", "1.0", UpdateKind.PATCH),
        ("1.2.3.4", "1.2.3.5", UpdateKind.PATCH),
    ],
)
def test_the_kind_is_the_first_number_that_differs(old: str, new: str, kind: UpdateKind) -> None:
    assert pep440.update_kind(old, new) is kind


@pytest.mark.parametrize(("version", "line"), [("2.5.1", "2"), ("1!2.5", "1!2"), ("2024.1", "2024")])
def test_a_version_belongs_to_a_line(version: str, line: str) -> None:
    assert pep440.version_line(version) == line


@pytest.mark.parametrize(
    ("version_spec", "version", "expected"),
    [
        ("", "1.2", True),
        (" * ", "1.2", True),
        ("==1.2", "1.2.0", True),
        ("==1.2.*", "1.2.5", True),
        (">= 1.2 , < 2", "1.9", True),
        ("~=1.2", "2.0", False),
        ("!=1.5", "1.5", False),
        ("===1.2", "1.2", True),
        (">=1.2", "2.0rc1", True),
    ],
)
def test_a_specifier_admits_what_packaging_admits(version_spec: str, version: str, *, expected: bool) -> None:
    assert pep440.satisfies(version_spec, version) is expected


@pytest.mark.parametrize("version_spec", ["=1.2", "1.2", "1.2|1.3", ">=1.2 <2", "~=1", ">=1.2,<" + "9" * 5000])
def test_what_is_no_specifier_is_refused(version_spec: str) -> None:
    with pytest.raises(SpecError):
        pep440.validate_version_spec(version_spec)


def test_a_specifier_is_valid() -> None:
    pep440.validate_version_spec(">=1.2, <2")


@pytest.mark.parametrize(
    ("version_spec", "release", "strategy", "sentence"),
    [
        ("==1.2", "2.0", RangeStrategy.WIDEN, "`==1.2` cannot be widened: Python version specifiers know no `or`"),
        (">=1.2", "2.0", RangeStrategy.REPLACE, "`>=1.2` admits 2.0 already"),
        ("==1.2", "2.0", RangeStrategy.REPLACE, ""),
    ],
)
def test_what_stays_says_why(version_spec: str, release: str, strategy: RangeStrategy, sentence: str) -> None:
    assert pep440.why_not(version_spec, release, strategy) == sentence


STRATEGIES = st.sampled_from([RangeStrategy.REPLACE, RangeStrategy.BUMP, RangeStrategy.WIDEN, RangeStrategy.AUTO])


@st.composite
def versions(draw: st.DrawFn, *, majors: tuple[int, int]) -> str:
    numbers = [draw(st.integers(*majors)), *draw(st.lists(st.integers(0, 12), min_size=1, max_size=3))]
    epoch = draw(st.sampled_from(["", "", "", "", "1!"]))
    return epoch + ".".join(map(str, numbers)) + draw(st.sampled_from(["", "", "", "rc1", ".dev0", ".post1"]))


RELEASES = versions(majors=(5, 20))


@st.composite
def specifiers(draw: st.DrawFn) -> str:
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        operator = draw(st.sampled_from(["==", "~=", "!=", ">=", ">", "<", "<=", "==="]))
        parts.append(operator + draw(st.sampled_from(["", " "])) + draw(versions(majors=(0, 12))))
    return draw(st.sampled_from([",", ", ", " , "])).join(parts)


@given(version_spec=specifiers(), release=RELEASES, strategy=STRATEGIES)
def test_law_a_new_specifier_admits_its_release(version_spec: str, release: str, strategy: RangeStrategy) -> None:
    new = pep440.new_pypi_range(version_spec, release, strategy)
    assume(new is not None)

    assert pep440.satisfies(new or "", release)
    assert pep440.new_pypi_range(new or "", release, strategy) is None


@given(version_spec=specifiers(), release=RELEASES, strategy=STRATEGIES)
def test_law_operators_blanks_and_order_stay(version_spec: str, release: str, strategy: RangeStrategy) -> None:
    new = pep440.new_pypi_range(version_spec, release, strategy)
    assume(new is not None)
    assume(strategy is not RangeStrategy.WIDEN or not re.search(r"~=|\*", version_spec))  # those are spelled out

    assert re.sub(r"[\w!.]", "", (new or "").replace("!=", "≠")) == re.sub(
        r"[\w!.]", "", version_spec.replace("!=", "≠")
    )


@pytest.mark.parametrize(("version", "label"), [("2.1.0+cu118", "cu118"), ("2.1.0", ""), ("1+A.b", "a.b")])
def test_local_labels_are_told(version: str, label: str) -> None:
    assert pep440.local_label(version) == label


@pytest.mark.parametrize(
    ("version_spec", "version"),
    [("==1.2", "1.2"), ("== 1.2.0", "1.2.0"), ("==1.*", None), ("===1.2", None), ("==1.2,!=1.3", None), ("", None)],
)
def test_a_specifier_of_one_version_names_it(version_spec: str, version: str | None) -> None:
    assert pep440.exact_version(version_spec) == version
