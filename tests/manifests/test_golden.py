"""Whole files: what is read from them, and what they look like after a rewrite."""

import pytest

from bot.manifests import FORMATS, decode, rewrite
from tests.manifests import golden


@pytest.mark.parametrize("case", golden.CASES)
def test_everything_that_is_extracted_is_as_expected(case: str) -> None:
    found = golden.plain(golden.manifest(case))

    assert found["declarations"] == golden.expected(case)["declarations"]
    assert found["dependencies"] == golden.expected(case)["dependencies"]


@pytest.mark.parametrize("case", golden.CASES)
def test_a_rewrite_gives_exactly_the_bytes_of_after(case: str) -> None:
    manifest = golden.manifest(case)

    text = rewrite(manifest, decode(manifest.path, golden.before(case)), golden.changes(case))

    assert text.encode() == golden.after(case)


@pytest.mark.parametrize("case", golden.CASES)
def test_a_rewrite_of_nothing_changes_nothing(case: str) -> None:
    manifest = golden.manifest(case)
    text = decode(manifest.path, golden.before(case))

    assert rewrite(manifest, text, {}) == text


def test_every_format_has_golden_folders() -> None:
    assert {case.partition("/")[0] for case in golden.CASES} == {form.kind.name for form in FORMATS}
