"""Order of PyPI versions and what a version specifier admits. `packaging` decides (PEP 440)."""

from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from bot.errors import SpecError
from bot.model.update import UpdateKind
from bot.versioning.kinds import kind_of_difference
from bot.versioning.match_spec import LONGEST
from bot.versioning.order import VersionOrder
from bot.versioning.raising import VersionScheme
from bot.versioning.ranges import NewRange, RangeStrategy, Unmoved, move_range


def is_prerelease(version: str) -> bool:
    """Tell whether *version* is an alpha, beta, candidate or development version.

    Raises:
        SpecError: it is not a version.

    """
    return _version(version).is_prerelease


def update_kind(old: str, new: str) -> UpdateKind:
    """Return how far apart the versions are: their first differing number, the third and later ones being a patch.

    A different epoch is major; a suffix (`rc1`, `.post1`, `+local`) is a patch.

    Raises:
        SpecError: one of them is not a version.

    """
    left, right = _version(old), _version(new)
    if left.epoch != right.epoch:
        return UpdateKind.MAJOR
    return kind_of_difference(left.release, right.release, missing=0)


def version_line(version: str) -> str:
    """Return the line of releases that *version* belongs to: `2` for `2.5.1`, `1!2` with an epoch.

    Raises:
        SpecError: it is not a version.

    """
    parsed = _version(version)
    return f"{parsed.epoch}!{parsed.major}" if parsed.epoch else str(parsed.major)


def local_label(version: str) -> str:
    """Return the local label of *version*: `cu118` of `2.1.0+cu118`, empty without one.

    Raises:
        SpecError: it is not a version.

    """
    return _version(version).local or ""


def public(version: str) -> str:
    """Return *version* without its local label: `2.6.0` for `2.6.0+cu124`. Only `==` and `!=` may name a label.

    Source: https://packaging.python.org/en/latest/specifications/version-specifiers/#local-version-identifiers

    Raises:
        SpecError: it is not a version.

    """
    return version.partition("+")[0] if _version(version).local else version


def exact_version(version_spec: str) -> str | None:
    """Return the one version that *version_spec* names (`1.2` of `==1.2`), or None if it is of another form.

    Raises:
        SpecError: it is not a version specifier.

    """
    clauses = list(_specifiers(version_spec))
    exact = len(clauses) == 1 and clauses[0].operator == "==" and not clauses[0].version.endswith(".*")
    return clauses[0].version if exact else None


def satisfies(version_spec: str, version: str) -> bool:
    """Tell whether *version_spec* admits *version*, pre-releases included. An empty one and `*` (pixi's) admit all.

    Raises:
        SpecError: one of them is not what it should be.

    """
    return _specifiers(version_spec).contains(_version(version), prereleases=True)


@lru_cache(maxsize=16_384)
def admits(version_spec: str, version: str) -> bool:
    """Tell whether *version_spec* admits *version*; what cannot be compared is not held against anybody."""
    try:
        return satisfies(version_spec, version)
    except SpecError:
        return True


def validate_version_spec(version_spec: str) -> None:
    """Do nothing if *version_spec* is one.

    Raises:
        SpecError: it is not.

    """
    _specifiers(version_spec)


def new_pypi_range(version_spec: str, release: str, strategy: RangeStrategy) -> str | None:
    """Return the Python *version_spec* rewritten for *release*, or None if it stays as it is (`why_not` says why).

    Raises:
        SpecError: the version spec or the release is not one.

    """
    result = move_range(version_spec, release, strategy, PEP440)
    return result.version_spec if isinstance(result, NewRange) else None


def why_not(version_spec: str, release: str, strategy: RangeStrategy) -> str:
    """Return in a sentence why `new_pypi_range` leaves *version_spec* as it is; empty if it does not.

    Raises:
        SpecError: the version spec or the release is not one.

    """
    result = move_range(version_spec, release, strategy, PEP440)
    return result.reason if isinstance(result, Unmoved) else ""


def _specifiers(version_spec: str) -> SpecifierSet:
    if len(version_spec) > LONGEST:
        raise SpecError(f"a text of {len(version_spec)} characters is not a version specifier")
    try:
        return SpecifierSet("" if version_spec.strip() == "*" else version_spec)
    except InvalidSpecifier as error:
        raise SpecError(f"`{version_spec}` is not a version specifier: {error}") from error


def _version(text: str) -> Version:
    try:
        return Version(text)
    except ValueError as error:  # InvalidVersion is one; a number of thousands of digits raises another
        raise SpecError(f"`{text}` is not a version of PEP 440") from error


_ORDER = VersionOrder(parse=_version)
newest, sort_versions = _ORDER.newest, _ORDER.sort_versions
is_newer, same_version = _ORDER.is_newer, _ORDER.same_version

PEP440 = VersionScheme(satisfies=satisfies, is_newer=is_newer, has_alternatives=False)
