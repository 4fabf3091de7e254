"""A `pixi.lock` of version 6 or 7 is read whole, and what is wrong with it is said with its place."""

import re

import pytest

from bot.errors import LockError
from bot.lockfiles import parse
from bot.model.manifest import PackageName, Subdir
from bot.model.package import LockedEnvironment, LockOptions, PypiPackage, Record
from tests.lockfiles.cases import FIXTURES

LINUX = Subdir("linux-64")
OSX = Subdir("osx-arm64")
CHANNEL = "https://conda.anaconda.org/conda-forge"


def environment(case: str, name: str = "default") -> LockedEnvironment:
    found = parse("pixi.lock", (FIXTURES / case / "before.lock").read_bytes()).environment(name)
    assert found is not None
    return found


def lock_text(entry: str = "", *, version: int = 6, selector: str = "") -> str:
    """Return a lock of one environment whose selector is that of the entry, unless said otherwise."""
    chosen = selector or f"conda: {CHANNEL}/linux-64/x-1.0-h0_0.conda"
    platforms = "platforms:\n- name: linux-64\n" if version == 7 else ""
    return (
        f"version: {version}\n{platforms}environments:\n  default:\n    channels:\n    - url: {CHANNEL}/\n"
        f"    packages:\n      linux-64:\n      - {chosen}\npackages:\n- {chosen}\n{entry}"
    )


def only_record(text: str) -> Record:
    lock = parse("pixi.lock", text.encode())
    (record,) = lock.environments[0].conda[LINUX]
    return record


def test_version_6_is_read_whole() -> None:
    found = environment("v6-pypi")

    assert found.channels == (f"{CHANNEL}/",)
    assert found.indexes == ("https://files.example/simple",)
    assert found.options == LockOptions(pypi_prerelease_mode="if-necessary-or-explicit")
    assert found.platforms == (LINUX, OSX)
    assert len(found.conda[LINUX]) == 8
    wheel, tree = found.pypi[LINUX]
    assert wheel == PypiPackage(
        name=PackageName("narwhals"),
        version="2.11.0",
        url="https://files.example/packages/narwhals-2.11.0-py3-none-any.whl",
        sha256=wheel.sha256,
        requires_dist=("duckdb>=1.1 ; extra == 'duckdb'", "pandas>=1.1.3 ; extra == 'pandas'"),
        requires_python=">=3.9",
    )
    assert (tree.name, tree.url, tree.editable) == ("shop", "./", True)


def test_version_7_is_read_whole() -> None:
    lock = parse("pixi.lock", (FIXTURES / "v7-run-exports" / "before.lock").read_bytes())

    assert (lock.version, [each.name for each in lock.environments]) == (7, ["default", "lint"])
    assert lock.virtual_packages[OSX] == ("__unix=0=0", "__osx=13.0", "__archspec=0=m1")
    assert lock.environments[0].options == LockOptions(channel_priority="disabled")
    exports = {record.name: record.run_exports for record in lock.environments[0].conda[OSX]}
    assert exports == {
        "colorama": None,
        "python": {"weak": ("python_abi 3.13.* *_cp313",), "noarch": ("python",)},
        "python_abi": {},
        "tzdata": {},
    }


def test_a_platform_may_have_a_name_of_its_own() -> None:
    lock = parse("pixi.lock", (FIXTURES / "v7-custom-platform" / "before.lock").read_bytes())
    found = environment("v7-custom-platform")

    assert found.platforms == ("linux-gpu",)
    assert lock.subdir("linux-gpu") == LINUX
    assert lock.virtual_packages == {"linux-gpu": ("__unix=0=0", "__linux=4.18", "__glibc=2.28", "__cuda=12.6")}
    assert found.find_links == ("./wheels", "https://files.example/wheels")
    assert {package.name: (package.version, package.index) for package in found.pypi["linux-gpu"]} == {
        "narwhals": ("2.11.0", "https://files.example/simple"),
        "shop": ("", None),
    }


