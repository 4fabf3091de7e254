"""Tags of repositories, in the spellings that people use."""

import pytest

from bot.model.project import UpstreamRelease
from bot.versioning.tags import is_version, is_within, tag_of, version_of


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("1.2.3", "1.2.3"),
        ("v1.2.3", "1.2.3"),
        ("V1.2", "1.2"),
        ("zlib-1.2.3", "1.2.3"),
        ("ZLIB_1_2_3", "1.2.3"),
        ("zlib-v1.2.3", "1.2.3"),
        ("zlib/v1.2.3", "1.2.3"),
        ("zlib@1.2.3", "1.2.3"),
        ("zlib==1.2.3", "1.2.3"),
        ("release-1.2.3", "1.2.3"),
        ("release/1.2.3", "1.2.3"),
        ("rel_1_2_3", "1.2.3"),
        ("R_1_2_3", "1.2.3"),
        ("version-1.2.3", "1.2.3"),
        ("r2024a", "2024a"),
        ("v1.2.3rc1", "1.2.3rc1"),
        ("other-1.2.3", None),
        ("zlib", None),
        ("nightly", None),
        ("", None),
        ("v" * 90 + "x", None),
        ("1" * 101, None),
    ],
)
def test_a_tag_is_a_version_or_none(tag: str, version: str | None) -> None:
    assert version_of(tag, ("zlib",)) == version


@pytest.mark.parametrize("tag", ["scikit_learn-1.2", "scikit.learn-1.2", "Scikit-Learn-1.2", "sklearn-1.2"])
def test_a_project_has_more_than_one_name_and_more_than_one_spelling(tag: str) -> None:
    assert version_of(tag, ("scikit-learn", "sklearn")) == "1.2"


def test_a_name_that_is_a_prefix_too_costs_nothing() -> None:
    assert version_of("r" * 99 + "!", ("rr",)) is None


@pytest.mark.parametrize(
    ("text", "version", "same"),
    [("2.5", "2.5.0", True), ("2.5.1", "2.5.0", False), ("1.2.3", "1_2-3", True), ("1.*", "1", False)],
)
def test_versions_are_compared_as_conda_does(text: str, version: str, same: bool) -> None:  # noqa: FBT001 -- a table
    assert is_version(text, version) is same


def test_between_two_versions_is_after_the_one_and_up_to_the_other() -> None:
    found = [text for text in ("1.0", "1.1rc1", "1.1", "1.2", "1.3", "x!") if is_within(text, "1.0", "1.2")]

    assert found == ["1.1rc1", "1.1", "1.2"]


def test_the_tag_of_a_version_is_found_among_releases() -> None:
    releases = [UpstreamRelease(tag=tag) for tag in ("other-1.2.0", "nightly", "v1.2", "v1.1")]

    assert tag_of("1.2.0", releases, ("zlib",)) == "v1.2"
    assert tag_of("1.3", releases, ("zlib",)) == ""
