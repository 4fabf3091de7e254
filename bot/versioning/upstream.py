"""What a package is called upstream that is on no index of packages: the repository that its sources come from.

A repository is named without scheme and suffix, in lower case: `github.com/madler/zlib`. That is how sources of recipes
and advisories are brought together, and no project of PyPI can be called so. Where projects publish archives at places
of their own, those few are taken for the repositories whose releases they are; GNU's and SourceForge's places name the
project. Everything else names no repository.
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from bot.model.manifest import PackageName

LONGEST: Final = 2_000
LONGEST_TAG: Final = 200
_URL: Final = re.compile(r"(?:git\+)?(?:https?|git)://(?:[^/@]*@)?([^?#]*)")
_PART: Final = r"([a-z0-9][a-z0-9._+~-]*)"
_PLACES: Final = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (rf"(github\.com|gitlab\.com|codeberg\.org|bitbucket\.org)/{_PART}/{_PART}", r"\1/\2/\3"),
        (rf"(?:ftp\.gnu\.org|ftpmirror\.gnu\.org|mirrors\.kernel\.org)/gnu/{_PART}/.", r"git.savannah.gnu.org/\1"),
        (rf"git\.savannah\.gnu\.org/(?:c?git|r)/{_PART}", r"git.savannah.gnu.org/\1"),
        (rf"(?:prdownloads\.|downloads\.)?sourceforge\.net/projects?/{_PART}", r"sourceforge.net/\1"),
        (rf"git\.code\.sf\.net/p/{_PART}", r"sourceforge.net/\1"),
        (r"curl\.se/download/.", "github.com/curl/curl"),
        (r"(?:www\.)?openssl\.org/source/.", "github.com/openssl/openssl"),
        (r"(?:www\.)?python\.org/ftp/python/.", "github.com/python/cpython"),
        (r"(?:www\.)?zlib\.net/.", "github.com/madler/zlib"),
    )
)
_TAG: Final = re.compile(r"/(?:archive/(?:refs/tags/)?|releases/download/|-/archive/|get/)([^/]+)")
_ENDING: Final = re.compile(r"\.(?:tar\.(?:gz|bz2|xz|zst)|tgz|zip)$", re.IGNORECASE)
_RELEASE: Final = re.compile(r"(?:^[a-z]?|[_/-]v?)(\d++(?:[._-]?[a-z]++\d*+|[._-]\d++)*+)$", re.IGNORECASE)


@lru_cache(maxsize=16_384)
def repository_name(url: str) -> PackageName | None:
    """Return the repository that *url*, of a repository or of something that it released, is of; None if of none."""
    found = _URL.match(url[:LONGEST].lower())
    for pattern, name in _PLACES if found else ():
        if found and (place := pattern.match(found[1])):
            return PackageName(place.expand(name).removesuffix(".git"))
    return None


@lru_cache(maxsize=16_384)
def tag_of(url: str) -> str:
    """Return the tag whose archive, or one of whose files, *url* is; empty if it does not say."""
    found = _TAG.search(url[:LONGEST])
    return _ENDING.sub("", unquote(found[1])) if found else ""


@lru_cache(maxsize=65_536)
def release_of(tag: str) -> str:
    """Return the version that *tag* names, in one spelling: `8.4.0` for `curl-8_4_0` and `v8.4.0`; else nothing."""
    found = _RELEASE.search(tag) if len(tag) <= LONGEST_TAG else None
    return re.sub(r"[_-]", ".", found[1]).lower() if found else ""
