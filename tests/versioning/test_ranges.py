"""New version specs: the documented tables, the laws, and what others get wrong."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.errors import SpecError
from bot.versioning import conda, pep440
from bot.versioning.caps import is_lone_cap
from bot.versioning.clauses import Clause, Role, read_alternatives
from bot.versioning.ranges import RangeStrategy, auto_strategy, new_conda_range, why_not

DOCUMENT = Path(__file__).parents[2] / "docs" / "range-strategies.md"


def sections() -> dict[str, list[list[str]]]:
    """Return the tables of the document by heading, rows without their backquotes."""
    chunks = re.split(r"^## ", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {chunk.partition("\n")[0].strip("`"): list(rows(chunk)) for chunk in chunks}


def rows(chunk: str) -> Iterator[list[str]]:
    table = [line for line in chunk.splitlines() if line.startswith("|")]
    for line in table[2:]:
        cells = re.split(r"(?<!\\)\|", line.strip("|"))
        yield [cell.strip().strip("`").replace(r"\|", "|") for cell in cells]


SECTIONS = sections()
CONDA_ROWS = [(strategy, *row) for strategy in RangeStrategy if strategy != "auto" for row in SECTIONS[strategy]]


def test_every_strategy_is_documented() -> None:
    assert set(RangeStrategy) | {"Caps", "Python requirements"} == set(SECTIONS)


@pytest.mark.parametrize(("strategy", "before", "release", "after"), CONDA_ROWS)
def test_the_documented_rows_are_true(strategy: RangeStrategy, before: str, release: str, after: str) -> None:
    assert (new_conda_range(before, release, strategy) or "stays") == after


@pytest.mark.parametrize(("strategy", "before", "release", "after"), SECTIONS["Python requirements"])
def test_the_documented_rows_of_python_requirements_are_true(
    strategy: str, before: str, release: str, after: str
) -> None:
    assert (pep440.new_pypi_range(before, release, RangeStrategy(strategy)) or "stays") == after


BOTH = {"yes": [True], "no": [False], "yes or no": [True, False]}


@pytest.mark.parametrize(("locked", "before", "is_lone"), SECTIONS["Caps"])
def test_the_documented_caps_are_decisions_of_their_own(locked: str, before: str, is_lone: str) -> None:
    for is_locked in BOTH[locked]:
        assert is_lone_cap(before, locked=is_locked) == (is_lone == "yes")


@pytest.mark.parametrize(("library", "locked", "in_range", "before", "strategy"), SECTIONS["auto"])
def test_the_documented_choice_of_auto_is_made(
    library: str, locked: str, in_range: str, before: str, strategy: str
) -> None:
    for is_locked in BOTH[locked]:
        for is_in_range in BOTH[in_range]:
            chosen = auto_strategy(
                library=library == "yes", locked=is_locked, in_range=is_in_range, version_spec=before
            )
            assert (chosen or "nothing") == strategy


@pytest.mark.parametrize(
    ("version_spec", "after"),
    [
        ("=1.26", "=2.3"),
        (">=1.26,<2", ">=1.26,<3"),
        ("1.2.*|1.3.*", "1.2.*|1.3.*|2.3.*"),
        ("<2", "<3"),
        ("<=2", "<=2.3.4"),
        (">=1.26", None),
        ("(1.2|1.3),!=1.2.5", None),
    ],
)
def test_auto_without_context_is_auto_without_a_lock(version_spec: str, after: str | None) -> None:
    assert new_conda_range(version_spec, "2.3.4", RangeStrategy.AUTO) == after


OTHERS_GET_WRONG = [
    ("1.2.3", "1.4.0", "1.4.0", "a bare exact version does not get an operator"),
    ("=1.2", "1.4.0", "=1.4", "= does not become a star"),
    ("=1.26", "2.3.4", "=2.3", "= does not get the whole release"),
    (">=1.2,<2.0a0", "2.3.1", ">=2.3,<3.0a0", "a major cap stays a major cap, with its suffix"),
    (">=1.2.3,<1.3.0a0", "1.3.1", ">=1.3.1,<1.4.0a0", "a minor cap stays a minor cap, with its suffix"),
    (">=1.26", "2.3.4", None, "a satisfied floor is not raised"),
    ("1.1.1w", "3.0.0", "3.0.0", "letter versions are updated"),
    ("2024a.*", "2025b", "2025b.*", "also with a star"),
    ("*", "2.3.4", None, "what has no version gets none"),
    ("", "2.3.4", None, "not even where nothing is written"),
]


@pytest.mark.parametrize(
    ("before", "release", "after", "sentence"), OTHERS_GET_WRONG, ids=[row[-1] for row in OTHERS_GET_WRONG]
)
def test_what_other_bots_get_wrong(before: str, release: str, after: str | None, sentence: str) -> None:  # noqa: ARG001 - the id
    assert new_conda_range(before, release, RangeStrategy.REPLACE) == after


REASONS = [
    ("", "2.0", RangeStrategy.REPLACE, "there is no version here, and condabot adds none"),
    (">=1.26", "2.0", RangeStrategy.REPLACE, "`>=1.26` admits 2.0 already"),
    ("!=1.5", "1.5", RangeStrategy.BUMP, "`!=1.5` excludes 1.5"),
    ("=3.0", "2.0", RangeStrategy.REPLACE, "2.0 is not newer than what `=3.0` asks for"),
    (">=3,<4", "2.0", RangeStrategy.WIDEN, "2.0 is not newer than what `>=3` asks for"),
    ("<2025c", "2026a", RangeStrategy.REPLACE, "`<2025c` has no form that admits 2026a"),
    ("<0", "1.0", RangeStrategy.REPLACE, "`<0` has no form that admits 1.0"),
    ("!=1.5,==1.26.*", "2.3.4", RangeStrategy.REPLACE, "`!=1.5,==1.26.*` has no form that admits 2.3.4"),
    ("!=1.5", "2.0", RangeStrategy.BUMP, "there is nothing to raise in `!=1.5`"),
    ("<2", "2.0", RangeStrategy.IN_RANGE_ONLY, "`<2` does not admit 2.0, and this strategy rewrites nothing"),
    ("(1|2),!=1.5", "3.0", RangeStrategy.BUMP, "alternatives within a group are not moved"),
    ("=1.26", "2.0", RangeStrategy.REPLACE, ""),
]


@pytest.mark.parametrize(("version_spec", "release", "strategy", "sentence"), REASONS)
def test_what_stays_says_why(version_spec: str, release: str, strategy: RangeStrategy, sentence: str) -> None:
    reason = why_not(version_spec, release, strategy)

    assert reason.startswith(sentence)
    assert bool(reason) is bool(sentence)


@pytest.mark.parametrize(("version_spec", "release"), [(">=", "1.0"), ("=1.2=py*", "1.3"), ("=1.2", "a b"), ("=1", "")])
def test_what_is_no_version_spec_or_no_release_is_refused(version_spec: str, release: str) -> None:
    with pytest.raises(SpecError):
        new_conda_range(version_spec, release, RangeStrategy.REPLACE)


SUFFIXES = ["", "", "", "", ".dev0", "a0", "rc1", ".post1", "_2", "+cu1", "d"]


@st.composite
def versions(draw: st.DrawFn, *, majors: tuple[int, int]) -> str:
    major = draw(st.integers(*majors))
    epoch = draw(st.sampled_from(["", "", "", "", "", "1!"]))
    if major > 20:  # calendar versions from here on
        return f"{epoch}{2000 + major}{draw(st.sampled_from(['a', 'b', 'c', '.1', '.04.2']))}"
    minors = draw(st.lists(st.integers(0, 12), max_size=3))
    return epoch + ".".join(map(str, [major, *minors])) + draw(st.sampled_from(SUFFIXES))


OLD = versions(majors=(0, 23))
RELEASES = versions(majors=(5, 26))
BLANKS = st.sampled_from(["", "", " "])


@st.composite
def version_specs(draw: st.DrawFn) -> str:
    text = ""
    for _ in range(draw(st.integers(1, 3))):
        operator = draw(st.sampled_from(["", "=", "==", "~=", "!=", ">=", ">", "<", "<="]))
        star = draw(st.sampled_from(["", ".*"])) if operator in {"", "=", "!="} else ""
        clause = operator + draw(BLANKS) * bool(operator) + draw(OLD) + star
        text += (draw(BLANKS) + draw(st.sampled_from(",,|")) + draw(BLANKS) if text else "") + clause
    return text


STRATEGIES = st.sampled_from([each for each in RangeStrategy if each is not RangeStrategy.IN_RANGE_ONLY])
IN_PLACE = st.sampled_from([RangeStrategy.REPLACE, RangeStrategy.BUMP, RangeStrategy.WIDEN, RangeStrategy.AUTO])
IN_FORM = st.sampled_from([RangeStrategy.REPLACE, RangeStrategy.BUMP, RangeStrategy.UPDATE_LOCKFILE])


def moved(version_spec: str, release: str, strategy: RangeStrategy) -> str:
    """Return the new version spec; examples that are none or stay are not the law's business."""
    try:
        new = new_conda_range(version_spec, release, strategy)
    except SpecError:
        new = None
    assume(new is not None)
    return new or ""


