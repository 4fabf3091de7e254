"""Who published packages, by attestations in the sidecars that channels advertise in their repodata (CEP 27, CEP 50).

py-rattler fetches a sidecar, within `LARGEST_SIDECAR` bytes and by the hash that repodata states, and verifies it:
signature, certificate, transparency log, and that it is about this file name, this SHA-256 and this channel. It does so
in threads of its own. Nothing else is called: what is trusted is in a file (`trusted_root.json`), or comes with
py-rattler. Whose signature is expected no CEP says, so that it is told, and compared with that of the package in use.
"""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import rattler
from rattler.exceptions import InvalidMatchSpecError
from rattler.sigstore import ChannelCheck, TrustedRoot, VerificationPolicy, VerifiedAttestation

from bot.datasources.exchange import CheckUrl
from bot.datasources.mirrors import canonical_url
from bot.datasources.repodata import Repodata, channel_client
from bot.errors import BadInput, ChannelError, EgressRefused
from bot.model.provenance import Attestation, Attested
from bot.settings import ChannelSettings

AT_ONCE: Final = 4
LARGEST_SIDECAR: Final = 1_000_000
"""Bytes; a bundle has some ten thousand."""

LONGEST_REASON: Final = 300
OFFLINE: Final = "condabot is offline"
NOT_LISTED: Final = "its channel does not list it"
NO_ROOT: Final = "the trust root that CONDABOT_TRUST_ROOT names cannot be read"
NOT_PROVEN: Final = "it does not prove by certificate and logs who signed"
_URL = re.compile(r"https?://[^\s()]+")


class AttestationDatasource:
    """Verifies what channels advertise. Safe for concurrent use; never raises for what they serve.

    *check_url* says of every URL whether it may be called. *repodata* is the view of the channels that a scan has.
    """

    def __init__(self, repodata: Repodata, settings: ChannelSettings, *, check_url: CheckUrl) -> None:
        self._repodata = repodata
        self._settings = settings
        self._check_url = check_url
        self._client = channel_client(settings.mirrors, settings.timeout)
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def attestations(self, archives: Sequence[str]) -> Sequence[Attestation]:
        """Return for each of *archives*, URLs in channels, whether and by whom it is attested."""
        if self._settings.offline:
            return [_unknown(OFFLINE) for _ in archives]
        return await asyncio.gather(*map(self._attestation, archives))

    async def _attestation(self, url: str) -> Attestation:
        try:
            self._check_url(url)
            async with self._turns:
                record = await self._record(url)
                if record is None:
                    return _unknown(NOT_LISTED)
                return await self._verified(record) if record.attestations_sha256 else Attestation(state=Attested.NONE)
        except (ChannelError, EgressRefused, BadInput) as error:
            return _unknown(str(error))

    async def _record(self, url: str) -> rattler.RepoDataRecord | None:
        """Return what its channel says of the archive at *url*; its name tells which package it is (CEP 26)."""
        channel, _, rest = url.rpartition("/")[0].rpartition("/")
        try:
            spec = rattler.MatchSpec(url.rpartition("/")[2].rsplit("-", 2)[0])
        except InvalidMatchSpecError:
            return None
        found = await self._repodata.records(channel, [rest], [spec])
        return next((each for each in found if canonical_url(each.url, self._repodata.mirrors) == url), None)

    async def _verified(self, record: rattler.RepoDataRecord) -> Attestation:
        policy = VerificationPolicy.warn(channel_check=ChannelCheck.REQUIRE, max_sidecar_size=LARGEST_SIDECAR)
        try:
            root = await asyncio.to_thread(_trusted_root, self._settings.trust_root)
        except (ValueError, OSError):
            return _unknown(NO_ROOT)
        found = await rattler.verify_attestation(record, policy, self._client, root)
        if found.attestation is None:
            return _unknown(self._reason(found.warnings))
        if not (found.attestation.identity and all(asdict(found.attestation.checks).values())):
            return _unknown(NOT_PROVEN)
        return Attestation(state=Attested.OK, signer=_signer(found.attestation))

    def _reason(self, warnings: Iterable[str]) -> str:
        """Return what py-rattler says, with the canonical URLs: no mirror is named, nor what a URL may hold besides."""

        def canonical(found: re.Match[str]) -> str:
            url = canonical_url(found[0], self._repodata.mirrors)
            return "a URL" if "@" in url else url

        words = " ".join(_URL.sub(canonical, " ".join(warnings)).split())
        return words[:LONGEST_REASON] or "it cannot be verified"


def _trusted_root(path: Path | None) -> TrustedRoot:
    return TrustedRoot.from_path(path) if path else TrustedRoot.embedded()


def _signer(found: VerifiedAttestation) -> str:
    """Return the repository whose workflow signed, or whoever it was: `.../release.yml`, without the tag behind it."""
    repository = found.claims.source_repository_uri if found.claims else None
    return repository or (found.identity or "").partition("@refs/")[0]


def _unknown(reason: str) -> Attestation:
    return Attestation(state=Attested.UNKNOWN, reason=reason)
