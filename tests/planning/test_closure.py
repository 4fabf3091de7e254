"""What of a common solution an environment needs."""

from bot.model.manifest import PackageName
from bot.planning.closure import closure
from tests.planning.toy import record

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
