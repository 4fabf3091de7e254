"""The flavour of a build is read from its build string and the Python ABI it depends on."""

import pytest

from bot.versioning.flavour import flavour, kind, words
from tests.lockfiles.cases import record


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ("cuda126_mkl_py312h0b9f1e2_300", "cuda+mkl"),
        ("cuda126_generic_h0b9f1e2_200", "cuda"),
        ("cuda118py312h0b9f1e2_0", "cuda"),
        ("cuda_py312h0b9f1e2_0", "cuda"),
        ("h0b9f1e2_10_cuda", "cuda"),
        ("rocm6_py312h0b9f1e2_0", "rocm"),
        ("cpu_mkl_py312h0b9f1e2_100", "mkl"),
        ("cpu_generic_py312h0b9f1e2_0", ""),
        ("h0b9f1e2_10_cpu", ""),
        ("20_linux64_openblas", "openblas"),
        ("6_h4a7cf45_openblas", "openblas"),
        ("8_h1b2c3d4_blis", "blis"),
        ("mkl", "mkl"),
        ("mpi_openmpi_py312h0b9f1e2_0", "mpi_openmpi"),
        ("mpi_mpich_h0b9f1e2_0", "mpi_mpich"),
        ("nompi_h0b9f1e2_100", ""),
        ("h9a6d368_100_cp313t", "freethreading"),
        ("h9a6d368_100_cp313", ""),
        ("py313h0b9f1e2_0", ""),
        ("cudatoolkit_0", ""),
        ("h9a6d368_0_cpython", ""),
    ],
)
def test_build_string(build: str, expected: str) -> None:
    assert flavour(record(name="x", build=build)) == expected


@pytest.mark.parametrize(
    ("depends", "expected"),
    [
        (["python_abi 3.13.* *_cp313t"], "freethreading"),
        (["python >=3.13", "python_abi 3.13.* *_cp313t"], "freethreading"),
        (["python_abi 3.13.* *_cp313"], ""),
        (["python_abi_tool 1 *_cp313t"], ""),
    ],
)
def test_what_depends_on_the_free_threaded_abi(depends: list[str], expected: str) -> None:
    assert flavour(record(name="x", build="py313h0b9f1e2_0", depends=depends)) == expected


@pytest.mark.parametrize(
    ("build", "depends", "expected"),
    [
        (
            "cuda126_mkl_py312h0b9f1e2_300",
            ["python_abi 3.12.* *_cp312"],
            {"processor": "cuda", "blas": "mkl", "abi": "gil"},
        ),
        ("cpu_generic_py312h0b9f1e2_0", [], {"processor": "cpu"}),
        ("nompi_h0b9f1e2_100", [], {"mpi": "nompi"}),
        ("mpi_mpich_h0b9f1e2_0", [], {"mpi": "mpi_mpich"}),
        ("h9a6d368_100_cp313t", ["python_abi 3.13.* *_cp313t"], {"abi": "freethreading"}),
        ("py313h0b9f1e2_0", ["python >=3.13"], {}),
    ],
)
def test_what_is_usual_is_a_word_too_where_it_is_said(build: str, depends: list[str], expected: dict[str, str]) -> None:
    assert {kind(word): word for word in words(build, depends)} == expected
