"""The oracle against locks with one planted fault each: an oracle that finds nothing proves nothing."""

from dataclasses import replace
from typing import Any

import pytest

from tests.oracle.pixi_locked import DeclaredEnvironment, DeclaredPlatform, out_of_date, still_asked_for
from tests.oracle.pixi_manifest import declared_environments

CHANNEL = "https://conda.anaconda.org/conda-forge"
OTHER_CHANNEL = "https://conda.anaconda.org/bioconda"
INDEX = "https://files.example/simple"

LOCK = f"""\
version: 7
platforms:
- name: linux-64
  virtual-packages:
  - __unix=0=0
  - __linux=4.18
  - __glibc=2.28
  - __archspec=0=x86_64
environments:
  default:
    channels:
    - url: {CHANNEL}/
    - url: {OTHER_CHANNEL}/
    indexes:
    - {INDEX}
    options:
      channel-priority: disabled
    packages:
      linux-64:
      - conda: {CHANNEL}/linux-64/libblas-3.11.0-6_openblas.conda
      - conda: {CHANNEL}/linux-64/numpy-2.3.5-py313h1_0.conda
      - conda: {CHANNEL}/linux-64/python-3.13.1-h1_0_cp313.conda
      - pypi: https://files.example/narwhals-2.11.0-py3-none-any.whl
  test:
    channels:
    - url: {CHANNEL}/
    packages:
      linux-64:
      - conda: {CHANNEL}/linux-64/python-3.13.1-h1_0_cp313.conda
packages:
- conda: {CHANNEL}/linux-64/libblas-3.11.0-6_openblas.conda
  constrains:
  - mkl <2026
  purls: []
  timestamp: 1700000000000
- conda: {CHANNEL}/linux-64/mkl-2026.1-h1_0.conda
- conda: {CHANNEL}/linux-64/numpy-2.3.5-py313h1_0.conda
  depends:
  - __glibc >=2.17,<3.0.a0
  - libblas >=3.9.0,<4.0a0
  - python >=3.13,<3.14.0a0
  purls:
  - pkg:pypi/numpy?source=hash-mapping
  timestamp: 1700000000000
- conda: {CHANNEL}/linux-64/numpy-2.4.0-py313h1_0.conda
- conda: {CHANNEL}/linux-64/python-3.13.1-h1_0_cp313.conda
  purls: []
- conda: {CHANNEL}/linux-64/python-3.13.2-h1_0_cp313.conda
- pypi: https://files.example/idna-3.10-py3-none-any.whl
  name: idna
  version: '3.10'
- pypi: https://files.example/narwhals-2.11.0-py3-none-any.whl
  name: narwhals
  version: 2.11.0
  index: {INDEX}
  requires_dist:
  - numpy>=2
  - pandas>=1 ; extra == 'pandas'
  - colorama ; sys_platform == 'win32'
  requires_python: '>=3.9'
"""

DEFAULT = DeclaredEnvironment(
    channels=(CHANNEL, OTHER_CHANNEL),
    platforms={"linux-64": DeclaredPlatform(specs=("python 3.13.*", "numpy >=2,<3"), pypi=("narwhals>=2",))},
    indexes=(INDEX,),
    channel_priority="disabled",
    exclude_newer="2024-01-01T00:00:00+00:00",
    solve_group="all",
)
TEST = DeclaredEnvironment(
    name="test",
    channels=(CHANNEL,),
    platforms={"linux-64": DeclaredPlatform(specs=("python",))},
    solve_group="all",
)
NUMPY = f"      - conda: {CHANNEL}/linux-64/numpy-2.3.5-py313h1_0.conda\n"
BLAS = f"      - conda: {CHANNEL}/linux-64/libblas-3.11.0-6_openblas.conda\n"
WHEEL = "      - pypi: https://files.example/narwhals-2.11.0-py3-none-any.whl\n"
NUMPY_PURL = "  purls:\n  - pkg:pypi/numpy?source=hash-mapping\n"
OPTIONS = "    options:\n      channel-priority: disabled\n"


