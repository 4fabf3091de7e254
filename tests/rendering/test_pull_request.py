"""What is written on GitHub about a proposal: `fixtures/pull_requests/*.md` hold title, commit message and body."""

import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.caps import Cap, OutOfReach
from bot.model.manifest import Datasource, PackageName, PlatformName
from bot.model.project import Project, UpstreamRelease
from bot.model.pull_request import REBUILD_MARKER
from bot.model.update import (
    Blocker,
    BranchPlan,
    ChangeKind,
    FloorChange,
    HeldBack,
    Mention,
    Proposal,
    Purpose,
    UpdateKind,
)
from bot.rendering.names import commit_message, title
from bot.rendering.pull_request import BOX, CLOSING, DOCUMENTATION, Told, body
from bot.rendering.room import CUT
from tests.rendering.github import effects, tokens
from tests.rendering.proposals import BASE, NOW, change, diff, everywhere, lifting, proposal, update

FOLDER = Path(__file__).parents[2] / "fixtures" / "pull_requests"
ENOUGH = 65_536
TOLD = Told(base=BASE, now=NOW)

NUMPY = update("numpy", "2.4.6", "2.5.1", spec=("2.4.*", "2.5.*"))
BLOCKED = HeldBack(
    name=PackageName("scikit-learn"),
    current="1.8.0",
    release="1.9.0",
    sentence=(
        "scikit-learn 1.9.0 does not solve in 'docs' on linux-64: "
        "scikit-learn 1.9.0 needs narwhals >=2.0.1, and pixi.toml:31 asks for narwhals 1.*"
    ),
    blockers=(Blocker(name=PackageName("narwhals"), spec="1.*", manifest="pixi.toml", line=31),),
    solver_text="Cannot solve the request because of: scikit-learn 1.9.0 cannot be installed\n",
)
YOUNG = HeldBack(
    name=PackageName("numpy"),
    current="2.5.1",
    release="2.5.2",
    sentence="numpy 2.5.2 is 3 days old: due 2026-08-17",
)
TWO_WAYS = HeldBack(
    name=PackageName("numba"),
    current="0.63.1",
    release="0.66.0",
    sentence="numba 0.66.0 does not solve in 'default' on win-64: two lines ask for less.",
    blockers=(*BLOCKED.blockers, Blocker(name=PackageName("llvmlite"), spec="0.45.*", manifest="pixi.toml", line=32)),
)
CAP = Cap(
    manifest="pixi.toml",
    line=14,
    name=PackageName("numpy"),
    spec="<2.3.0",
    releases=("2.3.0",),
    subdirs=("linux-64", "osx-arm64"),
    out_of_reach=(OutOfReach(name=PackageName("scipy"), version="1.15.2", reached="1.13.0", subdirs=("linux-64",)),),
)
MINIMUM = 'minimum: "environment-py311-min-versions.yml" tests the oldest versions'


def mention(name: str, path: str, line: int, spec: str, reason: str = "", excludes: str = "") -> Mention:
    return Mention(name=PackageName(name), path=path, line=line, spec=spec, reason=reason, excludes=excludes)


NOTES = """<!-- generated -->
## What's changed
* `argsort` is faster, by @octocat in https://github.com/numpy/numpy/pull/31
* Fixes #12, [as told](https://github.com/numpy/numpy/issues/12)
* Commit 5f2d1c9aa0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5

<img src="https://tracker.example/pixel.png">

Read [the guide](https://numpy.org/doc/release/2.5.1) </details>
"""
NUMPY_PROJECT = Project(
    page="https://numpy.org",
    repository="https://github.com/numpy/numpy",
    releases=(
        UpstreamRelease(tag="v2.6.0", notes="Not yet."),
        UpstreamRelease(tag="v2.5.1", notes=NOTES),
        UpstreamRelease(tag="v2.5.0", notes="- first\n- second"),
        UpstreamRelease(tag="v2.5.0rc1", notes="A candidate.", is_prerelease=True),
        UpstreamRelease(tag="v2.4.6", notes="What is in use."),
    ),
)
PROJECTS = {
    (Datasource.CONDA, PackageName("numpy")): NUMPY_PROJECT,
    (Datasource.CONDA, PackageName("pandas")): Project(page="javascript:alert(1)", repository="https://evil.example/x"),
}


