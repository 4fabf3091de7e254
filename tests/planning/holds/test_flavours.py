"""Releases that are not built the way the package in use is."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import pytest

from bot.model.manifest import PackageName, Subdir
from bot.planning.holds import Hold, missing_flavour

LINUX, MACOS = Subdir("linux-64"), Subdir("osx-arm64")


def lost(in_use: AbstractSet[tuple[Subdir, str]], offered: Mapping[str, AbstractSet[str]]) -> Hold | None:
    return missing_flavour(PackageName("pytorch"), "2.9", in_use, offered)


LOST = {
    "cuda": ({(LINUX, "cuda")}, {LINUX: {""}}, "pytorch 2.9 has no cuda build on linux-64"),
    "one part of two": ({(LINUX, "cuda+mkl")}, {LINUX: {"cuda", ""}}, "pytorch 2.9 has no cuda+mkl build on linux-64"),
    "the usual one": ({(LINUX, "")}, {LINUX: {"mpi_openmpi"}}, "pytorch 2.9 has no plain build on linux-64"),
    "on two platforms": (
        {(LINUX, "freethreading"), (MACOS, "freethreading")},
        {LINUX: {""}, MACOS: {""}},
        "pytorch 2.9 has no freethreading build on linux-64, osx-arm64",
    ),
    "of one environment of two": (
        {(LINUX, "cuda"), (LINUX, "")},
        {LINUX: {""}},
        "pytorch 2.9 has no cuda build on linux-64",
    ),
}


@pytest.mark.parametrize(("in_use", "offered", "sentence"), LOST.values(), ids=LOST)
def test_a_release_that_would_lose_the_flavour_is_held(
    in_use: AbstractSet[tuple[Subdir, str]], offered: Mapping[str, AbstractSet[str]], sentence: str
) -> None:
    hold = lost(in_use, offered)

    assert hold is not None
    assert (hold.rule, hold.scope, hold.sentence) == ("flavour", "all", sentence)


KEPT: dict[str, tuple[AbstractSet[tuple[Subdir, str]], Mapping[str, AbstractSet[str]]]] = {
    "the same flavour": ({(LINUX, "cuda")}, {LINUX: {"", "cuda"}}),
    "no flavour, as ever": ({(LINUX, "")}, {LINUX: {""}}),
    "another platform lacks it": ({(LINUX, "cuda")}, {LINUX: {"cuda"}, MACOS: {""}}),
    "nobody knows the builds": ({(LINUX, "cuda")}, {}),
}


@pytest.mark.parametrize(("in_use", "offered"), KEPT.values(), ids=KEPT)
def test_a_release_is_not_held_with(
    in_use: AbstractSet[tuple[Subdir, str]], offered: Mapping[str, AbstractSet[str]]
) -> None:
    assert lost(in_use, offered) is None
