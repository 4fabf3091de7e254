"""Keeps credentials that stand in a manifest's URLs out of everything condabot says or asks."""

import re
from typing import Final

_CREDENTIALS: Final = re.compile(r"(?<=://)[^/@\s]*@|/t/[^/\s]+")


def without_credentials(text: str) -> str:
    """Return *text* without the user, password (`://user:password@`) and anaconda.org token (`/t/…`) of its URLs."""
    return _CREDENTIALS.sub("", text)