def floor(environment: str, platform: str, name: str, old: str | None, new: str | None) -> FloorChange:
    return FloorChange(
        lock="pixi.lock", environment=environment, platform=PlatformName(platform), name=name, old=old, new=new
    )


CASES = {
    "one-update": proposal(NUMPY, diffs=everywhere(change("numpy", "2.4.6", "2.5.1", direct=True))),
    "commented-line": proposal(
        update(
            "ruff", "0.11.13", "0.15.1", spec=("0.11.*", "0.15.*"), comment='"one version for everyone, or: #12 @all"'
        ),
        diffs=everywhere(change("ruff", "0.11.13", "0.15.1", direct=True)),
    ),
    "two-files": proposal(
        update("numpy", "2.4.6", "2.5.1", environments=("default",), workspaces=("a.yml", "b.yml", "c/d.yml")),
        update("rich", "14.0.0", "14.1.0", environments=("default",), workspaces=("environment.yml",)),
        update("tqdm", "4.67.0", "4.67.1", environments=tuple(f"py{n}" for n in range(9))),
        files={"a.yml": "", "b.yml": ""},
    ),
    "projects": proposal(
        NUMPY,
        update("pandas", "2.3.3", "3.0.1", kind=UpdateKind.MAJOR, spec=("2.3.*", "3.0.*"), line=15),
        diffs=everywhere(
            change("numpy", "2.4.6", "2.5.1", direct=True),
            change("numba", "0.63.1", "0.64.0", direct=True),
            change("llvmlite", "0.45.0", "0.44.0", kind=ChangeKind.DOWNGRADED),
            *(change(f"lib{number:02}", "1.0", "1.1") for number in range(20)),
        ),
    ),
    "lifted-cap": replace(
        proposal(
            lifting(update("numpy", "1.26.4", "2.3.0", kind=UpdateKind.MAJOR)),
            diffs=everywhere(change("numpy", "1.26.4", "2.3.0", direct=True)),
        ),
        caps=(CAP,),
    ),
    "gone-pin": replace(
        proposal(update("tool", "1.2", "1.3", spec=("=1.2", "=1.3"))),
        plan=BranchPlan(
            key="tool-gone",
            updates=(update("tool", "1.2", "1.3", spec=("=1.2", "=1.3")),),
            reasons=("conda-forge has no tool 1.2 (any more): 1.3 is the nearest release that solves",),
        ),
    ),
    "group": proposal(
        update("click", "8.1.8", "8.2.0"),
        update("rich", "14.0.0", "14.1.0", kind=UpdateKind.MINOR, built=NOW - timedelta(hours=30)),
        update("tqdm", "4.67.0", "4.67.1", kind=UpdateKind.PATCH, environments=("test",)),
        diffs=(
            *everywhere(
                change("click", "8.1.8", "8.2.0", direct=True, sizes=(80_000, 85_000)),
                change("rich", "14.0.0", "14.1.0", direct=True, sizes=(200_000, 199_000)),
            ),
            diff("docs", "linux-64", change("tqdm", "4.67.0", "4.67.1", sizes=(90_000, 90_000))),
        ),
    ),
    "forced-major": proposal(
        NUMPY,
        diffs=everywhere(
            change("numpy", "2.4.6", "2.5.1", direct=True),
            change("pandas", "2.3.3", "3.0.5", direct=True, sizes=(15_000_000, 16_500_000)),
            change("libblas", "3.9.0", "3.9.0", kind=ChangeKind.REBUILT),
            change("pytz", "2025.2", None),
            change("tzdata", None, "2026a"),
        ),
    ),
    "held-back": proposal(
        NUMPY, diffs=everywhere(change("numpy", "2.4.6", "2.5.1", direct=True)), held_back=[BLOCKED, YOUNG, TWO_WAYS]
    ),
    "mentions": replace(
        proposal(
            NUMPY,
            update("pandas", "2.3.3", "3.0.1", kind=UpdateKind.MAJOR, spec=("2.3.*", "3.0.*"), line=15),
            diffs=everywhere(change("numpy", "2.4.6", "2.5.1", direct=True)),
        ),
        mentions=(
            mention("numpy", "ci/environment-py311-min-versions.yml", 7, "=1.26", MINIMUM),
            mention("numpy", "ci/environment.yml", 9, "1.26.*", 'pin-comment: its comment says "wait for #12"'),
            mention("numpy", "pyproject.toml", 28, ">=1.24"),
            mention("numpy", "recipe/recipe.yaml", 34, "<2.5", excludes="2.5.1"),
            *(mention("pandas", f"recipes/{name}/meta.yaml", 20, "") for name in "abcdefghijkl"),
        ),
    ),
    "licence-change": proposal(
        NUMPY,
        diffs=everywhere(
            change("numpy", "2.4.6", "2.5.1", direct=True, licences=("BSD-3-Clause", "BSD-3-Clause AND MIT")),
            change("redis", "7.2", "7.4", licences=("BSD-3-Clause", None)),
        ),
    ),
    "machines": replace(
        proposal(NUMPY, diffs=everywhere(change("numpy", "2.4.6", "2.5.1", direct=True))),
        floors=(
            *(floor(environment, "linux-64", "__glibc", "2.17", "2.28") for environment in ("default", "test")),
            floor("test", "osx-arm64", "__osx", None, "12.0"),
        ),
    ),
    "flavour": proposal(
        update("pytorch", "2.8.0", "2.9.1", spec=("2.8.*", "2.9.*")),
        diffs=(
            diff(
                "gpu",
                "linux-64",
                change(
                    "pytorch", "2.8.0", "2.9.1", kind=ChangeKind.FLAVOUR, direct=True, builds=("cuda129_0", "cpu_0")
                ),
                change("libtorch", "2.8.0", "2.9.1"),
            ),
            diff(
                "gpu", "win-64", change("pytorch", "2.8.0", "2.9.1", direct=True), change("libtorch", "2.8.0", "2.9.1")
            ),
            diff("cpu", "linux-64", change("pytorch", "2.8.0", "2.9.1", direct=True)),
        ),
    ),
    "sizes-unknown": proposal(
        update("numpy", "2.4.6", "2.5.1", built=None),
        diffs=everywhere(change("numpy", "2.4.6", "2.5.1", direct=True, sizes=(None, 8_000_000))),
        files={"environment.yml": ""},
    ),
    "relock": replace(
        proposal(diffs=everywhere(change("numpy", "2.4.6", "2.5.1", direct=True))),
        plan=BranchPlan(key="relock", updates=(), purpose=Purpose.RELOCK),
    ),
    "refresh": replace(
        proposal(
            diffs=everywhere(
                change("numpy", "2.4.6", "2.5.1", direct=True),
                change("pandas", "2.3.3", "3.0.5", direct=True, sizes=(15_000_000, 16_500_000)),
                change("libblas", "3.9.0", "3.9.0", kind=ChangeKind.REBUILT),
                change("tzdata", None, "2026a"),
            ),
            files={"app/pixi.lock": ""},
        ),
        plan=BranchPlan(
            key="app/lock-maintenance-pixi-2026-08",
            updates=(),
            purpose=Purpose.MAINTENANCE,
            reasons=("The manifest lets more in than is locked: numpy, pandas.",),
        ),
    ),
    "refresh-of-a-broken-record": replace(
        proposal(
            diffs=[diff("default", "linux-64", change("openssl", "3.6.0", "3.6.1"))], files={"conda-lock.yml": ""}
        ),
        plan=BranchPlan(
            key="lock-maintenance-conda-lock-gone-01234567",
            updates=(),
            purpose=Purpose.MAINTENANCE,
            reasons=("openssl-3.6.0-h725018a_0.conda was marked broken and taken out of its channel: lock again.",),
        ),
    ),
    "promise": proposal(
        update("numpy", "1.26.4", "2.5.1", kind=UpdateKind.MAJOR, spec=(">=1.26,<2", ">=1.26,<3"), environments=()),
        files={"pixi.toml": ""},
    ),
    "pypi": proposal(
        update("requests", "2.32.3", "2.32.4", datasource=Datasource.PYPI, spec=("==2.32.3", "==2.32.4")),
        files={"environment.yml": ""},
    ),
}


