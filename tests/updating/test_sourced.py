"""Packages that are not on PyPI: what they are by the sources of their recipes, and when nobody looks."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from bot.model.advisory import Advisory, Affected, EventKind, Exposure, FoundAdvisories, LockAdvisories, RangeEvent
from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.model.provenance import PackageSource, Provenance
from bot.model.pypi_names import FoundPurls
from bot.planning.advisories import NO_SOURCE, NOT_ON_PYPI, NOT_READ, TOO_MANY, affected_sentence
from bot.updating import advisories
from bot.updating.advisories import AdvisoryAuditor, AskedOnce
from tests.planning.test_advisories import locked
from tests.planning.toy import record

ZLIB = record("zlib", "1.3.0")
LIBZLIB = record("libzlib", "1.3.0")
REPOSITORY = PackageName("github.com/madler/zlib")
SOURCE = PackageSource(url="https://github.com/madler/zlib/archive/v1.3.0.tar.gz")


def about(*tags: str, ends: bool = True) -> Advisory:
    begins = RangeEvent(kind=EventKind.INTRODUCED, version="0")
    fixed = RangeEvent(kind=EventKind.FIXED, version="abcdef")
    events = (begins, fixed) if ends else (begins,)
    affected = Affected(name=REPOSITORY, ranges=(events,), versions=frozenset(tags), is_repository=True)
    return Advisory(id="CVE-1", affected=(affected,))


class World:
    """Advisories, the mapping, which knows that nothing is on PyPI, and archives, which are of one recipe."""

    def __init__(self, *advisories: Advisory, sources: Sequence[PackageSource] | None = (SOURCE,)) -> None:
        self._advisories = advisories
        self._sources = sources
        self.read: list[str] = []

    async def about(self, names: Iterable[PackageName]) -> FoundAdvisories:
        by_name = {REPOSITORY: self._advisories} if REPOSITORY in frozenset(names) else {}
        return FoundAdvisories(by_name=by_name, knows_repositories=bool(self._advisories))

    async def purls(self, records: Iterable[Record], rules: object) -> FoundPurls:
        del rules
        return FoundPurls(purls={each.url: () for each in records})

    async def provenances(self, archives: Sequence[str]) -> Sequence[Provenance | None]:
        self.read += archives
        return [None if self._sources is None else Provenance(sources=tuple(self._sources)) for _ in archives]

    async def judged(self, *records: Record) -> LockAdvisories:
        auditor = AdvisoryAuditor(index=AskedOnce(self), purls=self, provenances=self)
        return await auditor.judge(locked(*records))


@pytest.mark.parametrize(
    ("tags", "ends", "exposure"),
    [
        (("v1.2.0", "v1.3.0"), True, Exposure.AFFECTED),
        (("zlib-1_3_0",), True, Exposure.AFFECTED),
        (("v1.2.0",), True, Exposure.FIXED),
        (("v1.2.0",), False, Exposure.UNKNOWN),
        (("v1.4.0",), True, Exposure.NOT_AFFECTED),
        (("v1.2.0", "v1.4.0"), True, Exposure.UNKNOWN),
        ((), True, Exposure.UNKNOWN),
        (("main",), True, Exposure.UNKNOWN),
    ],
)
async def test_a_release_is_judged_by_the_tags_that_are_named(
    tags: tuple[str, ...], exposure: Exposure, *, ends: bool
) -> None:
    found = await World(about(*tags, ends=ends)).judged(ZLIB)

    assert [each.exposure for each in found.verdicts] == [exposure]
    assert (found.judged, found.unknown) == (1, {})


async def test_it_is_named_with_its_repository() -> None:
    [verdict] = (await World(about("v1.3.0")).judged(ZLIB)).verdicts

    assert affected_sentence(verdict).startswith("zlib 1.3.0 (github.com/madler/zlib) is affected by CVE-1.")


@pytest.mark.parametrize(
    ("sources", "why"),
    [
        (None, NOT_READ),
        ([], NO_SOURCE),
        ([PackageSource(url="https://files.example/zlib-1.3.0.tar.gz")], NO_SOURCE),
        ([PackageSource(url="https://github.com/madler/zlib/archive/v1.2.9.tar.gz")], NO_SOURCE),
        ([PackageSource(url="https://github.com/madler/zlib.git", commit="ab" * 20)], NO_SOURCE),
        ([PackageSource(url="https://zlib.net/fossils/zlib.tar.gz")], NO_SOURCE),
        ([PackageSource(url="https://github.com/madler/zlib.git", commit="v1.3.0")], ""),
        ([PackageSource(url="https://zlib.net/zlib-1.3.0.tar.gz")], ""),
        ([PackageSource(url="https://files.example/patch"), SOURCE], ""),
    ],
)
async def test_a_source_counts_if_it_is_the_release_of_a_repository_in_that_version(
    sources: Sequence[PackageSource] | None, why: str
) -> None:
    found = await World(about("v1.3.0"), sources=sources).judged(ZLIB)

    assert found.unknown == ({why: 1} if why else {})
    assert found.judged == (not why)


async def test_where_no_advisory_is_about_a_repository_no_archive_is_looked_into() -> None:
    world = World()

    assert (await world.judged(ZLIB)).unknown == {NOT_ON_PYPI: 1}
    assert world.read == []


async def test_of_one_recipe_one_archive_is_looked_into() -> None:
    world, windows = World(about("v1.3.0")), replace(ZLIB, url=ZLIB.url.replace("zlib-", "other-"))

    found = await world.judged(ZLIB, windows)

    assert (len(world.read), found.judged, len(found.affected)) == (1, 2, 2)


async def test_how_many_are_looked_into_is_bounded_and_the_rest_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advisories, "MOST_ARCHIVES", 1)
    world = World(about("v1.3.0"))

    found = await world.judged(ZLIB, LIBZLIB)

    assert (len(world.read), found.unknown) == (1, {TOO_MANY: 1})
