"""What a rewrite locks of conda: records as the lock has them, and what is stated of new ones."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import LockError, RewriteRefused
from bot.lockfiles.pixi_lock import PIXI_LOCK
from bot.lockfiles.pixi_lock.plan import Known, RewritePlan, plan_rewrite, planned_lock, sorted_lock
from bot.model.manifest import PackageName
from bot.model.package import Lock, LockedEnvironment, PypiPackage, Record
from tests.lockfiles.cases import record

LINUX, MACOS = "linux-64", "osx-arm64"
PURL, OTHER = "pkg:pypi/a", "pkg:pypi/other"
WEAK = {"weak": ("a >=1",)}
DEFAULT = ("default", LINUX)


def of(name: str, version: str = "1.0", **fields: Any) -> Record:
    return record(name=name, version=version, **fields)


def environment(
    *records: Record, name: str = "default", packages: tuple[PypiPackage, ...] = (), sources: tuple[Record, ...] = ()
) -> LockedEnvironment:
    return LockedEnvironment(
        name=name,
        channels=(),
        conda={LINUX: records},
        pypi={LINUX: packages} if packages else {},
        sources={LINUX: sources} if sources else {},
    )


def lock(*environments: LockedEnvironment, version: int = 7) -> Lock:
    return Lock(path="pixi.lock", format=PIXI_LOCK, version=version, environments=environments)


def planned(of: Lock, *records: Record, packages: tuple[PypiPackage, ...] | None = None) -> RewritePlan:
    locked = {each.url: each for one in of.environments for every in one.conda.values() for each in every}
    resolved = {} if packages is None else {DEFAULT: packages}
    return plan_rewrite(of, Known(records=locked, packages={}), {DEFAULT: records}, resolved)


def written(of: Lock, *records: Record, packages: tuple[PypiPackage, ...] | None = None) -> Mapping[str, Record]:
    return {each.name: each for each in planned(of, *records, packages=packages).written.values()}


WHEEL = PypiPackage(name=PackageName("wheel"), version="1.0", url="https://files.example/wheel-1.0-py3-none-any.whl")
STATING, SILENT = of("a", purls=(PURL,)), of("b")
MINE, YOURS = (replace(of(name), url=f"./{name}", is_source=True) for name in ("mine", "yours"))
BESIDE_PYPI = environment(STATING, SILENT, packages=(WHEEL,))


@pytest.mark.parametrize(
    ("before", "packages", "purls"),
    [
        pytest.param(environment(SILENT), None, None, id="none where no record has any"),
        pytest.param(environment(STATING), None, (OTHER,), id="where every record has them"),
        pytest.param(environment(STATING, SILENT), None, None, id="not where only some have, and nothing is of PyPI"),
        pytest.param(
            environment(STATING, SILENT, packages=(WHEEL,)), None, (OTHER,), id="where some have, beside PyPI"
        ),
        pytest.param(environment(SILENT, packages=(WHEEL,)), None, None, id="not beside PyPI where no record has any"),
        pytest.param(environment(SILENT), (WHEEL,), (OTHER,), id="where PyPI packages were resolved anew"),
        pytest.param(environment(), None, None, id="not in an empty environment"),
    ],
)
def test_a_new_record_says_what_it_is_called_on_pypi_where_the_others_do(
    before: LockedEnvironment, packages: tuple[PypiPackage, ...] | None, purls: tuple[str, ...] | None
) -> None:
    found = written(lock(before), *before.conda[LINUX], of("new", purls=(OTHER,)), packages=packages)

    assert found["new"].purls == purls


@pytest.mark.parametrize(
    ("given", "purls"),
    [
        pytest.param(("pkg:pypi/z", "pkg:pypi/b"), ("pkg:pypi/b", "pkg:pypi/z"), id="what it says itself, in order"),
        pytest.param(
            ("pkg:pypi/b-c", "pkg:pypi/b?source=x"), ("pkg:pypi/b?source=x", "pkg:pypi/b-c"), id="which is by name"
        ),
        pytest.param((), (), id="also that it has none"),
        pytest.param(None, (PURL,), id="what an older record of its name says"),
    ],
)
def test_what_a_new_build_is_called_on_pypi(given: tuple[str, ...] | None, purls: tuple[str, ...]) -> None:
    found = written(lock(environment(STATING, SILENT)), of("a", "2.0", purls=given), SILENT)

    assert found["a"].purls == purls


@pytest.mark.parametrize("order", [1, -1])
def test_of_older_records_one_with_names_tells_before_one_without(order: int) -> None:
    known = (of("a", "1.0", purls=(PURL,)), of("a", "1.1", purls=()))[::order]
    environments = [environment(each, name=each.version) for each in known]

    found = written(lock(environment(known[0]), *environments), of("a", "2.0"))

    assert found["a"].purls == (PURL,)


def test_a_new_package_of_unknown_name_states_none() -> None:
    assert written(lock(environment(STATING)), STATING, of("new"))["new"].purls is None


def test_an_entry_that_other_environments_use_keeps_its_names() -> None:
    changed = of("a", purls=(PURL,), depends=["b"])

    found = written(lock(environment(SILENT), environment(STATING, name="other")), SILENT, changed)

    assert found["a"].purls == (PURL,)


KNOWING = of("a", run_exports=WEAK)


@pytest.mark.parametrize(
    ("version", "locked", "given", "expected"),
    [
        pytest.param(7, KNOWING, WEAK, WEAK, id="since version 7, where the lock has them"),
        pytest.param(6, KNOWING, WEAK, None, id="not before"),
        pytest.param(8, KNOWING, WEAK, WEAK, id="and later"),
        pytest.param(7, SILENT, WEAK, None, id="not where no record has any"),
        pytest.param(7, of("a", run_exports={}), WEAK, WEAK, id="a record that has none, and says it, is one"),
        pytest.param(7, KNOWING, None, None, id="nothing is made up"),
        pytest.param(7, KNOWING, {}, {}, id="that there are none is said"),
        pytest.param(7, KNOWING, {"weak": ["a"], "noarch": []}, {"weak": ("a",)}, id="a kind without any is left out"),
    ],
)
def test_run_exports_are_written_where_the_lock_has_them(
    version: int,
    locked: Record,
    given: Mapping[str, object] | None,
    expected: Mapping[str, tuple[str, ...]] | None,
) -> None:
    found = written(lock(environment(locked), version=version), locked, of("new", run_exports=given))

    assert found["new"].run_exports == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(None, WEAK, id="what the channel does not say stays"),
        pytest.param({"strong": ["x"]}, {"strong": ("x",)}, id="what it says counts"),
    ],
)
def test_an_entry_written_anew_has_the_run_exports_of_before(
    given: Mapping[str, object] | None, expected: Mapping[str, tuple[str, ...]]
) -> None:
    found = written(lock(environment(KNOWING)), of("a", depends=["b"], run_exports=given))

    assert found["a"].run_exports == expected


@pytest.mark.parametrize(
    ("change", "is_new"),
    [
        pytest.param({"depends": ["b"]}, True, id="depends"),
        pytest.param({"constrains": ["b"]}, True, id="constrains"),
        pytest.param({"extra_depends": {"test": ["b"]}}, True, id="extra_depends"),
        pytest.param({"size": 5, "license": "MIT", "timestamp": 1}, False, id="anything else"),
        pytest.param({"sha256": "ab", "md5": "cd"}, False, id="hashes that were not known"),
    ],
)
def test_a_record_stays_as_the_lock_has_it_unless_its_dependencies_changed(
    change: Mapping[str, Any], *, is_new: bool
) -> None:
    changed = of("b", **change)

    plan = planned(lock(environment(SILENT)), changed)

    assert plan.written == ({changed.url: changed} if is_new else {})
    assert plan.solutions == {DEFAULT: (changed if is_new else SILENT,)}


@pytest.mark.parametrize("field", ["features", "license", "license_family", "python_site_packages_path"])
def test_what_is_empty_is_not_written(field: str) -> None:
    found = written(lock(environment()), of("new", **{field: ""}), of("full", **{field: "x"}))

    assert getattr(found["new"], field) is None
    assert getattr(found["full"], field) == "x"


@pytest.mark.parametrize("kind", ["sha256", "md5"])
def test_one_url_with_two_hashes_is_refused(kind: str) -> None:
    before, after = of("a", **{kind: "ab"}), of("a", **{kind: "cd"})

    with pytest.raises(RewriteRefused, match="has the hash ab in the lock and cd in the channel: find out"):
        planned(lock(environment(before)), after)


def test_solutions_that_disagree_about_a_record_are_refused() -> None:
    both = lock(environment(), environment(name="other"))
    solutions = {("default", LINUX): (of("a"),), ("other", LINUX): (of("a", depends=["b"]),)}

    with pytest.raises(RewriteRefused, match=r"two solutions disagree about https://.*/a-1.0-h0_0.conda"):
        plan_rewrite(both, Known(records={}, packages={}), solutions, {})


def test_what_is_no_archive_is_refused() -> None:
    with pytest.raises(RewriteRefused, match=r"a.zip is no conda package: it should end in .conda or .tar.bz2"):
        planned(lock(environment()), replace(of("a"), url="https://files.example/a.zip"))


@pytest.mark.parametrize(
    ("before", "pair", "sentence"),
    [
        pytest.param(
            environment(),
            ("test", LINUX),
            "the lock has no environment test for linux-64: run `pixi lock` once",
            id="an environment that is not there",
        ),
        pytest.param(
            environment(),
            ("default", MACOS),
            "the lock has no environment default for osx-arm64: run `pixi lock` once",
            id="a platform that is not there",
        ),
    ],
)
def test_a_pair_that_cannot_be_written_is_refused(
    before: LockedEnvironment, pair: tuple[str, str], sentence: str
) -> None:
    nothing = Known(records={}, packages={})

    for solutions, packages in (({pair: ()}, {}), ({}, {pair: ()})):
        with pytest.raises(LockError) as refused:
            plan_rewrite(lock(before), nothing, solutions, packages)
        assert (refused.value.message, refused.value.path) == (sentence, "pixi.lock")


@pytest.mark.parametrize("solution", [(), (MINE,), (MINE, replace(MINE, url="./other"))])
def test_what_is_built_from_source_neither_comes_nor_goes(solution: tuple[Record, ...]) -> None:
    with pytest.raises(LockError, match="the environment default would have other packages that are built from source"):
        planned(lock(environment(SILENT, sources=(MINE, YOURS))), *solution)


def test_what_is_built_from_source_is_no_part_of_what_is_planned() -> None:
    before = lock(environment(SILENT, sources=(MINE, YOURS)))

    plan = planned(before, SILENT, replace(YOURS, version="0"), MINE)

    assert plan.written == {}
    assert planned_lock(before, plan) == before


def test_a_planned_lock_has_the_solution_and_everywhere_the_entries_written_anew() -> None:
    changed, more = of("b", depends=["c"]), of("c")
    before = lock(environment(SILENT), environment(SILENT, of("d"), name="other"))

    after = planned_lock(before, planned(before, changed, more))

    assert [each.conda[LINUX] for each in after.environments] == [(changed, more), (changed, of("d"))]


def test_a_sorted_lock_is_by_name_and_url() -> None:
    newer = replace(WHEEL, url="https://files.example/wheel-2.0-py3-none-any.whl")

    found = sorted_lock(
        lock(environment(of("b"), of("a"), name="two", packages=(newer, WHEEL)), environment(of("c"), name="one"))
    )

    assert found == lock(
        environment(of("c"), name="one"), environment(of("a"), of("b"), name="two", packages=(WHEEL, newer))
    )