def rendered(one: Proposal) -> str:
    """Return all that is written about *one*, as the golden files have it."""
    text = body(one, replace(TOLD, projects=PROJECTS) if one is CASES["projects"] else TOLD, ENOUGH)
    return f"{title(one)}\n\n--- commit message ---\n{commit_message(one)}\n--- body ---\n{text}\n"


@pytest.mark.parametrize("case", CASES)
def test_title_commit_message_and_body_are_those_of_the_golden_file(case: str) -> None:
    assert rendered(CASES[case]) == (FOLDER / f"{case}.md").read_text(encoding="utf-8")


def test_every_golden_file_has_its_case() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == CASES.keys()


def test_a_body_has_a_box_where_somebody_heeds_it() -> None:
    text = body(CASES["one-update"], replace(TOLD, has_box=True), ENOUGH)

    assert [line for line in text.splitlines() if REBUILD_MARKER in line] == [BOX]
    assert REBUILD_MARKER not in body(CASES["one-update"], TOLD, ENOUGH)


@pytest.mark.parametrize("longest", [1_200, 1_500, 1_900, 2_600])
def test_folds_go_from_the_last_one_on_when_there_is_no_room(longest: int) -> None:
    one = replace(CASES["projects"], held_back=(BLOCKED,))
    told = replace(TOLD, projects=PROJECTS)
    folds = re.findall("<summary>.*", body(one, told, ENOUGH))

    kept = re.findall("<summary>.*", body(one, told, longest))

    assert len(folds) == 3
    assert folds[: len(kept)] == kept
    assert len(kept) < 3


