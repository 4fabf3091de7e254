"""YAML that looks like an `environment.yml` and is not what it says: something is put into it before conda reads it.

Told by lines and not by a parser, for a template is no YAML yet.
"""

import re
from typing import Final

from bot.manifests.paths import first_match

_DEVENV: Final = (
    "**/*.devenv.{yml,yaml}",
    "an environment of conda-devenv, which fills it in and adds what it includes before it is solved",
)
_BY_LINE: Final = (
    (re.compile(r"""^["']?(?:includes|constraints)["']?\s*:""", re.MULTILINE), _DEVENV[1]),
    (
        re.compile(r"^[ \t]*+\{%", re.MULTILINE),
        "a template (`{%`), which another program turns into what is solved",
    ),
    (
        re.compile(r"""^["']?<<["']?\s*:""", re.MULTILINE),
        "gets keys by a YAML merge (`<<`), which condabot does not follow: write them where they count",
    ),
)


def dialect(path: str, text: str) -> str | None:
    """Return what *text*, the YAML at *path*, is made into before anybody solves it; None if it stands for itself."""
    if first_match(path, _DEVENV[:1]):
        return _DEVENV[1]
    return next((sentence for line, sentence in _BY_LINE if line.search(text)), None)
