"""Which releases may follow the one in use."""

from collections.abc import Iterable

import pytest

from bot.model.update import Release
from bot.versioning.ecosystem import CONDA, PYPI


def releases(versions: Iterable[str]) -> tuple[Release, ...]:
    return tuple(Release(version=each, subdirs=frozenset(), built=None) for each in versions)


@pytest.mark.parametrize(
    ("offered", "current", "specs", "expected"),
    [
        pytest.param("1.0 1.1 2.0", "1.0", ["=1.0"], "1.1 2.0", id="what is newer"),
        pytest.param("1.0 1.1rc1 2.0a0", "1.0", ["=1.0"], "", id="no pre-release for who names none"),
        pytest.param("1.0 2.0rc1 2.0rc2", "2.0rc1", [">=1.0"], "", id="a solver's own pick of one is no use of it"),
        pytest.param("1.0 2.0rc1 2.0rc2", "2.0rc1", ["=2.0rc1"], "2.0rc2", id="the next one for who names one"),
        pytest.param("2.0rc1 2.0rc2 2.0 2.1rc1", "2.0rc1", ["=2.0rc1"], "2.0", id="a final release before a newer one"),
        pytest.param("1.0 2.0rc1 2.0rc2", "2.0rc1", ["", ">=2.0rc1"], "2.0rc2", id="one line that names one is enough"),
        pytest.param("1.0 2.0rc1", "1.0", [">=1.0,<2.0a0"], "", id="a cap before all pre-releases names none"),
        pytest.param("1.0 2.0rc1", "1.0", [">=0.0.0a0"], "2.0rc1", id="a floor of zero lets them in"),
        pytest.param("1.0 2.0rc1", "1.0", ["!=2.0rc1"], "", id="to exclude one is not to ask for one"),
        pytest.param("19.10b0 20.8b1", "19.10b0", [""], "20.8b1", id="there is nothing else"),
        pytest.param("1.0 2.0rc1", "1.0", ["(1.2rc1|1.3),!=1.2"], "", id="a spec that is not read names none"),
    ],
)
def test_what_may_follow(offered: str, current: str, specs: list[str], expected: str) -> None:
    for ecosystem in (CONDA, PYPI):
        found = ecosystem.following(releases(offered.split()), current, specs)

        assert [each.version for each in found] == expected.split()


def test_a_local_version_is_followed_by_those_with_its_label() -> None:
    offered = releases(("1.0+cpu", "1.1+cu118", "1.1+cpu"))

    assert [each.version for each in PYPI.following(offered, "1.0+cpu", ["==1.0+cpu"])] == ["1.1+cpu"]
