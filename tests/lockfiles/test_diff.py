"""One function says what changes between two sets of records."""

from dataclasses import replace

import pytest

from bot.errors import SpecError
from bot.lockfiles.diff import (
    diff_environment,
    diff_locks,
    license_changes,
)
from bot.lockfiles.pixi_lock import PIXI_LOCK
from bot.model.manifest import Datasource, PackageName, Subdir
from bot.model.package import Lock, LockedEnvironment, PypiPackage, Record
from bot.model.update import ChangeKind, LockDiff, PackageChange
from tests.lockfiles.cases import record

LINUX = Subdir("linux-64")
OSX = Subdir("osx-arm64")


def diff(before: tuple[Record, ...], after: tuple[Record, ...], direct: tuple[str, ...] = ()) -> LockDiff:
    names = {PackageName(name) for name in direct}
    return diff_environment(before, after, environment="default", platform=LINUX, direct=names)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        pytest.param({"version": "1.9"}, {"version": "1.10"}, ChangeKind.UPGRADED, id="1.10 is newer than 1.9"),
        pytest.param({"version": "1.0"}, {"version": "1.0rc1"}, ChangeKind.DOWNGRADED, id="a candidate is older"),
        pytest.param({"version": "9.0"}, {"version": "1!1.0"}, ChangeKind.UPGRADED, id="an epoch is newer"),
        pytest.param({"build": "h0_0"}, {"build": "h0_1"}, ChangeKind.REBUILT, id="another build only"),
        pytest.param({"version": "1.0"}, {"version": "1.0.0"}, ChangeKind.REBUILT, id="one version in two spellings"),
        pytest.param({}, {"url": "https://files.example/linux-64/x-1.0-h0_0.conda"}, ChangeKind.REBUILT, id="moved"),
        pytest.param(
            {"version": "2.8", "build": "cuda126_h0_0"},
            {"version": "2.9", "build": "cpu_h0_0"},
            ChangeKind.FLAVOUR,
            id="another flavour, whatever the version",
        ),
        pytest.param(
            {"version": "2.8", "build": "cuda126_h0_0"},
            {"version": "2.9", "build": "cuda129_h0_0"},
            ChangeKind.UPGRADED,
            id="another CUDA is no other flavour",
        ),
    ],
)
def test_kind(before: dict[str, str], after: dict[str, str], kind: ChangeKind) -> None:
    changes = diff((record(name="x", **before),), (record(name="x", **after),)).changes

    assert [change.kind for change in changes] == [kind]


def test_what_stays_is_no_change() -> None:
    before = record(name="x", depends=["y"])

    assert diff((before,), (replace(before, depends=("y <2",)),)).changes == ()


def test_a_change_holds_both_sides() -> None:
    before = record(name="x", version="1.0", license="MIT", size=10)
    after = record(name="x", version="2.0", build="h1_0", license="BSD-3-Clause")

    assert diff((before,), (after,), direct=("x",)).changes == (
        PackageChange(
            name=PackageName("x"),
            kind=ChangeKind.UPGRADED,
            direct=True,
            old_version="1.0",
            new_version="2.0",
            old_build="h0_0",
            new_build="h1_0",
            old_channel="https://conda.anaconda.org/conda-forge",
            new_channel="https://conda.anaconda.org/conda-forge",
            old_license="MIT",
            new_license="BSD-3-Clause",
            old_size=10,
            new_size=None,
        ),
    )


def test_changes_come_by_kind_then_direct_ones_then_by_name() -> None:
    before = (record(name="b"), record(name="c"), record(name="torch", build="cuda126_h0_0"), record(name="gone"))
    after = (
        record(name="a"),
        record(name="b", version="2.0"),
        record(name="c", version="2.0"),
        record(name="torch", build="cpu_h0_0"),
    )

    changes = diff(before, after, direct=("c",)).changes

    assert [(str(change.kind), change.name) for change in changes] == [
        ("flavour", "torch"),
        ("added", "a"),
        ("removed", "gone"),
        ("upgraded", "c"),
        ("upgraded", "b"),
    ]


def test_licences_change_only_where_a_package_stays() -> None:
    before = (record(name="a", license="MIT"), record(name="b", license="MIT"), record(name="gone", license="MIT"))
    after = (
        record(name="a", version="2.0", license="BUSL-1.1"),
        record(name="b", version="2.0", license="MIT"),
        record(name="new", license="MIT"),
    )

    assert [change.name for change in license_changes(diff(before, after))] == ["a"]


def test_a_version_that_is_none_is_an_error_and_no_crash() -> None:
    with pytest.raises(SpecError):
        diff((record(name="a", version="1.0"),), (record(name="a", version="!!"),))


