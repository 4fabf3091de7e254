"""Advisories from folders and archives: whatever stands in them, nothing breaks and nothing is taken for clean."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bot.datasources.advisories import LARGEST_RECORD, AdvisoryFolder
from bot.errors import BadInput
from bot.model.advisory import Advisory, Affected, EventKind, RangeEvent
from bot.model.manifest import PackageName

JINJA2 = PackageName("jinja2")
RECORD: dict[str, Any] = {
    "id": "GHSA-aaaa-bbbb-cccc",
    "aliases": ["CVE-2099-0001"],
    "summary": "Templates\n may escape",
    "details": "ignored",
    "severity": [{"type": "CVSS_V3", "score": "ignored"}],
    "database_specific": {"severity": "MODERATE"},
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Jinja2"},
            "ranges": [
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.1.3"}]},
                {"type": "GIT", "repo": "https://files.example/jinja", "events": [{"introduced": "0"}]},
            ],
            "versions": ["3.1.2"],
        },
        {"package": {"ecosystem": "npm", "name": "jinja2"}, "versions": ["9"]},
    ],
}


def record(**changed: object) -> bytes:
    return json.dumps({**RECORD, **changed}).encode()


def archive(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as written:
        for name, text in files.items():
            written.writestr(f"{name}.json", text)
    return content.getvalue()


async def test_a_record_is_read_as_far_as_it_is_about_pypi(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_bytes(record())

    found = await AdvisoryFolder(tmp_path).about([JINJA2, PackageName("other")])

    events = (
        RangeEvent(kind=EventKind.INTRODUCED, version="0"),
        RangeEvent(kind=EventKind.FIXED, version="3.1.3"),
    )
    assert found.by_name == {
        JINJA2: (
            Advisory(
                id="GHSA-aaaa-bbbb-cccc",
                aliases=("CVE-2099-0001",),
                summary="Templates may escape",
                severity="moderate",
                affected=(Affected(name=JINJA2, ranges=(events,), versions=frozenset({"3.1.2"})),),
            ),
        )
    }


async def test_what_is_about_a_repository_is_read_with_its_tags(tmp_path: Path) -> None:
    name = PackageName("github.com/madler/zlib")
    ranges = [{"type": "GIT", "repo": "https://github.com/madler/zlib.git", "events": [{"introduced": "0"}]}]
    (tmp_path / "one.json").write_bytes(record(affected=[{"ranges": ranges, "versions": ["v1.2"]}]))
    (tmp_path / "two.json").write_bytes(record(affected=[{"package": {"ecosystem": "Debian"}, "ranges": ranges}]))

    found = await AdvisoryFolder(tmp_path).about([name])

    [affected] = [each for advisory in found.by_name[name] for each in advisory.affected]
    assert (affected.versions, affected.is_repository, found.knows_repositories) == (frozenset({"v1.2"}), True, True)


async def test_archives_and_folders_within_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "PyPI").mkdir()
    (tmp_path / "PyPI" / "all.zip").write_bytes(archive(a=record(id="A-1", aliases=[]), b=record(id="B-2", aliases=[])))

    found = await AdvisoryFolder(tmp_path).about([JINJA2])

    assert [each.id for each in found.by_name[JINJA2]] == ["A-1", "B-2"]


async def test_what_was_withdrawn_is_about_nothing(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_bytes(record(withdrawn="2099-01-01T00:00:00Z"))

    found = await AdvisoryFolder(tmp_path).about([JINJA2])

    assert (found.by_name, found.unreadable) == ({}, 0)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"id": 1}',
        b"[" * 100_000,
        b" " * (LARGEST_RECORD + 2),
        json.dumps({**RECORD, "affected": [{"versions": [1]}]}).encode(),
    ],
)
async def test_a_record_that_is_none_is_counted_and_left_out(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "a.json").write_bytes(text)
    (tmp_path / "b.json").write_bytes(record())

    found = await AdvisoryFolder(tmp_path).about([JINJA2])

    assert (list(found.by_name), found.unreadable) == ([JINJA2], 1)


async def test_a_name_that_is_none_does_not_take_the_rest_of_its_record_away(tmp_path: Path) -> None:
    odd = {"package": {"ecosystem": "PyPI", "name": "../x"}, "versions": ["1"]}
    (tmp_path / "a.json").write_bytes(record(affected=[odd, {"versions": ["1"]}, *RECORD["affected"]]))

    assert list((await AdvisoryFolder(tmp_path).about([JINJA2])).by_name) == [JINJA2]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "has no advisories in OSV's form"),
        ({"readme.txt": b"none"}, "has no advisories in OSV's form"),
        ({"a.json": b"{}"}, "has no advisories in OSV's form"),
        ({"all.zip": b"PK\x03\x04 broken"}, "is a broken archive"),
    ],
)
async def test_a_source_without_any_is_never_taken_for_a_clean_one(
    tmp_path: Path, files: dict[str, bytes], words: str
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)

    with pytest.raises(BadInput, match=words):
        await AdvisoryFolder(tmp_path).about([JINJA2])


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is no folder of advisories"):
        await AdvisoryFolder(tmp_path / "nowhere").about([JINJA2])
