"""One configuration over others: what `extends` names, and what an organisation says for all its repositories.

1. The organisation's comes first, then what `extends` names in its order, then the file itself: the last word counts,
   key by key. Lists of rules, of packages and of paths that are left alone are joined; tables are gone into.
2. Other repositories are read by whoever can: what they say is given by name (`github>OWNER/REPO`, its `condabot.yml`).
   `missing` tells what is still to be read.
3. A preset may name presets: at most `DEEPEST_PRESET` one below the other, at most `MOST_PRESETS` in all, and none that
   is named by itself.

https://docs.renovatebot.com/config-presets/
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from bot.config.configuration import Configuration
from bot.config.document import ListNode, Node, ScalarNode, TableNode, parse
from bot.config.kinds import Problems
from bot.config.presets import PRESETS, is_preset
from bot.config.rows import Table
from bot.errors import ConfigurationError
from bot.model.repository_preset import OF_REPOSITORY, PRESET_FILE, repository_preset

DEEPEST_PRESET: Final = 5
MOST_PRESETS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What other repositories say: `presets` by name, None for one that cannot be had; the organisation's, if any."""

    presets: Mapping[str, bytes | None] = field(default_factory=dict)
    inherited: bytes | None = None
    inherited_from: str = ""


NOTHING_ELSEWHERE: Final = Elsewhere()


def extended(root: Node | None, elsewhere: Elsewhere) -> Configuration:
    """Return what *root*, a repository's own file, says over everything that it stands on.

    Raises:
        ConfigurationError: something in it is wrong, or in what it names. Says everything at once.

    """
    reading = _Reading(elsewhere)
    base = Configuration()
    with reading.problems.gathered():
        base = reading.over(base, reading.inherited())
    with reading.problems.gathered():
        base = reading.over(base, root)
    reading.problems.tell()
    return base


def missing(root: Node | None, elsewhere: Elsewhere) -> tuple[str, ...]:
    """Return the presets of other repositories that are named and not given yet."""
    reading = _Reading(elsewhere)
    for node in (reading.inherited(quietly=True), root):
        reading.follow(node)
    return tuple(dict.fromkeys(reading.missing))


class _Reading:
    """The way through presets, which counts its steps."""

    def __init__(self, elsewhere: Elsewhere) -> None:
        self._elsewhere = elsewhere
        self._steps = 0
        self.problems = Problems()
        self.missing: list[str] = []

    def inherited(self, *, quietly: bool = False) -> Node | None:
        """Return what the organisation says."""
        content = self._elsewhere.inherited
        return self._parsed(f"{self._elsewhere.inherited_from}:{PRESET_FILE}", content, quietly=quietly)

    def over(self, base: Configuration, node: Node | None, above: tuple[str, ...] = ()) -> Configuration:
        """Return what *node* says over *base*, and over the presets that it names; *above* are those that name it."""
        if node is None:
            return base
        for each in _names(node):
            with self.problems.gathered():
                base = self.over(base, self._preset(each, above), (*above, each.value))
        return Table(replace(base, extends=())).read(node)

    def follow(self, node: Node | None, above: tuple[str, ...] = ()) -> None:
        """Note what is missing of the presets that *node* names; what is wrong is told by `over`."""
        for each in () if node is None else _names(node):
            try:
                found = self._preset(each, above)
            except ConfigurationError:
                continue
            self.follow(found, (*above, each.value))

    def _preset(self, named: ScalarNode, above: tuple[str, ...]) -> Node | None:
        """Return the configuration that the preset *named* is."""
        self._steps += 1
        if self._steps > MOST_PRESETS:
            raise named.place.wrong(f"is more than {MOST_PRESETS} presets, those that presets name counted")
        if named.value in above:
            raise named.place.wrong(f"`{named.value}` is named by itself")
        if len(above) >= DEEPEST_PRESET:
            raise named.place.wrong(f"is a preset more than {DEEPEST_PRESET} below the file")
        if named.value in PRESETS:
            return parse(named.value, PRESETS[named.value].text.encode())
        return self._of_repository(named)

    def _of_repository(self, named: ScalarNode) -> Node | None:
        presets, name = self._elsewhere.presets, named.value
        preset = repository_preset(name)
        file = preset.file if preset else PRESET_FILE
        if name not in presets:
            self.missing.append(name)
            raise named.place.wrong(f"`{name}` cannot be read here: only the App reads other repositories")
        if presets[name] is None:
            raise named.place.wrong(f"`{name}` has no {file} that condabot may read: install it there as well")
        place = f"{OF_REPOSITORY}{preset.repository}" if preset else name
        return self._parsed(f"{place}:{file}", presets[name], quietly=False)

    def _parsed(self, path: str, content: bytes | None, *, quietly: bool) -> Node | None:
        try:
            return None if content is None else parse(path, content)
        except ConfigurationError:
            if quietly:
                return None
            raise


def _names(node: Node) -> Iterator[ScalarNode]:
    """Yield the presets that `extends` in *node* names; what names none is told where the key is read."""
    entries = node.entries if isinstance(node, TableNode) else ()
    for name, value in entries:
        if isinstance(name, ScalarNode) and name.value == "extends" and isinstance(value, ListNode):
            yield from (each for each in value.items if isinstance(each, ScalarNode) and is_preset(each.value))
