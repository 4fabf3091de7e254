"""Kinds for what is one of few: true or false, or a word out of a list; and for words of the user's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

from bot.config.document import Node, ScalarNode
from bot.config.kinds import ScalarKind, Schema, did_you_mean, text_kind

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    @property
    def words(self) -> str:
        """`true or false`."""
        return "true or false"

    @property
    def schema(self) -> Schema:
        """A boolean."""
        return {"type": "boolean"}

    def read(self, node: Node) -> bool:
        """Return what *node* says; `yes` and `on`, which YAML once took for true, are left to nobody's guess."""
        text = node.value.lower() if isinstance(node, ScalarNode) and not node.is_text else ""
        if text not in ("true", "false"):
            raise node.place.wrong(f"must be true or false, not {node.shown}")
        return text == "true"


@dataclass(frozen=True, slots=True)
class OneOf(Generic[Choice]):
    """One of a few `choices`; `words` is what each of them is called."""

    choices: Sequence[Choice]
    words: str

    @property
    def schema(self) -> Schema:
        """An enumeration."""
        return {"type": "string", "enum": [str(each) for each in self.choices]}

    def read(self, node: Node) -> Choice:
        """Return what *node* says."""
        text = node.value if isinstance(node, ScalarNode) else ""
        found = next((each for each in self.choices if each == text), None)
        if found is not None:
            return found
        hint = did_you_mean(text, self.choices)
        raise node.place.wrong(f"must be one of {', '.join(self.choices)}, not {node.shown}{hint}")


LABEL: Final[ScalarKind[str]] = text_kind("label")
LOGIN: Final[ScalarKind[str]] = text_kind("login")
TEXT: Final[ScalarKind[str]] = text_kind("text")
GROUP: Final[ScalarKind[str]] = text_kind("name")
