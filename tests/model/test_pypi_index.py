"""Where PyPI is."""

import subprocess
import sys

import pytest
from pypi_simple import PYPI_SIMPLE_ENDPOINT

from bot.model import pypi_index


def test_pypi_is_where_the_library_says() -> None:
    assert pypi_index.default_index_url() == PYPI_SIMPLE_ENDPOINT


def test_to_say_where_pypi_is_imports_no_http_client_of_others() -> None:
    code = (
        "import sys; from bot.model.pypi_index import default_index_url as url; print(url(), 'requests' in sys.modules)"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout

    assert said.split() == [PYPI_SIMPLE_ENDPOINT, "False"]


@pytest.mark.parametrize("name", ["bot", "json"])
def test_where_the_line_is_not_written_so_it_is_not_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pypi_index, "_LIBRARY", name)
    monkeypatch.setattr(pypi_index, "_CONSTANT", "__name__")

    assert pypi_index.default_index_url.__wrapped__() == name
