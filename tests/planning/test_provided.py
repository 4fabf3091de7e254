"""Which PyPI packages conda packages bring."""

from dataclasses import replace

import pytest

from bot.model.manifest import PackageName
from bot.model.pypi_solve import Provided
from bot.planning.provided import named_like, provided, with_purls
from tests.planning.toy import record

TORCH = ("pkg:pypi/torch?source=hash-mapping",)
BIOCONDA = "https://conda.anaconda.org/bioconda/noarch/numpy-1.26.4-h0_0.conda"


def brings(name: str, version: str) -> Provided:
    return Provided(name=PackageName(name), version=version)


@pytest.mark.parametrize(
    ("name", "version", "purls", "expected"),
    [
        pytest.param("pytorch", "2.5.1", TORCH, [brings("torch", "2.5.1")], id="what its package URL names"),
        pytest.param("openssl", "3.3.2", (), [], id="nothing, where it is known to be none of PyPI"),
        pytest.param("Typing_extensions", "4.0", None, [brings("typing-extensions", "4.0")], id="its own name, unsaid"),
        pytest.param("jpeg", "9e", None, [], id="nothing, where PyPI could not have the version"),
        pytest.param("_libgcc_mutex", "0.1", None, [], id="nothing, where PyPI could not have the name"),
        pytest.param("jpeg", "9e", ("pkg:pypi/jpeg",), [brings("jpeg", "9e")], id="a package URL is believed"),
        pytest.param("a", "2", ("pkg:pypi/a@1.0",), [brings("a", "1.0")], id="the version of the package URL"),
        pytest.param("a", "2", ("pkg:npm/a",), [], id="nothing of another kind"),
        pytest.param(
            "airflow",
            "2",
            ("pkg:pypi/apache-airflow", "pkg:pypi/airflow"),
            [brings("airflow", "2"), brings("apache-airflow", "2")],
            id="several projects, by name",
        ),
    ],
)
def test_a_conda_package_brings(
    name: str, version: str, purls: tuple[str, ...] | None, expected: list[Provided]
) -> None:
    assert list(provided([replace(record(name, version), purls=purls)])) == expected


def test_a_package_of_another_channel_brings_nothing_unsaid() -> None:
    assert provided([replace(record("numpy", "1.26.4"), url=BIOCONDA)]) == ()


def test_records_get_the_package_urls_found_for_them_and_keep_their_own() -> None:
    new, stating, unknown = record("pytorch", "2.6"), replace(record("openssl", "3"), purls=()), record("scipy", "1")

    found = with_purls([new, stating, unknown], {new.url: TORCH, stating.url: TORCH})

    assert [each.purls for each in found] == [TORCH, (), None]


def test_a_package_is_called_on_pypi_as_it_was_before() -> None:
    before = [replace(record("pytorch", "2.5"), purls=TORCH), record("scipy", "1")]

    named = named_like([record("pytorch", "2.6"), record("scipy", "2"), record("numpy", "2")], before)

    assert [each.purls for each in named] == [TORCH, None, None]
