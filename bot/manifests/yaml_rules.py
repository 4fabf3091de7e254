"""What a manifest in YAML may hold: as much as people write, and no more than any of them has."""

from typing import Final

from bot.errors import ManifestError
from bot.yaml.nodes import Node
from bot.yaml.parsers import RUAMEL
from bot.yaml.reading import Limit, Rules
from bot.yaml.reading import read_yaml as read_yaml_by

MAX_DEPTH: Final = 64
MAX_ALIASES: Final = 50
MAX_EVENTS: Final = 20_000

RULES: Final = Rules(
    parser=RUAMEL,
    error=ManifestError,
    # Here the start of the stream, which comes first, is one of them.
    events=Limit(most=MAX_EVENTS - 1, sentence=f"has more than {MAX_EVENTS} YAML events"),
    depth=Limit(most=MAX_DEPTH, sentence=f"is nested deeper than {MAX_DEPTH} levels"),
    aliases=Limit(most=MAX_ALIASES, sentence=f"has more than {MAX_ALIASES} YAML aliases"),
    second_document="holds more than one YAML document; conda reads one",
    not_yaml="is not YAML",
    template="; it looks like a template, which only the program that fills it in can read",
)


def read_yaml(path: str, text: str) -> Node | None:
    """Return the one document in *text* as nodes; None if there is none. *path* is for errors only.

    Raises:
        ManifestError: it is no YAML, or breaks a rule of manifests.

    """
    return read_yaml_by(path, text, RULES)
