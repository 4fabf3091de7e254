"""What `condabot check` says: `fixtures/check/*.txt` hold it for a pipe and for terminals of 80 and 40 columns."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.manifest import PackageName
from bot.model.report import UNJUDGED, DependencyStatus, Problem, Recognised, ScanReport, Standing
from bot.model.update import Blocker, ChangeKind, HeldBack
from bot.rendering.check import Shown, check_lines, next_step, summary
from tests.rendering.proposals import change, diff, proposal, update

FOLDER = Path(__file__).parents[2] / "fixtures" / "check"
SECONDS = 12.4


def status(  # facts of a line
    name: str,
    line: int,
    standing: Standing,
    versions: tuple[str | None, str | None, str | None] = ("1.0", "1.0", "1.0"),
    reason: str = "",
    manifest: str = "pixi.toml",
) -> DependencyStatus:
    """Return where a line stands; *versions* are the one in use, the newest and the newest that solves."""
    current, newest, reachable = versions
    return DependencyStatus(
        manifest=manifest,
        line=line,
        environments=("default",),
        name=PackageName(name),
        spec=">=1",
        standing=standing,
        current=current,
        newest=newest,
        reachable=reachable,
        reason=reason,
    )


def blocked(*blockers: Blocker) -> HeldBack:
    """Return why scikit-learn stays; each of *blockers* alone keeps it out."""
    return HeldBack(
        name=PackageName("scikit-learn"),
        current="1.8.0",
        release="1.9.0",
        sentence="scikit-learn 1.9.0 does not solve in 'docs' on linux-64: a long explanation; and another",
        blockers=blockers,
    )


NARWHALS = Blocker(
    name=PackageName("narwhals"),
    spec="1.*",
    manifest="pixi.toml",
    line=31,
    requirement="scikit-learn 1.9.0 needs narwhals >=2.0.1",
)
NUMBA = Blocker(name=PackageName("numba"), spec="0.63.*", manifest="ci/environment.yml", line=9)
OLDEST = 'minimum: "mindeps" tests the oldest versions'
LEFT = (Standing.LEFT_ALONE, (None, None, None))

STATUSES = (
    status("tool", 3, Standing.UP_TO_DATE, manifest="ci/environment.yml"),
    status("gone", 4, Standing.UNKNOWN, (None, None, None), "no channel has it", "ci/environment.yml"),
    status("python", 12, Standing.UPDATE, ("3.13.1", "3.14.7", "3.14.7")),
    status("numpy", 14, Standing.UPDATE, ("2.4.6", "2.5.2", "2.5.1"), "numpy 2.5.2 is 3 days old: due 2026-08-17"),
    status("numpy", 40, Standing.UPDATE, ("2.4.6", "2.5.2", "2.5.1"), "numpy 2.5.2 is 3 days old: due 2026-08-17"),
    status("scikit-learn", 16, Standing.HELD_BACK, ("1.8.0", "1.9.0", "1.8.0"), blocked().sentence),
    status("vhs", 17, Standing.HELD_BACK, ("0.10.0", "0.11.0", "0.10.0"), "vhs 0.11.0 is not (yet) built for osx-64"),
    *(
        status(name, line, Standing.LEFT_ALONE, ("1.0", f"{line}.0", "1.0"), OLDEST)
        for line, name in enumerate(("click", "dask", "distributed", "pandas", "xarray", "zarr", "zict"), 50)
    ),
    status("click", 70, Standing.LEFT_ALONE, ("1.0", "3.0", "1.0"), 'pin-comment: its comment says "slow; see #1"'),
    status("brotli", 71, *LEFT, reason="git: git = https://github.com/dask/dask"),
    status("fsspec", 72, *LEFT, reason="git: git = https://github.com/dask/dask"),
    status("hatchling", 73, *LEFT, reason="a backend, not part of an environment"),
    *(status(f"locked{line}", line, Standing.UNKNOWN, (None, None, None), UNJUDGED) for line in range(80, 90)),
)
REPORT = ScanReport(
    proposals=(
        proposal(
            update("python", "3.13.1", "3.14.7", spec=("3.13.*", "3.14.*"), line=12),
            update("numpy", "2.4.6", "2.5.1", line=14),
            diffs=tuple(
                replace(diff("default", subdir, *changes), lock="pixi.lock")
                for subdir in ("linux-64", "win-64")
                for changes in [
                    (
                        change("identify", "2.6.6", "1.2.2", kind=ChangeKind.DOWNGRADED),
                        change("libsqlite", "3.50.0", "3.51.0"),
                        change("numpy", "2.4.6", "2.5.1", direct=True),
                        change("python", "3.13.1", "3.14.7", direct=True),
                        change("tomli", "2.0", None),
                        *(change(f"lib{number}", None, "1.0") for number in range(7)),
                    )
                ]
            ),
        ),
    ),
    held_back=(blocked(NARWHALS, NUMBA),),
    statuses=STATUSES,
    problems=(
        Problem(path="pixi.lock", sentence="does not agree with pixi.toml in docs; updates go on once it does"),
        Problem(path="docs/environment.yml", line=3, sentence="is no YAML: while parsing a flow sequence"),
    ),
    recognised=tuple(Recognised(path=f"recipes/{number}/meta.yaml", sentence="a recipe") for number in range(7)),
)


def shown_lines(report: ScanReport, shown: Shown) -> list[str]:
    """Return all that is said of *report*, as it is printed for the checkout `my checkout`."""
    words = [summary(report, SECONDS), next_step(report, shown, "my checkout")]
    lines = [*check_lines(report, shown), *(line for each in words for line in shown.line(each))]
    return [line.text for line in lines]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("piped", Shown(), id="a pipe breaks nothing"),
        pytest.param("80", Shown(width=80), id="80 columns"),
        pytest.param("40", Shown(width=40), id="40 columns"),
        pytest.param("all", Shown(width=80, everything=True), id="everything"),
    ],
)
def test_it_is_said_as_the_golden_file_has_it(name: str, shown: Shown) -> None:
    said = "".join(f"{line}\n" for line in shown_lines(REPORT, shown))

    assert said == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


@given(st.integers(min_value=20, max_value=200), st.booleans())
def test_no_line_is_wider_than_it_may_be_unless_a_word_is(width: int, everything: bool) -> None:  # noqa: FBT001 -- drawn
    lines = shown_lines(REPORT, Shown(width=width, everything=everything))

    assert [line for line in lines if len(line) > width and len(line.split()) > 1] == []


def test_everything_has_a_row_for_each_line_of_each_manifest() -> None:
    said = " ".join(" ".join(shown_lines(REPORT, Shown(everything=True))).split()).replace("14, 40", "14 numpy 40")

    assert [
        each.name for each in STATUSES if f"{each.line} {each.name} " not in said.replace("14, 40", "14 numpy 40")
    ] == []


NOTHING = ScanReport(proposals=(), held_back=(), statuses=(), problems=())
LOOKED_FOR = "No dependency found. Looked for `pixi.toml`, "


@pytest.mark.parametrize(
    ("report", "words"),
    [
        pytest.param(NOTHING, LOOKED_FOR, id="nothing is there"),
        pytest.param(
            replace(NOTHING, manifests=("env.yml",)),
            "No dependency found: no line of env.yml asks for a package. 0 s.",
            id="no line",
        ),
        pytest.param(replace(NOTHING, recognised=REPORT.recognised), LOOKED_FOR, id="none is managed"),
        pytest.param(replace(NOTHING, problems=REPORT.problems), "Nothing was judged. 0 s.", id="problems"),
    ],
)
def test_where_no_line_was_found_the_reason_is_said(report: ScanReport, words: str) -> None:
    assert summary(report, 0).startswith(words)
    assert next_step(report, Shown(), ".") == ""


GONE = "conda-forge has no tool 1.2 (any more): 1.1 is the nearest release that solves"


@pytest.mark.parametrize(
    ("versions", "reason", "words"),
    [
        pytest.param(("1.2", "1.1", "1.1"), "", f"1.2 -> 1.1  (in range); {GONE}", id="there is nothing newer"),
        pytest.param(
            ("1.2", "2.0", "2.0"),
            "",
            "1.2 -> 2.0  (in range); conda-forge has no tool 1.2 (any more)",
            id="it moves further than to the nearest",
        ),
        pytest.param(
            ("1.2", "2.0", "1.1"),
            "tool 2.0 is 3 days old",
            f"1.2 -> 1.1  (in range); {GONE}; 2.0 is 3 days old",
            id="there is, and it is not taken",
        ),
    ],
)
def test_why_a_line_cannot_stay_is_said(versions: tuple[str, str, str], reason: str, words: str) -> None:
    moved = replace(status("tool", 3, Standing.UPDATE, versions, reason), forced=GONE)

    said = [each.text for each in check_lines(replace(NOTHING, statuses=(moved,)), Shown())]

    assert f"    3  tool  {words}" in said


def test_of_two_packages_on_a_line_each_has_its_own_change() -> None:
    numpy = update("numpy", "1.26", "2.5", spec=("=1.26", "=2.5"), line=3)
    python = update("python", "3.11", "3.12", spec=("=3.11", "=3.12"), line=3)
    moving = [
        status(each.name, 3, Standing.UPDATE, (each.current, each.target.version, each.target.version))
        for each in (numpy, python)
    ]
    report = replace(NOTHING, proposals=(proposal(numpy, python),), statuses=tuple(moving))

    said = [each.text for each in check_lines(report, Shown())]

    assert said[2:4] == [
        "    3  numpy   1.26 -> 2.5  (=1.26 -> =2.5)",
        "    3  python  3.11 -> 3.12  (=3.11 -> =3.12)",
    ]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        pytest.param(["rich"], "1 line: No project is called rich in x", id="one is called by its name"),
        pytest.param(
            ["rich", "click"], "2 lines: No project is called so in x: rich, click", id="several are one line"
        ),
    ],
)
def test_lines_that_are_not_judged_for_the_same_cause_are_one(names: list[str], words: str) -> None:
    lines = tuple(
        status(name, 3, Standing.UNKNOWN, (None, None, None), f"No project is called {name} in x.") for name in names
    )

    said = [each.text.strip() for each in check_lines(replace(NOTHING, statuses=lines), Shown())]

    assert words in said


def test_a_silent_index_is_told_once_for_the_file_and_all_its_lines() -> None:
    problem = Problem(path="pixi.toml", sentence="channel-unknown: Index https://x cannot be reached: 2 ...")
    lines = [
        status(each, 3, Standing.UNKNOWN, (None, None, None), "Index https://x cannot be reached.") for each in "ab"
    ]

    said = [each.text for each in check_lines(replace(NOTHING, statuses=tuple(lines), problems=(problem,)), Shown())]

    assert [each for each in said if "cannot be reached" in each] == [f"    {problem.sentence}"]


def test_a_line_without_a_version_holds_nothing() -> None:
    line = status(
        "numpy", 3, Standing.LEFT_ALONE, ("1.0", "2.0", "1.0"), "unconstrained: 3 of 4 dependencies have no version"
    )

    said = [each.text for each in check_lines(replace(NOTHING, statuses=(line,)), Shown())]

    assert said[1] == "  1 left alone: unconstrained: 3 of 4 dependencies have no version"


def test_lines_stand_in_the_order_of_the_file() -> None:
    lines = tuple(
        status(each, line, Standing.HELD_BACK, ("1.0", "2.0", "1.0"), each) for each, line in (("b", 9), ("a", 4))
    )

    said = [each.text.split()[:2] for each in check_lines(replace(NOTHING, statuses=lines), Shown())]

    assert said[2:4] == [["4", "a"], ["9", "b"]]


def test_the_lines_of_a_solver_are_one_line() -> None:
    problem = Problem(path="a.yml", sentence="does not solve: because\nof this")

    said = [each.text for each in check_lines(replace(NOTHING, problems=(problem,)), Shown())]

    assert "    does not solve: because of this" in said


def test_what_would_move_is_what_update_does_and_only_then_it_is_named() -> None:
    assert next_step(REPORT, Shown(everything=True), ".").startswith("`condabot update`, ")
    assert next_step(REPORT, Shown(), ".", ("win-64",)).startswith(
        "`condabot update`, with the same channels, makes what of this solves on every platform. "
    )
    assert next_step(replace(REPORT, proposals=()), Shown(everything=True), ".") == ""


def test_problems_of_a_lock_elsewhere_stand_with_the_lines_that_wait_for_it() -> None:
    problem = Problem(path="locks/a.lock", sentence="does not agree with a.yml")
    line = status("numpy", 3, Standing.UNKNOWN, (None, None, None), problem.sentence, "a.yml")
    other = status("scipy", 3, Standing.UNKNOWN, (None, None, None), UNJUDGED, "b.yml")

    said = [each.text for each in check_lines(replace(NOTHING, statuses=(line, other), problems=(problem,)), Shown())]

    assert said[:4] == ["a.yml", "  not judged: 1 of 1 line", "    locks/a.lock: does not agree with a.yml", ""]
    assert "locks/a.lock" not in said


def test_problems_of_a_lock_beside_two_manifests_stand_alone() -> None:
    second = status("other", 1, Standing.UNKNOWN, (None, None, None), UNJUDGED, "environment.yml")
    report = replace(REPORT, statuses=(*STATUSES, second))

    lines = [line.text for line in check_lines(report, Shown())]

    at = lines.index("pixi.lock")
    assert "    does not agree with pixi.toml in docs; updates go on once it does" in lines[at:]
    assert f"    1 line: {UNJUDGED}: other" in lines
