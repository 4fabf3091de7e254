"""Releases that are not built the way the package in use is. Build strings are such as conda-forge writes them."""

import pytest

from bot.model.manifest import PackageName, Subdir
from bot.planning.holds import Hold, missing_flavour
from bot.versioning.flavour import words

LINUX, MACOS = Subdir("linux-64"), Subdir("osx-arm64")


def lost(in_use: dict[Subdir, str], offered: dict[str, list[str]]) -> Hold | None:
    """Ask about a release with the builds *offered*; a build is its string, and what it depends on behind a `;`."""
    return missing_flavour(
        PackageName("pytorch"),
        "2.9",
        {(subdir, said(build)) for subdir, build in in_use.items()},
        {subdir: {said(build) for build in builds} for subdir, builds in offered.items()},
    )


def said(build: str) -> tuple[str, ...]:
    name, *depends = build.split(";")
    return words(name, depends)


CUDA = "cuda129_mkl_py312h0b9f1e2_300"
CPU = "cpu_mkl_py312h0b9f1e2_100"
GENERIC = "cuda129_generic_py312h0b9f1e2_200"
FREE = "h9a6d368_100;python_abi 3.13.* *_cp313t"
GIL = "h9a6d368_100;python_abi 3.14.* *_cp314"

LOST: dict[str, tuple[dict[Subdir, str], dict[str, list[str]], str]] = {
    "cuda": ({LINUX: CUDA}, {LINUX: [CPU]}, "cuda build on linux-64"),
    "one part of two": ({LINUX: CUDA}, {LINUX: [CPU, "cuda130_openblas_h0_0"]}, "cuda+mkl build on linux-64"),
    "cpu, said so": ({LINUX: CPU}, {LINUX: [CUDA]}, "cpu build on linux-64"),
    "an mpi": ({LINUX: "mpi_openmpi_h0_0"}, {LINUX: ["nompi_h0_0", "mpi_mpich_h0_0"]}, "mpi_openmpi build on linux-64"),
    "on two platforms": (
        {LINUX: FREE, MACOS: FREE},
        {LINUX: [GIL], MACOS: [GIL]},
        "freethreading build on linux-64, osx-arm64",
    ),
    "on one of two platforms": ({LINUX: CUDA, MACOS: CPU}, {LINUX: [CPU], MACOS: [CPU]}, "cuda build on linux-64"),
}


@pytest.mark.parametrize(("in_use", "offered", "what"), LOST.values(), ids=LOST)
def test_a_release_that_would_lose_the_flavour_is_held(
    in_use: dict[Subdir, str], offered: dict[str, list[str]], what: str
) -> None:
    hold = lost(in_use, offered)

    assert hold is not None
    assert (hold.rule, hold.scope, hold.sentence) == ("flavour", "all", f"pytorch 2.9 has no {what}")


KEPT: dict[str, tuple[dict[Subdir, str], dict[str, list[str]]]] = {
    "the same flavour": ({LINUX: CUDA}, {LINUX: [CPU, CUDA]}),
    "another version of cuda": ({LINUX: CUDA}, {LINUX: ["cuda130_mkl_py314h1_300", CPU]}),
    "no flavour, as ever": ({LINUX: "h0_0"}, {LINUX: ["h1_0"]}),
    "no flavour before, and a choice of them now": ({LINUX: "h0_0"}, {LINUX: ["openblas_h1_0", "mkl_h1_0"]}),
    "a second flavour beside the first": ({LINUX: "cuda118py312h0_0"}, {LINUX: [GENERIC, CUDA]}),
    "the words are gone from all builds": ({LINUX: "20_linux64_openblas"}, {LINUX: ["h1_0", "h2_0"]}),
    "the words for one choice are gone": ({LINUX: CUDA}, {LINUX: ["cuda130_h0_0", "cpu_h0_0"]}),
    "nompi is no longer said": ({LINUX: "nompi_h0_0"}, {LINUX: ["h0_0", "mpi_openmpi_h0_0"]}),
    "cpu is no longer said": ({LINUX: "cpu_h0_0"}, {LINUX: ["h0_0", "cuda130_h0_0"]}),
    "another python": ({LINUX: "py313h1_0;python_abi 3.13.* *_cp313"}, {LINUX: [GIL]}),
    "noarch beside others": ({LINUX: FREE}, {LINUX: [GIL, "pyhd8ed1ab_0"]}),
    "another platform lacks it": ({LINUX: CUDA}, {LINUX: [CUDA], MACOS: [CPU]}),
    "nobody knows the builds": ({LINUX: CUDA}, {}),
}


@pytest.mark.parametrize(("in_use", "offered"), KEPT.values(), ids=KEPT)
def test_a_release_is_not_held_with(in_use: dict[Subdir, str], offered: dict[str, list[str]]) -> None:
    assert lost(in_use, offered) is None
