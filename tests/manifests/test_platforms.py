"""Words for platforms and the subdirs they mean."""

import pytest

from bot.manifests.platforms import looks_like_selector, platforms_named, platforms_selected
from bot.model.subdirs import SUBDIRS


@pytest.mark.parametrize(
    ("word", "some", "others"),
    [
        ("linux", {"linux-64", "linux-aarch64"}, {"osx-64", "win-64"}),
        ("unix", {"linux-64", "osx-arm64"}, {"win-64"}),
        ("osx", {"osx-64", "osx-arm64"}, {"linux-64"}),
        ("macos", {"osx-64", "osx-arm64"}, {"linux-64"}),
        ("win", {"win-64", "win-arm64"}, {"linux-64"}),
        ("linux64", {"linux-64"}, {"linux-aarch64"}),
        ("arm64", {"osx-arm64"}, {"osx-64"}),
        ("osx-arm64", {"osx-arm64"}, {"osx-64"}),
        ("py312", set(), set(SUBDIRS)),
    ],
)
def test_a_word_means_its_subdirs(word: str, some: set[str], others: set[str]) -> None:
    named = set(platforms_named(word))

    assert some <= named
    assert not others & named


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("linux64", {"linux-64"}),
        ("linux64 or osx-arm64", {"linux-64", "osx-arm64"}),
        ("osx and not arm64", {"osx-64"}),
        ("py<38", set()),
        ("linux and py<38", set()),
        ("not linux and not osx and not win", {"emscripten-wasm32", "freebsd-64", "wasi-wasm32", "zos-z"}),
        ("", set()),
    ],
)
def test_a_selector_selects_platforms_or_nothing(expression: str, expected: set[str]) -> None:
    assert set(platforms_selected(expression)) == expected


@pytest.mark.parametrize("remark", ["style", "see issue 12", "dev only"])
def test_a_remark_in_brackets_is_no_selector(remark: str) -> None:
    assert not looks_like_selector(remark)


@pytest.mark.parametrize("selector", ["linux", "not win", "py<38", "py3k", "x86_64", "cuda_compiler_version != 'None'"])
def test_a_selector_is_told_by_its_words(selector: str) -> None:
    assert looks_like_selector(selector)
