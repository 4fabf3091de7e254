"""What of a common solution an environment needs."""

from dataclasses import replace

from bot.model.manifest import PackageName
from bot.planning.closure import closure, needed
from tests.planning.toy import MACHINE, asks_for, record, unit
from tests.planning.toy_pypi import asks_pypi_for, wheel

RECORDS = (
    record("app", "1", "lib >=1", "__glibc >=2.17", "conda-forge::tool[version='>=1']"),
    record("lib", "1", "app", "core"),
    record("core", "1"),
    record("tool", "1"),
    record("other", "1", "core"),
)


def names(*roots: str) -> list[str]:
    return [each.name for each in closure(RECORDS, map(PackageName, roots))]


def test_it_is_what_the_roots_need_directly_or_not_sorted() -> None:
    assert names("app") == ["app", "core", "lib", "tool"]


def test_a_circle_ends_and_what_nothing_needs_is_left_out() -> None:
    assert names("lib") == ["app", "core", "lib", "tool"]
    assert names("core") == ["core"]


def test_a_root_that_is_not_there_is_none() -> None:
    assert names("nowhere") == []


def test_what_pypi_packages_require_and_conda_brings_is_needed_too() -> None:
    brings = replace(record("tool", "1"), purls=("pkg:pypi/the-tool",))
    here = unit(asks_for("python", "*"), asks_pypi_for("web", ">=1")).environments[0]
    records = (record("python", "3.12.1"), brings, record("other", "1"))
    packages = (wheel("web", "1.0", "the-tool>=1"),)

    assert [each.name for each in needed(here, MACHINE, records, packages)] == ["python", "tool"]
    assert [each.name for each in needed(here, MACHINE, records)] == ["python"]