def test_a_lock_that_solves_the_manifest_is_up_to_date() -> None:
    assert out_of_date([DEFAULT, TEST], LOCK) == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param(
            f"    - url: {CHANNEL}/\n    - url: {OTHER_CHANNEL}/\n",
            f"    - url: {OTHER_CHANNEL}/\n    - url: {CHANNEL}/\n",
            f"default: the channels are ['{OTHER_CHANNEL}', '{CHANNEL}']",
            id="channels in another order",
        ),
        pytest.param(
            f"    - url: {OTHER_CHANNEL}/\n", "", f"default: the channels are ['{CHANNEL}']", id="a channel less"
        ),
        pytest.param(
            f"    - {INDEX}\n",
            f"    - {INDEX}/\n",
            f"default: the indexes are ['{INDEX}/']",
            id="an index with a slash at its end, which pixi 0.77 takes for another",
        ),
        pytest.param(
            "  test:\n",
            "      win-64: []\n  test:\n",
            "default: locked for win-64, which is not declared",
            id="a platform more",
        ),
        pytest.param("  test:\n", "  tests:\n", "test: not locked", id="an environment less"),
        pytest.param(OPTIONS, "", "default: channel-priority is strict", id="another channel priority"),
        pytest.param(
            OPTIONS, OPTIONS + "      strategy: lowest\n", "default: strategy is lowest", id="another strategy"
        ),
        pytest.param(
            OPTIONS,
            OPTIONS + "      pypi-prerelease-mode: allow\n",
            "default: pypi-prerelease-mode is allow",
            id="another mode for prereleases",
        ),
        pytest.param(
            f"    - {INDEX}\n",
            "    - https://files.example/other\n",
            "default: the indexes are ['https://files.example/other']",
            id="another index",
        ),
        pytest.param(
            "- name: linux-64\n",
            "- name: linux-64\n  subdir: linux-aarch64\n",
            "default on linux-64: the subdir is linux-aarch64",
            id="another subdir",
        ),
        pytest.param(
            "  - __glibc=2.28\n",
            "  - __glibc=2.17\n",
            "default on linux-64: the virtual packages are "
            "['__unix=0=0', '__linux=4.18', '__glibc=2.17', '__archspec=0=x86_64']",
            id="a virtual package of another version",
        ),
        pytest.param(
            "numpy-2.3.5-py313h1_0.conda\n      - conda",
            "numpy-2.4.0-py313h1_0.conda\n      - conda",
            "default on linux-64: libblas is locked, and nothing asks for it",
            id="a record that nothing needs",
        ),
        pytest.param(
            NUMPY, "", "default on linux-64: numpy >=2,<3, wanted by the manifest, is not met", id="a spec unmet"
        ),
        pytest.param(
            BLAS, "", "default on linux-64: libblas >=3.9.0,<4.0a0, wanted by numpy, is not met", id="a depend unmet"
        ),
        pytest.param(
            "libblas >=3.9.0,<4.0a0",
            "libblas >=3.12",
            "default on linux-64: libblas >=3.12, wanted by numpy, is not met",
            id="a depend of another version",
        ),
        pytest.param(
            "__glibc >=2.17,<3.0.a0",
            "__glibc >=2.34",
            "default on linux-64: __glibc >=2.34, wanted by numpy, is not met",
            id="a machine too old",
        ),
        pytest.param(
            NUMPY,
            NUMPY + f"      - conda: {CHANNEL}/linux-64/numpy-2.4.0-py313h1_0.conda\n",
            "default on linux-64: numpy is locked 2 times",
            id="a package of two versions",
        ),
        pytest.param(
            NUMPY,
            NUMPY + f"      - conda: {CHANNEL}/linux-64/mkl-2026.1-h1_0.conda\n",
            "default on linux-64: libblas does not go with mkl (mkl <2026)",
            id="a constraint broken",
        ),
        pytest.param(
            "  - pkg:pypi/numpy?source=hash-mapping\n  timestamp: 1700000000000\n",
            "  - pkg:pypi/numpy?source=hash-mapping\n  timestamp: 1710000000000\n",
            "default on linux-64: numpy was built after 2024-01-01T00:00:00+00:00",
            id="a record too young",
        ),
        pytest.param(
            NUMPY_PURL,
            "  purls: []\n",
            "default on linux-64: numpy>=2, wanted by narwhals, is not met by PyPI or conda",
            id="a conda package that is not known on PyPI",
        ),
        pytest.param(
            WHEEL,
            "",
            "default on linux-64: narwhals>=2, wanted by the manifest, is not met by PyPI or conda",
            id="a PyPI package less",
        ),
        pytest.param(
            "  - numpy>=2\n",
            "  - numpy>=3\n",
            "default on linux-64: numpy>=3, wanted by narwhals, is not met by PyPI or conda",
            id="a PyPI requirement of another version",
        ),
        pytest.param(
            "  version: 2.11.0\n",
            "  version: '1.9'\n",
            "default on linux-64: narwhals>=2, wanted by the manifest, is not met by PyPI or conda",
            id="a PyPI package outside of its requirement",
        ),
        pytest.param(
            "  - numpy>=2\n",
            "  - numpy>=2\n  - duckdb>=1\n",
            "default on linux-64: duckdb>=1, wanted by narwhals, is not met by PyPI or conda",
            id="what a PyPI package needs less",
        ),
        pytest.param(
            WHEEL,
            WHEEL + "      - pypi: https://files.example/idna-3.10-py3-none-any.whl\n",
            "default on linux-64: idna of PyPI is locked, and nothing asks for it",
            id="a PyPI package that nothing needs",
        ),
        pytest.param(
            f"    - {INDEX}\n",
            f"    - {INDEX}\n    - https://files.example/other\n",
            f"default: the indexes are ['{INDEX}', 'https://files.example/other']",
            id="an index more",
        ),
        pytest.param(
            f"    indexes:\n    - {INDEX}\n", "", "default: the indexes are []", id="no index where wheels are locked"
        ),
        pytest.param(
            "pkg:pypi/numpy?source=hash-mapping",
            "pkg:pypi/numpy-old?source=hash-mapping",
            "default on linux-64: numpy>=2, wanted by narwhals, is not met by PyPI or conda",
            id="stale purls",
        ),
        pytest.param(
            "'>=3.9'",
            "'>=3.14'",
            "default on linux-64: narwhals is not for Python 3.13.1",
            id="a Python too old for a PyPI package",
        ),
        pytest.param(
            f"    - url: {CHANNEL}/\n    packages:\n      linux-64:\n"
            f"      - conda: {CHANNEL}/linux-64/python-3.13.1-h1_0_cp313.conda",
            f"    - url: {CHANNEL}/\n    packages:\n      linux-64:\n"
            f"      - conda: {CHANNEL}/linux-64/python-3.13.2-h1_0_cp313.conda",
            "the solve group all has two builds of python on linux-64",
            id="a solve group with two versions",
        ),
    ],
)
def test_finds_the_planted_fault(old: str, new: str, reason: str) -> None:
    assert LOCK.count(old) == 1

    assert reason in out_of_date([DEFAULT, TEST], LOCK.replace(old, new))