def locked(name: str, **platforms: tuple[Record, ...]) -> LockedEnvironment:
    conda = {subdir.replace("_", "-"): records for subdir, records in platforms.items()}
    return LockedEnvironment(name=name, channels=(), conda=conda, pypi={})


def test_locks_differ_where_an_environment_does() -> None:
    old, new = record(name="x"), record(name="x", version="2.0")
    lock = Lock(path="pixi.lock", format=PIXI_LOCK, version=6, environments=())
    before = replace(lock, environments=(locked("default", linux_64=(old,), osx_arm64=(old,)),))
    after = replace(
        lock, environments=(locked("default", linux_64=(old,), osx_arm64=(new,)), locked("test", linux_64=(old,)))
    )

    diffs = diff_locks(before, after, direct={("default", OSX): {PackageName("x")}})

    found = [(each.environment, each.platform, each.changes[0].kind, each.changes[0].direct) for each in diffs]
    assert found == [("default", OSX, ChangeKind.UPGRADED, True), ("test", LINUX, ChangeKind.ADDED, False)]


def package(version: str = "1.0", name: str = "x") -> PypiPackage:
    return PypiPackage(name=PackageName(name), version=version, url=f"https://files.example/{name}-{version}.whl")


def moved(before: PypiPackage | None, after: PypiPackage | None, *direct: str) -> PackageChange:
    packages = (() if before is None else (before,), () if after is None else (after,))
    names = {PackageName(name) for name in direct}
    found = diff_environment((), (), environment="default", platform=LINUX, direct=names, packages=packages)
    [change] = found.changes
    return change


@pytest.mark.parametrize(
    ("before", "after", "kind", "versions"),
    [
        pytest.param(None, package(), ChangeKind.ADDED, (None, "1.0"), id="one comes"),
        pytest.param(package(), None, ChangeKind.REMOVED, ("1.0", None), id="one goes"),
        pytest.param(package("1.9"), package("1.10"), ChangeKind.UPGRADED, ("1.9", "1.10"), id="by PEP 440"),
        pytest.param(package("1.0.post1"), package(), ChangeKind.DOWNGRADED, ("1.0.post1", "1.0"), id="one is older"),
        pytest.param(package("1.0"), package("1.0.0"), ChangeKind.REBUILT, ("1.0", "1.0.0"), id="another spelling"),
        pytest.param(package(""), package(), ChangeKind.REBUILT, ("", "1.0"), id="its version was not known"),
        pytest.param(package(), package(""), ChangeKind.REBUILT, ("1.0", ""), id="its version is not known"),
    ],
)
def test_packages_of_pypi(
    before: PypiPackage | None, after: PypiPackage | None, kind: ChangeKind, versions: tuple[str | None, str | None]
) -> None:
    change = moved(before, after)

    assert (change.name, change.kind, change.datasource) == ("x", kind, Datasource.PYPI)
    assert (change.old_version, change.new_version) == versions


@pytest.mark.parametrize(("asked", "direct"), [("x", True), ("y", False)])
def test_a_package_of_pypi_is_direct_where_the_manifest_asks_for_it(asked: str, *, direct: bool) -> None:
    assert moved(None, package(), asked).direct is direct


def test_what_conda_and_pypi_call_alike_are_two_changes() -> None:
    found = diff_environment(
        (), (record(name="x"),), environment="default", platform=LINUX, direct=set(), packages=((), (package(),))
    )

    assert [(each.name, each.datasource) for each in found.changes] == [("x", "conda"), ("x", "pypi")]
    assert (found.environment, found.platform) == ("default", LINUX)


@pytest.mark.parametrize(
    ("before", "after", "kind", "sides"),
    [
        pytest.param((), ("x",), ChangeKind.ADDED, (None, "1.0", None, "h0_0"), id="one comes"),
        pytest.param(("x",), (), ChangeKind.REMOVED, ("1.0", None, "h0_0", None), id="one goes"),
    ],
)
def test_what_comes_or_goes_has_one_side(
    before: tuple[str, ...], after: tuple[str, ...], kind: ChangeKind, sides: tuple[str | None, ...]
) -> None:
    old, new = (tuple(record(name=name, size=5, license="MIT") for name in names) for names in (before, after))

    [change] = diff(old, new).changes

    assert (change.kind, change.direct, change.datasource) == (kind, False, Datasource.CONDA)
    assert (change.old_version, change.new_version, change.old_build, change.new_build) == sides
    assert (change.old_size, change.new_size) == ((None, 5) if new else (5, None))
    assert (change.old_license, change.new_license) == ((None, "MIT") if new else ("MIT", None))
