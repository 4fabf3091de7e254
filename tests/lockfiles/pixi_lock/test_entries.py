"""A record is written as the entry that pixi writes for it."""

import pytest

from bot.lockfiles.pixi_lock.entries import write_entry
from bot.lockfiles.pixi_lock.scalars import entry_text
from tests.lockfiles.cases import record

CHANNEL = "https://conda.anaconda.org/conda-forge"

FULL = """\
- conda: https://conda.anaconda.org/conda-forge/linux-64/x-1%212.0-h0_0.conda
  name: x
  version: 1!2.0
  build: h0_0
  build_number: 3
  noarch: python
  sha256: ab
  md5: cd
  legacy_bz2_md5: ef
  depends:
  - b
  - a
  constrains:
  - c
  extra_depends:
    doc:
    - d
    test:
    - t
  features: f
  flags:
  - g
  track_features:
  - k
  license: MIT
  license_family: MIT
  purls:
  - pkg:pypi/x
  - pkg:pypi/z
  run_exports:
    weak:
    - w
    strong:
    - s
  size: 1
  legacy_bz2_size: 2
  timestamp: 1700000000000
  python_site_packages_path: lib
"""


def test_an_entry_without_anything_to_say_is_its_url() -> None:
    assert write_entry(record(name="x", license="", features="")) == f"- conda: {CHANNEL}/linux-64/x-1.0-h0_0.conda\n"


def test_fields_stand_in_the_order_of_rattler_lock() -> None:
    full = record(
        name="x",
        version="1!2.0",
        url=f"{CHANNEL}/linux-64/x-1%212.0-h0_0.conda",
        build_number=3,
        noarch="python",
        sha256="ab",
        md5="cd",
        legacy_bz2_md5="ef",
        depends=["b", "a"],
        constrains=["c"],
        extra_depends={"test": ["t"], "doc": ["d"]},
        features="f",
        flags=["g"],
        track_features=["k"],
        license="MIT",
        license_family="MIT",
        purls=["pkg:pypi/x", "pkg:pypi/z"],
        run_exports={"strong": ["s"], "weak": ["w"], "noarch": []},
        size=1,
        legacy_bz2_size=2,
        timestamp=1700000000000,
        python_site_packages_path="lib",
    )

    assert write_entry(full) == FULL


def test_empty_purls_and_run_exports_are_written_for_they_are_known() -> None:
    written = write_entry(record(name="x", purls=[], run_exports={}))

    assert written.splitlines()[1:] == ["  purls: []", "  run_exports: {}"]


@pytest.mark.parametrize(
    ("subdir", "build", "noarch", "line"),
    [
        ("noarch", "pyh0_0", "python", None),
        ("noarch", "h0_0", "generic", None),
        ("noarch", "h0_0", "python", "  noarch: python"),
        ("noarch", "pyh0_0", None, "  noarch: false"),
        ("linux-64", "h0_0", None, None),
        ("linux-64", "h0_0", "python", "  noarch: python"),
    ],
)
def test_noarch_is_written_where_it_does_not_follow(
    subdir: str, build: str, noarch: str | None, line: str | None
) -> None:
    written = write_entry(record(name="x", subdir=subdir, build=build, noarch=noarch))

    assert written.splitlines()[1:] == ([] if line is None else [line])


def test_what_the_url_does_not_give_is_written() -> None:
    written = write_entry(record(name="x", url="s3://bucket/linux-64/x-1.0-h0_0.conda"))

    assert written.splitlines()[1:] == ["  subdir: linux-64"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("MIT", "MIT"),
        ("", "''"),
        ("null", "'null'"),
        ("~", "'~'"),
        ("True", "'True'"),
        ("yes", "yes"),
        ("0123", "'0123'"),
        ("0x1F", "'0x1F'"),
        ("-5", "'-5'"),
        ("1.10", "'1.10'"),
        ("1.", "'1.'"),
        (".5", "'.5'"),
        ("1e5", "'1e5'"),
        ("123456789012345678901234567e0001", "'123456789012345678901234567e0001'"),
        ("1e999", "1e999"),
        (".inf", "'.inf'"),
        ("-.INF", "'-.INF'"),
        (".NaN", "'.NaN'"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2025-01-01", "2025-01-01"),
        ("=", "="),
        ("a: b", "'a: b'"),
        ("a #b", "'a #b'"),
        ("* 1", "'* 1'"),
        (">=1", "'>=1'"),
        ("é", "é"),
        ("it's", "it's"),
        ("two\nlines", '"two\\nlines"'),
        ("two\u2028lines", '"two\\Llines"'),
    ],
)
def test_a_text_has_quotes_only_where_serde_yaml_gives_it_some(text: str, written: str) -> None:
    assert entry_text({"license": text}) == f"- license: {written}\n"


def test_a_long_text_is_not_folded() -> None:
    text = "word " * 100 + "end"

    assert entry_text({"depends": [text]}) == f"- depends:\n  - {text}\n"


def test_true_and_false_are_not_texts() -> None:
    assert entry_text({"noarch": True}) == "- noarch: true\n"
