"""A project's page is read for what it is worth, and hostile ones are refused in words."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.datasources.simple import installable, read_project
from bot.errors import BadInput
from bot.model.manifest import PackageName, Subdir
from bot.model.update import Release

TOOL = PackageName("my-tool")
PAGE = "https://index.example/simple/my-tool/"
WHEEL = "my_tool-1.0-py3-none-any.whl"
SHA256 = "a" * 64
PLATFORMS = tuple(
    map(Subdir, ("linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64", "win-arm64", "emscripten-wasm32"))
)


def page(*files: dict[str, Any], **fields: Any) -> bytes:
    return json.dumps({"meta": {"api-version": "1.1"}, "name": "My_Tool", "files": files, **fields}).encode()


def file(name: str, **fields: Any) -> dict[str, Any]:
    return {"filename": name, "url": f"https://files.example/{name}", **fields}


def read(*files: dict[str, Any], **fields: Any) -> tuple[Release, ...]:
    return read_project(page(*files, **fields), TOOL, PAGE)


def versions(releases: tuple[Release, ...]) -> list[str]:
    return [each.version for each in releases]


def test_everything_that_is_needed_later_is_kept() -> None:
    described = file(
        WHEEL,
        hashes={"sha256": SHA256.upper(), "md5": "x"},
        **{
            "requires-python": ">= 3.9",
            "upload-time": "2026-01-01T10:00:00.5Z",
            "core-metadata": {"sha256": "b" * 64},
            "size": 10**30,
            "provenance": None,
        },
    )

    [release] = read(described, versions=["1.0"], tracks=[])

    [kept] = release.files
    assert (release.version, release.built) == ("1.0", datetime(2026, 1, 1, 10, 0, 0, 500_000, UTC))
    assert (kept.name, kept.url, kept.is_wheel) == (WHEEL, f"https://files.example/{WHEEL}", True)
    assert (kept.sha256, kept.requires_python, kept.metadata_sha256) == (SHA256, ">=3.9", "b" * 64)


def test_versions_ascend_and_each_is_there_once() -> None:
    names = ("my_tool-1.10.tar.gz", "my_tool-1.9.tar.gz", "my_tool-1.9.0-py3-none-any.whl", "my-tool-2.0rc1.zip")

    assert versions(read(*map(file, names))) == ["1.9", "1.10", "2.0rc1"]


@pytest.mark.parametrize(
    ("yanked", "expected"),
    [
        (False, ["1.0"]),
        (None, ["1.0"]),
        (True, []),
        ("broken", []),
        pytest.param("", [], id="a reason is a yes, even an empty one"),
    ],
)
def test_a_version_whose_files_are_all_yanked_is_gone(yanked: object, expected: list[str]) -> None:
    assert versions(read(file(WHEEL, yanked=yanked), file("my_tool-1.0.tar.gz", yanked="broken"))) == expected


def test_a_yanked_file_is_no_file_of_its_version() -> None:
    [release] = read(file(WHEEL, yanked=True), file("my_tool-1.0.tar.gz"))

    assert [each.name for each in release.files] == ["my_tool-1.0.tar.gz"]


def test_a_version_is_as_old_as_its_first_file() -> None:
    [release] = read(
        file("my_tool-1.0-1-py3-none-any.whl", **{"upload-time": "2026-03-01T00:00:00Z"}),
        file(WHEEL, **{"upload-time": "2026-02-01T00:00:00"}),
        file("my_tool-1.0.tar.gz"),
    )

    assert release.built == datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize("moment", [None, "9999-12-31T23:59:59-12:00"])
def test_a_time_that_is_none_is_unknown(moment: str | None) -> None:
    [release] = read(file(WHEEL, **{"upload-time": moment}))

    assert release.built is None


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("other-1.0-py3-none-any.whl", id="a wheel of another project"),
        pytest.param("my_tool-1.0-any.whl", id="a wheel without all parts"),
        pytest.param("my_tool-one-py3-none-any.whl", id="a wheel without a version"),
        pytest.param(f"my_tool-{'9' * 250}-py3-none-any.whl", id="a name too long for a file"),
        pytest.param("other-1.0.tar.gz", id="an archive of another project"),
        pytest.param("my_tool-one.tar.gz", id="an archive without a version"),
        pytest.param("my_tool-1.0.win32.exe", id="an installer"),
        pytest.param("", id="nothing"),
    ],
)
def test_other_files_are_not_counted(name: str) -> None:
    assert read(file(name)) == ()


def test_a_wheel_whose_tags_multiply_is_read_at_once() -> None:
    name = f"my_tool-1.0-{'.'.join(['a'] * 40)}-{'.'.join(['b'] * 40)}-{'.'.join(['c'] * 40)}.whl"

    assert versions(read(*[file(name)] * 2000)) == ["1.0"]


def test_a_version_that_the_page_does_not_list_is_not_counted() -> None:
    assert versions(read(file(WHEEL), file("my_tool-2.0.tar.gz"), versions=["1", "x"])) == ["1.0"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (None, ""),
        (">=3.8, !=3.9.*", "!=3.9.*,>=3.8"),
        pytest.param(">=3.6.*", "", id="invalid since packaging 22"),
        pytest.param("===<b>@you", "", id="text for people"),
        pytest.param(">=3." + "1" * 300, "", id="too long"),
    ],
)
def test_what_is_asked_of_python_is_a_specifier_or_nothing(written: str | None, kept: str) -> None:
    [release] = read(file(WHEEL, **{"requires-python": written}))

    assert release.files[0].requires_python == kept


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        (f"../../files/{WHEEL}", f"https://index.example/files/{WHEEL}"),
        (f"/{WHEEL}#sha256=1", f"https://index.example/{WHEEL}"),
        (f"//files.example/{WHEEL}", f"https://files.example/{WHEEL}"),
    ],
)
def test_addresses_may_be_relative_to_the_page(url: str, absolute: str) -> None:
    [release] = read({"filename": WHEEL, "url": url})

    assert release.files[0].url == absolute


def test_a_file_whose_address_is_none_is_no_file() -> None:
    assert read({"filename": WHEEL, "url": "https://[::1"}) == ()


@pytest.mark.parametrize(
    ("hashes", "metadata"),
    [({}, True), ({"sha256": "x"}, {"md5": "1"}), ({"sha256": "A" * 63}, None)],
)
def test_only_a_sha256_is_a_hash(hashes: dict[str, str], metadata: object) -> None:
    [release] = read(file(WHEEL, hashes=hashes, **{"core-metadata": metadata}))

    assert (release.files[0].sha256, release.files[0].metadata_sha256) == (None, None)


@pytest.mark.parametrize(
    ("tags", "subdirs"),
    [
        ("py3-none-any", {*PLATFORMS}),
        ("py2.py3-none-any", {*PLATFORMS}),
        ("py2-none-any", set()),
        ("pp310-pypy310_pp73-win_amd64", set()),
        ("cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64", {"linux-64"}),
        ("cp39-abi3-linux_aarch64", {"linux-aarch64"}),
        pytest.param("cp312-cp312-musllinux_1_2_x86_64", set(), id="conda's Linux is not musl's"),
        ("cp312-cp312-macosx_10_9_universal2", {"osx-64", "osx-arm64"}),
        ("cp312-cp312-macosx_11_0_arm64", {"osx-arm64"}),
        ("cp312-cp312-macosx_10_9_intel", {"osx-64"}),
        ("cp312-cp312-win_amd64", {"win-64"}),
        ("cp312-cp312-win_arm64", {"win-arm64"}),
    ],
)
def test_a_wheel_goes_where_its_platform_tag_says(tags: str, subdirs: set[str]) -> None:
    [release] = installable(read(file(f"my_tool-1.0-{tags}.whl")), PLATFORMS)

    assert release.subdirs == subdirs


def test_a_source_archive_is_no_wheel_for_any_platform() -> None:
    [release] = installable(read(file("my_tool-1.0.tar.gz")), PLATFORMS)

    assert (release.subdirs, release.files[0].is_wheel) == (frozenset(), False)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        pytest.param(b"", "not a project's page", id="nothing"),
        pytest.param(b"<html>", "not a project's page", id="another language"),
        pytest.param(b"[]", "not a project's page", id="a list"),
        pytest.param(b"\xff\xfe", "not a project's page", id="no text"),
        pytest.param(b'{"name": "my-tool", "files": []}', "not a project's page", id="no version of its format"),
        pytest.param(page({"filename": 1, "url": ""}), "not a project's page", id="a name that is a number"),
        pytest.param(page(file(WHEEL, yanked=1)), "not a project's page", id="yanked once"),
        pytest.param(page(file(WHEEL, **{"upload-time": "soon"})), "not a project's page", id="a time of another kind"),
        pytest.param(b'{"x":' * 100_000, "not a project's page", id="deeply nested tables"),
        pytest.param(b'{"files": ' + b"[" * 100_000, "not a project's page", id="deeply nested lists"),
        pytest.param(page(meta={"api-version": "2.0"}), "does not know", id="a format of the future"),
        pytest.param(page(meta={"api-version": "1.1x"}), "does not know", id="a format of no time"),
        pytest.param(page(name="other"), "another project", id="another project"),
    ],
)
def test_what_is_no_page_of_the_project_is_refused_in_words(body: bytes, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        read_project(body, TOOL, PAGE)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
FILE_NAMES = st.sampled_from([WHEEL, "my_tool-1.0.tar.gz"]) | st.text().map(
    lambda text: f"my_tool-{text}-py3-none-any.whl"
)
FILES = st.fixed_dictionaries(
    {"filename": FILE_NAMES, "url": st.text()},
    optional={
        "hashes": JSON_VALUES,
        "requires-python": st.text(alphabet="=<>!~.,*0123456789 ") | JSON_VALUES,
        "core-metadata": JSON_VALUES,
        "yanked": JSON_VALUES,
        "upload-time": st.datetimes().map(str) | JSON_VALUES,
    },
)


@given(st.binary())
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    with suppress(BadInput):
        read_project(body, TOOL, PAGE)


@given(st.lists(FILES, max_size=4), st.none() | st.lists(st.text()) | JSON_VALUES)
def test_no_page_raises_anything_else_and_its_releases_ascend(files: list[dict[str, Any]], listed: object) -> None:
    with suppress(BadInput):
        releases = installable(read(*files, versions=listed), PLATFORMS)

        assert len({each.version for each in releases}) == len(releases)
        assert all(each.built is None or each.built.tzinfo is UTC for each in releases)
