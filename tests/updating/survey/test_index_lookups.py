"""Several indexes answer one after the other, or together where a manifest says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.model.manifest import PackageName, Subdir
from bot.model.package import Channel
from bot.model.update import Absent, Lookup, Release, Releases, Unknown
from bot.planning.pypi_indexes import IndexOrder
from bot.updating.survey.index_lookups import ask_indexes
from tests.planning.toy import LINUX, NOW

A, B, SILENT = (Channel(name=name, url=f"https://{name}.example") for name in ("a", "b", "silent"))
TOOL, MORE, NONE = (PackageName(name) for name in ("tool", "more", "none"))
OFFERS: Mapping[Channel, Mapping[PackageName, tuple[str, ...]]] = {
    A: {TOOL: ("1.0", "2.0")},
    B: {TOOL: ("2.0", "3.0"), MORE: ("1.0",)},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Indexes that are a table; a release says by its platforms which one it is of."""

    async def releases(
        self, indexes: Sequence[Channel], subdirs: Sequence[Subdir], names: Sequence[PackageName]
    ) -> Mapping[PackageName, Lookup]:
        del subdirs
        return {name: next((each for each in self._all(indexes, name)), Absent(reason="none has it")) for name in names}

    def _all(self, indexes: Sequence[Channel], name: PackageName) -> Sequence[Lookup]:
        if SILENT in indexes:
            return [Unknown(reason="silent", channel=SILENT)]
        return [_offer(each, OFFERS[each][name]) for each in indexes if name in OFFERS[each]]


def _offer(channel: Channel, versions: Sequence[str]) -> Releases:
    releases = (Release(version=each, subdirs=frozenset({channel.name}), built=NOW) for each in versions)
    return Releases(channel=channel, releases=tuple(releases))


async def ask(*indexes: Channel, is_pooled: bool) -> Mapping[PackageName, Lookup]:
    order = IndexOrder(urls=tuple(each.url for each in indexes), is_pooled=is_pooled)
    return await ask_indexes(Table(), indexes, order, [LINUX], [TOOL, MORE, NONE])


async def test_the_first_index_with_a_name_answers_for_it() -> None:
    found = await ask(A, B, is_pooled=False)

    assert found == {TOOL: _offer(A, ("1.0", "2.0")), MORE: _offer(B, ("1.0",)), NONE: Absent(reason="none has it")}


async def test_together_each_version_is_that_of_the_first_index_with_it() -> None:
    found = await ask(A, B, is_pooled=True)

    tool = found[TOOL]
    assert isinstance(tool, Releases)
    assert [(each.version, *each.subdirs) for each in tool.releases] == [("1.0", "a"), ("2.0", "a"), ("3.0", "b")]
    assert found[MORE] == _offer(B, ("1.0",))
    assert found[NONE] == Absent(reason="none has it")


async def test_one_silent_index_leaves_what_there_is_unknown() -> None:
    found = await ask(A, SILENT, is_pooled=True)

    assert set(found.values()) == {Unknown(reason="silent", channel=SILENT)}