def clauses(version_spec: str) -> list[Clause]:
    return [clause for each in read_alternatives(version_spec) for clause in each.clauses]


@given(version_spec=version_specs(), release=RELEASES, strategy=STRATEGIES)
def test_law_a_new_version_spec_admits_its_release(version_spec: str, release: str, strategy: RangeStrategy) -> None:
    assert conda.satisfies(moved(version_spec, release, strategy), release)


@given(version_spec=version_specs(), release=RELEASES, strategy=STRATEGIES)
def test_law_moving_twice_is_moving_once(version_spec: str, release: str, strategy: RangeStrategy) -> None:
    new = moved(version_spec, release, strategy)

    assert new_conda_range(new, release, strategy) is None


@given(version_spec=version_specs(), release=RELEASES, strategy=IN_FORM)
def test_law_operators_blanks_and_order_stay(version_spec: str, release: str, strategy: RangeStrategy) -> None:
    version = re.compile(r"[\w!+-]+(?:\.[\w!+-]+)*", re.ASCII)
    new = moved(version_spec, release, strategy)

    assert version.sub("", new) == version.sub("", version_spec)


@given(version_spec=version_specs(), release=RELEASES, strategy=IN_FORM)
def test_law_the_number_of_segments_stays_or_is_the_release_s(
    version_spec: str, release: str, strategy: RangeStrategy
) -> None:
    new = moved(version_spec, release, strategy)

    for old_clause, new_clause in zip(clauses(version_spec), clauses(new), strict=True):
        old = segments(old_clause.version)
        # A `post1` is one too, but zeros do not take its place where the release is shorter.
        kept = {len(old), sum(segment[:1].isdigit() for segment in old)}
        assert len(segments(new_clause.version)) in kept or new_clause.version == release


