"""What a pixi manifest declares, read without the code under test: the other half of what `--locked` compares.

Sources: https://pixi.sh/latest/reference/pixi_manifest/ and `crates/pixi_manifest` in prefix-dev/pixi: features come in
the order of their environment, the default one last; what a feature says of a platform replaces what it says of all;
build dependencies replace host ones, and those run ones; of every channel the first mention counts, by priority.
What the workspace says of the solve is said by its default feature; the first feature that says anything is heard.
A platform may be a table, which has a name, or is called by what its machine has beyond what every such machine has.
"""

import posixpath
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from bot.egress import default_index_url
from tests.oracle.pixi_locked import DeclaredEnvironment, DeclaredPlatform

ALIAS: Final = "https://conda.anaconda.org"
STRATEGIES: Final = {"lowest": "lowest-version", "lowest-direct": "lowest-version-direct"}
DEFAULTS: Final = {
    "linux": {"__unix": "0", "__linux": "4.18", "__glibc": "2.28"},
    "osx": {"__unix": "0", "__osx": "13.0"},
    "win": {"__win": "10.0"},
}
ARCHSPECS: Final = {
    **dict.fromkeys(("linux-64", "osx-64", "win-64"), "1=x86_64"),
    "linux-aarch64": "1=aarch64",
    "osx-arm64": "1=m1",
}
FRIENDLY: Final = {"cuda": "__cuda", "glibc": "__glibc", "linux": "__linux", "macos": "__osx", "windows": "__win"}
SYSTEM_REQUIREMENTS: Final = {"linux": "__linux", "libc": "__glibc", "cuda": "__cuda", "macos": "__osx"}
SOURCES: Final = {"path", "git", "url"}
FAMILIES: Final = {"__linux": "linux", "__glibc": "linux", "__osx": "osx"}


class NotJudgedError(Exception):
    """The manifest asks for something that only pixi itself can judge, such as a package built from source."""


