"""What advisories say of the packages of a lock (pure).

Rules:
1. A conda package is judged by what it is called on PyPI, as its lock or the mapping has it; that it may be called the
   same there is a guess, which counts for nothing here. What has no name there is judged by the repository of whose
   releases its recipe has one as source, if advisories are about repositories. Else it is unknown, and never taken for
   clean. A version that PyPI could not have is unknown too.
2. Databases describe one vulnerability more than once: what names each other is one, of which the worst verdict counts.
3. What is locked in several environments is one verdict with all of them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.manifests.credentials import without_credentials
from bot.model.advisory import Advisory, AdvisoryVerdict, Exposure, FoundAdvisories, Judged, LockAdvisories
from bot.model.audit import Finding, FindingRule
from bot.model.manifest import PackageName, PlatformName, Subdir
from bot.model.package import Lock, PypiPackage, Record
from bot.model.provenance import Provenance
from bot.model.pypi_names import FoundPurls
from bot.model.pypi_solve import Provided
from bot.planning.audit.verdicts import quote
from bot.planning.provided import provided, with_purls
from bot.planning.statements import SILENCE, Statements
from bot.provenance import repository_of
from bot.versioning.osv import judge
from bot.versioning.purls import is_guessed

NOT_ON_PYPI: Final = "is not on PyPI, and nothing else is known of where it comes from"
NOBODY_KNOWS: Final = "nobody says what it is called upstream"
NO_VERSION: Final = "has no version in the lock"
NOT_READ: Final = "is not on PyPI, and its archive cannot be read"
NO_SOURCE: Final = "is not on PyPI, and its recipe names no release of a repository as source"
TOO_MANY: Final = "is not on PyPI, and there are too many archives to look into all of them"
_ORDER: Final = tuple(Exposure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A locked package as advisories know it."""

    name: PackageName
    project: PackageName
    version: str
    url: str
    is_conda: bool = True


def identities(
    records: Iterable[Record], packages: Iterable[PypiPackage], found: FoundPurls
) -> tuple[Mapping[str, tuple[Identity, ...]], Mapping[str, str]]:
    """Return what *records* and PyPI *packages* are upstream, by their URLs, and of the others why nobody knows."""
    known: dict[str, tuple[Identity, ...]] = {}
    unknown: dict[str, str] = {}
    stated = {url: purls for url, purls in found.purls.items() if not any(map(is_guessed, purls))}
    for record in with_purls({each.url: each for each in records}.values(), stated):
        if record.purls:
            known[record.url] = tuple(_identity(record, each) for each in provided([record]))
        else:
            why = NOBODY_KNOWS if record.purls is None else NOT_ON_PYPI
            unknown[record.url] = found.unknown.get(record.url, why)
    for package in packages:
        if package.version:
            known[package.url] = (_own_identity(package),)
        else:
            unknown[package.url] = NO_VERSION
    return known, unknown


def by_sources(records: Iterable[Record], said: Mapping[str, Provenance | None]) -> Mapping[str, Identity | str]:
    """Return what *records* are upstream by the sources that their archives name, or why nobody knows, by their URLs.

    *said* is what archives say, by their URLs; what one says counts for every package of its name and version, which
    come from one recipe. A source counts if it is the release of a repository in the package's own version.
    """
    read = {(each.name, each.version): said[each.url] for each in records if each.url in said}
    return {each.url: _by_source(each, read) for each in records}


def _by_source(record: Record, read: Mapping[tuple[PackageName, str], Provenance | None]) -> Identity | str:
    if (record.name, record.version) not in read:
        return TOO_MANY
    provenance = read[record.name, record.version]
    if provenance is None:
        return NOT_READ
    repositories = (repository_of(source, record.version) for source in provenance.sources)
    project = next(filter(None, repositories), None)
    return Identity(name=record.name, project=project, version=record.version, url=record.url) if project else NO_SOURCE


def _own_identity(package: PypiPackage) -> Identity:
    name = package.name
    return Identity(name=name, project=name, version=package.version, url=package.url, is_conda=False)


def _identity(record: Record, project: Provided) -> Identity:
    return Identity(name=record.name, project=project.name, version=project.version, url=record.url)


def judge_lock(
    lock: Lock,
    known: Mapping[str, Sequence[Identity]],
    unknown: Mapping[str, str],
    found: FoundAdvisories,
    said: Statements = SILENCE,
) -> LockAdvisories:
    """Return what the advisories *found* say of *lock*, and what is *said* here; see `identities` for the rest."""
    places = ((environment, lock.subdir(platform), url) for environment, platform, url in _places(lock))
    return judge_places(places, known, unknown, found, said)


def judge_places(
    places: Iterable[tuple[str, Subdir, str]],
    known: Mapping[str, Sequence[Identity]],
    unknown: Mapping[str, str],
    found: FoundAdvisories,
    said: Statements = SILENCE,
) -> LockAdvisories:
    """Return the same of what stands in *places*: an environment, a platform, and the URL of a package in it."""
    verdicts: dict[tuple[str, str], AdvisoryVerdict] = {}
    for environment, subdir, url in places:
        for identity in known.get(url, ()):
            for verdict in map(said.judge, verdicts_on(identity, found.by_name.get(identity.project, ()))):
                before = verdicts.get((url, verdict.id), verdict)
                verdicts[url, verdict.id] = replace(
                    before,
                    environments=tuple(dict.fromkeys((*before.environments, environment))),
                    subdirs=tuple(dict.fromkeys((*before.subdirs, subdir))),
                )
    ordered = sorted(verdicts.values(), key=lambda each: (_ORDER.index(each.exposure), each.name, each.id, each.url))
    return LockAdvisories(verdicts=tuple(ordered), judged=len(known), unknown=Counter(unknown.values()))


