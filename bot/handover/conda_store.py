"""A conda-store server, which takes an environment as a `conda-lock.yml` and builds it.

https://conda.store/conda-store/references/api (`POST /api/v1/specification/` with `is_lockfile`). What is there says
in its description what it was made from, so that the same is not built twice.
"""

from http import HTTPStatus
from typing import Final

import msgspec

from bot.handover.calling import Caller
from bot.handover.parcel import Parcel
from bot.targets import Target

FILE: Final = "conda-lock.yml"
API: Final = "api/v1"


class _Environment(msgspec.Struct, frozen=True):
    description: str | None = None


class _Found(msgspec.Struct, frozen=True):
    data: _Environment


class _Build(msgspec.Struct, frozen=True):
    build_id: int


class _Registered(msgspec.Struct, frozen=True):
    data: _Build


class CondaStore:
    """A `HandOver`: see there."""

    def __init__(self, target: Target, caller: Caller) -> None:
        self._namespace = target.namespace
        self._call = caller

    async def __call__(self, parcel: Parcel) -> str:
        """Have the environment built, unless what is there was made from the same."""
        namespace = self._namespace or parcel.owner
        mark = f"sha256:{parcel.digest}"
        if mark in await self._description(namespace, parcel.title):
            return f"{namespace}/{parcel.title}"
        said = {
            "namespace": namespace,
            "specification": parcel.files[FILE].decode(),
            "is_lockfile": True,
            "environment_name": parcel.title,
            "environment_description": f"{parcel.origin}, {mark}",
        }
        reply = await self._call(
            "POST",
            f"{API}/specification/",
            passing={HTTPStatus.OK},
            headers={"Content-Type": "application/json"},
            content=msgspec.json.encode(said),
        )
        build = self._call.read(reply, _Registered).data.build_id
        return f"{namespace}/{parcel.title}, build {build}"

    async def _description(self, namespace: str, name: str) -> str:
        """Return what is said of an environment there; empty if there is none."""
        reply = await self._call(
            "GET", f"{API}/environment/{namespace}/{name}/", passing={HTTPStatus.OK, HTTPStatus.NOT_FOUND}
        )
        if reply.status == HTTPStatus.NOT_FOUND:
            return ""
        return self._call.read(reply, _Found).data.description or ""
