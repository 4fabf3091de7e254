"""What a lockfile in YAML may hold: nothing that no lockfile writer uses and an attacker might."""

from typing import Final

from bot.errors import LockError
from bot.yaml.nodes import Node
from bot.yaml.parsers import LIBYAML
from bot.yaml.reading import Limit, Rules
from bot.yaml.reading import read_yaml as read_yaml_by

MAX_DEPTH: Final = 64
MAX_EVENTS: Final = 2_000_000

RULES: Final = Rules(
    parser=LIBYAML,
    error=LockError,
    events=Limit(most=MAX_EVENTS, sentence=f"the file has more than {MAX_EVENTS:,} values"),
    depth=Limit(most=MAX_DEPTH, sentence=f"values are nested more than {MAX_DEPTH} deep"),
    aliases=Limit(most=0, sentence="the alias `*{}` is not expanded: write the value out"),
    second_document="a second document starts here: a lockfile has one",
    not_yaml="this is not YAML",
    anchor="the anchor `&{}` has no place in a lockfile",
    tag="the tag `{}` has no place in a lockfile",
    named_keys=True,
)


def read_yaml(path: str, text: str) -> Node:
    """Return the one document in *text* as nodes. *path* is for errors only.

    Raises:
        LockError: it is no YAML, empty, or breaks a rule of lockfiles.

    """
    root = read_yaml_by(path, text, RULES)
    if root is None:
        raise LockError("the file is empty", path=path, line=1)
    return root
