"""What translations of other bots' configurations share: what they come to, and how a value is tried.

A key is taken over if the reader of our own configuration takes its value; else what the reader says is the reason why
not. So a translation never says what cannot be read, and nothing is left out in silence.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from bot.config.document import dumped
from bot.config.reading import PATHS, read_configuration
from bot.errors import ConfigurationError

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

_ANY_RULE: Final[Mapping[str, Json]] = {"matchDatasources": ["conda"], "labels": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Something that was not taken over: where it stands, and why."""

    at: str
    reason: str

    def __str__(self) -> str:
        return f"{self.at}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """What a configuration of another bot says in our words, and what is `left`."""

    keys: Mapping[str, Json]
    left: tuple[Left, ...]

    @property
    def text(self) -> str:
        """The file for `.github/condabot.yml`; what is left stands in it as comments."""
        told = "".join(f"# not taken over: {_one_line(str(each))}\n" for each in self.left)
        return f"{told}{dumped(self.keys)}" if self.keys else told or "# nothing but defaults\n"


@dataclass(slots=True)
class Draft:
    """A translation in the making."""

    keys: dict[str, Json] = field(default_factory=dict)
    rules: list[Mapping[str, Json]] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def leave(self, at: str, reason: str) -> None:
        """Note that what stands *at* is not taken over."""
        self.left.append(Left(at=at, reason=reason))

    def take(self, key: str, value: Json, at: str) -> None:
        """Take *value* over as *key* if it can be read."""
        if reason := why_not({key: value}):
            self.leave(at, reason)
        else:
            self.keys[key] = value

    def done(self) -> Translation:
        """Return what it has come to."""
        rules: Mapping[str, Json] = {"packageRules": self.rules} if self.rules else {}
        return Translation(keys={**self.keys, **rules}, left=tuple(self.left))


def _one_line(text: str) -> str:
    """Return *text* as one line of a comment that acts on no terminal, whatever keys people have."""
    return "".join(each if each.isprintable() else "?" for each in text)


def why_not(keys: Mapping[str, Json]) -> str:
    """Return why *keys* cannot be read as a configuration, as a sentence without the key; empty if they can."""
    try:
        read_configuration({PATHS[0]: json.dumps(keys).encode()})
    except ConfigurationError as error:
        return error.problems[0].message
    return ""


def why_not_in_rule(key: str, value: Json) -> str:
    """Return why a rule cannot say *value* of *key*; empty if it can."""
    return why_not({"packageRules": [{**_ANY_RULE, key: value}]})


def texts(value: Json) -> tuple[str, ...]:
    """Return the texts that *value* is, one or a list of them."""
    found = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return tuple(each for each in found if isinstance(each, str))


def table(value: Json) -> Mapping[str, Json]:
    """Return the keys of *value*; none if it has none."""
    return value if isinstance(value, Mapping) else {}


def tables(value: Json) -> tuple[Mapping[str, Json], ...]:
    """Return the tables in the list *value*."""
    return tuple(each for each in value if isinstance(each, Mapping)) if isinstance(value, list | tuple) else ()
