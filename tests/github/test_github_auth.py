"""Signing, keys, permissions, the memory of answers, and the pace."""

from pathlib import Path

import httpx
import jwt
import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.errors import GitHubError, SettingsError
from bot.github import permissions
from bot.github.auth import AppSigner, GitHubApp
from bot.github.etags import EtagCaches
from bot.github.permissions import CHANGE_ISSUES, HEAR, READ, WRITE
from bot.github.recent import Recent
from bot.handlers import ROUTERS
from tests.clocks import START, ManualClock
from tests.github.conftest import AppKey, local

MANIFEST = Path(permissions.__file__).with_name("app.yml")
UNASKED = {"installation", "installation_repositories"}
"""Events that every App gets, and may not ask for."""


def test_a_signature_is_dated_back_and_lives_less_than_ten_minutes(app_key: AppKey) -> None:
    token = AppSigner("77", app_key.private).sign(START)
    options = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(token, app_key.public, algorithms=["RS256"], options=options)  # type: ignore[arg-type] # PyJWT's TypedDict is total
    assert claims["iss"] == "77"
    assert claims["iat"] == int(START.timestamp()) - 60
    assert claims["exp"] - claims["iat"] <= 600


def elliptic_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    encoding, none = serialization.Encoding.PEM, serialization.NoEncryption()
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, none).decode()


@pytest.mark.parametrize("make", [lambda: "no key", elliptic_key], ids=["text", "a key of another kind"])
def test_a_key_that_is_none_is_a_wrong_setting(make: object) -> None:
    assert callable(make)
    with pytest.raises(SettingsError, match="CONDABOT_PRIVATE_KEY"):
        AppSigner("77", make())


async def test_a_token_for_something_else_is_refused(app_key: AppKey, clock: ManualClock) -> None:
    answer = {"token": "t", "repositories": [{"id": 2, "node_id": "R_2", "full_name": "a/b"}]}
    transport = httpx.MockTransport(lambda _: httpx.Response(201, json=answer))
    async with httpx.AsyncClient(transport=transport) as http:
        signer = AppSigner("77", app_key.private)
        app = GitHubApp(signer=signer, http=http, base_url="https://github.example", clock=clock, budgets=local(clock))
        with pytest.raises(GitHubError, match="not for repository 1"):
            async with app.installation(9, 1, READ):
                pass


def test_the_manifest_asks_for_what_the_code_asks_for() -> None:
    manifest = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    order = {"read": 0, "write": 1}
    asked = {
        name: max((each.get(name, "read") for each in (READ, WRITE, CHANGE_ISSUES)), key=order.__getitem__)
        for name in {*READ, *WRITE, *HEAR, *CHANGE_ISSUES}
    }
    assert manifest["default_permissions"] == asked
    assert manifest["default_events"] == sorted({each.event for each in ROUTERS} - UNASKED)


def test_what_one_token_saw_another_does_not() -> None:
    caches = EtagCaches()
    caches.scope(1, 2, READ)["/x"] = ('"e"', None, {}, None)
    assert "/x" in caches.scope(1, 2, dict(READ))
    assert not any("/x" in caches.scope(*scope) for scope in ((1, 2, WRITE), (1, 3, READ), (2, 2, READ)))


def test_a_memory_keeps_what_was_used_last() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.update({"a": 1, "b": 2})
    assert recent["a"] == 1
    recent["c"] = 3
    assert list(recent) == ["a", "c"]
    del recent["a"]
    assert dict(recent) == {"c": 3}
