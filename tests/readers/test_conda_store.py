"""conda-store's own server takes an environment as condabot hands it over: locked, once, and by who may."""

import re
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot import lockfiles
from bot.config.tables import HandOverSettings
from bot.credentials import Bearer
from bot.demo import samples
from bot.errors import HandOverFailed
from bot.model.bundle import TargetKind
from bot.model.environment import Workspace
from bot.updating.handing_over import CONDA_LOCK, bundles
from tests.conftest import Reader
from tests.handover.parcels import COMMIT, opened, parcel, target

pytestmark = [pytest.mark.verify, pytest.mark.timeout(300)]

RUN = Path(__file__).with_name("run_conda_store.py")
CONFIGURATION = """\
from conda_store_server.storage import LocalStorage

c.CondaStoreServer.address = "127.0.0.1"
c.CondaStoreServer.port = 0
c.CondaStoreServer.enable_ui = False
c.CondaStoreServer.enable_metrics = False
c.CondaStore.database_url = "sqlite:///{folder}/store.sqlite"
c.CondaStore.celery_broker_url = "memory://"
c.CondaStore.storage_class = LocalStorage
c.CondaStore.validate_action = lambda **_: None  # the usual one asks how full the disk is, which a worker tells
c.AuthenticationBackend.predefined_tokens = {{
    "{token}": {{"primary_namespace": "default", "role_bindings": {{"science/*": ["admin"]}}}}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The server, and a token for all of the namespace `science`."""

    url: str
    token: str

    def get(self, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.get(f"{self.url}/api/v1/{path}", headers=headers, timeout=30).raise_for_status().json()["data"]


@pytest.fixture
def store(reader: Reader, tmp_path: Path) -> Iterator[Running]:
    token = secrets.token_hex(20)
    (tmp_path / "configuration.py").write_text(CONFIGURATION.format(folder=tmp_path, token=token))
    command = [reader("conda-store"), RUN, tmp_path / "configuration.py"]
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as server:
        try:
            said = list[str]()
            for line in server.stderr or ():
                said.append(line)
                if found := re.search(r"running on (http://127\.0\.0\.1:\d+)", line):
                    yield Running(url=found[1], token=token)
                    break
            else:
                pytest.fail("".join(said))
        finally:
            server.kill()


def specification() -> str:
    """Return what condabot hands over of the sample's default environment."""
    files = samples.sample_files("pixi-workspace")
    lock = lockfiles.parse("pixi.lock", files["pixi.lock"])
    workspace = Workspace(manifests=(), lock=lock, environments=())
    asked = [HandOverSettings(target="team", environments=("default",))]
    [held] = bundles(files, [workspace], asked, {"team": TargetKind.CONDA_STORE}).held.values()
    return held.file(CONDA_LOCK).decode()


async def test_an_environment_is_built_as_it_is_locked_and_once(store: Running) -> None:
    handed = parcel({CONDA_LOCK: specification()}, name="test", digest="1" * 64)

    async with opened(target(TargetKind.CONDA_STORE, store.url, proof=Bearer(store.token), namespace="science")) as to:
        places = [await to(handed), await to(handed)]

    assert places == ["science/app-test, build 1", "science/app-test"]
    [build] = store.get("build/")
    assert build["environment_id"] == 1
    environment = store.get("environment/science/app-test/")
    assert environment["description"] == f"acme/app at {COMMIT}, sha256:{'1' * 64}"
    locked = store.get("build/1/")["specification"]["spec"]["lockfile"]
    ours = yaml.safe_load(handed.files[CONDA_LOCK])["package"]
    assert [each["url"] for each in locked["package"]] == [each["url"] for each in ours]


async def test_who_may_not_create_it_there_is_refused(store: Running) -> None:
    async with opened(target(TargetKind.CONDA_STORE, store.url, proof=Bearer(store.token), namespace="other")) as to:
        with pytest.raises(HandOverFailed, match="it answered 403; we may not do that there"):
            await to(parcel({CONDA_LOCK: specification()}))


async def test_what_is_no_lock_is_refused_with_its_words(store: Running) -> None:
    async with opened(target(TargetKind.CONDA_STORE, store.url, proof=Bearer(store.token), namespace="science")) as to:
        with pytest.raises(HandOverFailed, match=r"it answered 400; .*metadata"):
            await to(parcel({CONDA_LOCK: "version: 1\npackage: []\n"}))