def test_pypi_packages_need_a_python() -> None:
    without = LOCK.replace(f"      - conda: {CHANNEL}/linux-64/python-3.13.1-h1_0_cp313.conda\n", "", 1)
    reason = "default on linux-64: there are PyPI dependencies, and no python is locked"

    assert reason in out_of_date([DEFAULT], without)


@pytest.mark.parametrize(
    ("tags", "fits"),
    [
        ("py3-none-any", True),
        ("cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64", True),
        ("cp39-abi3-manylinux_2_28_x86_64", True),
        ("cp313-cp313-linux_x86_64", True),
        ("cp312-cp312-manylinux_2_17_x86_64", False),
        ("cp313-cp313t-manylinux_2_17_x86_64", False),
        ("cp313-cp313-manylinux_2_34_x86_64", False),
        ("cp313-cp313-musllinux_1_2_x86_64", False),
        ("cp313-cp313-macosx_11_0_arm64", False),
        ("cp313-cp313-win_amd64", False),
    ],
)
def test_finds_a_wheel_that_is_not_for_the_locked_python_and_the_platform(tags: str, *, fits: bool) -> None:
    reasons = out_of_date([DEFAULT, TEST], LOCK.replace("narwhals-2.11.0-py3-none-any", f"narwhals-2.11.0-{tags}"))

    wheel = f"narwhals-2.11.0-{tags}.whl"
    assert reasons == ([] if fits else [f"default on linux-64: {wheel} is not for Python 3.13.1 on this platform"])


@pytest.mark.parametrize(
    ("subdir", "tag", "fits"),
    [
        ("osx-arm64", "macosx_11_0_arm64", True),
        ("osx-arm64", "macosx_14_0_arm64", False),
        ("osx-64", "macosx_10_13_universal2", True),
        ("win-64", "win_amd64", True),
        ("linux-aarch64", "manylinux_2_17_aarch64", True),
        ("linux-aarch64", "manylinux_2_17_x86_64", False),
    ],
)
def test_wheels_are_judged_by_the_platform_of_the_pair(subdir: str, tag: str, *, fits: bool) -> None:
    text = LOCK.replace("linux-64", subdir).replace(
        "narwhals-2.11.0-py3-none-any", f"narwhals-2.11.0-cp313-cp313-{tag}"
    )
    platform = replace(DEFAULT.platforms["linux-64"], virtual_packages=("__glibc=2.28", "__osx=13.0"))
    declared = replace(DEFAULT, platforms={subdir: platform})

    assert bool([each for each in out_of_date([declared], text) if tag in each]) is not fits


