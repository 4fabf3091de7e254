"""A lock as inventories of its environments, with package URLs (https://github.com/package-url/purl-spec)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import quote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement

from bot.errors import SpecError
from bot.manifests.credentials import without_credentials
from bot.model.inventory import Component, Inventory
from bot.model.manifest import Datasource, PlatformName
from bot.model.package import Lock, LockedEnvironment, PypiPackage, Record
from bot.versioning.match_spec import normalise_pypi_name
from bot.versioning.purls import read_pypi_purl
from bot.versioning.records import name_in


def inventory_of(lock: Lock, environment: LockedEnvironment, platform: PlatformName) -> Inventory:
    """Return what *environment* of *lock* consists of on *platform*."""
    records = [*environment.conda.get(platform, ()), *environment.sources.get(platform, ())]
    packages = environment.pypi.get(platform, ())
    conda: dict[str, str] = {each.name: conda_purl(each) for each in records}
    pypi: dict[str, str] = {each.name: pypi_purl_of(each) for each in packages}
    components = [
        *(replace(_of_conda(each), needs=_found(map(name_in, each.depends), conda)) for each in records),
        *(replace(_of_pypi(each), needs=_found(_required(each), {**_brought(records), **pypi})) for each in packages),
    ]
    unique = {each.purl: each for each in components}
    return Inventory(
        lock=lock.path,
        environment=environment.name,
        platform=platform,
        components=tuple(unique[purl] for purl in sorted(unique)),
    )


def conda_purl(record: Record) -> str:
    """Return the package URL of a conda package: type `conda`, with build, channel, subdir and kind of archive."""
    url = without_credentials(record.url)
    channel = url.rsplit("/", 2)[0] if "://" in url else ""
    kind = next((kind for kind in ("conda", "tar.bz2") if url.endswith(f".{kind}")), "")
    qualifiers = {"build": record.build, "channel": _short(channel), "subdir": record.subdir, "type": kind}
    text = "&".join(f"{key}={quote(value, safe=':/')}" for key, value in sorted(qualifiers.items()) if value)
    version = f"@{quote(record.version, safe='')}" if record.version else ""
    return f"pkg:conda/{quote(record.name, safe='')}{version}{f'?{text}' if text else ''}"


def pypi_purl_of(package: PypiPackage) -> str:
    """Return the package URL of a package of PyPI."""
    version = f"@{quote(package.version, safe='')}" if package.version else ""
    return f"pkg:pypi/{quote(package.name, safe='')}{version}"


def _short(channel: str) -> str:
    """Return *channel* by its name where it is one of anaconda.org, which names alone mean."""
    parts = urlsplit(channel)
    return parts.path.strip("/") if parts.hostname == "conda.anaconda.org" else channel


def _of_conda(record: Record) -> Component:
    named = (read_pypi_purl(each) for each in record.purls or ())
    projects = [f"pkg:pypi/{each.name}@{quote(each.version or record.version, safe='')}" for each in named if each]
    return Component(
        name=record.name,
        version=record.version,
        datasource=Datasource.CONDA,
        purl=conda_purl(record),
        upstream=projects[0] if projects else "",
        url=without_credentials(record.location),
        sha256=record.sha256 or "",
        md5=record.md5 or "",
        license=record.license or "",
    )


def _of_pypi(package: PypiPackage) -> Component:
    return Component(
        name=package.name,
        version=package.version,
        datasource=Datasource.PYPI,
        purl=pypi_purl_of(package),
        url=without_credentials(package.url),
        sha256=package.sha256 or "",
    )


def _found(names: Iterable[str], purls: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted({purls[name] for name in names if name in purls}))


def _brought(records: Iterable[Record]) -> Mapping[str, str]:
    """Return the package URLs of the conda packages that PyPI packages may ask for, by their names there."""
    named = ((read_pypi_purl(purl), record) for record in records for purl in record.purls or ())
    return {each.name: conda_purl(record) for each, record in named if each}


def _required(package: PypiPackage) -> Iterable[str]:
    for text in package.requires_dist:
        try:
            requirement = Requirement(text)
            if requirement.marker is None or "extra" not in str(requirement.marker):
                yield normalise_pypi_name(requirement.name)
        except (InvalidRequirement, SpecError):
            continue
