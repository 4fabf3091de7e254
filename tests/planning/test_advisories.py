"""Locked packages held against advisories: who is judged by what, and who is not judged."""

from dataclasses import replace

from bot.lockfiles.pixi_lock import PIXI_LOCK
from bot.model.advisory import Advisory, Affected, EventKind, Exposure, FoundAdvisories, LockAdvisories, RangeEvent
from bot.model.manifest import PackageName, PlatformName
from bot.model.package import Lock, LockedEnvironment, PypiPackage, Record
from bot.model.pypi_names import FoundPurls
from bot.planning.advisories import (
    NO_VERSION,
    NOBODY_KNOWS,
    NOT_ON_PYPI,
    advisory_findings,
    identities,
    judge_lock,
    packages_of,
)
from tests.planning.toy import LINUX, MACOS, record

JINJA2 = record("jinja2", "3.1.2")
ZLIB = record("zlib", "1.3.1")
MAPPED = {JINJA2.url: ("pkg:pypi/jinja2?source=hash-mapping",), ZLIB.url: ()}


def locked(*records: Record, packages: tuple[PypiPackage, ...] = ()) -> Lock:
    environments = tuple(
        LockedEnvironment(
            name=name,
            channels=(),
            conda={PlatformName(each): records for each in (LINUX, MACOS)},
            pypi={PlatformName(LINUX): packages},
        )
        for name in ("default", "docs")
    )
    return Lock(path="pixi.lock", format=PIXI_LOCK, version=6, environments=environments)


def advisory(name: str, *aliases: str, package: str = "jinja2", fixed: str = "3.1.3", summary: str = "") -> Advisory:
    events = (
        RangeEvent(kind=EventKind.INTRODUCED, version="0"),
        RangeEvent(kind=EventKind.FIXED, version=fixed),
    )
    affected = (Affected(name=PackageName(package), ranges=(events,)),)
    return Advisory(id=name, aliases=aliases, affected=affected, summary=summary, severity="high")


def judged(lock: Lock, *advisories: Advisory, purls: FoundPurls | None = None) -> LockAdvisories:
    known, unknown = identities(*packages_of(lock), purls or FoundPurls(purls=MAPPED))
    by_name: dict[PackageName, tuple[Advisory, ...]] = {}
    for each in advisories:
        for affected in each.affected:
            by_name[affected.name] = (*by_name.get(affected.name, ()), each)
    return judge_lock(lock, known, unknown, FoundAdvisories(by_name=by_name))


def test_what_is_affected_is_one_finding_with_every_place_and_the_fix() -> None:
    found = judged(locked(JINJA2, ZLIB), advisory("GHSA-1", "CVE-1", summary="Templates may escape."))

    [finding] = advisory_findings(found, {JINJA2.url: 12})

    assert (finding.line, finding.environments, finding.subdirs) == (12, ("default", "docs"), (LINUX, MACOS))
    assert finding.sentence == (
        "jinja2 3.1.2 is affected by GHSA-1 (CVE-1, high): Templates may escape. Fixed in 3.1.3."
    )
    assert (found.judged, found.unknown) == (1, {NOT_ON_PYPI: 1})


def test_a_fix_that_is_there_is_a_verdict_and_no_finding() -> None:
    found = judged(locked(replace(JINJA2, purls=("pkg:pypi/jinja2",), version="3.1.4")), advisory("GHSA-1"))

    assert [each.exposure for each in found.verdicts] == [Exposure.FIXED]
    assert not list(advisory_findings(found, {}))


def test_what_databases_say_of_one_vulnerability_is_one_verdict_and_the_worst_counts() -> None:
    same = (advisory("GHSA-1", "CVE-1", fixed="3.1"), advisory("PYSEC-7", "CVE-1"), advisory("GHSA-2", "CVE-2"))

    found = judged(locked(JINJA2), *same)

    assert [(each.id, each.aliases, each.exposure) for each in found.verdicts] == [
        ("GHSA-2", ("CVE-2",), Exposure.AFFECTED),
        ("PYSEC-7", ("GHSA-1", "CVE-1"), Exposure.AFFECTED),
    ]


def test_what_only_has_the_name_of_a_project_is_not_taken_for_it() -> None:
    guessed = FoundPurls(purls={JINJA2.url: ("pkg:pypi/jinja2",)}, unknown={ZLIB.url: "The mapping answered 500."})

    found = judged(locked(JINJA2, ZLIB), advisory("GHSA-1"), purls=guessed)

    assert (found.verdicts, found.judged) == ((), 0)
    assert found.unknown == {NOBODY_KNOWS: 1, "The mapping answered 500.": 1}


def test_a_conda_package_is_judged_by_its_name_on_pypi() -> None:
    torch = record("pytorch", "2.5.0")
    purls = FoundPurls(purls={torch.url: ("pkg:pypi/torch?source=hash-mapping",)})

    found = judged(locked(torch), advisory("GHSA-1", package="torch", fixed="2.6.0"), purls=purls)

    [finding] = advisory_findings(found, {})
    assert finding.sentence == ("pytorch 2.5.0 (on PyPI torch) is affected by GHSA-1 (high). Fixed in 2.6.0.")


def test_packages_of_pypi_are_judged_by_themselves() -> None:
    wheel = PypiPackage(name=PackageName("jinja2"), version="3.1.2", url="https://files.example/jinja2.whl")
    tree = PypiPackage(name=PackageName("own"), version="", url="./own")

    found = judged(locked(packages=(wheel, tree)), advisory("GHSA-1"))

    assert [(each.name, each.exposure, each.subdirs) for each in found.verdicts] == [
        ("jinja2", Exposure.AFFECTED, (LINUX,))
    ]
    assert found.unknown == {NO_VERSION: 1}


def test_a_version_that_pypi_could_not_have_is_unknown() -> None:
    odd = replace(JINJA2, version="3_1", purls=("pkg:pypi/jinja2",))

    assert [each.exposure for each in judged(locked(odd), advisory("GHSA-1")).verdicts] == [Exposure.UNKNOWN]