def advisory_findings(found: LockAdvisories, lines: Mapping[str, int]) -> Iterator[Finding]:
    """Yield a finding for each verdict that a package is affected; *lines* say where URLs stand in the lock."""
    for each in found.verdicts:
        if each.exposure is Exposure.AFFECTED:
            yield _finding(each, affected_sentence(each), lines)


def excused_findings(found: LockAdvisories, lines: Mapping[str, int]) -> Iterator[Finding]:
    """Yield what would be a finding if the repository did not say otherwise."""
    for each in found.verdicts:
        if each.is_excused:
            yield _finding(each, excused_sentence(each), lines)


def _finding(verdict: AdvisoryVerdict, sentence: str, lines: Mapping[str, int]) -> Finding:
    return Finding(
        rule=FindingRule.ADVISORY,
        name=verdict.name,
        version=verdict.version,
        url=without_credentials(verdict.url),
        environments=verdict.environments,
        subdirs=tuple(sorted(verdict.subdirs)),
        sentence=sentence,
        line=lines.get(verdict.url),
        advisory=verdict.id,
        statement=verdict.statement,
    )


def affected_sentence(verdict: AdvisoryVerdict) -> str:
    """Return that a package is affected, by what, and since when it is not any more."""
    words = f"{_package(verdict)} is affected by {_vulnerability(verdict)}"
    words += f": {quote(verdict.summary.rstrip('.'))}." if verdict.summary else "."
    fixed = f"Fixed in {', '.join(verdict.fixed_in)}." if verdict.fixed_in else "No release is known that fixes it."
    said = f" It is {verdict.statement}." if verdict.statement else ""
    over = f" It was {verdict.lapsed}: that is over." if verdict.lapsed else ""
    return f"{words} {fixed}{said}{over}"


def excused_sentence(verdict: AdvisoryVerdict) -> str:
    """Return that a package is not affected by the word of the repository, and what that is."""
    stands = "fixed as to" if verdict.exposure is Exposure.FIXED else "not affected by"
    return f"{_package(verdict)} is {stands} {_vulnerability(verdict)}: {verdict.statement}."


def mended_sentence(verdict: AdvisoryVerdict, versions: Sequence[str]) -> str:
    """Return that what *verdict* was about is not affected any more, now that *versions* of it are there."""
    now = f"it is {' and '.join(versions)} now" if versions else "it is not there any more"
    return f"{_package(verdict)} was affected by {_vulnerability(verdict)}; {now}."


def _package(verdict: AdvisoryVerdict) -> str:
    where = "" if "/" in verdict.project else "on PyPI "
    of = f" ({where}{verdict.project})" if verdict.project != verdict.name else ""
    return f"{verdict.name} {verdict.version}{of}"


def _vulnerability(verdict: AdvisoryVerdict) -> str:
    known_as = ", ".join(filter(None, (*verdict.aliases, verdict.severity)))
    return f"{verdict.id} ({known_as})" if known_as else verdict.id


def verdicts_on(identity: Identity, advisories: Iterable[Advisory]) -> Iterator[AdvisoryVerdict]:
    """Yield where a package stands towards each vulnerability that *advisories* describe, without its places."""
    for same in _grouped(advisories):
        judged = [(each, _judged(each, identity)) for each in same]
        first, worst = min(judged, key=lambda each: _ORDER.index(each[1].exposure))
        ids = dict.fromkeys((first.id, *(name for each in same for name in (each.id, *each.aliases))))
        yield AdvisoryVerdict(
            id=first.id,
            aliases=tuple(each for each in ids if each != first.id),
            name=identity.name,
            project=identity.project,
            version=identity.version,
            exposure=worst.exposure,
            fixed_in=worst.fixed_in,
            summary=next((each.summary for each in (first, *same) if each.summary), ""),
            severity=next((each.severity for each in (first, *same) if each.severity), ""),
            url=identity.url,
            is_conda=identity.is_conda,
        )


def _judged(advisory: Advisory, identity: Identity) -> Judged:
    return judge([each for each in advisory.affected if each.name == identity.project], identity.version)


def _grouped(advisories: Iterable[Advisory]) -> tuple[tuple[Advisory, ...], ...]:
    """Return *advisories* with those together that name each other, or the same third."""
    groups: list[tuple[frozenset[str], tuple[Advisory, ...]]] = []
    for each in advisories:
        names = frozenset((each.id, *each.aliases))
        mine: tuple[Advisory, ...] = (each,)
        for group in [group for group in groups if group[0] & names]:
            groups.remove(group)
            names, mine = names | group[0], (*group[1], *mine)
        groups.append((names, mine))
    return tuple(mine for _, mine in groups)


def packages_of(lock: Lock) -> tuple[tuple[Record, ...], tuple[PypiPackage, ...]]:
    """Return the conda records and the PyPI packages of *lock*."""
    return tuple(each for _, _, each in _records(lock)), tuple(each for _, _, each in _packages(lock))


def _places(lock: Lock) -> Iterator[tuple[str, PlatformName, str]]:
    yield from ((environment, platform, each.url) for environment, platform, each in _records(lock))
    yield from ((environment, platform, each.url) for environment, platform, each in _packages(lock))


def _records(lock: Lock) -> Iterator[tuple[str, PlatformName, Record]]:
    for environment in lock.environments:
        for platform, records in environment.conda.items():
            yield from ((environment.name, platform, each) for each in records)


def _packages(lock: Lock) -> Iterator[tuple[str, PlatformName, PypiPackage]]:
    for environment in lock.environments:
        for platform, packages in environment.pypi.items():
            yield from ((environment.name, platform, each) for each in packages)
