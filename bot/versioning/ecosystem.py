"""Where conda and PyPI differ when releases are judged: the order of versions, what a spec admits, the words for it.

A line of a manifest is of one ecosystem; `ecosystem_of` is the only place that chooses. What follows asks the value.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.errors import SpecError
from bot.model.manifest import Datasource, Dependency
from bot.model.update import Release, UpdateKind
from bot.versioning import conda, pep440, ranges
from bot.versioning.clauses import Role, clauses_of
from bot.versioning.ranges import RangeStrategy

_ASKS_FOR_NOTHING: Final = {Role.ANY, Role.CAP, Role.EXCLUSION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ecosystem:
    """One world of versions. Every function takes versions and specs as written and raises SpecError for what is none.

    `solves_without_lock` says that a solution is known also where no lock holds one. `label` is the part of a version
    within which updates stay. `new_range` rewrites a spec for a release (None: it stays, and `why_not` says why).
    `key_prefix` begins the keys of pull requests. `missing` and `undated` say of a release that a platform, or its
    date, is not there.
    """

    datasource: Datasource
    solves_without_lock: bool
    sort_versions: Callable[[Iterable[str]], list[str]]
    is_newer: Callable[[str, str], bool]
    is_prerelease: Callable[[str], bool]
    label: Callable[[str], str]
    update_kind: Callable[[str, str], UpdateKind]
    version_line: Callable[[str], str]
    admits: Callable[[str, str], bool]
    new_range: Callable[[str, str, RangeStrategy], str | None]
    why_not: Callable[[str, str, RangeStrategy], str]
    key_prefix: str
    missing: str
    undated: str

    def following(self, releases: Sequence[Release], current: str, version_specs: Iterable[str]) -> tuple[Release, ...]:
        """Return those of *releases* that may follow *current*, in their order: the newer ones with its label.

        A final release goes before any pre-release. Pre-releases alone are for a package of which one of
        *version_specs* names one, or that has nothing else.
        """
        newer = [each for each in releases if self.is_newer(each.version, current)]
        akin = tuple(each for each in newer if self.label(each.version) == self.label(current))
        final = tuple(each for each in akin if not self.is_prerelease(each.version))
        is_wanted = any(map(self.names_prerelease, version_specs))
        has_nothing_else = all(self.is_prerelease(each.version) for each in releases)
        return akin if not final and (is_wanted or has_nothing_else) else final

    def names_prerelease(self, version_spec: str) -> bool:
        """Tell whether *version_spec* asks for a pre-release, or for what follows one; a cap (`<2.0a0`) does not."""
        try:
            asked = [each.version for each in clauses_of(version_spec) if each.role not in _ASKS_FOR_NOTHING]
            return any(map(self.is_prerelease, asked))
        except SpecError:
            return False


def _no_label(version: str) -> str:
    del version
    return ""


def _pypi_admits(version_spec: str, version: str) -> bool:
    """Tell whether *version_spec* admits *version*; a range admits no version that PyPI could not have."""
    try:
        return pep440.satisfies(version_spec, version)
    except SpecError:
        return not version_spec


def _new_pypi_range(version_spec: str, release: str, strategy: RangeStrategy) -> str | None:
    """Return the new range; none for a release with a version of conda's that PyPI could not have."""
    try:
        return pep440.new_pypi_range(version_spec, release, strategy)
    except SpecError:
        return None


CONDA: Final = Ecosystem(
    datasource=Datasource.CONDA,
    solves_without_lock=True,
    sort_versions=conda.sort_versions,
    is_newer=conda.is_newer,
    is_prerelease=conda.is_prerelease,
    label=_no_label,
    update_kind=conda.update_kind,
    version_line=conda.version_line,
    admits=conda.satisfies,
    new_range=ranges.new_conda_range,
    why_not=ranges.why_not,
    key_prefix="",
    missing="is not (yet) built for",
    undated="has no build date in the channel",
)

PYPI: Final = Ecosystem(
    datasource=Datasource.PYPI,
    solves_without_lock=False,
    sort_versions=pep440.sort_versions,
    is_newer=pep440.is_newer,
    is_prerelease=pep440.is_prerelease,
    label=pep440.local_label,
    update_kind=pep440.update_kind,
    version_line=pep440.version_line,
    admits=_pypi_admits,
    new_range=_new_pypi_range,
    why_not=pep440.why_not,
    key_prefix="pypi-",
    missing="has no wheel (yet) for",
    undated="has no upload time in the index",
)

ECOSYSTEMS: Final[Mapping[Datasource, Ecosystem]] = {each.datasource: each for each in (CONDA, PYPI)}


def ecosystem_of(dependency: Dependency) -> Ecosystem:
    """Return the ecosystem of a line of a manifest."""
    return ECOSYSTEMS[dependency.datasource]
