"""PyPI packages resolved anew are spliced in by conda's law: whole lines, in pixi's order, all else as it was."""

import difflib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rattler import LockFile

from bot.errors import LockError, RewriteRefused
from bot.lockfiles import parse, rewrite
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Lock, PypiPackage
from tests.lockfiles.cases import record

LINUX = Subdir("linux-64")
DEFAULT = ("default", LINUX)
CHANNEL = "https://conda.anaconda.org/conda-forge"
HASH = "ab" * 32
FILES = "https://files.example/packages"
HEAD = {6: "version: 6\n", 7: "version: 7\nplatforms:\n- name: linux-64\n- name: osx-arm64\n"}
TREE = {6: "  version: 0.1.0\n  sha256: 5e\n  requires_dist:\n  - idna\n  editable: true\n", 7: ""}
BODY = f"""\
environments:
  default:
    channels:
    - url: {CHANNEL}/
    indexes:
    - https://files.example/simple
    packages:
      linux-64:
      - conda: {CHANNEL}/noarch/rich-13.0-pyh0_0.conda
      osx-arm64:
      - conda: {CHANNEL}/noarch/rich-13.0-pyh0_0.conda
packages:
- conda: {CHANNEL}/noarch/rich-13.0-pyh0_0.conda
  purls:
  - pkg:pypi/rich?source=hash-mapping
"""
EVERY_VERSION = pytest.mark.parametrize("version", [6, 7])


def wheel(name: str, version: str, **fields: Any) -> PypiPackage:
    url = f"{FILES}/{name}-{version}-py3-none-any.whl"
    return replace(PypiPackage(name=PackageName(name), version=version, url=url, sha256=HASH), **fields)


def empty(version: int) -> str:
    return HEAD[version] + BODY


def parsed(text: str) -> Lock:
    return parse("pixi.lock", text.encode())


def locked(text: str, *packages: PypiPackage, subdir: str = LINUX) -> str:
    return rewrite(parsed(text), text, {}, {("default", Subdir(subdir)): packages})


def names(text: str, subdir: str = LINUX) -> list[str]:
    return [package.name for package in parsed(text).environments[0].pypi[Subdir(subdir)]]


def entries(text: str) -> list[str]:
    """Return name and version of the PyPI entries, in their order."""
    return re.findall(r"^- pypi: .*/(\S+)-py3-none-any\.whl$", text, re.MULTILINE)


