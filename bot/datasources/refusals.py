"""What to do about a channel or index that wants to know who we are: which setting, and for which URL."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from bot.settings import Mirror, Private
from bot.urls import is_below

NEEDS_CREDENTIALS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


def credentials_advice(status: int, url: str, mirrors: Iterable[Mirror], private: Private) -> str:
    """Return what follows "it answered *status*:" of the channel or index *url*, its canonical URL."""
    needs = "it needs credentials" if status == HTTPStatus.UNAUTHORIZED else "it needs credentials, or refuses us"
    prefixes = [each for each in private.prefixes if is_below(url, each)]
    if prefixes:
        opened = max(prefixes, key=len)
        return (
            f"{needs}; those that the operator of this bot has for {opened} (CONDABOT_CREDENTIALS_FILE) do not open it"
        )
    mirrored = [each for each in mirrors if is_below(url, each.canonical)]
    if any(each.also for each in mirrored):
        return f"{needs}; the user name and password of its mirror (CONDABOT_MIRRORS) do not open it"
    if mirrored:
        return f"{needs}; the operator of this bot can give them in the URL of its mirror (CONDABOT_MIRRORS)"
    return f"{needs}; the operator of this bot can give them for {url} (CONDABOT_CREDENTIALS_FILE)"
