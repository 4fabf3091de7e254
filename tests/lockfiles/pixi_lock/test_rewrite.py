"""A rewrite changes the lines that must change, keeps the version found, and reads back as planned."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import LockError, RewriteRefused
from bot.lockfiles import parse, pixi_lock, rewrite
from bot.lockfiles.base import Pair, Solutions
from bot.model.manifest import Subdir
from bot.model.package import Record
from tests.lockfiles.cases import CASES, Case, record, solved_anew

LINUX = Subdir("linux-64")
CHANNEL = "https://conda.anaconda.org/conda-forge"

EVERY_CASE = pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder.name)


def case_of(name: str) -> Case:
    return next(case for case in CASES if case.folder.name == name)


def pair_of(records: tuple[Record, ...], name: str = "default") -> Mapping[Pair, tuple[Record, ...]]:
    return {(name, LINUX): records}


def rewritten(text: str, solutions: Solutions) -> str:
    return rewrite(parse("pixi.lock", text.encode()), text, solutions)


def swapped(text: str, remove: str, *add: Record) -> str:
    change: dict[str, Any] = {"remove": [remove], "add": []}
    lock = parse("pixi.lock", text.encode())
    return rewritten(text, pair_of((*solved_anew(lock, "default", LINUX, change), *add)))


def small_lock(*urls: str, version: int = 6) -> str:
    platforms = "platforms:\n- name: linux-64\n" if version == 7 else ""
    selectors = "".join(f"\n      - conda: {url}" for url in urls) or " []"
    entries = "".join(f"\n- conda: {url}\n  license: MIT" for url in urls) or " []"
    return (
        f"version: {version}\n{platforms}environments:\n  default:\n    channels:\n    - url: {CHANNEL}/\n"
        f"    packages:\n      linux-64:{selectors}\npackages:{entries}\n"
    )


@EVERY_CASE
def test_golden(case: Case) -> None:
    assert rewrite(case.lock, case.before, case.solutions) == case.after


@EVERY_CASE
def test_crlf_stays(case: Case) -> None:
    before = case.before.replace("\n", "\r\n")

    assert rewritten(before, case.solutions) == case.after.replace("\n", "\r\n")


@EVERY_CASE
def test_a_second_rewrite_changes_nothing(case: Case) -> None:
    assert rewritten(case.after, case.solutions) == case.after


@EVERY_CASE
def test_what_is_locked_already_changes_no_byte(case: Case) -> None:
    same = {
        (environment.name, subdir): (*environment.sources.get(subdir, ()), *reversed(records))
        for environment in case.lock.environments
        for subdir, records in environment.conda.items()
    }

    assert rewrite(case.lock, case.before, same) == case.before
    assert rewrite(case.lock, case.before, {}) == case.before


@pytest.mark.parametrize("version", [6, 7])
def test_one_new_build_changes_its_own_lines_only(version: int) -> None:
    before = small_lock(*(f"{CHANNEL}/linux-64/{name}-1.0-h0_0.conda" for name in "abc"), version=version)

    after = swapped(before, "b", record(name="b", version="1.1", license="MIT"))

    changed = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    assert changed == [
        f"-       - conda: {CHANNEL}/linux-64/b-1.0-h0_0.conda",
        f"+       - conda: {CHANNEL}/linux-64/b-1.1-h0_0.conda",
        f"- - conda: {CHANNEL}/linux-64/b-1.0-h0_0.conda",
        f"+ - conda: {CHANNEL}/linux-64/b-1.1-h0_0.conda",
    ]


@pytest.mark.parametrize(
    ("version", "files"),
    [
        (6, ["noarch/a-1.0-h0_0", "linux-64/B-1.0-h0_0", "linux-64/c-1.0-h0_0"]),
        (7, ["linux-64/B-1.0-h0_0", "linux-64/c-1.0-h0_0", "noarch/a-1.0-h0_0"]),
    ],
)
def test_new_packages_go_to_their_place_in_the_order_of_the_version(version: int, files: list[str]) -> None:
    urls = [f"{CHANNEL}/{file}.conda" for file in files]
    records = (
        record(name="c", url=f"{CHANNEL}/linux-64/c-1.0-h0_0.conda", license="MIT"),
        record(name="b", url=f"{CHANNEL}/linux-64/B-1.0-h0_0.conda", license="MIT"),
        record(name="a", subdir="noarch", noarch="generic", license="MIT"),
    )

    after = rewritten(small_lock(version=version), pair_of(records))

    selectors = re.findall(r"^      - conda: (.*)$", after, re.MULTILINE)
    assert selectors == urls


@pytest.mark.parametrize("version", [6, 7])
def test_an_empty_environment_is_filled_and_emptied_again(version: int) -> None:
    empty = small_lock(version=version)
    full = small_lock(f"{CHANNEL}/linux-64/a-1.0-h0_0.conda", version=version)

    assert rewritten(empty, pair_of((record(name="a", license="MIT"),))) == full
    assert rewritten(full, pair_of(())) == empty


def test_an_end_without_a_line_feed_stays_one() -> None:
    before = small_lock(f"{CHANNEL}/linux-64/a-1.0-h0_0.conda").removesuffix("\n")

    after = swapped(before, "a", record(name="b", license="MIT"))

    assert after == small_lock(f"{CHANNEL}/linux-64/b-1.0-h0_0.conda").removesuffix("\n")


def test_an_entry_that_nothing_used_before_stays() -> None:
    before = small_lock(f"{CHANNEL}/linux-64/a-1.0-h0_0.conda") + f"- conda: {CHANNEL}/linux-64/z-1.0-h0_0.conda\n"

    after = swapped(before, "a", record(name="b", license="MIT"))

    assert f"- conda: {CHANNEL}/linux-64/z-1.0-h0_0.conda\n" in after


def test_an_entry_is_written_anew_when_the_channel_changed_what_it_depends_on() -> None:
    before = small_lock(f"{CHANNEL}/linux-64/a-1.0-h0_0.conda", f"{CHANNEL}/linux-64/b-1.0-h0_0.conda")
    patched = record(name="a", license="MIT", depends=["b <2"])

    after = swapped(before, "a", patched)

    assert after == before.replace(
        "a-1.0-h0_0.conda\n  license: MIT", "a-1.0-h0_0.conda\n  depends:\n  - b <2\n  license: MIT"
    )


def test_an_entry_written_anew_keeps_what_only_the_lock_knew() -> None:
    before = small_lock(f"{CHANNEL}/linux-64/a-1.0-h0_0.conda", version=7)
    before += "  purls:\n  - pkg:pypi/a\n  run_exports:\n    weak:\n    - a\n"

    after = swapped(before, "a", record(name="a", license="MIT", constrains=["b"]))

    assert after == before.replace("  license: MIT", "  constrains:\n  - b\n  license: MIT")


def test_another_licence_or_size_in_the_channel_is_no_reason_to_write_an_entry_anew() -> None:
    before = small_lock(f"{CHANNEL}/linux-64/a-1.0-h0_0.conda")

    assert swapped(before, "a", record(name="a", license="MIT-0", size=5)) == before


def test_an_environment_without_pypi_names_gets_none() -> None:
    before = small_lock(f"{CHANNEL}/linux-64/a-1.0-h0_0.conda")

    after = swapped(before, "a", record(name="b", license="MIT", purls=["pkg:pypi/b"]))

    assert after == small_lock(f"{CHANNEL}/linux-64/b-1.0-h0_0.conda")


@pytest.mark.parametrize(
    ("given", "written"),
    [
        pytest.param(["pkg:pypi/z", "pkg:pypi/a"], "  purls:\n  - pkg:pypi/a\n  - pkg:pypi/z\n", id="known names"),
        pytest.param([], "  purls: []\n", id="known to have none"),
        pytest.param(None, "  purls:\n  - pkg:pypi/a?source=hash-mapping\n", id="unknown: as the older build"),
    ],
)
def test_an_environment_with_pypi_names_gets_them(given: list[str] | None, written: str) -> None:
    before = small_lock(f"{CHANNEL}/linux-64/a-1.0-h0_0.conda") + "  purls:\n  - pkg:pypi/a?source=hash-mapping\n"

    after = swapped(before, "a", record(name="a", version="2.0", license="MIT", purls=given))

    assert after == small_lock(f"{CHANNEL}/linux-64/a-2.0-h0_0.conda") + written


@pytest.mark.parametrize(
    ("locked", "written"),
    [
        pytest.param("", "", id="the lock knows none"),
        pytest.param("  run_exports: {}\n", "  run_exports:\n    weak:\n    - b\n", id="the lock knows some"),
    ],
)
def test_run_exports_are_written_where_the_lock_has_them(locked: str, written: str) -> None:
    before = small_lock(f"{CHANNEL}/linux-64/a-1.0-h0_0.conda", version=7) + locked

    after = swapped(before, "a", record(name="b", license="MIT", run_exports={"weak": ["b"], "strong": []}))

    assert after == small_lock(f"{CHANNEL}/linux-64/b-1.0-h0_0.conda", version=7) + written


def test_solutions_of_several_environments_share_one_entry() -> None:
    case = case_of("v7-run-exports")
    new = record(name="xz", version="5.8", license="0BSD")
    solutions: Solutions = {
        (name, LINUX): (*solved_anew(case.lock, name, LINUX, {"remove": [], "add": []}), new)
        for name in ("default", "lint")
    }

    after = rewrite(case.lock, case.before, solutions)

    assert after.count(f"      - conda: {new.url}\n") == 2
    assert after.count(f"\n- conda: {new.url}\n") == 1


@pytest.mark.parametrize(
    ("solutions", "sentence"),
    [
        ({("docs", LINUX): ()}, "pixi.lock: the lock has no environment docs for linux-64"),
        ({("default", Subdir("win-64")): ()}, "pixi.lock: the lock has no environment default for win-64"),
        (
            {("default", LINUX): ()},
            "pixi.lock: default: on linux-64 the environment default would have other packages that are built",
        ),
    ],
)
def test_a_pair_that_is_not_there_or_would_lose_a_source_is_left_alone(solutions: Solutions, sentence: str) -> None:
    case = case_of("v7-source-beside")

    with pytest.raises(LockError, match=f"^{re.escape(sentence)}"):
        rewrite(case.lock, case.before, solutions)


def test_entries_of_one_url_are_read_but_not_rewritten() -> None:
    text = small_lock(f"{CHANNEL}/linux-64/a-1.0-h0_0.conda") + f"- conda: {CHANNEL}/linux-64/a-1.0-h0_0.conda\n"

    with pytest.raises(LockError, match=r"a-1\.0-h0_0\.conda has 2 entries"):
        rewritten(text, pair_of(()))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        pytest.param(
            "linux-64:\n      - conda: ", "linux-64:\n      -\n        conda: ", 9, id="a dash on its own line"
        ),
        pytest.param("- conda: https", "- ? conda\n  : https", 10, id="keys on their own lines"),
        pytest.param(
            f"linux-64:\n      - conda: {CHANNEL}/linux-64/a-1.0-h0_0.conda",
            f"linux-64: [{{conda: '{CHANNEL}/linux-64/a-1.0-h0_0.conda'}}]",
            7,
            id="a list in brackets",
        ),
    ],
)
def test_a_layout_that_has_no_lines_to_change_is_left_alone(old: str, new: str, line: int) -> None:
    before = small_lock(f"{CHANNEL}/linux-64/a-1.0-h0_0.conda")
    text = before[: (found := before.rindex(old))] + new + before[found + len(old) :]

    with pytest.raises(LockError, match=rf"^pixi\.lock:{line}: this list is not laid out with one package a line"):
        swapped(text, "a", record(name="b"))


def test_an_empty_list_whose_key_does_not_start_its_line_is_left_alone() -> None:
    text = small_lock().replace("    packages:\n      linux-64: []", "    packages: {linux-64: []}")

    with pytest.raises(LockError, match=r"^pixi\.lock:6: this list is not laid out"):
        rewritten(text, pair_of((record(name="a"),)))


@pytest.mark.parametrize("hashes", [("sha256", "aa", "bb"), ("md5", "aa", "bb")])
def test_one_url_with_two_hashes_is_refused(hashes: tuple[str, str, str]) -> None:
    key, locked, found = hashes
    before = small_lock(f"{CHANNEL}/linux-64/a-1.0-h0_0.conda") + f"  {key}: {locked}\n"

    with pytest.raises(RewriteRefused, match="has the hash aa in the lock and bb in the channel"):
        swapped(before, "a", record(name="a", **{key: found}))


def test_solutions_that_disagree_about_a_url_are_refused() -> None:
    case = case_of("v7-run-exports")
    solutions: Solutions = {
        ("default", LINUX): (record(name="a", license="MIT"),),
        ("lint", LINUX): (record(name="a", license="BSD-3-Clause"),),
    }

    with pytest.raises(RewriteRefused, match=r"two solutions disagree about .*/a-1\.0-h0_0\.conda"):
        rewrite(case.lock, case.before, solutions)


def test_a_text_that_is_not_the_locks_own_is_refused() -> None:
    case = case_of("v6-pypi")

    with pytest.raises(RewriteRefused, match="is not the text that its lock was read from"):
        rewrite(case.lock, case.after, {})


@pytest.mark.parametrize(
    "unwritable",
    [
        pytest.param(record(name="a", timestamp=5), id="a timestamp that reads as seconds"),
        pytest.param(record(name="a", url=f"{CHANNEL}/linux-64/a b/c"), id="a URL that is no archive"),
        pytest.param(record(name="a", size=10**20), id="a number that is not read"),
    ],
)
def test_a_record_that_does_not_read_back_is_refused(unwritable: Record) -> None:
    before = small_lock(f"{CHANNEL}/linux-64/b-1.0-h0_0.conda")

    with pytest.raises(RewriteRefused):
        swapped(before, "b", unwritable)


def test_a_splice_that_loses_a_line_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of("v6-pypi")
    monkeypatch.setattr(
        pixi_lock, "splice", lambda _text, _document, _plan: case.after.replace("  license: MIT\n", "", 1)
    )

    with pytest.raises(RewriteRefused, match="did not read back as planned"):
        rewrite(case.lock, case.before, case.solutions)


def test_a_record_twice_in_a_solution_is_refused() -> None:
    before = small_lock(f"{CHANNEL}/linux-64/a-1.0-h0_0.conda")
    twice = record(name="b", license="MIT")

    with pytest.raises(RewriteRefused):
        swapped(before, "a", twice, replace(twice))
