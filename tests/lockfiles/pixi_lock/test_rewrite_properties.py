"""Whatever is swapped, the rewritten lock reads back as exactly that and nothing more."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.lockfiles import Pair, Solutions, parse, rewrite
from bot.model.package import Lock, LockedEnvironment, Record
from tests.lockfiles.cases import CASES, Case, record

NAMES = st.from_regex(r"[a-z_][a-z0-9_.-]{0,8}[a-z0-9]", fullmatch=True)
VERSIONS = st.from_regex(r"([1-9]!)?[0-9]{1,3}(\.[0-9a-z]{1,3}){0,3}(\+cpu)?", fullmatch=True)
BUILDS = st.from_regex(r"(py3[0-9]{2})?h?[0-9a-f]{0,7}(_[0-9]{1,3})?", fullmatch=True).filter(bool)
HASHES = st.one_of(st.none(), st.from_regex(r"[0-9a-f]{32}", fullmatch=True), st.from_regex(r"[0-9]{5}e[0-9]{2}"))
TEXTS = st.one_of(
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20),
    st.sampled_from(["null", "~", "yes", "1e5", "0x1f", "a: b", "- a", "# a", "'", "two\nlines", "é\u2028", " a "]),
)
SPECS = st.lists(TEXTS, max_size=3).map(tuple)
RECORDS = st.builds(
    lambda subdir, noarch, **fields: record(subdir=subdir, noarch=noarch if subdir == "noarch" else None, **fields),
    name=NAMES,
    version=VERSIONS,
    build=BUILDS,
    build_number=st.integers(min_value=0, max_value=1000),
    subdir=st.sampled_from(["linux-64", "noarch"]),
    noarch=st.sampled_from(["python", "generic", None]),
    sha256=HASHES,
    md5=HASHES,
    depends=SPECS,
    constrains=SPECS,
    extra_depends=st.dictionaries(NAMES, SPECS, max_size=2),
    track_features=SPECS,
    license=st.none() | TEXTS,
    license_family=st.none() | TEXTS,
    purls=st.none() | st.lists(TEXTS, max_size=2, unique=True).map(sorted),
    run_exports=st.none() | st.dictionaries(st.sampled_from(["weak", "strong", "noarch"]), SPECS, max_size=2),
    size=st.none() | st.integers(min_value=0, max_value=10**12),
    timestamp=st.none() | st.integers(min_value=253_402_300_800, max_value=253_402_300_799_000),
)


@st.composite
def rewrites(draw: st.DrawFn) -> tuple[Case, Solutions]:
    """Draw a lock, some of its pairs, which of their records go, and which come."""
    case = draw(st.sampled_from(CASES))
    new = draw(st.lists(RECORDS, max_size=3, unique_by=(lambda each: each.url, lambda each: each.name)))
    pairs = draw(st.sets(st.sampled_from(sorted(locked_pairs(case.lock))), min_size=1))
    return case, {pair: solution(draw, case.lock, pair, new) for pair in pairs}


def locked_pairs(lock: Lock) -> list[Pair]:
    return [(each.name, subdir) for each in lock.environments for subdir in each.conda if subdir not in each.sources]


def solution(draw: st.DrawFn, lock: Lock, pair: Pair, new: list[Record]) -> tuple[Record, ...]:
    locked = conda_of(lock, pair)
    kept = [each for each in locked if draw(st.booleans())]
    return (*kept, *(each for each in new if draw(st.booleans()) and each.url not in {old.url for old in locked}))


def conda_of(lock: Lock, pair: Pair) -> tuple[Record, ...]:
    environment = lock.environment(pair[0])
    assert environment is not None
    return environment.conda[pair[1]]


def as_planned(records: tuple[Record, ...]) -> list[Record]:
    """Return *records* in one order, without what a lock may leave out or know better."""
    bare = (replace(each, purls=None, run_exports=None) for each in records)
    return sorted(bare, key=lambda each: each.url)


def without_conda(environment: LockedEnvironment) -> LockedEnvironment:
    return replace(environment, conda={})


@settings(deadline=None, max_examples=20)
@given(rewrites())
def test_planned_pairs_hold_the_planned_records_and_all_else_is_as_before(rewritten: tuple[Case, Solutions]) -> None:
    case, solutions = rewritten
    before = case.lock

    after = parse("pixi.lock", rewrite(before, case.before, solutions).encode())

    for pair, records in solutions.items():
        assert as_planned(conda_of(after, pair)) == as_planned(records)
    for pair in set(locked_pairs(before)) - solutions.keys():
        assert conda_of(after, pair) == conda_of(before, pair)
    assert [without_conda(each) for each in after.environments] == [without_conda(each) for each in before.environments]


@settings(deadline=None, max_examples=20)
@given(rewrites())
def test_back_to_the_old_records_gives_the_old_locks_records(rewritten: tuple[Case, Solutions]) -> None:
    case, solutions = rewritten
    new_text = rewrite(case.lock, case.before, solutions)
    new_lock = parse("pixi.lock", new_text.encode())
    back = {pair: conda_of(case.lock, pair) for pair in solutions}

    restored = parse("pixi.lock", rewrite(new_lock, new_text, back).encode())

    for pair in solutions:
        assert as_planned(conda_of(restored, pair)) == as_planned(conda_of(case.lock, pair))
