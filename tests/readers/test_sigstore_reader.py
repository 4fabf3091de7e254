"""Sigstore's own library judges what the tests sign, and what was tampered with, as py-rattler does."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.attestations import ISSUER, Sigstore
from tests.conftest import Reader
from tests.datasources.test_attestations import IDENTITY, SAID, TAMPERED

PROGRAM = Path(__file__).parent / "verify_bundle.py"


@pytest.mark.verify
def test_what_the_tests_sign_holds_and_what_was_tampered_with_does_not(reader: Reader, tmp_path: Path) -> None:
    sigstore = Sigstore()
    root = tmp_path / "trusted_root.json"
    root.write_text(sigstore.trust_root)
    bundles = [sigstore.bundle(SAID, IDENTITY) for _ in range(1 + len(TAMPERED))]
    tampered = [tamper(bundle) for tamper, bundle in zip(TAMPERED.values(), bundles[1:], strict=True)]
    strangers = Sigstore().bundle(SAID, IDENTITY)
    asked = {
        "trust_root": str(root),
        "identity": IDENTITY,
        "issuer": ISSUER,
        "bundles": [bundles[0], *tampered, strangers],
    }

    told = subprocess.run(
        [str(reader("sigstore")), str(PROGRAM)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )

    assert json.loads(told.stdout) == [True, *[False] * (len(TAMPERED) + 1)]
