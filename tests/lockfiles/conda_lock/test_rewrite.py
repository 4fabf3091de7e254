"""A rewritten conda-lock.yml: only the lines that must change do, and the others are the same characters."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import LockError, RewriteRefused
from bot.lockfiles import Solutions, rewrite
from bot.lockfiles.conda_lock import Inputs, Requested, Root, relock
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Record
from tests.conda_locks import HEADER, digest, entry, lock_text, package, parsed
from tests.planning.toy import LINUX, MACOS

ALPHA = package("alpha", "1.0.0", "core >=1")
ALPHA_2 = package("alpha", "2.0.0", "core >=2", "extra")
BETA = package("beta", "1.0.0")
CORE = package("core", "1.5.0")
CORE_2 = package("core", "2.0.0")
EXTRA = package("extra", "0.1.0", subdir="linux-64")


def on(*records: Record, subdir: Subdir = LINUX) -> Solutions:
    return {("default", subdir): records}


def after(text: str, solutions: Solutions) -> str:
    """Return *text* rewritten for sources that did not change."""
    return rewrite(parsed(text), text, solutions)


def asked(**categories: str) -> Requested:
    return {LINUX: tuple(Root(name=PackageName(name), category=category) for name, category in categories.items())}


def relocked(
    text: str, solutions: Solutions, requested: Requested, content_hash: Mapping[Subdir, str] | None = None
) -> str:
    """Return *text* rewritten for sources that ask for *requested*."""
    return relock(parsed(text), text, solutions, {}, Inputs(requested=requested, content_hash=content_hash or {}))


def test_the_same_records_give_the_same_text() -> None:
    text = lock_text(entry(ALPHA), entry(CORE))

    assert after(text, on(CORE, ALPHA)) == text
    assert after(text, {}) == text


def test_what_moves_is_written_in_its_place_and_what_comes_is_sorted_in() -> None:
    before = lock_text(entry(ALPHA), entry(BETA), entry(CORE), entry(package("zlib", "1.3.1")))

    text = after(before, on(ALPHA_2, CORE_2, EXTRA, package("zlib", "1.3.1")))

    assert text == lock_text(entry(ALPHA_2), entry(CORE_2), entry(EXTRA), entry(package("zlib", "1.3.1")))
    assert text.startswith(HEADER)


def test_what_is_sorted_first_goes_before_the_others() -> None:
    text = relocked(lock_text(entry(BETA)), on(ALPHA, BETA), asked(alpha="main", beta="main"))

    assert text == lock_text(entry(ALPHA), entry(BETA))


def test_platforms_that_were_not_solved_stay() -> None:
    before = lock_text(entry(ALPHA), entry(ALPHA, MACOS), entry(CORE), entry(CORE, MACOS), platforms=(LINUX, MACOS))

    text = after(before, on(ALPHA_2, CORE_2, EXTRA))

    expected = [entry(ALPHA_2), entry(ALPHA, MACOS), entry(CORE_2), entry(CORE, MACOS), entry(EXTRA)]
    assert text == lock_text(*expected, platforms=(LINUX, MACOS))


def test_keys_in_the_order_of_old_releases_are_written_so_and_new_packages_go_to_the_end_of_their_platform() -> None:
    zed, one, two = package("zed", "1.0.0"), package("one", "1.0.0"), package("two", "1.0.0")
    before = lock_text(*(old_entry(each) for each in (zed, one)), old_entry(two, MACOS), platforms=(LINUX, MACOS))

    records = on(zed, package("one", "1.1.0"), package("add", "1.0.0"))
    text = relocked(before, records, asked(zed="main", one="main", add="main"))

    expected = [old_entry(zed), old_entry(package("one", "1.1.0")), old_entry(package("add", "1.0.0"))]
    assert text == lock_text(*expected, old_entry(two, MACOS), platforms=(LINUX, MACOS))


def test_a_new_platform_of_an_old_order_goes_to_the_end() -> None:
    zed, one = old_entry(package("zed", "1.0.0")), old_entry(package("one", "1.0.0"))
    before = lock_text(zed, one, platforms=(LINUX, MACOS))

    two = on(package("two", "1.0.0"), subdir=MACOS)
    text = relocked(before, two, {MACOS: (Root(name=PackageName("two")),)})

    assert text == lock_text(zed, one, old_entry(package("two", "1.0.0"), MACOS), platforms=(LINUX, MACOS))


def old_entry(given: Record, platform: str = LINUX) -> str:
    """conda-lock up to 1.4 sorted the keys."""
    return f"""\
