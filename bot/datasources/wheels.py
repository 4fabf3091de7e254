"""What a wheel says that it needs, without the wheel: its core metadata from beside it, or cut out of its archive.

Rules:
1. Metadata beside a wheel (PEP 658) are taken if the index vouches for them, and only with the hash that it names.
2. Else the end of the archive is read, where its directory stands, and then the one file (PEP 427). A server that does
   not serve ranges sends the whole wheel; that is taken up to `LARGEST_WHEEL`, and its hash must be the index's.
3. Nothing is unpacked to a disk, nothing is run.
"""

import hashlib
import re
import zipfile
from collections.abc import Iterator
from typing import NoReturn

from packaging.metadata import RawMetadata, parse_email

from bot.datasources.index_client import IndexClient
from bot.datasources.sparse import SparseFile, read_sparsely
from bot.errors import ChannelError
from bot.model.package import Channel, CoreMetadata, PypiFile

LARGEST_WHEEL = 64_000_000
LARGEST_METADATA = 2_000_000
MOST_PARTS = 100
MOST_URLS = 50
HOME = "homepage"
READ_AT_ONCE = 64 * 1024

_METADATA = re.compile(r"[^/]+\.dist-info/METADATA")


class WheelReader:
    """Reads core metadata of wheels from package indexes."""

    def __init__(self, client: IndexClient) -> None:
        self._client = client

    async def core_metadata(self, index: Channel, file: PypiFile) -> CoreMetadata:
        """Return what the wheel *file*, offered by *index*, needs, in its own words.

        Raises:
            ChannelError: there are no metadata to be had, or they are not what the index vouched for.

        """
        if file.metadata_sha256:
            content = await self._client.metadata(index, f"{file.url}.metadata")
            _check(content, file.metadata_sha256, f"The metadata of {file.name}", index)
        else:
            content = await self._cut_out(index, file)
        return _core_metadata(content, index, file)

    async def _cut_out(self, index: Channel, file: PypiFile) -> bytes:
        part = await self._client.part(index, file.url, f"bytes=-{READ_AT_ONCE}", LARGEST_WHEEL)
        if part.is_whole and file.sha256:
            _check(part.content, file.sha256, f"The wheel {file.name}", index)
        found = await read_sparsely(
            SparseFile(part),
            _metadata_in,
            lambda bounds: self._client.part(index, file.url, bounds, READ_AT_ONCE),
            most=MOST_PARTS,
            size=READ_AT_ONCE,
        )
        if found is None:
            raise _unreadable(index, file)
        return found


def _metadata_in(archive: SparseFile) -> bytes:
    with zipfile.ZipFile(archive) as opened:
        found = [each for each in opened.infolist() if _METADATA.fullmatch(each.filename)]
        if len(found) != 1 or found[0].file_size > LARGEST_METADATA:
            raise zipfile.BadZipFile("there is not one METADATA of a sensible size")
        with opened.open(found[0]) as metadata:
            return metadata.read(LARGEST_METADATA)


def _check(content: bytes, sha256: str, what: str, index: Channel) -> None:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ChannelError(f"{what} is not what index {index.name} vouched for: its hash differs.", channel=index.url)


def _core_metadata(content: bytes, index: Channel, file: PypiFile) -> CoreMetadata:
    try:
        raw, _ = parse_email(content)
    except (ValueError, RecursionError):
        _none(index, file)
    if not _is_of(raw, file):
        _none(index, file)
    return CoreMetadata(
        requires_dist=tuple(raw.get("requires_dist", ())),
        requires_python=raw.get("requires_python", ""),
        urls=tuple(_urls(raw))[:MOST_URLS],
    )


def _urls(raw: RawMetadata) -> Iterator[tuple[str, str]]:
    """Yield the URLs of the project with their labels; `Home-page` is the older spelling of one of them (PEP 753)."""
    if home := raw.get("home_page"):
        yield HOME, home
    yield from raw.get("project_urls", {}).items()


def _is_of(raw: RawMetadata, file: PypiFile) -> bool:
    """Tell whether *raw* names the project of *file*: every wheel's metadata do."""
    return _spelled(raw.get("name", "")) == _spelled(file.name.partition("-")[0])


def _spelled(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _none(index: Channel, file: PypiFile) -> NoReturn:
    raise ChannelError(f"Index {index.name} has metadata of {file.name} that are none.", channel=index.url)


def _unreadable(index: Channel, file: PypiFile) -> ChannelError:
    return ChannelError(f"Index {index.name} has a file {file.name} that is not a wheel.", channel=index.url)