def declared_environments(path: str, text: str, *, names_only: bool = False) -> list[DeclaredEnvironment]:
    """Return the environments that the manifest *text* at *path* declares.

    With *names_only* a spec is the name of its package: so what only pixi can judge of it does not matter.

    Raises:
        NotJudgedError: it declares what only pixi can judge.

    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NotJudgedError("not TOML 1.0") from error
    is_pyproject = posixpath.basename(path) == "pyproject.toml"
    manifest = _Manifest(
        pixi=document.get("tool", {}).get("pixi", {}) if is_pyproject else document,
        project=document.get("project", {}) if is_pyproject else {},
        groups=document.get("dependency-groups", {}) if is_pyproject else {},
        names_only=names_only,
    )
    if "channels" not in manifest.workspace:
        raise NotJudgedError("no workspace")
    return [manifest.declared(name, written) for name, written in manifest.environments.items()]


@dataclass(frozen=True, kw_only=True)
class _Platform:
    """A platform of the workspace, and the virtual packages that are written there."""

    name: str
    subdir: str
    packages: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, entry: Any) -> "_Platform":
        if isinstance(entry, str):
            return cls(name=entry, subdir=entry)
        written = {key: value for key, value in entry.items() if key not in ("name", "platform", "subdir")}
        if not all(isinstance(value, str) and key in {*FRIENDLY, *FRIENDLY.values()} for key, value in written.items()):
            raise NotJudgedError("a platform with virtual packages that not every pixi knows")
        subdir = entry.get("subdir", entry.get("platform", entry.get("name")))
        packages = {FRIENDLY.get(key, key): value for key, value in written.items()}
        usual = DEFAULTS.get(subdir.partition("-")[0], {})
        told = [
            f"-{key}-{packages[name].replace('.', '-')}"
            for key, name in FRIENDLY.items()
            if name in packages and packages[name] != usual.get(name)
        ]
        return cls(name=entry.get("name", subdir + "".join(told)), subdir=subdir, packages=packages)

    def is_meant(self, selector: str) -> bool:
        family = self.subdir.partition("-")[0]
        groups = (family, self.subdir, *(("unix",) if family in ("linux", "osx") else ()))
        return selector in groups or fnmatchcase(self.name, selector)


@dataclass(frozen=True, kw_only=True)
class _Feature:
    """One feature: its table, and the requirements that a `pyproject.toml` adds to it."""

    table: Mapping[str, Any]
    added: tuple[str, ...] = ()
    conda: Mapping[str, Any] = field(default_factory=dict)
    names_only: bool = False

    def merged(self, keys: Sequence[str], platform: "_Platform") -> dict[str, Any]:
        """Return the tables *keys*, a later one over an earlier one, and any target over those that stand before it."""
        targets = self.table.get("target", {})
        conditions = {selector for selector in targets if " " in selector or "(" in selector}
        if conditions and not self.names_only:
            raise NotJudgedError("a target with a condition")
        meant = (table for each, table in targets.items() if each in conditions or platform.is_meant(each))
        found: dict[str, Any] = {}
        for table in (self.table, *meant):
            for key in keys:
                found |= table.get(key, {})
        return found


@dataclass(frozen=True, kw_only=True)
class _Manifest:
    pixi: Mapping[str, Any]
    project: Mapping[str, Any]
    groups: Mapping[str, Any]
    names_only: bool = False

    @property
    def workspace(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.pixi.get("workspace") or self.pixi.get("project") or {}
        return found

    @property
    def environments(self) -> Mapping[str, Any]:
        return {"default": [], **self.pixi.get("environments", {})}

    def feature(self, name: str) -> _Feature:
        table = self.pixi.get("feature", {}).get(name, {})
        extra = self.project.get("optional-dependencies", {}).get(name, [])
        return _Feature(table=table, added=(*extra, *self._group(name)), names_only=self.names_only)

    @property
    def default_feature(self) -> _Feature:
        """The root of the manifest; a project that says which python it is for asks for one."""
        python = self.project.get("requires-python")
        return _Feature(
            table=self.pixi,
            added=tuple(self.project.get("dependencies", ())),
            conda={"python": python.replace(" ", "")} if python else {},
            names_only=self.names_only,
        )

    def _group(self, name: str) -> Iterator[str]:
        for each in self.groups.get(name, []):
            if isinstance(each, str):
                yield each
            else:
                yield from self._group(each["include-group"])

    def declared(self, name: str, written: Any) -> DeclaredEnvironment:
        """Return the environment *name*, of which *written* is what the manifest says."""
        entry: Mapping[str, Any] = {"features": written} if isinstance(written, list) else written
        features = [self.feature(each) for each in entry.get("features", ())]
        if not entry.get("no-default-feature", False):
            features.append(self.default_feature)
        platforms = self._platforms(features)
        options = self._options(features)
        settings = [self.workspace if each.table is self.pixi else each.table for each in features]
        strategy = next((each["solve-strategy"] for each in settings if "solve-strategy" in each), "highest")
        return DeclaredEnvironment(
            name=name,
            channels=tuple(self._channels(features)),
            platforms={each.name: self._platform(features, each) for each in platforms},
            indexes=self._indexes(features),
            strategy=STRATEGIES.get(strategy, strategy),
            channel_priority=next(
                (each["channel-priority"] for each in settings if "channel-priority" in each), "strict"
            ),
            pypi_prerelease_mode=options.get("prerelease-mode", "if-necessary-or-explicit"),
            unbuilt=frozenset(options["no-build"]),
            exclude_newer=self._exclude_newer(),
            solve_group=entry.get("solve-group"),
        )

    def _platforms(self, features: Iterable[_Feature]) -> list[_Platform]:
        platforms = [_Platform.of(each) for each in self.workspace.get("platforms", [])]
        limits = [each.table["platforms"] for each in features if "platforms" in each.table]
        named = {name for limit in limits for name in limit}
        exact = {each.subdir for each in platforms if each.name in named}
        return [
            each
            for each in platforms
            if all({each.name, each.subdir} & {*limit} for limit in limits)
            and (each.name in named or each.subdir not in exact)
        ]

    def _channels(self, features: Iterable[_Feature]) -> Iterator[str]:
        listed = [each for feature in features for each in feature.table.get("channels", self.workspace["channels"])]
        tables = [each if isinstance(each, dict) else {"channel": each} for each in listed]
        ordered = sorted(tables, key=lambda table: -table.get("priority", 0))
        for channel in dict.fromkeys(table["channel"] for table in ordered):
            yield channel if "://" in channel else f"{ALIAS}/{channel}"

    def _channel_tables(self) -> Iterator[Mapping[str, Any]]:
        tables = (self.workspace, *self.pixi.get("feature", {}).values())
        yield from (each for table in tables for each in table.get("channels", ()) if isinstance(each, dict))

    def _platform(self, every: Iterable[_Feature], platform: _Platform) -> DeclaredPlatform:
        conda: list[str] = []
        constraints: list[str] = []
        pypi: list[str] = []
        sources, developed, editable = set[str](), set[str](), set[str]()
        own: dict[str, str] = {}
        features = [each for each in every if _is_for(each, platform)]
        for feature in features:
            tables = feature.merged(("dependencies", "host-dependencies", "build-dependencies"), platform)
            developed.update(feature.merged(("dev",), platform))
            sources.update(name for name, spec in tables.items() if isinstance(spec, dict) and spec.keys() & SOURCES)
            conda += [self._spec(name, spec) for name, spec in {**feature.conda, **tables}.items()]
            constraints += [self._spec(*each) for each in feature.merged(("constraints",), platform).items()]
            asked = feature.merged(("pypi-dependencies",), platform)
            own |= {canonicalize_name(name): spec["index"] for name, spec in asked.items() if "index" in spec}
            editable.update(canonicalize_name(name) for name, spec in asked.items() if "editable" in spec)
            pypi += [_requirement(*each) for each in asked.items()]
            pypi += map(_without_url, feature.added)
        return DeclaredPlatform(
            specs=tuple(conda),
            constraints=tuple(constraints),
            pypi=tuple(pypi),
            virtual_packages=tuple(f"{name}={version}" for name, version in self._machine(features, platform).items()),
            subdir=platform.subdir,
            overrides=self._overrides(every),
            own_indexes=own,
            editable=frozenset(editable),
            composed=any(each.table.get("system-requirements") for each in features),
            sources=frozenset(sources),
            is_developed=bool(developed),
        )

    def _spec(self, name: str, spec: Any) -> str:
        return name if self.names_only else _match_spec(name, spec)

    def _machine(self, features: Iterable[_Feature], platform: _Platform) -> Mapping[str, str]:
        family = platform.subdir.partition("-")[0]
        asked: dict[str, Version] = {}
        for feature in features:
            for key, written in feature.table.get("system-requirements", {}).items():
                name = SYSTEM_REQUIREMENTS.get(key, f"__{key}")
                version = written.get("version", "0") if isinstance(written, dict) else written
                if FAMILIES.get(name, family) == family and key != "archspec" and (key, family) != ("cuda", "osx"):
                    asked[name] = max(asked.get(name, Version("0")), Version(str(version)))
        taken = {**DEFAULTS.get(family, {}), "__archspec": ARCHSPECS.get(platform.subdir, "0")}
        return {**taken, **{name: str(version) for name, version in asked.items()}, **platform.packages}

    def _options(self, features: Iterable[_Feature]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        workspace: Mapping[str, Any] = self.workspace.get("pypi-options", {})
        own = [each.table.get("pypi-options", {}) for each in features]
        for options in (workspace, *own[::-1]):
            found |= options
        every = [workspace, *own]
        unbuilt = [each.get("no-build", []) for each in every]
        return {
            **found,
            "extra-index-urls": list(dict.fromkeys(url for each in every for url in each.get("extra-index-urls", []))),
            "dependency-overrides": {
                canonicalize_name(name): spec
                for each in (workspace, *own[::-1])
                for name, spec in each.get("dependency-overrides", {}).items()
            },
            "no-build": ["*"]
            if True in unbuilt
            else [canonicalize_name(name) for each in unbuilt for name in each or ()],
        }

    def _indexes(self, features: Iterable[_Feature]) -> tuple[str, ...]:
        options = self._options(features)
        return (options.get("index-url", default_index_url().rstrip("/")), *options["extra-index-urls"])

    def _overrides(self, features: Iterable[_Feature]) -> Mapping[str, str]:
        written = self._options(features)["dependency-overrides"]
        return {name: _requirement(name, spec) for name, spec in written.items()}

    def _exclude_newer(self) -> str | None:
        if self.names_only:
            return None
        written = self.workspace.get("exclude-newer")
        if written is not None and not str(written)[:4].isdigit():
            raise NotJudgedError("an age that counts from today")
        if "exclude-newer" in self.pixi or any("exclude-newer" in each for each in self._channel_tables()):
            raise NotJudgedError("an age of a package or channel")
        return None if written is None else str(written)


def _is_for(feature: _Feature, platform: _Platform) -> bool:
    return "platforms" not in feature.table or bool({platform.name, platform.subdir} & {*feature.table["platforms"]})


def _match_spec(name: str, spec: Any) -> str:
    if isinstance(spec, str):
        return f"{name} {spec}"
    if "workspace" in spec:
        raise NotJudgedError(f"{name}, which stands elsewhere")
    if any(str(spec.get(key, "")).endswith((".conda", ".tar.bz2")) for key in SOURCES):
        raise NotJudgedError(f"{name}, which is asked for by its file")
    if spec.keys() & {"when", "extras", "flags"}:
        raise NotJudgedError(f"{name}, which is asked for on a condition")
    return f"{name} {spec.get('version', '*')} {spec.get('build', '')}".rstrip()


def _requirement(name: str, spec: Any) -> str:
    """Return a requirement of PyPI; what is no version but a place is met by whatever is locked of that name."""
    if isinstance(spec, str):
        return f"{name}{_specifier(spec)}"
    extras = f"[{','.join(spec['extras'])}]" if spec.get("extras") else ""
    marker = f" ; {spec['env-markers']}" if spec.get("env-markers") else ""
    return f"{name}{extras}{_specifier(spec.get('version', '*'))}{marker}"


def _without_url(text: str) -> str:
    requirement = Requirement(text)
    requirement.url = None
    return str(requirement)


def _specifier(text: str) -> str:
    if text == "*":
        return ""
    return text if text[0] in "<>=!~" else f"=={text}"
