"""Channel data: made-up records, filters, and the laws that the slice of conda-forge keeps."""

import re
from datetime import UTC, datetime
from importlib.resources import files

import pytest

import bot.demo.channel
from bot.demo.channel import ChannelData, Record, record
from bot.demo.channel.records import decode, encode

PLATFORMS = ("linux-64", "osx-arm64", "win-64")
HEXADECIMAL = re.compile(r"[0-9a-f]+")


@pytest.fixture(scope="module")
def demo() -> ChannelData:
    return ChannelData.demo()


def test_a_made_up_record_is_the_same_each_time_and_differs_by_subdir() -> None:
    one = record("numpy", "2.1.0", subdir="linux-64", build="py312h1_3", depends=["python"])
    assert one == record("numpy", "2.1.0", subdir="linux-64", build="py312h1_3", depends=["python"])
    assert one.fn == "numpy-2.1.0-py312h1_3.conda"
    assert one.build_number == 3
    assert one.sha256 != record("numpy", "2.1.0", subdir="win-64", build="py312h1_3").sha256


@pytest.mark.parametrize(
    ("subdir", "build", "noarch", "number"),
    [
        pytest.param("noarch", None, "python", 0, id="a noarch record is a python package unless its build says other"),
        pytest.param("noarch", "hbd8a1cb_1", "generic", 1, id="a noarch build that does not start with py is generic"),
        pytest.param("win-64", None, None, 0, id="a platform record is not noarch"),
        pytest.param("win-64", "mkl", None, 0, id="a build without a trailing number has number 0"),
    ],
)
def test_build(subdir: str, build: str | None, noarch: str | None, number: int) -> None:
    made = record("tool", "1.0", subdir=subdir, build=build)
    assert (made.noarch, made.build_number) == (noarch, number)


def test_filters_make_new_data_and_keep_the_old() -> None:
    data = ChannelData.of(record("old", "1", timestamp=1_000_000_000_000), record("new", "1", subdir="linux-64"))
    assert [each.name for each in data.as_of(datetime(2002, 1, 1, tzinfo=UTC)).records()] == ["old"]
    assert set(data.without(lambda _: True).subdirs) == {"noarch", "linux-64"}
    assert len(data.records()) == 2


def test_a_record_of_the_same_file_name_is_replaced() -> None:
    data = ChannelData.of(record("tool", "1")).with_records([record("tool", "1", depends=["python"])])
    assert [each.depends for each in data.records()] == [("python",)]


def test_encoding_is_read_back_and_does_not_depend_on_the_order() -> None:
    records = [record("b", "1"), record("a", "1", extension=".tar.bz2"), record("a", "2", constrains=["c <1"])]
    content = encode("noarch", records)
    assert content == encode("noarch", reversed(records))
    assert set(decode(content)) == set(records)


def test_the_slice_covers_three_platforms_and_noarch(demo: ChannelData) -> None:
    assert set(demo.subdirs) == {*PLATFORMS, "noarch"}


def test_every_record_of_the_slice_is_complete(demo: ChannelData) -> None:
    def complete(each: Record, subdir: str) -> bool:
        hashes = (len(each.sha256), len(each.md5)) == (64, 32) and HEXADECIMAL.fullmatch(each.sha256 + each.md5)
        return bool(hashes) and each.size > 0 and each.timestamp > 10**12 and each.subdir == subdir

    incomplete = [each.fn for subdir in demo.subdirs for each in demo.subdirs[subdir] if not complete(each, subdir)]
    assert incomplete == []


def test_every_dependency_in_the_slice_is_virtual_or_in_the_slice(demo: ChannelData) -> None:
    missing: set[tuple[str, str]] = set()
    for subdir in demo.subdirs:
        reached = demo.subdirs if subdir == "noarch" else (subdir, "noarch")
        names = {each.name for other in reached for each in demo.subdirs[other]}
        specs = {spec for each in demo.subdirs[subdir] for spec in each.depends}
        missing |= {(subdir, spec) for spec in specs if not spec.startswith("__") and spec.split()[0] not in names}
    assert missing == set()


def test_the_slice_stays_small() -> None:
    folder = files(bot.demo.channel) / "data"
    assert sum(len(entry.read_bytes()) for entry in folder.iterdir()) < 1_000_000


def test_the_slice_holds_a_package_that_moved_to_noarch(demo: ChannelData) -> None:
    assert {"1.33.1"} <= {each.version for each in demo.subdirs["linux-64"] if each.name == "polars"}
    assert {"1.34.0"} <= {each.version for each in demo.subdirs["noarch"] if each.name == "polars"}


def test_the_slice_holds_noarch_twins(demo: ChannelData) -> None:
    twins = [each for each in demo.subdirs["noarch"] if (each.name, each.version) == ("click", "8.4.2")]
    assert sorted(spec for each in twins for spec in each.depends if spec.startswith("__")) == ["__unix", "__win"]


def test_the_slice_holds_a_release_that_one_platform_has_first(demo: ChannelData) -> None:
    def has(subdir: str) -> bool:
        return any(
            (each.name, each.version) == ("sqlalchemy", "2.0.52") and "python_abi 3.12.* *_cp312" in each.depends
            for each in demo.subdirs[subdir]
        )

    assert [subdir for subdir in PLATFORMS if has(subdir)] == ["linux-64"]