def segments(version: str) -> list[str]:
    return re.split(r"[._-]", version.partition("+")[0])


@given(version_spec=version_specs(), release=RELEASES, strategy=IN_PLACE)
def test_law_nothing_is_lowered(version_spec: str, release: str, strategy: RangeStrategy) -> None:
    new = moved(version_spec, release, strategy)

    for old_clause, new_clause in zip(clauses(version_spec), clauses(new), strict=False):
        if old_clause.role in {Role.FLOOR, Role.CAP}:
            assert not conda.is_newer(old_clause.version, new_clause.version)


WITNESSES = ["0", "0.9.1", "1.0a0", "1.0", "1.2.3", "1.26.4", "2.0rc1", "2.3.4", "9e", "14", "2012.1", "2024a", "1!1.0"]


@given(version_spec=version_specs(), release=RELEASES)
def test_law_widening_keeps_what_was_admitted(version_spec: str, release: str) -> None:
    new = moved(version_spec, release, RangeStrategy.WIDEN)

    admitted = [each for each in WITNESSES if conda.satisfies(version_spec, each)]
    assert [each for each in admitted if conda.satisfies(new, each)] == admitted


@given(version_spec=version_specs(), release=RELEASES, strategy=STRATEGIES)
def test_law_what_stays_says_why(version_spec: str, release: str, strategy: RangeStrategy) -> None:
    try:
        stays = new_conda_range(version_spec, release, strategy) is None
    except SpecError:
        return

    assert bool(why_not(version_spec, release, strategy)) is stays