def test_packages_built_from_source_are_told_apart_from_those_of_channels() -> None:
    found = environment("v7-source-beside")

    assert [record.name for record in found.conda[LINUX]] == ["host-lib"]
    (source,) = found.sources[LINUX]
    assert source.is_source
    assert (source.name, source.version, source.title) == ("outer", "2.0.0", "outer (built from source)")
    assert source.location.startswith("git+https://git.example/outer.git")
    assert environment("v7-source-beside", "lint").sources == {}


def test_two_platforms_of_one_subdir_are_told_apart_by_their_names() -> None:
    text = (
        lock_text(version=7)
        .replace("- name: linux-64\n", "- name: linux-64\n- name: gpu\n  subdir: linux-64\n")
        .replace("packages:\n-", "      gpu: []\npackages:\n-")
    )

    lock = parse("pixi.lock", text.encode())

    assert {name: len(records) for name, records in lock.environments[0].conda.items()} == {LINUX: 1, "gpu": 0}
    assert (lock.subdir(LINUX), lock.subdir("gpu")) == (LINUX, LINUX)


def test_version_6_names_packages_built_from_source_by_their_path() -> None:
    entry = "  name: mine\n  version: 0.1.0\n  build: py_0\n  subdir: noarch\n  depends:\n  - zlib\n"

    lock = parse("pixi.lock", lock_text(entry, selector="conda: ./mine").encode())

    found = lock.environments[0]
    [source] = found.sources[LINUX]
    assert found.conda[LINUX] == ()
    assert (source.name, source.version, source.location, source.depends) == ("mine", "0.1.0", "./mine", ("zlib",))
    assert lock.built == ("./mine",)


def test_what_is_built_from_source_without_a_build_has_no_version() -> None:
    text = lock_text("  depends:\n  - zlib >=1\n", selector="conda_source: mine[0a1b2c3d] @ mine")

    [source] = parse("pixi.lock", text.encode()).environments[0].sources[LINUX]

    assert (source.name, source.version, source.location, source.depends) == ("mine", "", "mine", ("zlib >=1",))


def test_a_record_has_what_its_entry_says_and_what_follows_from_its_url() -> None:
    entry = (
        "  build_number: 7\n  noarch: false\n  sha256: '12'\n  md5: ab\n  legacy_bz2_md5: cd\n  depends:\n  - a\n"
        "  constrains:\n  - b <2\n  extra_depends:\n    test:\n    - c\n  channel: null\n  features: f\n"
        "  flags:\n  - g\n  track_features:\n  - t\n  license: 'null'\n  license_family: BSD\n"
        "  purls:\n  - pkg:pypi/x\n  run_exports:\n    weak:\n    - x\n  size: 5\n  legacy_bz2_size: 6\n"
        "  timestamp: 1700000000000\n  python_site_packages_path: lib\n"
    )

    assert only_record(lock_text(entry, version=7)) == Record(
        name=PackageName("x"),
        version="1.0",
        build="h0_0",
        build_number=7,
        subdir="linux-64",
        url=f"{CHANNEL}/linux-64/x-1.0-h0_0.conda",
        sha256="12",
        md5="ab",
        legacy_bz2_md5="cd",
        depends=("a",),
        constrains=("b <2",),
        extra_depends={"test": ("c",)},
        features="f",
        flags=("g",),
        track_features=("t",),
        license="null",
        license_family="BSD",
        purls=("pkg:pypi/x",),
        run_exports={"weak": ("x",)},
        size=5,
        legacy_bz2_size=6,
        timestamp=1700000000000,
        python_site_packages_path="lib",
    )


