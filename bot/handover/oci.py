"""A registry of OCI artifacts, which keeps a `pixi.toml` and its `pixi.lock` as an artifact that may be pulled.

The media types are those that Nebi publishes and imports (https://github.com/nebari-dev/nebi). The rest is the
distribution specification (https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md), and how registries
give tokens (https://distribution.github.io/distribution/spec/auth/token/). The same files make the same manifest, so
that its digest tells whether it is there.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from bot.credentials import Bearer
from bot.handover.calling import Caller, Reply
from bot.handover.parcel import Parcel
from bot.targets import Target

MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
CONFIGURATION: Final = "application/vnd.pixi.config.v1+toml"
LAYERS: Final[Mapping[str, str]] = {
    "pixi.toml": "application/vnd.pixi.toml.v1+toml",
    "pixi.lock": "application/vnd.pixi.lock.v1+yaml",
}
TITLE: Final = "org.opencontainers.image.title"
LATEST: Final = "latest"
_NOTHING: Final = b"{}"
_SEPARATORS: Final = re.compile(r"[._-]{2,}")
_PARAMETER: Final = re.compile(r'(\w+)="([^"]*)"')


class _Token(msgspec.Struct, frozen=True):
    token: str = ""
    access_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """The `blobs` of an artifact by their digests, and the `manifest` that names them."""

    blobs: Mapping[str, bytes]
    manifest: bytes

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> "Artifact":
        """Return that of *files*, the same for the same."""
        document = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _descriptor(CONFIGURATION, _NOTHING),
            "layers": [
                {**_descriptor(kind, files[name]), "annotations": {TITLE: name}} for name, kind in LAYERS.items()
            ],
        }
        blobs = {digest_of(each): each for each in (_NOTHING, *(files[name] for name in LAYERS))}
        return cls(blobs=blobs, manifest=msgspec.json.encode(document))


class OciRegistry:
    """A `HandOver`: see there."""

    def __init__(self, target: Target, caller: Caller) -> None:
        self._target = target
        self._call = caller

    async def __call__(self, parcel: Parcel) -> str:
        """Have the artifact there, and the tag `latest` on it."""
        name = repository_name(self._target.namespace or parcel.owner, parcel.title)
        pushing = _Pushing(call=self._call, name=name, headers=await self._who(name))
        artifact = Artifact.of(parcel.files)
        digest = digest_of(artifact.manifest)
        if await pushing.tagged() != digest:
            for each, content in artifact.blobs.items():
                await pushing.blob(each, content)
            for tag in (f"sha-{parcel.digest[:12]}", LATEST):
                await pushing.manifest(tag, artifact.manifest)
        return f"{name}@{digest}"

    async def _who(self, name: str) -> Mapping[str, str]:
        """Return what is said of us there: a token, where the registry wants one, else who the operator says we are."""
        ours = self._call.headers
        reply = await self._call.asked("GET", self._call.url("v2/"), headers=ours)
        challenge = reply.headers.get("WWW-Authenticate", "")
        if reply.status != HTTPStatus.UNAUTHORIZED or not challenge.lower().startswith("bearer "):
            return ours
        if isinstance(self._target.proof, Bearer):
            return ours
        asked = dict(_PARAMETER.findall(challenge))
        query = {"scope": f"repository:{name}:pull,push", "service": asked.get("service", "")}
        realm = self._realm(asked.get("realm", ""))
        answer = await self._call.asked("GET", f"{realm}?{urlencode(query)}", headers=ours)
        found = self._call.read(self._call.passed(answer, {HTTPStatus.OK}), _Token)
        return {"Authorization": f"Bearer {found.token or found.access_token}"}

    def _realm(self, url: str) -> str:
        """Return *url*, where tokens are had, if who we are may be said there.

        Raises:
            HandOverFailed: it may not: it is read by others on the way.

        """
        if not (self._call.joined(url) or url.startswith("https://")) or "?" in url or "#" in url or "@" in url:
            raise self._call.failed("it sends us for a token to where who we are may not be said")
        return url


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pushing:
    """A push to the repository `name` of a registry, as `headers` say."""

    call: Caller
    name: str
    headers: Mapping[str, str]

    async def tagged(self) -> str:
        """Return the digest of what is tagged `latest`; empty if nothing is."""
        reply = await self._asked("GET", f"manifests/{LATEST}", {"Accept": MANIFEST})
        self.call.passed(reply, {HTTPStatus.OK, HTTPStatus.NOT_FOUND})
        return digest_of(reply.content) if reply.status == HTTPStatus.OK else ""

    async def blob(self, digest: str, content: bytes) -> None:
        """Have *content* there."""
        there = await self._asked("HEAD", f"blobs/{digest}", {})
        if self.call.passed(there, {HTTPStatus.OK, HTTPStatus.NOT_FOUND}).status == HTTPStatus.OK:
            return
        begun = self.call.passed(await self._asked("POST", "blobs/uploads/", {}), {HTTPStatus.ACCEPTED})
        url = self._location(begun)
        ended = await self.call.asked(
            "PUT",
            f"{url}{'&' if '?' in url else '?'}{urlencode({'digest': digest})}",
            headers={**self.headers, "Content-Type": "application/octet-stream"},
            content=content,
        )
        self.call.passed(ended, {HTTPStatus.CREATED})

    async def manifest(self, tag: str, content: bytes) -> None:
        """Tag what *content* names, whose blobs are there."""
        reply = await self._asked("PUT", f"manifests/{tag}", {"Content-Type": MANIFEST}, content)
        self.call.passed(reply, {HTTPStatus.CREATED})

    async def _asked(self, method: str, path: str, headers: Mapping[str, str], content: bytes | None = None) -> Reply:
        url = self.call.url(f"v2/{self.name}/{path}")
        return await self.call.asked(method, url, headers={**self.headers, **headers}, content=content)

    def _location(self, reply: Reply) -> str:
        """Return where an upload goes on, which is at the registry itself.

        Raises:
            HandOverFailed: it is elsewhere.

        """
        found = self.call.joined(reply.headers.get("Location", ""))
        if found is None:
            raise self.call.failed("it has uploads go elsewhere, where nothing is sent")
        return found


def repository_name(*words: str) -> str:
    """Return *words* as parts of the name of a repository: in lower case, no two separators in a row."""
    parts = [part for word in words for part in word.lower().split("/")]
    return "/".join(_SEPARATORS.sub("-", part).strip("._-") for part in parts)


def digest_of(content: bytes) -> str:
    """Return what a registry calls *content*."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _descriptor(kind: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "digest": digest_of(content), "size": len(content)}
