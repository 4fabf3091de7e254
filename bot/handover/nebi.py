"""A Nebi server, which keeps versions of a workspace: a `pixi.toml` with its `pixi.lock`.

As its own command pushes (https://github.com/nebari-dev/nebi, `nebi push`): a workspace is found by its name, made if
it is not there, and pushed to once it is ready. The server itself knows what it has, by the content, and makes no
version of it twice. It is alpha software, and read as of August 2026.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec

from bot.credentials import Basic
from bot.handover.calling import Caller, Reply
from bot.handover.parcel import Parcel
from bot.targets import Target

API: Final = "api/v1"
READY: Final = "ready"
FAILED: Final = "failed"
PASSING: Final = (HTTPStatus.OK, HTTPStatus.CREATED)


class _Workspace(msgspec.Struct, frozen=True):
    id: str
    name: str
    status: str = ""


class _Pushed(msgspec.Struct, frozen=True):
    version_number: int


class _LoggedIn(msgspec.Struct, frozen=True):
    token: str


class Nebi:
    """A `HandOver`: see there."""

    def __init__(self, target: Target, caller: Caller) -> None:
        self._target = target
        self._call = caller

    async def __call__(self, parcel: Parcel) -> str:
        """Have the workspace hold the manifest and the lock, as its latest version."""
        name = "-".join((*(self._target.namespace or parcel.owner).split("/"), parcel.title))
        texts = {each: parcel.files[each].decode(errors="replace") for each in ("pixi.toml", "pixi.lock")}
        headers = await self._who()
        workspace = await self._workspace(name, headers)
        if workspace is None:
            said = {"name": name, "package_manager": "pixi", "pixi_toml": texts["pixi.toml"]}
            workspace = self._call.read(await self._asked("POST", "workspaces", headers, said), _Workspace)
        self._require_ready(workspace)
        said = {"tag": "", "pixi_toml": texts["pixi.toml"], "pixi_lock": texts["pixi.lock"]}
        reply = await self._asked("POST", f"workspaces/{workspace.id}/push", headers, said)
        return f"{name}, version {self._call.read(reply, _Pushed).version_number}"

    async def _who(self) -> Mapping[str, str]:
        """Return what is said of us there: the operator's token, or one that it gives for a user and a password."""
        if not isinstance(self._target.proof, Basic):
            return self._call.headers
        said = {"username": self._target.proof.user, "password": self._target.proof.password}
        reply = await self._asked("POST", "auth/login", {}, said)
        return {"Authorization": f"Bearer {self._call.read(reply, _LoggedIn).token}"}

    async def _workspace(self, name: str, headers: Mapping[str, str]) -> _Workspace | None:
        """Return the workspace called *name*, if we may see one."""
        found = self._call.read(await self._asked("GET", "workspaces", headers), tuple[_Workspace, ...])
        return next((each for each in found if each.name == name), None)

    def _require_ready(self, workspace: _Workspace) -> None:
        """Pass if *workspace* may be pushed to.

        Raises:
            HandOverFailed: it is being made, or could not be made.

        """
        if workspace.status == FAILED:
            raise self._call.failed(f"the workspace {workspace.name} could not be made there: see why, and delete it")
        if workspace.status != READY:
            raise self._call.failed(f"the workspace {workspace.name} is being made there, and takes nothing yet")

    async def _asked(
        self, method: str, path: str, headers: Mapping[str, str], said: Mapping[str, Any] | None = None
    ) -> Reply:
        content = None if said is None else msgspec.json.encode(said)
        sent = {**headers, "Content-Type": "application/json"}
        reply = await self._call.asked(method, self._call.url(f"{API}/{path}"), headers=sent, content=content)
        return self._call.passed(reply, PASSING)
