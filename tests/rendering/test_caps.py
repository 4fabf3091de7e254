"""What is said of a cap."""

from dataclasses import replace

import pytest

from bot.model.caps import Cap, OutOfReach
from bot.model.manifest import PackageName
from bot.rendering.caps import cap_lines, cap_sentences

CAP = Cap(
    manifest="environment.yml",
    line=7,
    name=PackageName("numpy"),
    spec="<2",
    releases=("2.0.0",),
    subdirs=("linux-64", "osx-arm64"),
    solves=True,
    reached="2.0.0",
)
START = "environment.yml:7 numpy <2 keeps out numpy 2.0.0 on linux-64, osx-arm64"
SCIPY = OutOfReach(name=PackageName("scipy"), version="1.15.2", reached="1.13.0", subdirs=("linux-64",))
PANDAS = replace(SCIPY, name=PackageName("pandas"), version="3.0.0", reached="2.3.3")


@pytest.mark.parametrize(
    ("cap", "expected"),
    [
        pytest.param(CAP, f"{START}. Without it the environment solves with numpy 2.0.0.", id="it can go"),
        pytest.param(
            replace(CAP, solves=False, unsolved=("default on linux-64",)),
            f"{START}. No release beyond it solves in default on linux-64, as everything else is written.",
            id="it cannot",
        ),
        pytest.param(
            replace(CAP, solves=False, unsolved=tuple(f"py{each} on linux-64" for each in range(5))),
            f"{START}. No release beyond it solves in py0 on linux-64, py1 on linux-64, py2 on linux-64 and 2 more, "
            "as everything else is written.",
            id="it cannot in many environments",
        ),
        pytest.param(
            replace(CAP, solves=None, not_judged="Channel acme answered 500."),
            f"{START}. Whether it solves without it is not known: Channel acme answered 500.",
            id="nobody knows",
        ),
        pytest.param(
            replace(CAP, solves=None, out_of_reach=(SCIPY, PANDAS)),
            f"{START}, and with it scipy 1.15.2 (with the cap 1.13.0) on linux-64, "
            "pandas 3.0.0 (with the cap 2.3.3) on linux-64.",
            id="what is out of reach beside it",
        ),
        pytest.param(
            replace(CAP, releases=("2.0.0", "2.1.0", "2.2.0", "2.3.0"), solves=None),
            "environment.yml:7 numpy <2 keeps out 4 releases of numpy, the newest 2.3.0, on linux-64, osx-arm64.",
            id="many releases are counted",
        ),
        pytest.param(
            replace(CAP, releases=(), subdirs=(), solves=None),
            "environment.yml:7 numpy <2 keeps out nothing that is old enough.",
            id="it binds nothing",
        ),
        pytest.param(
            replace(CAP, solves=None, comment='"breaks us"', hold='pin-comment: its comment says "breaks us"'),
            f'{START}. It stays: pin-comment: its comment says "breaks us".',
            id="what holds it says the comment already",
        ),
        pytest.param(
            replace(CAP, solves=None, comment='"for the lab"'),
            f'{START}. Its comment says "for the lab".',
            id="a comment is quoted",
        ),
    ],
)
def test_the_line_of_a_cap(cap: Cap, expected: str) -> None:
    assert cap_sentences(cap) == expected


def test_what_is_lifted_costs_something_or_is_not_spoken_of() -> None:
    assert cap_lines([CAP, replace(CAP, releases=())]).splitlines() == [
        "**What the cap costs**",
        "",
        "- `environment.yml:7 numpy <2` keeps out numpy 2.0.0 on linux-64, osx-arm64.",
    ]
    assert cap_lines([replace(CAP, releases=())]) == ""