def test_a_wheel_that_only_an_extra_needs_is_asked_for_by_who_asks_for_the_extra() -> None:
    wanted = replace(DEFAULT.platforms["linux-64"], pypi=("narwhals[pandas]>=2",))

    reasons = out_of_date([replace(DEFAULT, platforms={"linux-64": wanted}), TEST], LOCK)

    assert reasons == [
        "default on linux-64: pandas>=1 ; extra == 'pandas', wanted by narwhals, is not met by PyPI or conda"
    ]


def test_a_conda_package_that_only_a_pypi_package_needs_is_asked_for_with_what_it_needs() -> None:
    wanted = replace(DEFAULT.platforms["linux-64"], specs=("python",))

    assert out_of_date([replace(DEFAULT, platforms={"linux-64": wanted}), TEST], LOCK) == []


def test_finds_a_record_outside_of_a_constraint() -> None:
    wanted = replace(DEFAULT.platforms["linux-64"], constraints=("numpy <2", "scipy <1"))

    assert out_of_date([replace(DEFAULT, platforms={"linux-64": wanted}), TEST], LOCK) == [
        "default on linux-64: numpy is not within the constraint numpy <2"
    ]


def test_finds_that_no_record_says_what_it_is_called_on_pypi() -> None:
    text = LOCK.replace(NUMPY_PURL, "").replace("  purls: []\n", "").replace(WHEEL, "")

    assert "default on linux-64: no record says what it is called on PyPI" in out_of_date([DEFAULT, TEST], text)


@pytest.mark.parametrize(
    ("channel", "name", "version", "is_met"),
    [
        pytest.param("conda-forge", "numpy", "2.3.5", True, id="of conda-forge"),
        pytest.param("other", "numpy", "2.3.5", False, id="of another channel"),
        pytest.param("conda-forge", "numpy-base", "2.3.5", False, id="of another name"),
        pytest.param("conda-forge", "numpy", "2.3.5_x", False, id="in no version of PyPI"),
    ],
)
def test_what_says_nothing_of_pypi_is_called_as_it_is_in_conda_forge(
    channel: str, name: str, version: str, *, is_met: bool
) -> None:
    alias = CHANNEL.rpartition("/")[0]
    url = f"{alias}/{channel}/linux-64/{name}-{version}-py313h1_0.conda"
    text = LOCK.replace(NUMPY_PURL, "").replace(f"{CHANNEL}/linux-64/numpy-2.3.5-py313h1_0.conda", url)
    found = out_of_date([DEFAULT, TEST], text)

    assert ("default on linux-64: numpy>=2, wanted by narwhals, is not met by PyPI or conda" in found) is not is_met


def test_finds_a_pypi_package_that_nothing_asks_for() -> None:
    declared = replace(DEFAULT, platforms={"linux-64": DeclaredPlatform(specs=("python", "numpy"))})

    assert out_of_date([declared, TEST], LOCK) == [
        "default on linux-64: narwhals of PyPI is locked, and nothing asks for it"
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"overrides": {"narwhals": "narwhals==2.11"}}, None, id="overridden to what is locked"),
        pytest.param(
            {"overrides": {"narwhals": "narwhals==2.10"}},
            "narwhals>=2, wanted by the manifest, is not met by PyPI or conda",
            id="overridden to another version",
        ),
        pytest.param({"overrides": {"numpy": "numpy<1"}}, "numpy>=2, wanted by narwhals", id="conda's is overridden"),
        pytest.param({"own_indexes": {"narwhals": INDEX}}, None, id="its line names its index"),
        pytest.param(
            {"own_indexes": {"narwhals": f"{INDEX}/other"}},
            f"narwhals is of the index {INDEX}",
            id="its line names another index",
        ),
    ],
)
def test_judges_what_lines_say_of_a_pypi_package(changes: dict[str, Any], reason: str | None) -> None:
    declared = replace(DEFAULT, platforms={"linux-64": replace(DEFAULT.platforms["linux-64"], **changes)})

    found = out_of_date([declared, TEST], LOCK)

    assert len(found) == (reason is not None)
    assert (reason or "") in "".join(found)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param(f"  index: {INDEX}\n", "", "narwhals is of the index ", id="of the default index"),
        pytest.param(f"  index: {INDEX}\n", f"  index: {INDEX}/\n", None, id="a slash at the end"),
        pytest.param("  version: 2.11.0\n", "", "narwhals>=2, wanted by the manifest, is not", id="without a version"),
    ],
)
def test_finds_a_wheel_of_another_index_and_one_without_a_version(old: str, new: str, reason: str | None) -> None:
    found = out_of_date([DEFAULT, TEST], LOCK.replace(old, new))

    assert len(found) == (reason is not None)
    assert (reason or "") in "".join(found)


