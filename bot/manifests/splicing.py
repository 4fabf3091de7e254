"""The edits that put a new version in the place of an old one; quotes come along only where YAML needs them."""

import re
from typing import Final

from bot.edits import Edit, Span
from bot.errors import RewriteRefused
from bot.manifests.base import Site

# What version specs are made of (CEP 29, PEP 440). Nothing here ends a scalar, starts a comment or needs an escape,
# except in plain YAML scalars, where quotes help.
_VERSION: Final = re.compile(r"[A-Za-z0-9.*+!_~=<>,|()-]+(?: +[A-Za-z0-9.*+!_~=<>,|()-]+)*")
_ENDS_PLAIN_SCALAR: Final = re.compile(r":\s|\s#|:$")


def edits_of(text: str, site: Site, version: str) -> list[Edit]:
    """Return the edits of *text* that write *version* at *site*.

    Raises:
        RewriteRefused: *version* has characters that no version spec has.

    """
    if _VERSION.fullmatch(version) is None:
        raise RewriteRefused(f"`{version}` cannot be written as a version")
    change = Edit(site.version, version)
    scalar = text[site.scalar.start : site.version.start] + version + text[site.version.end : site.scalar.end]
    if site.quote or not _needs_quotes(scalar, site.delimiters):
        return [change]
    quote = "'" if '"' in scalar or "\\" in scalar else '"'
    if quote in scalar:
        raise RewriteRefused(f"`{scalar}` would need quotes but holds both kinds")
    start, end = site.scalar.start, site.scalar.end
    return [Edit(Span(start, start), quote), change, Edit(Span(end, end), quote)]


def _needs_quotes(scalar: str, delimiters: str) -> bool:
    return _ENDS_PLAIN_SCALAR.search(scalar) is not None or any(character in scalar for character in delimiters)
