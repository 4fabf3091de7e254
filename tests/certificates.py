"""An authority of nobody, for servers on localhost that speak TLS."""

import ssl
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Authority:
    """Says who servers are, to those who trust the file that it writes."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority.example")])
        basic = x509.BasicConstraints(ca=True, path_length=None)
        new = self._builder(self._name, self._key.public_key()).add_extension(basic, critical=True)
        self._certificate = new.sign(self._key, hashes.SHA256())

    def write(self, folder: Path) -> Path:
        """Return a file that says that this authority is trusted."""
        path = folder / "authority.pem"
        path.write_bytes(_pem(self._certificate))
        return path

    def server(self, host: str) -> ssl.SSLContext:
        """Return what a server of the name *host* shows."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        signed = self._builder(name, key.public_key()).add_extension(names, critical=False)
        signed = signed.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with NamedTemporaryFile(suffix=".pem") as file:
            file.write(_pem(signed.sign(self._key, hashes.SHA256())))
            encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
            file.write(key.private_bytes(encoding, form, serialization.NoEncryption()))
            file.flush()
            context.load_cert_chain(file.name)
        return context

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return x509.CertificateBuilder(self._name, subject, key, x509.random_serial_number(), *VALID)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
