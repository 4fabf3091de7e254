"""Where packages stand in a lockfile of any format."""

import pytest

from bot.lockfiles.url_lines import lines_of_urls

URL = "https://conda.anaconda.org/a/noarch/tool-1.0-0.conda"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(f"- conda: {URL}\npackages:\n- conda: {URL}\n  sha256: x\n", 3, id="the entry, not the selector"),
        pytest.param(f"  url: {URL}\r\n", 1, id="windows line ends"),
        pytest.param(f"@EXPLICIT\n{URL}#abcdef\n", 2, id="a hash behind it"),
        pytest.param(f'{{"url": "{URL}"}}', 1, id="in quotes"),
        pytest.param(f"{URL}x\nx{URL}\n", None, id="part of something longer"),
        pytest.param("\x0b\u2028\n" + URL, 2, id="only line feeds end a line"),
        pytest.param("", None, id="nowhere"),
    ],
)
def test_a_url_is_found_where_it_stands_last(text: str, line: int | None) -> None:
    assert lines_of_urls(text, {URL}).get(URL) == line
