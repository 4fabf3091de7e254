"""What `pixi install --locked` would say of a lock, decided without the code under test.

pixi calls a lock out of date when it is not *a* solution of the manifest; hashes, sizes and licences do not count.
The checks are those of `pixi_core/src/lock_file/satisfiability` in prefix-dev/pixi that read only manifest and lock.
Not checked is whatever needs the source trees of path and git packages. What a lock says of a conda package from source
is believed, and pixi alone can tell what a package of `[dev]` needs: `changed_sources` says what must not change then.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version
from pypi_simple import PYPI_SIMPLE_ENDPOINT
from rattler import BuildString, MatchSpec, PackageRecord

DEFAULT_VIRTUAL_PACKAGES = frozenset({"__unix", "__linux=4.18", "__glibc=2.28", "__osx=13.0", "__win=10.0"})
MARKERS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "osx": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "win": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
MACHINES = {"win-64": "AMD64", "win-arm64": "ARM64", "linux-64": "x86_64", "osx-64": "x86_64"}
OLD_MANYLINUX = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
INDEX_SINCE = 7
LOWEST = "0a0.dev0"
LAST_SECOND = 253_402_300_799


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredPlatform:
    """What a manifest asks for on one platform: match specs, PyPI requirements, and what the machine provides.

    `overrides` are requirements by the PyPI projects of which they alone count, `own_indexes` where alone some projects
    are looked for, `editable` those that are installed from where they stand. The virtual packages are `composed` if
    `[system-requirements]` name them: a lock that was made before pixi wrote them down is trusted then. `sources` are
    the conda packages that are asked for from source; `is_developed` says that it has packages of `[dev]`.
    """

    specs: tuple[str, ...]
    pypi: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    overrides: Mapping[str, str] = field(default_factory=dict)
    own_indexes: Mapping[str, str] = field(default_factory=dict)
    editable: frozenset[str] = frozenset()
    subdir: str | None = None
    virtual_packages: tuple[str, ...] = ("__unix", "__linux=4.18", "__glibc=2.28")
    composed: bool = False
    sources: frozenset[str] = frozenset()
    is_developed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredEnvironment:
    """An environment as a manifest declares it; `platforms` by name, channels as URLs in order of priority.

    `unbuilt` are the PyPI projects that must not be built, or `*`.
    """

    name: str = "default"
    channels: tuple[str, ...]
    platforms: Mapping[str, DeclaredPlatform]
    indexes: tuple[str, ...] = ()
    strategy: str = "highest"
    channel_priority: str = "strict"
    pypi_prerelease_mode: str = "if-necessary-or-explicit"
    exclude_newer: str | None = None
    unbuilt: frozenset[str] = frozenset()
    solve_group: str | None = None


def out_of_date(declared: Sequence[DeclaredEnvironment], text: str) -> list[str]:
    """Return why pixi would not take the lock *text* for the environments of a manifest; nothing if it would."""
    lock = _read(text)
    reasons = [reason for environment in declared for reason in _environment_reasons(environment, lock)]
    return [*reasons, *_group_reasons(declared, lock)]


def changed_sources(declared: Sequence[DeclaredEnvironment], before: str, after: str) -> list[str]:
    """Return what the lock text *after* has no longer of *before* that only a build could tell: nothing may be missing.

    That are packages from source, to the letter, and the names of all that a package of `[dev]` may need.
    """
    old, new = _read(before), _read(after)
    return [
        f"{environment.name} on {name}: {reason}"
        for environment in declared
        for name, platform in environment.platforms.items()
        for reason in _lost(
            platform,
            _Checks(platform=platform, subdir=name, entries=old.locked(environment.name, name, platform)),
            new.locked(environment.name, name, platform),
        )
    ]


def still_asked_for(declared: Sequence[DeclaredEnvironment], before: str, after: str) -> list[str]:
    """Return what the lock text *after* has no longer of *before* though something there asks for it: told by names.

    By conda's `depends`, by the requirements of PyPI packages that a conda package meets, by lines of every kind, by
    packages from source. *declared* are the environments as the manifest says them now.
    """
    old, new = _read(before), _read(after)
    return [
        f"{environment.name} on {name}: {each} is gone, and something asks for it"
        for environment in declared
        for name, platform in environment.platforms.items()
        for each in _gone_though_used(
            platform, old.locked(environment.name, name, platform), new.locked(environment.name, name, platform), name
        )
    ]


def _gone_though_used(
    platform: DeclaredPlatform, before: Sequence["_Entry"], after: Sequence["_Entry"], name: str
) -> Iterator[str]:
    """Yield what is gone and would be reached if it were still there."""
    there = {entry.name for entry in after}
    gone = [entry for entry in before if entry.is_conda and entry.name not in there]
    checks = _Checks(platform=platform, subdir=platform.subdir or name, entries=[*after, *gone])
    list(checks.reasons())
    yield from (entry.name for entry in gone if entry.name in checks.used)


def _lost(platform: DeclaredPlatform, before: "_Checks", after: Sequence["_Entry"]) -> Iterator[str]:
    sources = {entry.url: entry.fields for entry in after if entry.is_source}
    for entry in before.entries:
        if entry.is_source and sources.get(entry.url) != entry.fields:
            yield f"{entry.name}, which is built from source, is not what it was"
    list(before.reasons())
    names = {entry.name for entry in after}
    for name in before.conda.keys() - before.used - names if platform.is_developed else ():
        yield f"{name} is gone, and a package of `[dev]` may need it"


@dataclass(frozen=True, kw_only=True)
class _LockText:
    content: dict[str, Any]

    @property
    def version(self) -> int:
        return int(self.content["version"])

    @cached_property
    def entries(self) -> Mapping[str, "_Entry"]:
        return {_location(entry): _Entry(fields=entry) for entry in self.content["packages"]}

    def subdir(self, platform: str) -> str:
        return str(self.platform(platform).get("subdir", platform))

    def environment(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.content["environments"].get(name, {})
        return found

    def platform(self, name: str) -> dict[str, Any]:
        """Return what is said of the platform that the lock itself calls *name*."""
        return next((each for each in self.content.get("platforms", []) if each["name"] == name), {"name": name})

    def name(self, environment: str, name: str, declared: DeclaredPlatform) -> str:
        """Return what the lock calls the platform that is *declared* as *name*: that, else what is the same machine.

        pixi writes names of its own (`p1`), and composes platforms of `[system-requirements]`.
        """
        rows = list(self.environment(environment).get("packages", {}))
        of_subdir = [each for each in rows if self.subdir(each) == (declared.subdir or name)]
        wanted = _unusual(declared.virtual_packages)
        alike = [each for each in of_subdir if _unusual(self.platform(each).get("virtual-packages", [])) == wanted]
        return name if name in rows else next(iter([*alike, *of_subdir]), name)

    def locked(self, environment: str, name: str, declared: DeclaredPlatform) -> list["_Entry"]:
        """Return the entries that the selectors name, in the order and as often as they do."""
        rows = self.environment(environment).get("packages", {})
        selectors = rows.get(self.name(environment, name, declared), [])
        return [self.entries[_location(selector)] for selector in selectors]


@lru_cache(maxsize=4)
def _read(text: str) -> _LockText:
    """Return the lock *text*; one is looked at several times."""
    return _LockText(content=yaml.load(text, Loader=yaml.CBaseLoader))  # noqa: S506 - every scalar stays text


def _location(item: Mapping[str, Any]) -> str:
    return str(item.get("conda") or item.get("conda_source") or item.get("pypi"))


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """A package entry; what it leaves out is derived from its URL."""

    fields: dict[str, Any]

    @property
    def is_conda(self) -> bool:
        return "pypi" not in self.fields

    @property
    def is_source(self) -> bool:
        return self.is_conda and not re.search(r"\.(conda|tar\.bz2)$", self.url)

    @property
    def url(self) -> str:
        return _location(self.fields)

    @cached_property
    def stem(self) -> tuple[str, str, str]:
        stem = re.sub(r"\.(conda|tar\.bz2)$", "", self.url.rsplit("/", 1)[-1])
        name, version, build = stem.rsplit("-", 2)
        return name, version, build

    @property
    def file_name(self) -> str:
        return unquote(urlsplit(self.url).path.rpartition("/")[2])

    @property
    def name(self) -> str:
        named = self.fields["conda_source"].partition("[")[0] if "conda_source" in self.fields else ""
        return str(self.fields.get("name") or named or self.stem[0])

    @property
    def version(self) -> str:
        return str(self.fields.get("version") or ("0" if self.is_source else self.stem[1]))

    @property
    def build(self) -> str:
        return str(self.fields.get("build") or ("0" if self.is_source else self.stem[2]))

    @property
    def has_no_version(self) -> bool:
        """Whether only a build could tell: of packages that may change at any time a lock keeps none."""
        return self.is_source and "version" not in self.fields

    @property
    def is_of_an_index(self) -> bool:
        """Whether an index offers it: it is no folder, no repository, and no file that a manifest names."""
        return self.url.startswith(("https://", "http://"))

    @cached_property
    def record(self) -> PackageRecord:
        digits = re.search(r"\d*$", self.build)
        number = int(self.fields.get("build_number") or (digits and digits[0]) or 0)
        subdir = self.fields.get("subdir") or ("noarch" if self.is_source else self.url.split("/")[-2])
        return PackageRecord(self.name, self.version, BuildString(self.build), number, subdir)

    def texts(self, key: str) -> list[str]:
        return list(self.fields.get(key, []))

    @property
    def source_depends(self) -> list[str]:
        """The names of what it needs from source itself."""
        return list(self.fields.get("source_depends") or self.fields.get("sources") or {})

    @property
    def built(self) -> datetime | None:
        stamp = int(self.fields.get("timestamp", 0))
        return datetime.fromtimestamp(stamp / 1000 if stamp > LAST_SECOND else stamp, UTC) if stamp else None

    @property
    def pypi_names(self) -> set[str]:
        """What it is called on PyPI: a binary of conda-forge that says nothing of it as its project, as it ever was.

        https://github.com/prefix-dev/pixi/blob/main/crates/pixi_core/src/lock_file/package_identifier.rs
        """
        if "purls" not in self.fields and not self.is_source and urlsplit(self.url).path.startswith("/conda-forge"):
            return {canonicalize_name(self.name)} if _is_pypi_version(self.version) else set()
        purls = (re.match(r"pkg:pypi/([^@?]+)", purl) for purl in self.texts("purls"))
        return {canonicalize_name(purl[1]) for purl in purls if purl}


def _is_pypi_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _environment_reasons(declared: DeclaredEnvironment, lock: _LockText) -> Iterator[str]:
    locked = lock.environment(declared.name)
    if not locked:
        yield f"{declared.name}: not locked"
        return
    yield from (f"{declared.name}: {reason}" for reason in _setting_reasons(declared, locked))
    known = {lock.name(declared.name, name, platform) for name, platform in declared.platforms.items()}
    for extra in locked["packages"].keys() - known:
        yield f"{declared.name}: locked for {extra}, which is not declared"
    for name, platform in declared.platforms.items():
        subject = f"{declared.name} on {name}"
        yield from (f"{subject}: {reason}" for reason in _platform_reasons(declared.name, name, platform, lock))
        entries = lock.locked(declared.name, name, platform)
        if platform.sources - {entry.name for entry in entries}:
            continue  # what nobody has built yet only pixi can lock
        pages = [each["url"] for each in locked.get("find-links", ()) if "url" in each]
        indexes = (*declared.indexes, *pages) if lock.version >= INDEX_SINCE else ()
        checks = _Checks(platform=platform, subdir=platform.subdir or name, entries=entries, indexes=indexes)
        yield from (f"{subject}: {reason}" for reason in checks.reasons())
        yield from (f"{subject}: {reason}" for reason in _age_reasons(declared, entries))
        yield from (f"{subject}: {reason}" for reason in _build_reasons(declared.unbuilt, platform, entries))


def _setting_reasons(declared: DeclaredEnvironment, locked: Mapping[str, Any]) -> Iterator[str]:
    channels = [channel["url"].rstrip("/") for channel in locked["channels"]]
    if channels != [url.rstrip("/") for url in declared.channels]:
        yield f"the channels are {channels}"
    options = locked.get("options", {})
    for key, wanted, default in (
        ("strategy", declared.strategy, "highest"),
        ("channel-priority", declared.channel_priority, "strict"),
        ("pypi-prerelease-mode", declared.pypi_prerelease_mode, "if-necessary-or-explicit"),
    ):
        if options.get(key, default) != wanted:
            yield f"{key} is {options.get(key, default)}"
    has_requirements = any(platform.pypi for platform in declared.platforms.values())
    locks_wheels = any("pypi" in selector for selectors in locked["packages"].values() for selector in selectors)
    is_bound = has_requirements and (locks_wheels or "indexes" in locked)
    if is_bound and (indexes := locked.get("indexes", [])) != list(declared.indexes):
        yield f"the indexes are {indexes}"


def _platform_reasons(environment: str, name: str, declared: DeclaredPlatform, lock: _LockText) -> Iterator[str]:
    row = lock.name(environment, name, declared)
    if lock.version < 7 or row not in lock.environment(environment)["packages"]:
        return
    locked = lock.platform(row)
    if locked.get("subdir", locked["name"]) != (declared.subdir or name):
        yield f"the subdir is {locked.get('subdir', name)}"
    if declared.composed and not locked.get("virtual-packages"):
        return
    if _unusual(locked.get("virtual-packages", [])) != _unusual(declared.virtual_packages):
        yield f"the virtual packages are {locked.get('virtual-packages', [])}"


def _unusual(virtual_packages: Iterable[str]) -> set[str]:
    short = {package.removesuffix("=0").removesuffix("=0") for package in virtual_packages}
    return {package for package in short - DEFAULT_VIRTUAL_PACKAGES if not package.startswith("__archspec")}


def _moment(written: str) -> datetime:
    """Return the moment that is *written*: of a date, it is the end."""
    if len(written) > len("2026-01-31"):
        return datetime.fromisoformat(written)
    return datetime.combine(date.fromisoformat(written), time.min, UTC) + timedelta(days=1)


def _age_reasons(declared: DeclaredEnvironment, entries: Sequence[_Entry]) -> Iterator[str]:
    if declared.exclude_newer is None:
        return
    cut_off = _moment(declared.exclude_newer)
    for entry in entries:
        if entry.is_conda and entry.built is not None and entry.built > cut_off:
            yield f"{entry.name} was built after {declared.exclude_newer}"


def _build_reasons(unbuilt: AbstractSet[str], platform: DeclaredPlatform, entries: Sequence[_Entry]) -> Iterator[str]:
    for entry in entries if platform.pypi else ():
        name = canonicalize_name(entry.name)
        is_bound = "*" in unbuilt or name in unbuilt
        if is_bound and not entry.is_conda and not entry.url.endswith(".whl") and name not in platform.editable:
            yield f"{name} would have to be built"


@dataclass(frozen=True, kw_only=True)
class _Checks:
    """The checks of one environment on one platform; `indexes` are empty where a lock does not say them of packages."""

    platform: DeclaredPlatform
    subdir: str
    entries: Sequence[_Entry]
    indexes: Sequence[str] = ()
    used: set[str] = field(default_factory=set)

    def reasons(self) -> Iterator[str]:
        yield from self._repeated()
        yield from self._unmet((spec, "the manifest") for spec in self.platform.specs)
        yield from self._constrained()
        yield from self._unmet_pypi()
        yield from self._of_other_kind()
        spare = set[str]() if self.platform.is_developed else self.conda.keys() - self.used
        yield from (f"{name} is locked, and nothing asks for it" for name in sorted(spare))

    def _of_other_kind(self) -> Iterator[str]:
        """Yield what is from source though it should not be, and what should be and is not."""
        wanted = {*self.platform.sources, *(name for each in self.conda.values() for name in each.source_depends)}
        sources = {name for name, entry in self.conda.items() if entry.is_source}
        yield from (f"{name} is not from source, as is asked for" for name in sorted(wanted - sources))
        spare = set[str]() if self.platform.is_developed else sources - wanted
        yield from (f"{name} is from source, and nothing asks for that" for name in sorted(spare))

    @cached_property
    def conda(self) -> Mapping[str, _Entry]:
        return {entry.name: entry for entry in self.entries if entry.is_conda}

    @cached_property
    def pypi(self) -> Mapping[str, _Entry]:
        return {canonicalize_name(entry.name): entry for entry in self.entries if not entry.is_conda}

    @cached_property
    def present(self) -> Mapping[str, PackageRecord]:
        virtual = (package.split("=") for package in self.platform.virtual_packages)
        machine = {name: _virtual_record(name, *rest) for name, *rest in virtual}
        return {**machine, **{name: entry.record for name, entry in self.conda.items()}}

    def _repeated(self) -> Iterator[str]:
        names = [entry.name for entry in self.entries if entry.is_conda]
        yield from (
            f"{name} is locked {names.count(name)} times" for name in sorted(set(names)) if names.count(name) > 1
        )

    def _unmet(self, wanted: Iterable[tuple[str, str]]) -> Iterator[str]:
        for text, by in wanted:
            spec = MatchSpec(text)
            name = _name(spec)
            if not self._is_there(spec):
                yield f"{text}, wanted by {by}, is not met"
            yield from self._follow(name)

    def _is_there(self, spec: MatchSpec) -> bool:
        entry = self.conda.get(_name(spec))
        if entry and entry.has_no_version:
            return True
        return _name(spec) in self.present and bool(spec.matches(self.present[_name(spec)]))

    def _follow(self, name: str) -> Iterator[str]:
        """Check what the conda package *name* needs, once."""
        if name in self.conda and name not in self.used:
            self.used.add(name)
            yield from self._unmet((depend, name) for depend in self.conda[name].texts("depends"))

    def _constrained(self) -> Iterator[str]:
        for text in self.platform.constraints:
            entry = self.conda.get(_name(MatchSpec(text)))
            if entry and not MatchSpec(text).matches(entry.record):
                yield f"{entry.name} is not within the constraint {text}"
        for entry in self.conda.values():
            for text in entry.texts("constrains"):
                spec = MatchSpec(text)
                present = self.present.get(_name(spec))
                if present is not None and not spec.matches(present):
                    yield f"{entry.name} does not go with {present.name.normalized} ({text})"

    def _unready(self) -> Iterator[str]:
        """Yield what any PyPI package would lack."""
        if not self.pypi and all("purls" not in entry.fields for entry in self.conda.values()):
            yield "no record says what it is called on PyPI"
        if "python" not in self.conda:
            yield "there are PyPI dependencies, and no python is locked"

    def _unmet_pypi(self) -> Iterator[str]:
        if not self.platform.pypi:
            yield from (f"{name} of PyPI is locked, and nothing asks for it" for name in sorted(self.pypi))
            return
        yield from self._unready()
        used: set[str] = set()
        followed: set[tuple[str, str]] = set()
        queue = [(text, "the manifest", "") for text in self.platform.pypi]
        while queue:
            text, by, extra = queue.pop()
            requirement = Requirement(text)
            if requirement.marker and not requirement.marker.evaluate({**self._markers, "extra": extra}):
                continue
            name = canonicalize_name(requirement.name)
            requirement = Requirement(self.platform.overrides.get(name, text))
            if by == "the manifest":
                yield from self._refused_index(name)
            if not self._meets(name, requirement.specifier):
                yield f"{text}, wanted by {by}, is not met by PyPI or conda"
            if name in self._conda_on_pypi:
                yield from self._follow(self._conda_on_pypi[name].name)
                continue
            if name not in self.pypi:
                continue
            if name not in used:
                used.add(name)
                yield from self._refused_python(self.pypi[name])
                yield from self._refused_tags(self.pypi[name])
            for wanted in {(name, each) for each in ("", *requirement.extras)} - followed:
                followed.add(wanted)
                queue += [(depend, *wanted) for depend in self.pypi[name].texts("requires_dist")]
        yield from (f"{name} of PyPI is locked, and nothing asks for it" for name in sorted(self.pypi.keys() - used))

    @cached_property
    def _conda_on_pypi(self) -> Mapping[str, _Entry]:
        """The conda packages that bring PyPI projects, by the names of these."""
        return {name: entry for entry in self.conda.values() for name in entry.pypi_names}

    def _meets(self, name: str, specifier: SpecifierSet) -> bool:
        """Tell whether a PyPI project is here in a version that will do: conda's if it has one; a source tree will.

        What an index offered and is locked without a version has the lowest there is.
        """
        if name in self._conda_on_pypi:
            version = self._conda_on_pypi[name].version
        elif name in self.pypi:
            version = str(self.pypi[name].fields.get("version", LOWEST if self.pypi[name].is_of_an_index else ""))
        else:
            return False
        return not version or specifier.contains(version, prereleases=True)

    def _refused_index(self, name: str) -> Iterator[str]:
        """Yield that a project which the manifest asks for is of another index than it says."""
        entry = self.pypi.get(name)
        if not self.indexes or entry is None or name in self._conda_on_pypi or not entry.url.endswith(".whl"):
            return
        locked = entry.fields.get("index", PYPI_SIMPLE_ENDPOINT.rstrip("/"))
        own = self.platform.own_indexes.get(name)
        known = {each.rstrip("/") for each in self.indexes}
        if entry.is_of_an_index and (locked != own if own else locked.rstrip("/") not in known):
            yield f"{name} is of the index {locked}"

    def _refused_python(self, entry: _Entry) -> Iterator[str]:
        wanted = SpecifierSet(entry.fields.get("requires_python", ""))
        if not wanted.contains(self._python):
            yield f"{entry.name} is not for Python {self._python}"

    def _refused_tags(self, entry: _Entry) -> Iterator[str]:
        try:
            tags = parse_wheel_filename(entry.file_name)[3]
        except InvalidWheelFilename:
            return
        if "python" in self.conda and tags.isdisjoint(self._tags):
            yield f"{entry.file_name} is not for Python {self._python} on this platform"

    @cached_property
    def _tags(self) -> frozenset[Tag]:
        """The tags of wheels that the locked python takes on the declared machine."""
        python = [int(part) for part in self._python.split(".")[:2]]
        machine = dict(package.split("=")[:2] for package in self.platform.virtual_packages if "=" in package)
        platforms = list(_platform_tags(self.subdir, machine))
        is_threaded = self.conda["python"].build.endswith("t")
        abis = [f"cp{python[0]}{python[1]}{'t' if is_threaded else ''}"]
        return frozenset(cpython_tags(python, abis, platforms)) | frozenset(
            compatible_tags(python, f"cp{python[0]}{python[1]}", platforms)
        )

    @property
    def _python(self) -> str:
        return self.conda["python"].version if "python" in self.conda else "0"

    @property
    def _markers(self) -> dict[str, str]:
        system, _, architecture = self.subdir.partition("-")
        minor = ".".join(self._python.split(".")[:2])
        python = {"python_version": minor, "python_full_version": self._python}
        return {**MARKERS[system], "platform_machine": MACHINES.get(self.subdir, architecture), **python}


def _platform_tags(subdir: str, machine: Mapping[str, str]) -> Iterator[str]:
    """Yield the platform tags of wheels for a machine: glibc and macOS take what is made for older ones."""
    system, _, architecture = subdir.partition("-")
    if system == "win":
        yield {"64": "win_amd64", "arm64": "win_arm64", "32": "win32"}[architecture]
    elif system == "osx":
        major, _, minor = machine.get("__osx", "13.0").partition(".")
        yield from mac_platforms((int(major), int(minor or 0)), "arm64" if architecture == "arm64" else "x86_64")
    else:
        name = {"64": "x86_64"}.get(architecture, architecture)
        newest = int(machine.get("__glibc", "2.28").split(".")[1])
        yield from (f"manylinux_2_{minor}_{name}" for minor in range(newest, 4, -1))
        yield from (f"{old}_{name}" for minor, old in OLD_MANYLINUX.items() if minor <= newest)
        yield f"linux_{name}"


def _virtual_record(name: str, version: str = "0", build: str = "0") -> PackageRecord:
    return PackageRecord(name, version, BuildString(build), 0, "noarch")


def _name(spec: MatchSpec) -> str:
    return str(spec.name.normalized)


def _group_reasons(declared: Sequence[DeclaredEnvironment], lock: _LockText) -> Iterator[str]:
    chosen: dict[tuple[str, str, str, bool], str] = {}
    for environment in (each for each in declared if each.solve_group):
        for platform, machine in environment.platforms.items():
            for entry in lock.locked(environment.name, platform, machine):
                key = (environment.solve_group or "", platform, entry.name, entry.is_conda)
                if chosen.setdefault(key, entry.url) != entry.url:
                    yield f"the solve group {key[0]} has two builds of {entry.name} on {platform}"
