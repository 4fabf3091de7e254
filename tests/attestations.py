"""A Sigstore of the tests' own: an authority, two logs, a trust root, and sidecars of packages (CEP 27, CEP 50).

Keys and certificates are made afresh, so no signature is kept anywhere. The forms are those of Sigstore's own
specifications: https://github.com/sigstore/architecture-docs and https://github.com/sigstore/protobuf-specs.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

PUBLISH = "https://schemas.conda.org/attestations-publish-1.schema.json"
STATEMENT = "https://in-toto.io/Statement/v1"
IN_TOTO = "application/vnd.in-toto+json"
ISSUER = "https://token.actions.githubusercontent.com"
LOG = "log.example"
ORIGIN = f"{LOG} - 1"
SIGNED = datetime(2026, 1, 2, tzinfo=UTC)
SHORT = timedelta(minutes=10)
FULCIO = "1.3.6.1.4.1.57264.1"
"""Sigstore's own extensions: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md."""

TIMESTAMPS = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _public(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _id(key: ec.EllipticCurvePrivateKey) -> bytes:
    return hashlib.sha256(_public(key)).digest()


def _signed(key: ec.EllipticCurvePrivateKey, content: bytes) -> bytes:
    return key.sign(content, ec.ECDSA(hashes.SHA256()))


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _canonical(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _der_text(text: str) -> bytes:
    return bytes([0x0C, len(text)]) + text.encode()


def statement(file_name: str, sha256: str, channel: str | None = None, kind: str = PUBLISH) -> bytes:
    """Return what somebody who publishes a package says of it (CEP 27)."""
    subject = [{"name": file_name, "digest": {"sha256": sha256}}]
    predicate = {"targetChannel": channel} if channel else None
    return json.dumps({"_type": STATEMENT, "subject": subject, "predicateType": kind, "predicate": predicate}).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sigstore:
    """An instance of Sigstore, whose keys are made with it. Usually it logs certificates, and has to."""

    authority: ec.EllipticCurvePrivateKey = field(default_factory=_key)
    certificates: ec.EllipticCurvePrivateKey = field(default_factory=_key)
    signatures: ec.EllipticCurvePrivateKey = field(default_factory=_key)
    logs_certificates: bool = True

    @property
    def trust_root(self) -> str:
        """What verifiers believe in: a `trusted_root.json`."""
        authority = {
            "subject": {"organization": "authority", "commonName": "authority.example"},
            "uri": "https://authority.example",
            "certChain": {"certificates": [{"rawBytes": _text(self._root().public_bytes(Encoding.DER))}]},
            "validFor": {"start": "2020-01-01T00:00:00Z"},
        }
        return json.dumps(
            {
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "tlogs": [_log("https://log.example", self.signatures)],
                "certificateAuthorities": [authority],
                "ctlogs": [_log("https://certificates.example", self.certificates)],
                "timestampAuthorities": [],
            }
        )

    def sidecar(self, *statements: bytes, identity: str, repository: str = "") -> bytes:
        """Return *statements* signed by *identity*, a workflow of the *repository*, as a channel serves them."""
        return json.dumps([self.bundle(each, identity, repository) for each in statements]).encode()

    def bundle(self, payload: bytes, identity: str, repository: str = "") -> dict[str, Any]:
        """Return the *payload* signed, with the certificate of whoever signed it, and as the log has it."""
        key = _key()
        certificate = self._leaf(key, identity, repository)
        envelope = b"DSSEv1 %d %s %d %s" % (len(IN_TOTO), IN_TOTO.encode(), len(payload), payload)
        signature = _text(_signed(key, envelope))
        content = {"payload": _text(payload), "payloadType": IN_TOTO, "signatures": [{"sig": signature}]}
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": {"rawBytes": _text(certificate.public_bytes(Encoding.DER))},
                "tlogEntries": [self._entry(payload, signature, content, certificate)],
            },
            "dsseEnvelope": content,
        }

    def _entry(
        self, payload: bytes, signature: str, content: Mapping[str, Any], certificate: x509.Certificate
    ) -> dict[str, Any]:
        verifier = _text(certificate.public_bytes(Encoding.PEM))
        spec = {
            "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(_canonical(content)).hexdigest()},
            "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
            "signatures": [{"signature": signature, "verifier": verifier}],
        }
        body = _canonical({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec})
        time, log = int(SIGNED.timestamp()), _id(self.signatures)
        promise = {"body": _text(body), "integratedTime": time, "logID": log.hex(), "logIndex": 0}
        root = _text(hashlib.sha256(b"\0" + body).digest())
        note = f"{ORIGIN}\n1\n{root}\n"
        hint = log[:4] + _signed(self.signatures, note.encode())
        return {
            "logIndex": "0",
            "logId": {"keyId": _text(log)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(time),
            "inclusionPromise": {"signedEntryTimestamp": _text(_signed(self.signatures, _canonical(promise)))},
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": root,
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": f"{note}\n\N{EM DASH} {LOG} {_text(hint)}\n"},
            },
            "canonicalizedBody": _text(body),
        }

    def _root(self) -> x509.Certificate:
        name = _name("authority.example")
        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
        )
        builder = (
            x509.CertificateBuilder(name, name, self.authority.public_key(), serial_number=1)
            .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2090, 1, 1, tzinfo=UTC))
            .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
            .add_extension(
                x509.KeyUsage(digital_signature=False, key_cert_sign=True, crl_sign=True, decipher_only=False, **usage),
                critical=True,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.authority.public_key()), critical=False)
        )
        return builder.sign(self.authority, hashes.SHA256())

    def _leaf(self, key: ec.EllipticCurvePrivateKey, identity: str, repository: str) -> x509.Certificate:
        others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign")
        usage = dict.fromkeys((*others, "crl_sign", "encipher_only", "decipher_only"), False)
        builder = (
            x509.CertificateBuilder(_name("authority.example"), x509.Name([]), key.public_key(), serial_number=2)
            .not_valid_before(SIGNED - SHORT)
            .not_valid_after(SIGNED + SHORT)
            .add_extension(
                x509.KeyUsage(digital_signature=True, **usage),
                critical=True,
            )
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.authority.public_key()), critical=False
            )
            .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(identity)]), critical=True)
            .add_extension(_of_fulcio("1", ISSUER.encode()), critical=False)
            .add_extension(_of_fulcio("8", _der_text(ISSUER)), critical=False)
        )
        if repository:
            builder = builder.add_extension(_of_fulcio("12", _der_text(repository)), critical=False)
        before = builder.sign(self.authority, hashes.SHA256())
        if not self.logs_certificates:
            return before
        logged = x509.UnrecognizedExtension(TIMESTAMPS, self._timestamps(before))
        return builder.add_extension(logged, critical=False).sign(self.authority, hashes.SHA256())

    def _timestamps(self, certificate: x509.Certificate) -> bytes:
        """Return that the log of certificates has *certificate* (RFC 6962, section 3.2 and 3.3)."""
        tbs = certificate.tbs_certificate_bytes
        time = int(SIGNED.timestamp() * 1000).to_bytes(8, "big")
        about = b"\0\0" + time + b"\0\1" + _id(self.authority) + len(tbs).to_bytes(3, "big") + tbs + b"\0\0"
        signature = _signed(self.certificates, about)
        one = b"\0" + _id(self.certificates) + time + b"\0\0\4\3" + len(signature).to_bytes(2, "big") + signature
        every = len(one).to_bytes(2, "big") + one
        listed = len(every).to_bytes(2, "big") + every
        return bytes([0x04, 0x81, len(listed)]) + listed if len(listed) > 127 else bytes([0x04, len(listed)]) + listed


def _of_fulcio(last: str, value: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(ObjectIdentifier(f"{FULCIO}.{last}"), value)


def _log(url: str, key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": _text(_public(key)),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": {"start": "2020-01-01T00:00:00Z"},
        },
        "logId": {"keyId": _text(_id(key))},
    }