def changed_lines(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


@EVERY_VERSION
def test_a_wheel_comes_with_everything_that_the_version_knows_of_it(version: int) -> None:
    package = wheel(
        "httpx",
        "1.0",
        index="https://files.example/other",
        requires_dist=("IDNA (<4,>=2)", 'tomli; python_version<"3.11"'),
        requires_python=">=3.8, <4",
    )

    after = locked(empty(version), package)

    index = "+   index: https://files.example/other"
    assert changed_lines(empty(version), after) == [
        f"+       - pypi: {package.url}",
        f"+ - pypi: {package.url}",
        "+   name: httpx",
        "+   version: '1.0'",
        f"+   sha256: {HASH}",
        *([index] if version == 7 else []),
        "+   requires_dist:",
        "+   - idna>=2,<4",
        "+   - tomli ; python_full_version < '3.11'",
        "+   requires_python: '>=3.8,<4'",
    ]


@EVERY_VERSION
def test_a_newer_wheel_changes_its_own_lines_only_and_goes_without_trace(version: int) -> None:
    before = locked(empty(version), wheel("idna", "3.1"), wheel("httpx", "1.0"), wheel("zipp", "1.0"))

    after = locked(before, wheel("idna", "3.2"), wheel("httpx", "1.0"), wheel("zipp", "1.0"))

    old, new = (f"{FILES}/idna-{each}-py3-none-any.whl" for each in ("3.1", "3.2"))
    assert changed_lines(before, after) == [
        *(f"-       - pypi: {old}", f"+       - pypi: {new}"),
        *(f"- - pypi: {old}", f"+ - pypi: {new}"),
        *("-   version: '3.1'", "+   version: '3.2'"),
    ]
    assert locked(after) == empty(version)


@EVERY_VERSION
def test_an_entry_stays_as_long_as_a_platform_uses_it(version: int) -> None:
    both = locked(locked(empty(version), wheel("idna", "3.1")), wheel("idna", "3.1"), subdir="osx-arm64")

    assert entries(both) == ["idna-3.1"]
    assert entries(locked(both)) == ["idna-3.1"]
    assert locked(locked(both), subdir="osx-arm64") == empty(version)


def test_version_6_has_entries_by_name_and_by_the_order_of_pep_440_before_condas() -> None:
    old = locked(empty(6), wheel("rich", "1.9"), wheel("Zipp".lower(), "3"), wheel("idna", "1.10"))

    after = locked(old, wheel("rich", "1.10"), wheel("idna", "1.9"), subdir="osx-arm64")

    assert entries(after) == ["idna-1.9", "idna-1.10", "rich-1.9", "rich-1.10", "zipp-3"]
    assert after.index("rich-1.10-py3") < after.rindex("- conda:") < after.rindex("zipp")


def test_version_6_has_an_entry_with_a_version_that_is_none_in_front_of_its_name() -> None:
    odd = "- pypi: https://files.example/idna-main.tar.gz\n  name: idna\n  version: main\n"

    assert entries(locked(empty(6) + odd, wheel("idna", "0.1")).replace(odd, "")) == ["idna-0.1"]
    assert odd in locked(empty(6) + odd, wheel("idna", "0.1"))


def test_version_6_has_selectors_by_file_name_in_lower_case() -> None:
    after = locked(
        empty(6),
        wheel("pyjwt", "1", url="https://files.example/b/PyJWT-1-py3-none-any.whl?x=a/z#sha256=ab"),
        wheel("zipp", "1", url="https://files.example/a/zipp-1-py3-none-any.whl"),
        wheel("idna", "1", url="https://files.example/c/idna-1-py3-none-any.whl"),
    )

    assert re.findall(r"^      - pypi: https://files.example/(\w)/", after, re.MULTILINE) == ["c", "b", "a"]


def test_version_7_has_both_lists_by_url_behind_conda() -> None:
    urls = ["https://files.example/a/zipp-1-py3-none-any.whl", "https://files.example/b/idna-1-py3-none-any.whl"]

    after = locked(empty(7), wheel("idna", "1", url=urls[1]), wheel("zipp", "1", url=urls[0]))

    assert re.findall(r"- pypi: (.*)$", after, re.MULTILINE) == urls * 2


@EVERY_VERSION
@pytest.mark.parametrize(
    "location",
    [
        "./",
        "../shop",
        "git+https://git.example/shop?branch=main/wheels.whl#0123456789abcdef0123456789abcdef01234567",
        "https://files.example/shop-0.1.0.tar.gz",
        "direct+https://files.example/shop-0.1.0-py3-none-any.whl",
        "./wheels/shop-0.1.0-py3-none-any.whl",
    ],
)
def test_what_no_index_offers_as_a_wheel_stays_byte_for_byte_or_goes(version: int, location: str) -> None:
    selector, entry = f"      - pypi: {location}\n", f"- pypi: {location}\n  name: shop\n{TREE[version]}"
    before = empty(version).replace("      osx-arm64:\n", f"{selector}      osx-arm64:\n") + entry

    [shop] = parsed(before).environments[0].pypi[LINUX]

    after = locked(before, shop, wheel("idna", "3.1"))

    assert sorted(names(after)) == ["idna", "shop"]
    assert selector in after
    assert entry in after
    assert locked(after, shop) == before
    assert locked(after, wheel("idna", "3.1")) == locked(empty(version), wheel("idna", "3.1"))


@EVERY_VERSION
def test_a_source_archive_gives_way_to_a_wheel_of_its_name(version: int) -> None:
    archive = "https://files.example/idna-3.0.tar.gz"
    selector, entry = f"      - pypi: {archive}\n", f"- pypi: {archive}\n  name: idna\n  version: '3.0'\n"
    before = empty(version).replace("      osx-arm64:\n", f"{selector}      osx-arm64:\n") + entry

    assert locked(before, wheel("idna", "3.1")) == locked(empty(version), wheel("idna", "3.1"))
    assert locked(before, parsed(before).environments[0].pypi[LINUX][0]) == before


@EVERY_VERSION
def test_a_package_that_stays_keeps_what_the_lock_says_of_it(version: int) -> None:
    before = locked(empty(version), wheel("idna", "3.1", requires_dist=("a", "b")))

    assert locked(before, wheel("idna", "3.1", requires_dist=("c",), requires_python=">=3")) == before


@EVERY_VERSION
def test_conda_and_pypi_change_in_one_rewrite(version: int) -> None:
    before = locked(empty(version), wheel("idna", "3.1"))
    newer = record(name="rich", version="14.0", build="pyh0_0", subdir="noarch", noarch="python")

    after = rewrite(parsed(before), before, {DEFAULT: (newer,)}, {DEFAULT: (wheel("idna", "3.2"),)})

    (environment,) = parsed(after).environments
    assert [(each.version, each.purls) for each in environment.conda[LINUX]] == [
        ("14.0", ("pkg:pypi/rich?source=hash-mapping",))
    ]
    assert [each.version for each in environment.pypi[LINUX]] == ["3.2"]
    assert environment.conda[Subdir("osx-arm64")] == parsed(before).environments[0].conda[Subdir("osx-arm64")]


def test_a_new_record_says_itself_what_it_is_called_on_pypi_where_packages_are_resolved() -> None:
    before = empty(6).replace("  purls:\n  - pkg:pypi/rich?source=hash-mapping\n", "")
    new = record(name="attrs", purls=["pkg:pypi/attrs?source=conda-forge-mapping"])

    with_packages = rewrite(parsed(before), before, {DEFAULT: (new,)}, {DEFAULT: (wheel("idna", "3.1"),)})
    without = rewrite(parsed(before), before, {DEFAULT: (new,)})

    assert parsed(with_packages).environments[0].conda[LINUX][0].purls == new.purls
    assert parsed(without).environments[0].conda[LINUX][0].purls is None


@EVERY_VERSION
def test_what_is_not_called_on_pypi_as_before_loses_to_what_the_record_says(version: int) -> None:
    before = empty(version)
    new = record(name="rich", version="14.0", purls=["pkg:pypi/rich-next"])

    after = rewrite(parsed(before), before, {DEFAULT: (new,)})

    assert parsed(after).environments[0].conda[LINUX][0].purls == ("pkg:pypi/rich-next",)


@EVERY_VERSION
@pytest.mark.parametrize(
    ("packages", "sentence"),
    [
        pytest.param(
            [wheel("idna", "3", sha256="cd")], f"has the hash {HASH} in the lock and cd in the index", id="a hash"
        ),
        pytest.param(
            [wheel("zipp", "1", url="https://files.example/zipp-1.tar.gz")],
            "https://files.example/zipp-1.tar.gz is no wheel of an index",
            id="a source archive",
        ),
        pytest.param([wheel("zipp", "1", url="./zipp")], "./zipp is no wheel of an index", id="a source tree"),
        pytest.param(
            [wheel("zipp", "1"), wheel("zipp", "2")],
            "zipp of PyPI would be locked 2 times for default on linux-64",
            id="two of a name",
        ),
        pytest.param(
            [wheel("zipp", "1"), wheel("zipp", "1", sha256="cd")], "two solutions disagree about", id="two of a URL"
        ),
        pytest.param(
            [wheel("zipp", "1", requires_dist=("more-itertools >",))],
            "zipp 1 cannot be locked: `more-itertools >` is no requirement",
            id="a requirement that is none",
        ),
        pytest.param(
            [wheel("zipp", "1", requires_python="three")],
            "zipp 1 cannot be locked: `three` is no version specifier",
            id="a python that is none",
        ),
        pytest.param([wheel("zipp", "1", sha256="a\ud800")], "has half a character", id="what a text cannot hold"),
    ],
)
def test_what_must_not_be_locked_is_refused(version: int, packages: list[PypiPackage], sentence: str) -> None:
    before = locked(empty(version), wheel("idna", "3"))

    with pytest.raises(RewriteRefused, match=re.escape(sentence)):
        locked(before, *packages)


@EVERY_VERSION
def test_a_pair_that_the_lock_does_not_have_is_refused(version: int) -> None:
    with pytest.raises(LockError, match="has no environment default for win-64: run `pixi lock` once"):
        locked(empty(version), wheel("idna", "3"), subdir="win-64")


def test_rattler_writes_wheels_in_version_7_as_they_are(tmp_path: Path) -> None:
    after = locked(
        empty(7),
        wheel("idna", "3.10", index="https://files.example/simple", requires_python=">=3.6"),
        wheel("httpx", "1.0", index="https://files.example/simple", requires_dist=("idna (<4,>=2) ; extra=='i'",)),
    )
    (tmp_path / "pixi.lock").write_text(after)

    LockFile.from_path(tmp_path / "pixi.lock").to_path(tmp_path / "again.lock")

    assert (tmp_path / "again.lock").read_text() == after
