"""Registering an App from a manifest: a person agrees, and a code is exchanged for what the App needs to run.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import shake_256
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.demo.github.model import App

CODE_LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A new App, with what nobody is shown a second time."""

    app: App
    pem: str
    hook_url: str
    permissions: Mapping[str, str]
    events: tuple[str, ...]


@dataclass(slots=True)
class AppManifests:
    """The manifests that people agreed to, by the code that stands for each for an hour, once."""

    waiting: dict[str, tuple[Mapping[str, Any], datetime]] = field(default_factory=dict)
    agreed: int = 0

    def agree(self, manifest: Mapping[str, Any], now: datetime) -> str:
        """Return the code for *manifest*."""
        self.agreed += 1
        code = shake_256(f"manifest {self.agreed}".encode()).hexdigest(20)
        self.waiting[code] = manifest, now + CODE_LIFE
        return code

    def convert(self, code: str, app_id: int, now: datetime) -> Registration | None:
        """Return the App that *code* stands for; None when it stands for nothing any more."""
        manifest, expires_at = self.waiting.pop(code, ({}, now))
        return _registered(manifest, app_id) if expires_at > now else None


def problems(manifest: object) -> list[str]:
    """Return why GitHub would not show *manifest* to anybody."""
    if not isinstance(manifest, dict):
        return ["the manifest is no JSON object"]
    found = [f"{name} is missing" for name in ("url", "redirect_url") if not manifest.get(name)]
    hook = manifest.get("hook_attributes", {})
    return found + (["hook_attributes has no url"] if hook and not hook.get("url") else [])


def _registered(manifest: Mapping[str, Any], app_id: int) -> Registration:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    name = str(manifest.get("name", f"app-{app_id}"))
    app = App(
        id=app_id,
        slug=name.lower().replace(" ", "-"),
        public_key=public,
        webhook_secret=shake_256(f"webhook {app_id}".encode()).hexdigest(20).encode(),
        client_secret=shake_256(f"client {app_id}".encode()).hexdigest(20),
        callback_urls=tuple(manifest.get("callback_urls", ())),
    )
    return Registration(
        app=app,
        pem=pem.decode(),
        hook_url=str(manifest.get("hook_attributes", {}).get("url", "")),
        permissions=dict(manifest.get("default_permissions", {})),
        events=tuple(manifest.get("default_events", ())),
    )
