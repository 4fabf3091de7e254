"""A real registry takes the artifact and gives the same files back: Debian's `docker-registry`, if it is installed."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.handover.oci import MANIFEST
from bot.model.bundle import TargetKind
from tests.handover.parcels import opened, parcel, target

pytestmark = [pytest.mark.verify, pytest.mark.timeout(120)]

CONFIGURATION = """\
version: 0.1
log: {{level: info}}
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "127.0.0.1:0"}}
"""
FILES = {"pixi.toml": '[workspace]\nname = "app"\n', "pixi.lock": "version: 6\n"}


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """Give the URL of a registry."""
    program = shutil.which("docker-registry")
    if program is None:
        pytest.skip("docker-registry is not installed: apt install docker-registry")
    (tmp_path / "registry.yml").write_text(CONFIGURATION.format(folder=tmp_path / "stored"))
    command = [program, "serve", str(tmp_path / "registry.yml")]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as server:
        try:
            said = list[str]()
            for line in server.stderr or ():
                said.append(line)
                if found := re.search(r"listening on (127\.0\.0\.1:\d+)", line):
                    yield f"http://{found[1]}"
                    break
            else:
                pytest.fail("".join(said))
        finally:
            server.kill()


async def test_an_artifact_is_kept_as_it_was_pushed_and_pushed_once(registry: str) -> None:
    async with opened(target(TargetKind.OCI, registry)) as hand_over:
        places = [await hand_over(parcel(FILES, digest="1" * 64)) for _ in range(2)]

    digest = places[0].partition("@")[2]
    assert places == [f"acme/app@{digest}"] * 2
    async with httpx.AsyncClient(base_url=f"{registry}/v2/acme/app", headers={"Accept": MANIFEST}) as http:
        assert sorted((await http.get("/tags/list")).json()["tags"]) == ["latest", f"sha-{'1' * 12}"]
        latest = await http.get("/manifests/latest")
        assert latest.headers["Docker-Content-Digest"] == digest
        kept = {
            each["annotations"]["org.opencontainers.image.title"]: each["digest"] for each in latest.json()["layers"]
        }
        assert {name: (await http.get(f"/blobs/{each}")).text for name, each in kept.items()} == FILES