@pytest.mark.parametrize(
    ("file", "entry", "expected"),
    [
        ("noarch/x-1.0-pyh0_3.conda", "", ("1.0", "pyh0_3", 3, "noarch", "python")),
        ("noarch/x-1.0-hpy0_3.conda", "", ("1.0", "hpy0_3", 3, "noarch", "python")),
        ("noarch/x-1.0-h0_3.tar.bz2", "", ("1.0", "h0_3", 3, "noarch", "generic")),
        ("noarch/x-1.0-h0_3.tar.bz2", "  noarch: true\n", ("1.0", "h0_3", 3, "noarch", "generic")),
        ("noarch/x-1.0-h0_3.tar.bz2", "  noarch: python\n", ("1.0", "h0_3", 3, "noarch", "python")),
        ("linux-64/x-1.0-h5.conda", "", ("1.0", "h5", 5, "linux-64", None)),
        ("linux-64/x-1.0-custom.conda", "", ("1.0", "custom", 0, "linux-64", None)),
        (f"linux-64/x-1.0-h_{'9' * 30}.conda", "", ("1.0", f"h_{'9' * 30}", 0, "linux-64", None)),
        ("linux-64/x-1!2.0-h0_0.conda", "", ("1!2.0", "h0_0", 0, "linux-64", None)),
        (
            "linux-64/x-1%212.0-h0_0.conda",
            "  name: x\n  version: 1!2.0\n  build: h0_0\n",
            ("1!2.0", "h0_0", 0, "linux-64", None),
        ),
    ],
)
def test_what_follows_from_a_url(file: str, entry: str, expected: tuple[str, str, int, str, str | None]) -> None:
    record = only_record(lock_text(entry, selector=f"conda: {CHANNEL}/{file}"))

    assert record.name == "x"
    assert (record.version, record.build, record.build_number, record.subdir, record.noarch) == expected


def test_a_timestamp_in_seconds_becomes_milliseconds() -> None:
    assert only_record(lock_text("  timestamp: 1626502400\n")).timestamp == 1_626_502_400_000


def test_version_6_from_an_older_version_tells_entries_of_one_url_apart_by_subdir() -> None:
    url = f"{CHANNEL}/noarch/tzdata-2023c-h71feb2d_0.conda"
    text = (
        "version: 6\nenvironments:\n  default:\n    channels: []\n    packages:\n"
        f"      linux-64:\n      - conda: {url}\n        subdir: linux-64\n"
        f"      win-64:\n      - conda: {url}\n        subdir: win-64\n"
        f"packages:\n- conda: {url}\n  subdir: linux-64\n- conda: {url}\n  subdir: win-64\n"
    )

    conda = parse("pixi.lock", text.encode()).environments[0].conda

    assert {subdir: [record.subdir for record in records] for subdir, records in conda.items()} == {
        "linux-64": ["linux-64"],
        "win-64": ["win-64"],
    }


