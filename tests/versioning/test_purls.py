"""Package URLs of PyPI."""

import pytest

from bot.model.manifest import PackageName
from bot.versioning.purls import PurlSource, PypiPurl, is_of_conda_forge, pypi_purl, read_pypi_purl


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        pytest.param("pkg:pypi/torch", "torch", None, id="a name"),
        pytest.param("pkg:pypi/torch?source=hash-mapping", "torch", None, id="a qualifier says nothing of the name"),
        pytest.param("pkg:pypi/Typing_Extensions", "typing-extensions", None, id="the name is normalised (PEP 503)"),
        pytest.param("pkg:pypi/torch@2.1%2Bcu118?source=x#sub/path", "torch", "2.1+cu118", id="a version, encoded"),
        pytest.param("PKG:PyPI/torch", "torch", None, id="scheme and type are of no case"),
        pytest.param("pkg://pypi/torch", "torch", None, id="slashes after the scheme mean nothing"),
    ],
)
def test_a_package_url_names_a_project(text: str, name: str, version: str | None) -> None:
    assert read_pypi_purl(text) == PypiPurl(name=PackageName(name), version=version)


@pytest.mark.parametrize(
    "text",
    [
        "pkg:conda/torch",
        "pkg:pypi/",
        "torch",
        "",
        "pkg:pypi/space/torch",
        "pkg:pypi/a%2Fb",
        "pkg:pypi/%00",
        "pkg:pypi/-",
    ],
)
def test_what_names_no_project_of_pypi_is_passed_over(text: str) -> None:
    assert read_pypi_purl(text) is None


def test_a_package_url_says_where_its_name_comes_from() -> None:
    assert pypi_purl("torch", PurlSource.COMPRESSED) == "pkg:pypi/torch?source=compressed-mapping"
    assert pypi_purl("torch", None) == "pkg:pypi/torch"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://conda.anaconda.org/conda-forge", True),
        ("https://repo.prefix.dev/conda-forge/noarch/a-1-0.conda", True),
        ("https://conda.anaconda.org/bioconda/noarch/conda-forge-1-0.conda", False),
    ],
)
def test_conda_forge_is_told_by_the_path(url: str, *, expected: bool) -> None:
    assert is_of_conda_forge(url) is expected
