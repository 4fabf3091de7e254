"""Every format decides everything, and is found by what it says of itself."""

from dataclasses import MISSING, fields

import pytest

from bot.manifests import FORMATS, Format, is_annotated_path, is_manifest_path, is_script_path, recognise
from bot.model.manifest import ManifestFormat
from tests.manifests import golden

BY_NAME = {form.kind.name: form for form in FORMATS}


def test_no_name_is_used_twice() -> None:
    assert len(BY_NAME) == len(FORMATS)


def test_what_is_true_of_a_format_has_no_default_so_a_new_one_must_decide() -> None:
    assert all(each.default is MISSING and each.default_factory is MISSING for each in fields(ManifestFormat))


@pytest.mark.parametrize("case", golden.CASES)
def test_a_manifest_has_the_traits_of_its_format_and_is_looked_for_where_it_says(case: str) -> None:
    manifest = golden.manifest(case)
    form: Format = BY_NAME[case.partition("/")[0]]

    assert manifest.format is form.kind
    assert form.matches(manifest.path)
    assert any(is_looked_for(manifest.path) for is_looked_for in (is_manifest_path, is_annotated_path, is_script_path))
    assert recognise(manifest.path, "") is None


def test_what_pixi_does_not_read_asks_nothing_of_pixi() -> None:
    assert [kind.name for kind in (form.kind for form in FORMATS) if kind.adds_python and not kind.is_pixi] == []
