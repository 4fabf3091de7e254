"""Verify the bundles on the standard input with Sigstore's own library, in its own environment; print what holds."""

import json
import sys

from sigstore.errors import Error
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity

asked = json.load(sys.stdin)
verifier = Verifier(trusted_root=TrustedRoot.from_file(asked["trust_root"]))
policy = Identity(identity=asked["identity"], issuer=asked["issuer"])
holds = []
for bundle in asked["bundles"]:
    try:
        verifier.verify_dsse(Bundle.from_json(json.dumps(bundle)), policy)
    except (Error, ValueError):
        holds.append(False)
    else:
        holds.append(True)
json.dump(holds, sys.stdout)