- category: main
  dependencies: {{}}
  hash:
    md5: {given.md5}
    sha256: {given.sha256}
  manager: conda
  name: {given.name}
  optional: false
  platform: {platform}
  url: {given.url}
  version: {given.version}
"""


def test_indented_lists_comments_and_line_ends_are_kept() -> None:
    def windows(text: str) -> str:
        head, _, body = text.partition("package:\n")
        indented = "".join(f"  {line}\n" for line in body.splitlines())
        return f"{head}package:\n  # ours\n{indented}# end".replace("\n", "\r\n")

    text = after(windows(lock_text(entry(ALPHA), entry(CORE))), on(ALPHA_2, CORE_2, EXTRA))

    assert text == windows(lock_text(entry(ALPHA_2), entry(CORE_2), entry(EXTRA)))


def test_a_text_without_a_last_line_end_stays_so() -> None:
    before = lock_text(entry(ALPHA), entry(CORE)).removesuffix("\n")

    assert after(before, on(ALPHA, CORE_2)) == lock_text(entry(ALPHA), entry(CORE_2)).removesuffix("\n")


def test_the_last_package_may_go_and_the_first_may_come() -> None:
    full, empty = lock_text(entry(BETA)), lock_text()

    assert after(full, on()) == empty
    assert relocked(empty, on(BETA), asked(beta="main")) == full


def test_dependencies_keep_their_version_without_build_and_are_joined_by_name() -> None:
    depends = ("python_abi 3.12.* *_cp312", "Core =1.5", "core <2", "python >=3.12, <3.13", "__glibc >=2.17,<3.0.a0")
    both = on(BETA, replace(ALPHA, depends=depends))
    text = relocked(lock_text(entry(BETA)), both, asked(alpha="main", beta="main"))

    assert (
        """\
  dependencies:
    __glibc: '>=2.17,<3.0.a0'
    core: 1.5.*,<2
    python: '>=3.12,<3.13'
    python_abi: 3.12.*
