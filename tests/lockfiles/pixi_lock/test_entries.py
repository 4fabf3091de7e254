"""A record is written as the entry that pixi writes for it, and read from it."""

from dataclasses import replace

import pytest

from bot.errors import LockError
from bot.lockfiles import parse
from bot.lockfiles.pixi_lock.entries import write_entry
from bot.lockfiles.pixi_lock.scalars import entry_text
from bot.model.manifest import Subdir
from bot.model.package import Record
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


RUN_EXPORTS = {"strong": ("s",), "weak": ("w",)}
READ = record(
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
    run_exports=RUN_EXPORTS,
    size=1,
    legacy_bz2_size=2,
    timestamp=1700000000000,
    python_site_packages_path="lib",
)


def test_an_entry_without_anything_to_say_is_its_url() -> None:
    assert write_entry(record(name="x", license="", features="")) == f"- conda: {CHANNEL}/linux-64/x-1.0-h0_0.conda\n"


def test_fields_stand_in_the_order_of_rattler_lock() -> None:
    known_to_be_empty = {**RUN_EXPORTS, "noarch": ()}

    assert write_entry(replace(READ, run_exports=known_to_be_empty)) == FULL


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


HEAD = """\
version: 7
platforms:
- name: linux-64
environments:
  default:
    channels: []
    packages:
      linux-64:
      - conda: {}
packages:
"""


def read(entry: str) -> Record:
    """Return what the lock of one entry locks."""
    url = entry.splitlines()[0].removeprefix("- conda: ")
    lock = parse("pixi.lock", f"{HEAD.format(url)}{entry}".encode())
    [found] = lock.environments[0].conda[Subdir("linux-64")]
    return found


def test_every_field_is_read() -> None:
    assert read(FULL) == READ


LONG = "1" * 18


@pytest.mark.parametrize(
    ("location", "named", "follows"),
    [
        pytest.param("linux-64/x-y-1.0-h0_7.conda", ("x-y", "1.0", "h0_7"), (7, "linux-64", None), id="all of it"),
        pytest.param("noarch/x-1-pyh0_7.tar.bz2", ("x", "1", "pyh0_7"), (7, "noarch", "python"), id="a python package"),
        pytest.param("noarch/x-1-hash.conda", ("x", "1", "hash"), (0, "noarch", "generic"), id="another noarch one"),
        pytest.param(
            f"noarch/x-1-{LONG}.conda", ("x", "1", LONG), (int(LONG), "noarch", "generic"), id="a long number"
        ),
        pytest.param(
            f"noarch/x-1-1{LONG}.conda", ("x", "1", f"1{LONG}"), (0, "noarch", "generic"), id="too long a one"
        ),
    ],
)
@pytest.mark.parametrize("channel", [CHANNEL, "http://c.example/c", "file:///srv/c"])
def test_what_follows_from_the_url(
    channel: str, location: str, named: tuple[str, str, str], follows: tuple[int, str, str | None]
) -> None:
    found = read(f"- conda: {channel}/{location}\n")

    assert (found.name, found.version, found.build) == named
    assert (found.build_number, found.subdir, found.noarch) == follows


@pytest.mark.parametrize(
    ("line", "noarch"),
    [("", "python"), ("  noarch: false\n", None), ("  noarch: true\n", "generic"), ("  noarch: generic\n", "generic")],
)
def test_what_is_said_of_noarch(line: str, noarch: str | None) -> None:
    assert read(f"- conda: {CHANNEL}/noarch/x-1.0-pyh0_0.conda\n{line}").noarch == noarch


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        pytest.param(0, 0, id="the beginning"),
        pytest.param(1_700_000_000, 1_700_000_000_000, id="seconds"),
        pytest.param(1_700_000_000_000, 1_700_000_000_000, id="milliseconds"),
        pytest.param(253_402_300_799, 253_402_300_799_000, id="the last second of 9999"),
        pytest.param(253_402_300_800, 253_402_300_800, id="one more is in milliseconds"),
        pytest.param(253_402_300_799_000, 253_402_300_799_000, id="the last second in milliseconds"),
    ],
)
def test_a_timestamp_is_in_seconds_or_milliseconds(written: int, milliseconds: int) -> None:
    assert read(f"- conda: {CHANNEL}/noarch/x-1.0-h0_0.conda\n  timestamp: {written}\n").timestamp == milliseconds


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        pytest.param(
            f"- conda: {CHANNEL}/noarch/x-1.0-h0_0.conda\n  timestamp: 253402300799001\n",
            "pixi.lock:11: timestamp: this is no time before the year 10000",
            id="a time after 9999",
        ),
        pytest.param(
            f"- conda: {CHANNEL}/noarch/x-1.0-h0_0.conda\n  timestamp: -1\n",
            "pixi.lock:11: timestamp: this is no time before the year 10000",
            id="a time before 1970",
        ),
        pytest.param(
            "- conda: s3://bucket/linux-64/x-1.0-h0_0.conda\n",
            "pixi.lock:11: subdir: this key is missing, and it does not follow from the URL",
            id="a URL without a subdir",
        ),
        pytest.param(
            f"- conda: {CHANNEL}/noarch/x-1%21.0-h0_0.conda\n",
            "pixi.lock:11: build: this key is missing, and it does not follow from the URL",
            id="an escaped file name",
        ),
    ],
)
def test_an_entry_that_is_none_is_refused_with_its_place(entry: str, sentence: str) -> None:
    with pytest.raises(LockError) as refused:
        read(entry)

    assert str(refused.value) == sentence
