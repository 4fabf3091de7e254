"""What package indexes answer, one after the other or together."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from bot.model.manifest import PackageName, Subdir
from bot.model.package import Channel
from bot.model.update import Lookup, Release, Releases, Unknown
from bot.planning.pypi_indexes import IndexOrder
from bot.versioning.pep440 import sort_versions


class PypiIndex(Protocol):
    """Knows what package indexes offer."""

    async def releases(
        self, indexes: Sequence[Channel], subdirs: Sequence[Subdir], names: Sequence[PackageName]
    ) -> Mapping[PackageName, Lookup]:
        """Return what the first of *indexes* that has it offers of each of *names*, with wheels for *subdirs*."""
        ...


async def ask_indexes(
    index: PypiIndex,
    channels: Sequence[Channel],
    order: IndexOrder,
    subdirs: Sequence[Subdir],
    names: Sequence[PackageName],
) -> Mapping[PackageName, Lookup]:
    """Return what *channels*, the indexes of *order*, offer of each of *names* on *subdirs*."""
    if not order.is_pooled:
        return await index.releases(channels, subdirs, names)
    answers = [await index.releases([each], subdirs, names) for each in channels]
    return {name: _together([each[name] for each in answers]) for name in names}


def _together(answers: Sequence[Lookup]) -> Lookup:
    """Return what all indexes offer: of a version what the first one with it has. One silent index hides them all."""
    if silent := next((each for each in answers if isinstance(each, Unknown)), None):
        return silent
    found = [each for each in answers if isinstance(each, Releases)]
    if not found:
        return answers[0]
    by_version: dict[str, Release] = {}
    for release in _all_releases(found):
        by_version.setdefault(release.version, release)
    releases = tuple(by_version[version] for version in sort_versions(by_version))
    return Releases(channel=found[0].channel, releases=releases)


def _all_releases(found: Iterable[Releases]) -> Iterable[Release]:
    return (release for each in found for release in each.releases)
