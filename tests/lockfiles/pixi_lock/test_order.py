"""Where selectors and entries stand in a `pixi.lock`, by its version."""

import pytest

from bot.lockfiles.pixi_lock.document import PackageKind
from bot.lockfiles.pixi_lock.order import entry_place, purl_place, selector_place

CONDA, PYPI = PackageKind.CONDA, PackageKind.PYPI
FORGE, FILES = "https://conda.anaconda.org/conda-forge", "https://files.example"


@pytest.mark.parametrize(
    ("version", "before", "after"),
    [
        pytest.param(7, (CONDA, f"{FORGE}/noarch/z-1-0.conda"), (PYPI, f"{FILES}/a.whl"), id="7: conda before PyPI"),
        pytest.param(
            7, (CONDA, f"{FORGE}/linux-64/z-1-0.conda"), (CONDA, f"{FORGE}/noarch/a-1-0.conda"), id="7: by location"
        ),
        pytest.param(
            7,
            (CONDA, f"{FORGE}/linux-64/z-1-0.conda"),
            (PackageKind.CONDA_SOURCE, "./a"),
            id="7: built packages first",
        ),
        pytest.param(6, (CONDA, f"{FORGE}/noarch/z-1-0.conda"), (PYPI, f"{FILES}/a.whl"), id="6: conda before PyPI"),
        pytest.param(
            6, (CONDA, f"{FORGE}/noarch/a-1-0.conda"), (CONDA, f"{FORGE}/linux-64/z-1-0.conda"), id="6: by file name"
        ),
        pytest.param(
            6, (CONDA, f"{FORGE}/noarch/a-1-0.conda"), (CONDA, f"{FORGE}/noarch/B-1-0.conda"), id="6: in lower case"
        ),
        pytest.param(
            6, (CONDA, f"{FORGE}/linux-64/a-1-0.conda"), (CONDA, f"{FORGE}/noarch/a-1-0.conda"), id="6: then location"
        ),
        pytest.param(6, (PYPI, f"{FILES}/z.whl"), (PYPI, "./a"), id="6: paths follow URLs"),
        pytest.param(6, (PYPI, "./a/z"), (PYPI, "./b/a"), id="6: and are by location"),
    ],
)
def test_selectors(version: int, before: tuple[PackageKind, str], after: tuple[PackageKind, str]) -> None:
    assert selector_place(version, *before) < selector_place(version, *after)


@pytest.mark.parametrize(
    ("version", "before", "after"),
    [
        pytest.param(7, (CONDA, f"{FILES}/a", "z", "1"), (CONDA, f"{FILES}/b", "a", "1"), id="7: by location"),
        pytest.param(7, (CONDA, f"{FILES}/b", "b", "1"), (PYPI, f"{FILES}/a", "a", "1"), id="7: conda before PyPI"),
        pytest.param(6, (CONDA, f"{FILES}/z", "a", "1"), (PYPI, f"{FILES}/a", "b", "1"), id="6: by name"),
        pytest.param(6, (PYPI, f"{FILES}/z", "a", "2"), (CONDA, f"{FILES}/a", "a", "1"), id="6: PyPI before conda"),
        pytest.param(6, (PYPI, f"{FILES}/z", "a", "9"), (PYPI, f"{FILES}/a", "a", "10"), id="6: PyPI's by version"),
        pytest.param(6, (CONDA, f"{FILES}/1", "a", "9"), (CONDA, f"{FILES}/2", "a", "8"), id="6: conda's by location"),
        pytest.param(6, (PYPI, "./a", "a", ""), (PYPI, f"{FILES}/a", "a", "1"), id="6: without a version first"),
        pytest.param(6, (PYPI, f"{FILES}/z", "a", "1"), (PYPI, "./a", "a", "1"), id="6: paths follow URLs"),
    ],
)
def test_entries(
    version: int, before: tuple[PackageKind, str, str, str], after: tuple[PackageKind, str, str, str]
) -> None:
    assert entry_place(version, *before) < entry_place(version, *after)


def test_pypi_names_are_by_name_then_version_then_qualifiers() -> None:
    purls = [
        "pkg:pypi/a",
        "pkg:pypi/a?source=x",
        "pkg:pypi/a@1.0",
        "pkg:pypi/a@1.0?source=x",
        "pkg:pypi/a-b",
        "pkg:pypi/b",
    ]

    assert sorted((purls[at] for at in (3, 0, 5, 1, 4, 2)), key=purl_place) == purls