@pytest.mark.parametrize("case", CASES)
def test_the_only_tags_are_those_of_folds(case: str) -> None:
    found = effects(body(CASES[case], TOLD, ENOUGH))

    ours = re.compile(r"html_block <(/?details|details><summary)|link_(open|close).*" + re.escape(DOCUMENTATION))
    assert [each for each in found if not ours.match(each)] == []


@cache
def big(count: int) -> Proposal:
    """Return a proposal whose every part is long."""
    held = tuple(
        HeldBack(name=PackageName(f"h{n}"), current="1", release="2", sentence="x" * 90, solver_text="`\n" * 9)
        for n in range(count)
    )
    updates = [update(f"package{n}", "1.0", "1.1", spec=("1.0.*", "1.1.*"), line=n) for n in range(count)]
    changes = [change(f"package{n}", "1.0", "1.1", direct=n % 2 == 0) for n in range(count)]
    return proposal(*updates, diffs=everywhere(*changes), held_back=held)


@settings(max_examples=40)
@given(count=st.integers(0, 25), longest=st.integers(400, 12_000))
def test_a_body_that_is_too_long_is_cut_between_lines_and_nothing_stays_open(count: int, longest: int) -> None:
    whole = body(big(count), TOLD, 1_000_000)

    cut = body(big(count), TOLD, longest)

    assert len(cut) <= longest
    assert set(cut.splitlines()) <= {*whole.splitlines(), CUT}
    assert cut.count("<details>") == cut.count("</details>")
    assert cut.endswith(whole[whole.index(CLOSING) :])
    assert (cut == whole) == (len(whole) <= longest) == (CUT not in cut)


def test_what_is_cut_ends_in_a_table_that_is_one_and_a_paragraph_that_says_so() -> None:
    cut = body(big(40), TOLD, 1_500)

    kinds = [token.type for token in tokens(cut)]

    assert kinds.count("table_open") == kinds.count("table_close") == 1
    assert CUT in cut


def test_an_empty_room_leaves_only_the_end() -> None:
    cut = body(big(1), TOLD, 0)

    assert cut.startswith(CUT)


def test_a_build_from_the_future_is_no_days_old() -> None:
    one = proposal(update("numpy", "1", "2", built=NOW + timedelta(days=2)))

    assert "built 2026-08-15, 0 days" in body(one, TOLD, ENOUGH)


def test_a_reason_that_is_given_twice_is_said_once() -> None:
    text = body(proposal(NUMPY, held_back=[YOUNG, YOUNG]), TOLD, ENOUGH)

    assert text.count("3 days old") == 1
