"""Whatever is swapped, the rewritten lock reads back as exactly that and nothing more."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.lockfiles import Packages, Pair, Solutions, parse, rewrite
from bot.lockfiles.pixi_lock.document import PixiDocument, is_wheel, read_document
from bot.lockfiles.pixi_lock.order import ListPlace, entry_place
from bot.lockfiles.pixi_lock.pypi_entries import fitted
from bot.model.manifest import PackageName
from bot.model.package import Lock, LockedEnvironment, PypiPackage, Record
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
PYPI_NAMES = st.sampled_from(["narwhals", "numpy", "a", "a-b", "zope-interface"])
PYPI_VERSIONS = st.sampled_from(["1.0", "1.9", "1.10", "2.0rc1", "1!0.1", "3.0+cu121"])
FILES = st.sampled_from(["https://files.example/", "https://files.example/B/", "http://a.example/%2B/"])
REQUIREMENTS = st.sampled_from(
    ["numpy", "a[x]>=1 ; python_version < '3.9'", "b @ https://files.example/b.zip", "c~=1.4"]
)
PACKAGES = st.builds(
    lambda name, version, folder, **fields: PypiPackage(
        name=PackageName(name), version=version, url=f"{folder}{name}-{version}-py3-none-any.whl", **fields
    ),
    name=PYPI_NAMES,
    version=PYPI_VERSIONS,
    folder=FILES,
    sha256=HASHES,
    index=st.sampled_from([None, "https://files.example/simple"]),
    requires_dist=st.lists(REQUIREMENTS, max_size=2).map(tuple),
    requires_python=st.sampled_from([None, ">=3.8", "<4,>=3.8"]),
)


@st.composite
def rewrites(draw: st.DrawFn) -> tuple[Case, Solutions]:
    """Draw a lock, some of its pairs, which of their records go, and which come."""
    case = draw(st.sampled_from(CASES))
    new = draw(st.lists(RECORDS, max_size=3, unique_by=(lambda each: each.url, lambda each: each.name)))
    pairs = draw(st.sets(st.sampled_from(sorted(locked_pairs(case.lock))), min_size=1))
    return case, {pair: solution(draw, case.lock, pair, new) for pair in pairs}


@st.composite
def resolutions(draw: st.DrawFn) -> tuple[Case, Packages]:
    """Draw a lock, some of its pairs, which of their wheels go, and which come."""
    case = draw(st.sampled_from(CASES))
    new = draw(st.lists(PACKAGES, max_size=4, unique_by=(lambda each: each.url, lambda each: each.name)))
    pairs = draw(st.sets(st.sampled_from(sorted(locked_pairs(case.lock))), min_size=1))
    return case, {pair: resolution(draw, case.lock, pair, new) for pair in pairs}


def resolution(draw: st.DrawFn, lock: Lock, pair: Pair, new: list[PypiPackage]) -> tuple[PypiPackage, ...]:
    locked = pypi_of(lock, pair)
    kept = [each for each in locked if not is_wheel(each.url) or draw(st.booleans())]  # else no way leads back
    taken = {each.name for each in kept}
    return (*kept, *(each for each in new if each.name not in taken and draw(st.booleans())))


def pypi_of(lock: Lock, pair: Pair) -> tuple[PypiPackage, ...]:
    environment = lock.environment(pair[0])
    assert environment is not None
    return environment.pypi[pair[1]]


def planned_pypi(lock: Lock, pair: Pair, packages: tuple[PypiPackage, ...]) -> set[PypiPackage]:
    """Return what the lock will hold: what comes as the lock says it."""
    locked = pypi_of(lock, pair)
    return {each if each in locked else fitted(each, lock.version) for each in packages}


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


@settings(deadline=None, max_examples=20)
@given(resolutions())
def test_resolved_pairs_hold_the_planned_packages_and_all_else_is_as_before(resolved: tuple[Case, Packages]) -> None:
    case, packages = resolved
    before = case.lock

    after = parse("pixi.lock", rewrite(before, case.before, {}, packages).encode())

    for pair in locked_pairs(before):
        expected = planned_pypi(before, pair, packages[pair]) if pair in packages else set(pypi_of(before, pair))
        assert set(pypi_of(after, pair)) == expected
    assert [without_pypi(each) for each in after.environments] == [without_pypi(each) for each in before.environments]


@settings(deadline=None, max_examples=20)
@given(resolutions())
def test_back_to_the_old_packages_gives_the_old_bytes(resolved: tuple[Case, Packages]) -> None:
    case, packages = resolved
    new_text = rewrite(case.lock, case.before, {}, packages)
    back = {pair: pypi_of(case.lock, pair) for pair in packages}

    assert rewrite(parse("pixi.lock", new_text.encode()), new_text, {}, back) == case.before


@settings(deadline=None, max_examples=20)
@given(resolutions())
def test_both_lists_stay_in_pixis_order(resolved: tuple[Case, Packages]) -> None:
    case, packages = resolved
    document = read_document("pixi.lock", rewrite(case.lock, case.before, {}, packages))
    before = read_document("pixi.lock", case.before)

    if entry_places(before) == sorted(entry_places(before)):
        assert entry_places(document) == sorted(entry_places(document))


def entry_places(document: PixiDocument) -> list[ListPlace]:
    items = document.packages.items
    return [entry_place(document.version, *item.reference, item.name, item.version) for item in items]


def without_pypi(environment: LockedEnvironment) -> LockedEnvironment:
    return replace(environment, pypi={})
