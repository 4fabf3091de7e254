"""The one way by which a URL from outside gets into Markdown: by its shape, or not at all.

A link does nothing but lead to a public host over https when it is clicked. GitHub tells the people of an issue, a pull
request or a commit that something links to it; `redirect.github.com` is GitHub's own host for links that do not.
"""

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

LONGEST_URL: Final = 500
GITHUB: Final = frozenset({"github.com", "www.github.com"})
UNTOLD: Final = "redirect.github.com"

_CHARACTERS = re.compile(r"(?:[A-Za-z0-9._~/+=&?#,:-]|%[0-9A-Fa-f]{2})*")
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
_PUBLIC_HOST = re.compile(_HOST)
_PLAIN_REPOSITORY = re.compile(r"/[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}/?")
_REPOSITORY = re.compile(rf"https://{_HOST}/[A-Za-z0-9-]{{1,39}}/[A-Za-z0-9._-]{{1,100}}")
_TELLING = re.compile(r"/[^/]+/[^/]+/(?:issues?|pulls?|discussions|commits?)(?:/|$)")
_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}(?:/[A-Za-z0-9][A-Za-z0-9._+-]{0,99})?")


def link(words: str, url: str) -> str:
    """Return *words*, which are rendered already, as a link to *url*; without it if that is not one to be trusted."""
    target = linked(url) if words else ""
    return f"[{words}]({target})" if target else words


def linked(url: str) -> str:
    """Return *url* as it may stand in a link; empty if it may not.

    Only https, a public host name without port, user or password, and characters that mean nothing to Markdown.
    """
    if len(url) > LONGEST_URL or not _CHARACTERS.fullmatch(url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = parts.netloc.lower().removesuffix(".")
    return _untold(parts, host) if parts.scheme == "https" and _PUBLIC_HOST.fullmatch(host) else ""


def change_link(words: str, repository: str, before: str, after: str) -> str:
    """Return *words* as a link to what changed in *repository* between two tags, or to the release *after*.

    Without *after*, or where a tag or the repository's URL is not a plain one, there is no link. Those pages tell
    nobody of it: https://docs.github.com/en/repositories/releasing-projects-on-github/comparing-releases
    """
    if not (_REPOSITORY.fullmatch(repository) and _TAG.fullmatch(after)):
        return words
    page = f"compare/{before}...{after}" if _TAG.fullmatch(before) else f"releases/tag/{after}"
    return f"[{words}]({repository}/{page})"


def _untold(parts: SplitResult, host: str) -> str:
    if host in GITHUB:
        is_plain = not parts.query and not parts.fragment and _PLAIN_REPOSITORY.fullmatch(parts.path)
        host = "github.com" if is_plain else UNTOLD
    elif host != UNTOLD and _TELLING.match(parts.path):
        return ""
    return parts._replace(netloc=host).geturl()