@pytest.mark.parametrize(
    ("unbuilt", "reasons"),
    [
        ({"*"}, ["default on linux-64: narwhals would have to be built"]),
        ({"narwhals"}, ["default on linux-64: narwhals would have to be built"]),
        ({"numpy"}, []),
        (set[str](), []),
    ],
)
def test_finds_a_source_archive_that_must_not_be_built(unbuilt: set[str], reasons: list[str]) -> None:
    archive = LOCK.replace("narwhals-2.11.0-py3-none-any.whl", "narwhals-2.11.0.tar.gz")

    assert out_of_date([replace(DEFAULT, unbuilt=frozenset(unbuilt)), TEST], archive) == reasons
    assert out_of_date([replace(DEFAULT, unbuilt=frozenset(unbuilt)), TEST], LOCK) == []


def test_version_6_has_no_platforms_and_its_copy_of_exclude_newer_does_not_count() -> None:
    text = "version: 6\n" + LOCK[LOCK.index("environments:") :]
    copied = text.replace(OPTIONS, f"{OPTIONS}      exclude-newer: 2020-01-01T00:00:00Z\n")

    assert out_of_date([DEFAULT, TEST], text) == out_of_date([DEFAULT, TEST], copied) == []


KEPT = f"""\
[workspace]
channels = ["{CHANNEL}"]
platforms = ["linux-64"]

[dependencies]
asked = "*"
by-url = {{ url = "{CHANNEL}/noarch/by-url-1.0-h1_0.conda" }}
on-unix = {{ version = "*", when = "__unix" }}
source = {{ path = "source" }}

[pypi-dependencies]
wheel = "*"
"""
HELD = {
    "asked": ("needed",),
    "by-url": (),
    "needed": ("python",),
    "of-source": (),
    "on-unix": (),
    "project": (),
    "python": (),
    "spare": ("of-spare",),
    "of-spare": (),
}


def held(*left_out: str) -> str:
    """Return a lock in which every package is asked for but `spare` and what it needs, without those *left_out*."""
    urls = {name: f"{CHANNEL}/noarch/{name}-1.0-h1_0.conda" for name in HELD if name not in left_out}
    selectors = "".join(f"      - conda: {each}\n" for each in urls.values())
    entries = "".join(
        f"- conda: {url}\n  purls: {'[pkg:pypi/brought]' if name == 'project' else '[]'}\n"
        f"  depends: [{', '.join(HELD[name])}]\n"
        for name, url in urls.items()
    )
    wheel = "https://files.example/wheel-1.0-py3-none-any.whl"
    return (
        f"version: 6\nenvironments:\n  default:\n    channels:\n    - url: {CHANNEL}/\n    packages:\n"
        f"      linux-64:\n{selectors}      - conda: source\n      - pypi: {wheel}\npackages:\n{entries}"
        f"- conda: source\n  name: source\n  version: '1'\n  depends: [of-source]\n"
        f"- pypi: {wheel}\n  name: wheel\n  version: '1.0'\n  requires_dist: [brought]\n"
    )


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("asked", id="a line"),
        pytest.param("by-url", id="a line by URL"),
        pytest.param("on-unix", id="a line on a condition"),
        pytest.param("needed", id="what a package needs"),
        pytest.param("python", id="what it needs in turn"),
        pytest.param("of-source", id="what a package from source needs"),
        pytest.param("project", id="what a package of PyPI needs and conda brings under another name"),
    ],
)
def test_what_something_asks_for_may_not_go(name: str) -> None:
    declared = declared_environments("pixi.toml", KEPT, names_only=True)

    assert still_asked_for(declared, held(), held(name)) == [
        f"default on linux-64: {name} is gone, and something asks for it"
    ]


def test_what_nothing_asks_for_may_go() -> None:
    declared = declared_environments("pixi.toml", KEPT, names_only=True)

    assert still_asked_for(declared, held(), held("spare", "of-spare")) == []
