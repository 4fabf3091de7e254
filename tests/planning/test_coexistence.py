"""PyPI packages of a lock, and conda packages that move beside them."""

import pytest

from bot.model.manifest import PackageName
from bot.model.package import PypiPackage
from bot.planning.coexistence import broken_by
from tests.planning.toy import LINUX, record

BEFORE = (record("numpy", "1.26.4"), record("python", "3.12.4"))


def wheel(*requires: str, python: str | None = None) -> PypiPackage:
    return PypiPackage(
        name=PackageName("torch-thing"),
        version="1.0",
        url="https://files.example/torch_thing-1.0-py3-none-any.whl",
        requires_dist=requires,
        requires_python=python,
    )


@pytest.mark.parametrize(
    ("package", "sentences"),
    [
        pytest.param(wheel("numpy<2"), ["numpy <2, and that would be 2.3.1"], id="a demand that is no longer met"),
        pytest.param(wheel("Numpy <2,>=1"), ["numpy <2,>=1, and that would be 2.3.1"], id="names are normalised"),
        pytest.param(wheel("numpy>=1.20"), [], id="a demand that is still met"),
        pytest.param(wheel("numpy<1"), [], id="a demand that was not met before"),
        pytest.param(wheel("numpy<2; sys_platform == 'win32'"), [], id="a demand of another platform"),
        pytest.param(wheel("numpy<2; extra == 'fast'"), [], id="a demand of an extra"),
        pytest.param(wheel("requests<2"), [], id="a package that conda does not provide"),
        pytest.param(wheel("not a requirement!!"), [], id="text that is no requirement"),
        pytest.param(
            wheel(python=">=3.9,<3.13"), ["python >=3.9,<3.13, and that would be 3.13.1"], id="another python"
        ),
    ],
)
def test_what_a_wheel_needs_of_conda_packages(package: PypiPackage, sentences: list[str]) -> None:
    after = (record("numpy", "2.3.1"), record("python", "3.13.1"))

    found = broken_by(BEFORE, after, [package], LINUX)

    assert list(found) == [f"the locked PyPI package torch-thing 1.0 needs {sentence}" for sentence in sentences]
