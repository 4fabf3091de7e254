"""Who published a package is verified for real: with a Sigstore of our own, over HTTP, by py-rattler."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.datasources.attestations import LARGEST_SIDECAR, NO_ROOT, NOT_LISTED, OFFLINE, AttestationDatasource
from bot.datasources.repodata import Repodata
from bot.demo.channel import CONDA_FORGE, ChannelData, Mode, record
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.errors import EgressRefused
from bot.model.provenance import Attestation, Attested
from bot.settings import ChannelSettings, Mirror
from tests.attestations import PUBLISH, Sigstore, statement

TOOL = record("tool", "1.0")
URL = f"{CONDA_FORGE}/noarch/{TOOL.fn}"
REPOSITORY = "https://github.com/acme/tool"
RELEASE = f"{REPOSITORY}/.github/workflows/release.yml"
IDENTITY = f"{RELEASE}@refs/tags/v1"
SAID = statement(TOOL.fn, TOOL.sha256, CONDA_FORGE)
BY_ACME = Attestation(state=Attested.OK, signer=REPOSITORY)


@pytest.fixture(scope="module")
def sigstore() -> Sigstore:
    return Sigstore()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is served, and how it is asked for."""

    sidecar: bytes
    advertised: str = ""
    url: str = URL
    modes: frozenset[Mode] = frozenset(Mode)
    offline: bool = False
    trust_root: str | None = None

    async def answer(self, sigstore: Sigstore, folder: Path) -> Attestation:
        digest = self.advertised or hashlib.sha256(self.sidecar).hexdigest()
        listed = msgspec.structs.replace(TOOL, attestations_sha256=digest if self.sidecar else None)
        channel = ServedChannel.of("conda-forge", ChannelData.of(listed), modes=self.modes)
        channel.archives = {f"noarch/{TOOL.fn}.sigs.{digest}": self.sidecar}
        root = folder / "trusted_root.json"
        root.write_text(sigstore.trust_root if self.trust_root is None else self.trust_root)
        async with DemoChannel(channel) as served:
            mirror = Mirror(canonical=CONDA_FORGE, url=served.mirrors[CONDA_FORGE][0])
            settings = ChannelSettings(
                mirrors=(mirror,), cache_dir=folder / "cache", trust_root=root, offline=self.offline
            )
            found = AttestationDatasource(Repodata(settings), settings, check_url=lambda _: None)
            (attestation,) = await found.attestations([self.url])
            asked = [each.path for each in channel.requests if ".sigs" in each.path]
        assert len(asked) == (bool(self.sidecar) and attestation.reason not in {OFFLINE, NOT_LISTED, NO_ROOT})
        return attestation


@pytest.mark.parametrize("mode", Mode)
async def test_what_is_signed_and_about_this_file_is_ok(sigstore: Sigstore, tmp_path: Path, mode: Mode) -> None:
    sidecar = sigstore.sidecar(SAID, identity=IDENTITY, repository=REPOSITORY)

    assert await Asked(sidecar=sidecar, modes=frozenset({mode})).answer(sigstore, tmp_path) == BY_ACME


async def test_who_says_no_repository_is_told_by_name_without_the_tag(sigstore: Sigstore, tmp_path: Path) -> None:
    found = await Asked(sidecar=sigstore.sidecar(SAID, identity=IDENTITY)).answer(sigstore, tmp_path)

    assert found == Attestation(state=Attested.OK, signer=RELEASE)


async def test_one_of_several_is_enough_and_others_may_be_of_other_kinds(sigstore: Sigstore, tmp_path: Path) -> None:
    other = statement(TOOL.fn, TOOL.sha256, kind="https://slsa.dev/provenance/v1")
    sidecar = sigstore.sidecar(other, SAID, identity=IDENTITY, repository=REPOSITORY)

    assert await Asked(sidecar=sidecar).answer(sigstore, tmp_path) == BY_ACME


async def test_what_is_not_advertised_is_not_asked_for(sigstore: Sigstore, tmp_path: Path) -> None:
    assert await Asked(sidecar=b"").answer(sigstore, tmp_path) == Attestation(state=Attested.NONE)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param(statement("other-1.0-0.conda", TOOL.sha256), "subject", id="another file"),
        pytest.param(statement(TOOL.fn, "0" * 64), "subject", id="another hash"),
        pytest.param(
            statement(TOOL.fn, TOOL.sha256, "https://other.example/c"), "targets channel", id="another channel"
        ),
        pytest.param(statement(TOOL.fn, TOOL.sha256, kind=f"{PUBLISH}.old"), "predicate type", id="another kind"),
        pytest.param(b"[]", "", id="no statement"),
    ],
)
async def test_what_is_signed_about_something_else_is_unknown(
    sigstore: Sigstore, tmp_path: Path, said: bytes, reason: str
) -> None:
    found = await Asked(sidecar=sigstore.sidecar(said, identity=IDENTITY)).answer(sigstore, tmp_path)

    assert found.state is Attested.UNKNOWN
    assert reason in found.reason
    assert "127.0.0.1" not in found.reason


