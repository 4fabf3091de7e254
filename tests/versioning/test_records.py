"""What a line's own build admits."""

import pytest

from bot.model.manifest import MatchSpec, PackageName
from bot.versioning.records import admits_build


@pytest.mark.parametrize(
    ("build", "number", "admitted"),
    [
        pytest.param("h1_2", None, True, id="the very build"),
        pytest.param("h1_3", None, False, id="another one"),
        pytest.param("*_2", None, True, id="a glob"),
        pytest.param(None, "2", True, id="a number"),
        pytest.param(None, ">=3", False, id="a range of numbers"),
        pytest.param(None, None, True, id="none asked for"),
    ],
)
def test_a_build_is_admitted(build: str | None, number: str | None, *, admitted: bool) -> None:
    spec = MatchSpec(name=PackageName("tool"), version=">=9", build=build, build_number=number, channel="acme")

    assert admits_build(spec, ("h1_2", 2)) is admitted