def test_version_6_may_hold_a_source_tree_twice() -> None:
    tree = "- pypi: ./\n  name: shop\n  version: 0.1.0\n"
    text = lock_text("  name: shop\n  version: 0.1.0\n  editable: true\n", selector="pypi: ./") + tree

    (package,) = parse("pixi.lock", text.encode()).environments[0].pypi[LINUX]

    assert package.editable


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("[]\n", "pixi.lock:1: a mapping is expected here", id="a list"),
        pytest.param("a: 1\n", "pixi.lock:1: version: the lock does not say its version", id="no version"),
        pytest.param("version: null\n", "pixi.lock:1: version: the lock does not say", id="version null"),
        pytest.param("version: six\n", "pixi.lock:1: version: a whole number is expected", id="version in letters"),
        pytest.param("\nversion: 5\n", "pixi.lock:2: version: version 5 comes from an old pixi", id="version 5"),
        pytest.param("version: 1\n", "pixi.lock:1: version: version 1 comes from an old pixi", id="version 1"),
        pytest.param("version: 1000\n", "pixi.lock:1: version: version 1000 is not known", id="version 1000"),
        pytest.param("version: 0\n", "pixi.lock:1: version: version 0 is not known", id="version 0"),
        pytest.param(
            "version: 6\npackages: []\n", "pixi.lock:1: environments: this key is missing", id="no environments"
        ),
        pytest.param("version: 6\nenvironments: {}\n", "pixi.lock:1: packages: this key is missing", id="no packages"),
        pytest.param(
            "version: 7\nenvironments: {}\npackages: []\n",
            "pixi.lock:1: platforms: this key is missing",
            id="7 without platforms",
        ),
        pytest.param(
            "version: 7\nplatforms:\n- name: linux-64\n- name: linux-64\nenvironments: {}\npackages: []\n",
            "pixi.lock:4: platforms: the platform linux-64 is listed twice",
            id="a platform twice",
        ),
        pytest.param(
            lock_text(version=7).replace("name: linux-64", "name: win-64"),
            "pixi.lock:9: linux-64: this platform is not listed under `platforms`",
            id="a platform that is not listed",
        ),
        pytest.param(
            lock_text().replace("    channels:\n    - url", "    channel:\n    - url"),
            "pixi.lock:4: channels: this key is missing",
            id="no channels",
        ),
        pytest.param(
            lock_text().replace("- conda:", "- conca:", 1),
            "pixi.lock:8: linux-64: a package is named by `conda`, `conda_source` or `pypi`",
            id="a package of no kind",
        ),
        pytest.param(
            lock_text().replace("x-1.0", "x-1.1", 1),
            f"pixi.lock:8: conda: {CHANNEL}/linux-64/x-1.1-h0_0.conda has no entry under `packages`",
            id="a package without entry",
        ),
        pytest.param(
            lock_text(selector="pypi: ./x", entry="  name: x\n").replace("./x", "./y", 1),
            "pixi.lock:8: pypi: ./y has no entry under `packages`",
            id="a PyPI package without entry",
        ),
        pytest.param(
            lock_text().replace("packages:\n-", f"      - conda: {CHANNEL}/linux-64/x-1.0-h0_0.conda\npackages:\n-"),
            f"pixi.lock:9: {CHANNEL}/linux-64/x-1.0-h0_0.conda is listed twice",
            id="a package listed twice",
        ),
        pytest.param(
            lock_text(selector=f"conda: {CHANNEL}/linux-64/x.conda"),
            "pixi.lock:10: build: this key is missing, and it does not follow from the URL",
            id="a file name of one part",
        ),
        pytest.param(
            lock_text(selector="conda: ./local/x-1.0-h0_0.conda"),
            "pixi.lock:10: subdir: this key is missing, and it does not follow from the URL",
            id="an archive by path without subdir",
        ),
        pytest.param(
            lock_text(selector=f'conda: "{CHANNEL}/linux-64/x y-1.0-h0_0.conda"'),
            "pixi.lock:10: conda: `x y` is not a package name",
            id="no package name",
        ),
        pytest.param(
            lock_text(selector="pypi: ./x", entry="  name: '-'\n"),
            "pixi.lock:10: name: `-` is not a PyPI",
            id="no PyPI name",
        ),
        pytest.param(
            lock_text("  timestamp: 999999999999999999\n"),
            "pixi.lock:10: timestamp: this is no time before the year 10000",
            id="a time that is none",
        ),
        pytest.param(
            lock_text("  timestamp: -5\n"), "pixi.lock:10: timestamp: this is no time", id="a time before 1970"
        ),
        pytest.param(lock_text("  depends: a\n"), "pixi.lock:11: depends: a list is expected here", id="no list"),
        pytest.param(
            lock_text("  run_exports: []\n"), "pixi.lock:11: run_exports: a mapping is expected here", id="no mapping"
        ),
        pytest.param(lock_text("  size: 1.5\n"), "pixi.lock:11: size: a whole number is expected here", id="no number"),
    ],
)
def test_says_what_is_wrong_and_where(text: str, sentence: str) -> None:
    with pytest.raises(LockError, match=f"^{re.escape(sentence)}"):
        parse("pixi.lock", text.encode())
