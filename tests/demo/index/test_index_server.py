"""The demo index over real HTTP, read by pip's own kind of client: a library that others wrote."""

from collections.abc import AsyncIterator

import httpx
import pytest
from packaging.metadata import Metadata
from pypi_simple import ProjectPage

from bot.demo.index import DemoIndex, sdist, wheel
from bot.demo.index.server import JSON

TOOL = wheel("My.Tool", "1.0", requires_python=">=3.9", requires_dist=("other>=2",))


@pytest.fixture
async def server() -> AsyncIterator[DemoIndex]:
    async with DemoIndex(TOOL, sdist("My.Tool", "2.0", yanked=""), files_url="../../files") as started:
        yield started


async def get(server: DemoIndex, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(f"{server.url}/{path}", headers=headers)


async def test_another_reader_understands_a_page(server: DemoIndex) -> None:
    answer = await get(server, "my-tool/")

    page = ProjectPage.from_json_data(answer.json(), base_url=str(answer.url))
    assert answer.headers["content-type"] == JSON
    assert (page.project, page.versions) == ("my-tool", ["1.0", "2.0"])
    assert [(each.filename, each.version, each.is_yanked) for each in page.packages] == [
        ("My_Tool-1.0-py3-none-any.whl", "1.0", False),
        ("My_Tool-2.0.tar.gz", "2.0", True),
    ]


async def test_metadata_are_there_for_each_file(server: DemoIndex) -> None:
    answer = await get(server, f"../files/{TOOL.name}.metadata")

    metadata = Metadata.from_email(answer.content)
    assert (metadata.name, str(metadata.requires_python)) == ("My.Tool", ">=3.9")
    assert [str(each) for each in metadata.requires_dist or ()] == ["other>=2"]
    assert (await get(server, "../files/none.metadata")).status_code == 404


async def test_what_did_not_change_is_not_sent_again(server: DemoIndex) -> None:
    etag = (await get(server, "my-tool/")).headers["etag"]

    unchanged = await get(server, "my-tool/", **{"If-None-Match": etag})
    server.publish([wheel("my-tool", "3.0")])
    changed = await get(server, "my-tool/", **{"If-None-Match": etag})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (changed.status_code, changed.json()["versions"]) == (200, ["1.0", "2.0", "3.0"])
    assert [each.status for each in server.requests] == [200, 304, 200]


async def test_it_fails_as_it_is_told(server: DemoIndex) -> None:
    server.in_html.add("my-tool")
    html = await get(server, "my-tool/")
    server.failures[""] = 503
    down = await get(server, "my-tool/")
    server.failures = {"my-tool": 429}

    assert html.headers["content-type"].startswith("text/html")
    assert down.status_code == 503
    assert (await get(server, "my-tool/")).status_code == 429
    assert (await get(server, "none/")).status_code == 404