def changed(bundle: dict[str, Any], *keys: str | int, to: Any) -> dict[str, Any]:
    place: Any = bundle
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = to
    return bundle


def other_payload(bundle: dict[str, Any]) -> dict[str, Any]:
    said = statement(TOOL.fn, TOOL.sha256, "https://conda.anaconda.org/other")
    return changed(bundle, "dsseEnvelope", "payload", to=base64.b64encode(said).decode())


TAMPERED: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another statement under the signature": other_payload,
    "no entry of the log": lambda each: changed(each, "verificationMaterial", "tlogEntries", to=[]),
    "another time": lambda each: changed(
        each, "verificationMaterial", "tlogEntries", 0, "integratedTime", to="1700000000"
    ),
    "no certificate": lambda each: changed(each, "verificationMaterial", "certificate", to=None),
    "a key and no certificate": lambda each: changed(
        each,
        "verificationMaterial",
        to={"publicKey": {"hint": "ours"}, "tlogEntries": each["verificationMaterial"]["tlogEntries"]},
    ),
    "no signature": lambda each: changed(each, "dsseEnvelope", "signatures", to=[]),
}


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED)
async def test_what_was_tampered_with_is_unknown(
    sigstore: Sigstore, tmp_path: Path, tamper: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    sidecar = json.dumps([tamper(sigstore.bundle(SAID, IDENTITY))]).encode()

    found = await Asked(sidecar=sidecar).answer(sigstore, tmp_path)

    assert found.state is Attested.UNKNOWN
    assert found.reason


async def test_a_certificate_that_is_in_no_log_is_unknown(sigstore: Sigstore, tmp_path: Path) -> None:
    hidden = replace(sigstore, logs_certificates=False)
    asked = Asked(sidecar=hidden.sidecar(SAID, identity=IDENTITY))

    assert (await asked.answer(sigstore, tmp_path)).state is Attested.UNKNOWN


async def test_what_nobody_trusted_has_signed_is_unknown(sigstore: Sigstore, tmp_path: Path) -> None:
    asked = Asked(sidecar=Sigstore().sidecar(SAID, identity=IDENTITY))

    assert (await asked.answer(sigstore, tmp_path)).state is Attested.UNKNOWN


@pytest.mark.parametrize("content", [b"{}", b"[]", b"[{}]", b"no json", b" " * (LARGEST_SIDECAR + 1)])
async def test_what_is_no_sidecar_is_unknown(sigstore: Sigstore, tmp_path: Path, content: bytes) -> None:
    assert (await Asked(sidecar=content).answer(sigstore, tmp_path)).state is Attested.UNKNOWN


async def test_a_sidecar_with_another_hash_than_repodata_say_is_unknown(sigstore: Sigstore, tmp_path: Path) -> None:
    asked = Asked(sidecar=sigstore.sidecar(SAID, identity=IDENTITY), advertised="a" * 64)

    assert (await asked.answer(sigstore, tmp_path)).state is Attested.UNKNOWN


ASKED = Asked(sidecar=b"[]")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (replace(ASKED, offline=True), OFFLINE),
        (replace(ASKED, url=URL.replace("1.0", "1.1")), NOT_LISTED),
        (replace(ASKED, url=f"{CONDA_FORGE}/noarch/[x]-1.0-0.conda"), NOT_LISTED),
        (replace(ASKED, trust_root="no root"), NO_ROOT),
    ],
    ids=["offline", "gone", "no package", "no trust root"],
)
async def test_what_cannot_be_looked_up_is_unknown_and_says_why(
    sigstore: Sigstore, tmp_path: Path, asked: Asked, reason: str
) -> None:
    assert await asked.answer(sigstore, tmp_path) == Attestation(state=Attested.UNKNOWN, reason=reason)


async def test_nobody_is_called_who_must_not_be(tmp_path: Path) -> None:
    def refuse(url: str) -> None:
        raise EgressRefused(f"{url} is not for us")

    settings = ChannelSettings(cache_dir=tmp_path)
    found = await AttestationDatasource(Repodata(settings), settings, check_url=refuse).attestations([URL])

    assert found == [Attestation(state=Attested.UNKNOWN, reason=f"{URL} is not for us")]