"""
        in text
    )


def test_a_record_that_is_locked_already_keeps_its_lines() -> None:
    """The channel may state its dependencies anew; the package file is the same."""
    text = lock_text(entry(ALPHA), entry(CORE))

    assert after(text, on(replace(ALPHA, depends=("core >=1,<9",)), CORE)) == text


def test_content_hashes_are_replaced_for_the_platforms_given() -> None:
    text = lock_text(entry(BETA), platforms=(LINUX, MACOS))

    new = relocked(text, on(BETA), asked(beta="main"), {LINUX: digest("new"), MACOS: digest(MACOS)})

    assert new == lock_text(entry(BETA), platforms=(LINUX, MACOS), hashes={LINUX: digest("new")})


def test_a_hash_that_yaml_would_read_as_a_number_is_quoted() -> None:
    number = "1" * 64

    new = relocked(lock_text(entry(BETA)), on(BETA), asked(beta="main"), {LINUX: number})

    assert new == lock_text(entry(BETA), hashes={LINUX: f"'{number}'"})


def test_a_package_is_in_every_category_that_needs_it_and_in_main_alone_if_main_does() -> None:
    shared, tool = package("shared", "1.0.0"), package("tool", "1.0.0", "shared")
    docs, app = package("docs", "1.0.0", "core", "shared"), package("app", "1.0.0", "core")
    records = on(shared, tool, docs, app, CORE, BETA)

    text = relocked(lock_text(), records, asked(tool="dev", docs="docs", app="main", beta="dev", absent="main"))

    assert text == lock_text(
        entry(app),
        entry(BETA, category="dev"),
        entry(CORE),
        entry(docs, category="docs"),
        entry(shared, category="dev"),
        entry(shared, category="docs"),
        entry(tool, category="dev"),
    )


def test_without_new_sources_a_new_package_gets_the_categories_of_what_needs_it() -> None:
    before = lock_text(entry(ALPHA, category="dev"), entry(CORE, category="dev"))

    text = after(before, on(ALPHA_2, CORE_2, EXTRA))

    assert text == lock_text(*(entry(each, category="dev") for each in (ALPHA_2, CORE_2, EXTRA)))


FLOW = f"package: [{{name: beta, version: 1.0.0, manager: conda, platform: linux-64, hash: {{}}, url: {BETA.url}}}]\n"


@pytest.mark.parametrize(
    ("text", "solutions", "sentence"),
    [
        pytest.param(lock_text(), on(BETA, subdir=MACOS), "no default for osx-arm64", id="a platform it does not have"),
        pytest.param(lock_text(), {("dev", LINUX): ()}, "no dev for linux-64", id="an environment it does not have"),
        pytest.param(
            lock_text(entry(BETA)),
            on(BETA, replace(CORE, md5=None)),
            "no md5 hash for .*core",
            id="no md5 in the channel",
        ),
        pytest.param(lock_text().replace("package: []\n", FLOW), on(), "not laid out with one key a line", id="flow"),
        pytest.param(
            lock_text().replace("package: []\n", "package:\n- " + FLOW[10:-2] + "\n"),
            on(package("beta", "2.0.0")),
            "not laid out with one key a line",
            id="an entry on one line",
        ),
        pytest.param(
            lock_text(entry(ALPHA)),
            on(replace(ALPHA_2, depends=("[",))),
            "does not start with the name|is not a match spec",
            id="a dependency that is none",
        ),
    ],
)
def test_a_lock_that_cannot_be_rewritten_says_why(text: str, solutions: Solutions, sentence: str) -> None:
    requested = asked(**{each.name: "main" for each in next(iter(solutions.values()))})

    with pytest.raises(LockError, match=sentence):
        relocked(text, solutions, requested)


def test_a_platform_without_a_content_hash_is_refused() -> None:
    text = (
        lock_text(platforms=())
        .replace("content_hash:", "content_hash: {}")
        .replace("  platforms:", "  platforms: [linux-64]")
    )

    with pytest.raises(LockError, match="no content hash for linux-64"):
        relocked(text, {}, {}, {LINUX: digest("x")})


def test_a_text_that_is_not_that_of_the_lock_is_refused() -> None:
    with pytest.raises(RewriteRefused, match="is not the text that its lock was read from"):
        rewrite(parsed(lock_text(entry(BETA))), lock_text(), {})


def test_a_hash_that_differs_from_that_in_the_lock_is_refused() -> None:
    with pytest.raises(RewriteRefused, match=r"in the lock and .* where it comes from: find out which is right"):
        after(lock_text(entry(BETA)), on(replace(BETA, sha256=digest("forged"))))


def test_a_package_that_nothing_asks_for_is_refused() -> None:
    with pytest.raises(RewriteRefused, match="nothing on linux-64 asks for core"):
        relocked(lock_text(), on(BETA, CORE), asked(beta="main"))


@pytest.mark.parametrize(
    "forged", [replace(CORE_2, url="https://x.example/no-package"), replace(CORE_2, name=BETA.name)]
)
def test_what_does_not_read_back_as_planned_is_refused(forged: Record) -> None:
    with pytest.raises(RewriteRefused, match=r"rewritten conda-lock\.yml"):
        relocked(lock_text(), on(forged), asked(**{forged.name: "main"}))


def test_a_change_that_did_not_come_about_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.lockfiles.conda_lock.rewriting.splice", lambda text, *_: text)

    with pytest.raises(RewriteRefused, match="did not read back as planned"):
        after(lock_text(entry(BETA)), on(package("beta", "2.0.0")))


NAMES = st.sampled_from([f"p{number}" for number in range(8)])
VERSIONS = st.sampled_from(["1.0.0", "2.0.0"])
PACKAGES = st.dictionaries(NAMES, VERSIONS, max_size=6)


@given(before=PACKAGES, then=PACKAGES, other=PACKAGES)
def test_a_rewrite_is_what_would_have_been_written_at_once_and_there_and_back_is_the_same(
    before: dict[str, str], then: dict[str, str], other: dict[str, str]
) -> None:
    def text_of(linux: dict[str, str]) -> str:
        entries = {
            (name, subdir): entry(package(name, version), subdir)
            for subdir, packages in ((LINUX, linux), (MACOS, other))
            for name, version in packages.items()
        }
        return lock_text(*(entries[key] for key in sorted(entries)), platforms=(LINUX, MACOS))

    def solved(linux: dict[str, str]) -> Solutions:
        return on(*(package(name, version) for name, version in linux.items()))

    main = asked(**dict.fromkeys([f"p{number}" for number in range(8)], "main"))
    rewritten = relocked(text_of(before), solved(then), main)

    assert rewritten == text_of(then)
    assert relocked(rewritten, solved(before), main) == text_of(before)
