"""Versions in any other file, each under a comment: `# renovate: datasource=conda depName=conda-forge/numpy`.

Rule 1: the comment stands on a line of its own, and the version on the next: after the package's name and an
operator (`numpy=1.26`), or as the last word of the line (`ENV NUMPY_VERSION=1.26.4`, `numpy: "1.26.4"`).
Rule 2: datasources `conda` and `pypi` only. Every such comment is a dependency, or says why it is none.
Rule 3: each is an environment of its own, of one package on linux-64.
Rule 4: a bare version means what commands make of it: `1.26` any 1.26 of conda (`=1.26`), 1.26 itself of PyPI.

Source: Renovate's presets for custom managers (`customManagers:dockerfileVersions` and its siblings).
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.edits import Span
from bot.errors import SpecError
from bot.manifests.base import ForeignLock, Leaf, LocatedDependency, LocatedManifest, Site, located_manifest
from bot.manifests.items import Item, is_specifier, is_template, skipped
from bot.model.manifest import (
    ChannelReference,
    Datasource,
    Declarations,
    Dependency,
    EnvironmentDeclaration,
    Feature,
    MachineDefaults,
    ManifestFormat,
    MatchSpec,
    PackageName,
    Skip,
    SkipReason,
    Subdir,
)
from bot.versioning.match_spec import normalise_conda_name, normalise_pypi_name, parse_nameless

LONGEST: Final = 256_000
"""Bytes of the largest file in which comments are looked for."""

_COMMENT: Final = re.compile(r"[ \t]*(?:#|//|--)[ \t]*renovate:[ \t]*(?P<fields>[^\r\n]*)")
_FIELD: Final = re.compile(r"(?P<key>\w+)=(?P<value>\S+)")
_LAST_WORD: Final = re.compile(r"""(?:^|[\s=:"'])v?(?P<version>\d[\w.+!*]*+)["']?[ \t]*[,;)]?[ \t]*(?:[#\\].*)?$""")
_CLAUSE: Final = r"[=<>!~]=?[ \t]*\d[\w.+!*]*+"
_AFTER_NAME: Final = rf"(?<![\w.-]){{name}}(?:\[[^\]]*\])?[ \t]*(?P<version>{_CLAUSE}(?:,[ \t]*{_CLAUSE})*+)"
_TRAILING_COMMENT: Final = re.compile(r"\s#(?P<comment>.*)")
_BARE: Final = re.compile(r"\d[^*]*")
_IMPLIED: Final = {Datasource.CONDA: "=", Datasource.PYPI: "=="}
_DEFAULT_CHANNEL: Final = "conda-forge"
_PLATFORM: Final = Subdir("linux-64")

ANNOTATED: Final = ManifestFormat(
    name="annotated",
    machine=MachineDefaults.CONDA_LOCK,
    is_pixi=False,
    adds_python=False,
    is_source_of_conda_lock=False,
    may_be_exported=False,
    is_named_by_file=True,
    is_line_by_line=True,
    last_feature_wins=False,
    default_channels=(),
)


@dataclass(frozen=True, slots=True)
class Annotated:
    """The format of files with annotations."""

    kind: ManifestFormat = ANNOTATED
    patterns: tuple[str, ...] = ()
    mark: bytes = b"renovate:"
    described: str = "`# renovate:` comments"
    otherwise: str = ""
    behind: tuple[str, ...] = ()
    foreign_locks: tuple[ForeignLock, ...] = ()

    def matches(self, path: str) -> bool:
        """Any file may have annotations; which are looked into is for others to say (`is_annotated_path`, settings)."""
        return bool(path)

    def locate(self, path: str, text: str) -> LocatedManifest | None:
        """Read *text*; None if it is too long or has no annotation for us. See `Format.locate`."""
        annotations = tuple(_annotations(text)) if len(text) <= LONGEST else ()
        if not annotations:
            return None
        located = tuple(_located(text, annotation) for annotation in annotations)
        return located_manifest(path, self.kind, _declarations(annotations), located)

    def leaves(self, text: str) -> Iterator[Leaf]:
        """Yield every line. See `Format.leaves`."""
        yield from (((number,), line) for number, line in enumerate(text.split("\n"), start=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Annotation:
    """An annotation, and the line below it: its number, and where it starts and ends in the text."""

    name: PackageName
    occurrence: int
    datasource: Datasource
    channel: str
    line: int
    span: Span
    skip: Skip | None

    @property
    def environment(self) -> str:
        return f"{self.name}-{self.occurrence}" if self.occurrence else self.name


def _annotations(text: str) -> Iterator[_Annotation]:
    seen: Counter[tuple[Datasource, PackageName]] = Counter()
    start, lines = 0, text.split("\n")
    for number, line in enumerate(lines, start=1):
        start += len(line) + 1
        comment = _COMMENT.fullmatch(line.rstrip("\r"))
        fields = {each["key"]: each["value"] for each in _FIELD.finditer(comment["fields"])} if comment else {}
        if fields.get("datasource") not in ("conda", "pypi"):
            continue
        datasource = Datasource(fields["datasource"])
        below = lines[number].rstrip("\r") if number < len(lines) else ""
        name, channel, skip = _package(fields, datasource)
        yield _Annotation(
            name=name,
            occurrence=seen[datasource, name],
            datasource=datasource,
            channel=channel,
            line=min(number + 1, len(lines)),
            span=Span(start, start + len(below)),
            skip=skip,
        )
        seen[datasource, name] += 1


def _package(fields: dict[str, str], datasource: Datasource) -> tuple[PackageName, str, Skip | None]:
    """Return the name and channel that an annotation's *fields* give, or why they give none."""
    written = fields.get("packageName", fields.get("depName", ""))
    channel, _, plain = written.rpartition("/") if datasource is Datasource.CONDA else ("", "", written)
    channel = channel or _DEFAULT_CHANNEL
    if is_template(written) or "extractVersion" in fields:
        skip = Skip(reason=SkipReason.TEMPLATE, detail="a template or `extractVersion`, which only Renovate applies")
        return skipped(plain, skip).name, channel, skip
    try:
        name = normalise_pypi_name(plain) if datasource is Datasource.PYPI else normalise_conda_name(plain)
    except SpecError as error:
        skip = Skip(reason=SkipReason.INVALID_SPEC, detail=str(error))
        return skipped(plain, skip).name, channel, skip
    return name, channel, None


def _located(text: str, annotation: _Annotation) -> LocatedDependency:
    line = text[annotation.span.start : annotation.span.end]
    item = _item(line, annotation)
    version = None if item.version is None or item.skip else _moved(item.version, annotation.span.start)
    written = "" if version is None else text[version.start : version.end]
    comment = _TRAILING_COMMENT.search(line, item.version.end) if item.version else None
    dependency = Dependency(
        name=item.name,
        datasource=annotation.datasource,
        version=written,
        at=("annotations", annotation.datasource.value, annotation.name, annotation.occurrence),
        line=annotation.line,
        feature=annotation.environment,
        platforms=(_PLATFORM,),
        match_spec=item.match_spec,
        comment=comment["comment"].strip() if comment else "",
        implied=_implied(written, annotation.datasource),
        skip=item.skip,
    )
    # Whatever quotes stand there are the file's own affair, and a version fits between them.
    site = None if version is None else Site(version=version, scalar=version)
    return LocatedDependency(dependency=dependency, site=site)


def _item(line: str, annotation: _Annotation) -> Item:
    # Not in any case: in `NUMPY=1.26.4` a variable gets a value.
    found = re.search(_AFTER_NAME.format(name=re.escape(annotation.name)), line) or _LAST_WORD.search(line)
    if annotation.skip is not None or found is None:
        skip = annotation.skip or Skip(
            reason=SkipReason.INVALID_SPEC, detail=f"no version on the line below the comment: `{line.strip()}`"
        )
        return Item(name=annotation.name, skip=skip)
    try:
        spec = _spec(annotation, found["version"])
    except SpecError as error:
        return Item(name=annotation.name, skip=Skip(reason=SkipReason.INVALID_SPEC, detail=str(error)))
    return Item(name=annotation.name, version=Span(*found.span("version")), match_spec=spec)


def _spec(annotation: _Annotation, version: str) -> MatchSpec | None:
    meant = f"{_implied(version, annotation.datasource)}{version}"
    if annotation.datasource is Datasource.CONDA:
        return parse_nameless(annotation.name, meant).spec
    if not is_specifier(meant):
        raise SpecError(f"`{version}` is not a version (PEP 440)")
    return None


def _implied(version: str, datasource: Datasource) -> str:
    """Return the operator that a bare version goes without; none for conda's `1.26.*`, which is a spec as it is."""
    is_bare = version[:1].isdigit() if datasource is Datasource.PYPI else _BARE.fullmatch(version)
    return _IMPLIED[datasource] if is_bare else ""


def _moved(span: Span, offset: int) -> Span:
    return Span(span.start + offset, span.end + offset)


def _declarations(annotations: tuple[_Annotation, ...]) -> Declarations:
    by_name = {annotation.environment: annotation for annotation in annotations}
    return Declarations(
        platforms=(_PLATFORM,),
        features=tuple(_feature(name, each) for name, each in by_name.items()),
        environments=tuple(
            EnvironmentDeclaration(name=name, features=(name,), no_default_feature=True) for name in by_name
        ),
    )


def _feature(name: str, annotation: _Annotation) -> Feature:
    return Feature(name=name, channels=(ChannelReference(name=annotation.channel, line=annotation.line),))
