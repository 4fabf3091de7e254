"""What people write: manifests, the dependencies in them, and the environments they declare."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NewType, TypeAlias

PackageName = NewType("PackageName", str)
"""A normalised package name: conda names in lower case, PyPI names as in PEP 503. Made by `bot.versioning` only."""

Subdir = NewType("Subdir", str)
"""A conda subdir that is solved for, such as `linux-64`; never `noarch`."""

PlatformName: TypeAlias = str
"""What a platform is called: its subdir, or the name that pixi knows it by where several are of one subdir.

So a `Subdir` is a name of a platform, while such a name is no `Subdir`: type checkers see to that.
"""

KeyPath: TypeAlias = tuple[str | int, ...]
"""Where a value stands in a manifest, in words that survive edits elsewhere in the file.

In a table it is the keys, in a list the normalised name and its occurrence (0 for the first):
`("feature", "test", "dependencies", "numpy", "version")`, `("dependencies", "pip", "requests", 0)`.
"""


class Datasource(StrEnum):
    """Where releases of a dependency are looked up."""

    CONDA = "conda"
    PYPI = "pypi"


class MachineDefaults(StrEnum):
    """Whose virtual packages are assumed for a machine of which a manifest says nothing."""

    PIXI = "pixi"
    CONDA_LOCK = "conda-lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFormat:
    """A kind of manifest, and what is true of every manifest of it. There are no defaults: a new format decides.

    `name` is what people call it. `machine` says whose virtual packages are assumed. `is_pixi` says that pixi reads it:
    a `pixi.lock` stands beside it, and its options say where PyPI packages are. `adds_python`: pixi adds python to it
    by itself. `is_source_of_conda_lock`: a `conda-lock.yml` may be made from it, and is then written by condabot.
    `may_be_exported`: programs write such files from others, which a pre-commit hook tells. `is_named_by_file`: people
    make one file for each variant (`py311.yml`), so it is the file's name that says what is in it, and not a feature's.
    `is_line_by_line`: each item is an environment of its own, which stands or falls alone. `last_feature_wins`: where
    several features of an environment name a package, only the line of the last one counts. `default_channels` are
    asked where neither the file nor a feature names any.
    """

    name: str
    machine: MachineDefaults
    is_pixi: bool
    adds_python: bool
    is_source_of_conda_lock: bool
    may_be_exported: bool
    is_named_by_file: bool
    is_line_by_line: bool
    last_feature_wins: bool
    default_channels: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


class Role(StrEnum):
    """What a dependency is for. Only `DEPENDENCY`, `HOST` and `BUILD` are solved into an environment.

    Of `DEV` it is not the package itself but what building and running it takes (pixi's `[dev]`). `BACKEND` is what
    builds a package, `POOL` what pixi's `[workspace.dependencies]` offers to be inherited. `UNREAD` stands where nobody
    looks: in a table of an `environment.yml` that is none of pip's.
    """

    DEPENDENCY = "dependency"
    HOST = "host"
    BUILD = "build"
    DEV = "dev"
    RUN = "run"
    CONSTRAINT = "constraint"
    PACKAGE = "package"
    LIBRARY = "library"
    BACKEND = "backend"
    POOL = "pool"
    UNREAD = "unread"

    @property
    def is_of_library(self) -> bool:
        """Whether it limits what others may install: a library's own requirement, or a constraint."""
        return self in {Role.RUN, Role.CONSTRAINT, Role.PACKAGE, Role.LIBRARY}


class SkipReason(StrEnum):
    """Why an item of a manifest is not a dependency with a version that condabot could move. A closed list."""

    ALIAS = "alias"
    EDITABLE = "editable"
    EXPLICIT_URL = "explicit-url"
    GIT = "git"
    INHERITED = "inherited"
    INVALID_SPEC = "invalid-spec"
    MEMBER = "member"
    NAME_PATTERN = "name-pattern"
    NOT_TEXT = "not-text"
    PATH = "path"
    PERMISSION = "permission"
    PIP_OPTION = "pip-option"
    REQUIREMENTS_FILE = "requirements-file"
    SELECTOR = "selector"
    TEMPLATE = "template"
    TOO_MANY = "too-many"
    VIRTUAL_PACKAGE = "virtual-package"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Why an item is left alone: the reason, and the text or sentence that shows it."""

    reason: SkipReason
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSpec:
    """A conda match spec in its parts, each as written (CEP 29; no part is normalised).

    `version` is a version spec as it may stand in `name[version='…']`: `=1.26`, `1.26.*`, `>=1.26,<2`, ``.
    `track_features` are words with blanks between them.
    `when` is the condition under which it counts at all: other match specs, joined by `and` and `or`.
    """

    name: PackageName
    version: str = ""
    build: str | None = None
    build_number: str | None = None
    channel: str | None = None
    subdir: str | None = None
    md5: str | None = None
    sha256: str | None = None
    license: str | None = None
    license_family: str | None = None
    track_features: str | None = None
    when: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentAbove:
    """A comment on lines of its own, right above items: its words, and over how many items it stands.

    `position` is which of the lines below it this is, 0 for the one right below. Whether the comment is about one line
    or heads all of them is for the reader of its words to say.
    """

    text: str
    position: int = 0
    items: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One item of a manifest: what is asked for, and where exactly that is written.

    `version` is the text that a rewrite replaces, as written (`=1.26`, `>=1.26,<2`; empty when there is none).
    `match_spec` is set for conda dependencies that parse, also for those that are left alone; where one package file is
    asked for by its URL or path, `file` is that, without credentials. `extras` and `marker` are only for PyPI's.
    `folder` is where the source of a package is that is built, as written; `repository` is its URL where it is none of
    this repository, with the branch, tag, revision and folder that are asked for as its query.
    `platforms` restricts the item (`target.linux-64`, `# [linux]`); empty means every platform.
    `comment` is the comment that trails the item on its line, without its `#`, `comment_above` the one above it.
    `implied` is the operator that is meant but not written, as by a bare version under a comment for Renovate.
    `index` is where alone pixi looks for this PyPI package, as written. `platform` is what the platforms of a pixi
    workspace are called that alone the item is for: one by a name of its own, or those like a pattern with `*`.
    """

    name: PackageName
    datasource: Datasource
    version: str
    at: KeyPath
    line: int
    feature: str = "default"
    role: Role = Role.DEPENDENCY
    platforms: tuple[Subdir, ...] = ()
    platform: str = ""
    match_spec: MatchSpec | None = None
    file: str = ""
    folder: str = ""
    repository: str = ""
    extras: tuple[str, ...] = ()
    marker: str = ""
    comment: str = ""
    comment_above: CommentAbove | None = None
    implied: str = ""
    index: str | None = None
    skip: Skip | None = None

    @property
    def version_spec(self) -> str:
        """What `version` means: with the operator that is not written; empty when there is no version."""
        return f"{self.implied}{self.version}" if self.version else ""

    @property
    def is_known(self) -> bool:
        """Whether a solver can be told what the line asks for."""
        return self.skip is None or self.match_spec is not None or bool(self.file)


NO_DEFAULTS: Final = "nodefaults"
"""What stands among channels and is none: with it conda asks only what is listed, which condabot always does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelReference:
    """A channel as a manifest names it: a bare name or a URL, and pixi's optional priority (higher first).

    Credentials in the URL are left out: nothing that is written in a manifest is used to log in anywhere.
    `exclude_newer` is pixi's cut-off for this channel alone, as written. `line` is where it is written.
    """

    name: str
    priority: int | None = None
    exclude_newer: str | None = None
    line: int | None = field(default=None, compare=False)


class ChannelPriority(StrEnum):
    """How the order of channels counts (conda's and pixi's words)."""

    STRICT = "strict"
    FLEXIBLE = "flexible"
    DISABLED = "disabled"


class SolveStrategy(StrEnum):
    """Which versions a solve prefers (pixi's `solve-strategy`)."""

    HIGHEST = "highest"
    LOWEST = "lowest"
    LOWEST_DIRECT = "lowest-direct"


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualPackage:
    """A package that the machine provides, such as `__glibc 2.28` (CEP 30)."""

    name: str
    version: str
    build: str = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What is solved for: a name, the subdir that packages come from, and what the machine provides.

    As declared by a manifest it has the virtual packages that are written there, in an environment all there are.
    """

    name: PlatformName
    subdir: Subdir
    virtual_packages: tuple[VirtualPackage, ...] = ()


EVERY_PACKAGE: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiOverride:
    """What is asked of a package in place of what anybody asks (`dependency-overrides`).

    `specifier` is empty for any version, None where it is no range: another source, or what cannot be read.
    """

    name: PackageName
    specifier: str | None
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiOptions:
    """Where pixi looks for PyPI packages, and which it takes; every value as written.

    `has_find_links` says that it looks in folders and pages that are no index, too. `unbuilt` are the packages that
    must not be built (`no-build`), `EVERY_PACKAGE` among them if none may. `stand_in` is the index that an
    operator has in place of PyPI's own, where none is named.
    """

    index_url: str | None = None
    stand_in: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    index_strategy: str | None = None
    prerelease_mode: str | None = None
    has_find_links: bool = False
    overrides: tuple[PypiOverride, ...] = ()
    unbuilt: tuple[str, ...] = ()


class MappingMode(StrEnum):
    """How a manifest's names for a channel go with the ones that everybody uses (pixi's `mapping-mode`).

    `NONE` is no word of pixi's: it stands for a channel of which no package is one of PyPI (`CHANNEL = false`).
    """

    OVERLAY = "overlay"
    REPLACE = "replace"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelNames:
    """What a manifest says of the PyPI names of a channel's packages; `channel` and `location` are as written.

    `location` is a JSON file, by URL or by path from the manifest's folder. `names` are written in the manifest itself
    and go before it; a package without any is none of PyPI. `same_name` says whether a package that nobody knows has
    the name of its project; None leaves that to the channel.
    """

    channel: str
    mode: MappingMode = MappingMode.OVERLAY
    location: str | None = None
    names: tuple[tuple[PackageName, tuple[str, ...]], ...] = ()
    same_name: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaPypiMap:
    """A manifest's `conda-pypi-map`, a `ChannelNames` for each channel in it. Off, no package is one of PyPI."""

    channels: tuple[ChannelNames, ...] = ()
    is_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A pixi feature. Channels and platforms that are None are the workspace's; `environment.yml` has only `default`.

    The content of `[environments.NAME]` itself is the feature `environments.NAME`, the first of that environment.
    `platforms` are names: those of the workspace's platforms, or subdirs.
    """

    name: str
    channels: tuple[ChannelReference, ...] | None = None
    platforms: tuple[str, ...] | None = None
    system_requirements: tuple[VirtualPackage, ...] = ()
    channel_priority: ChannelPriority | None = None
    solve_strategy: SolveStrategy | None = None
    pypi_options: PypiOptions | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentDeclaration:
    """A declared environment: the features it is made of, in order, and the solve group it belongs to."""

    name: str
    features: tuple[str, ...] = ()
    no_default_feature: bool = False
    solve_group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenExemption:
    """A release that pixi's `exclude-newer` does not keep out: which, and until when it may be published, as written.

    Of PyPI packages every release is exempt.
    """

    datasource: Datasource
    match_spec: MatchSpec
    cut_off: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """What a manifest says about its environments, beside its dependencies.

    `platforms` are subdirs, each once; `workspace_platforms` are all platforms if one of them has a name or virtual
    packages of its own.
    `is_workspace` is False where a manifest of pixi has a package and no workspace.
    `category` is conda-lock's (`dev`). `exclude_newer` and those of PyPI and of single packages are as written: a date,
    a time or a duration. `requires_python` is a project's, where pixi reads it. `lines` says where things stand that
    may turn out to be wrong. `stand_in` is no text of the file: it is what an operator has in place of PyPI's index.
    """

    name: str = ""
    is_workspace: bool = True
    category: str = ""
    channels: tuple[ChannelReference, ...] = ()
    platforms: tuple[Subdir, ...] = ()
    workspace_platforms: tuple[Platform, ...] = ()
    exclude_newer: str | None = None
    pypi_exclude_newer: str | None = None
    package_exclude_newer: tuple[tuple[Datasource, PackageName, str], ...] = ()
    exclude_newer_exemptions: tuple[WrittenExemption, ...] = ()
    pypi_options: PypiOptions | None = None
    stand_in: str | None = field(default=None, compare=False)
    conda_pypi_map: CondaPypiMap | None = None
    requires_python: str | None = None
    features: tuple[Feature, ...] = (Feature(name="default"),)
    environments: tuple[EnvironmentDeclaration, ...] = (EnvironmentDeclaration(name="default"),)
    lines: tuple[tuple[KeyPath, int], ...] = field(default=(), compare=False)

    def line_of(self, *at: str) -> int | None:
        """Return the line of `environments` NAME, `platforms` NAME or `exclude-newer`; None where it is not known."""
        return dict(self.lines).get(at)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedElsewhere:
    """The lockfile at `path`, which condabot does not write, locks these environments of a manifest."""

    path: str
    environments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A manifest as extracted: every item of it stands in `dependencies`, those left alone with their `skip`.

    `header` is the comment with which the file begins, its lines as written. `locked_elsewhere` is
    known where the files beside it are.
    """

    path: str
    format: ManifestFormat
    declarations: Declarations
    dependencies: tuple[Dependency, ...]
    header: str = ""
    locked_elsewhere: LockedElsewhere | None = None
