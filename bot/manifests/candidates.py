"""Which files of a repository may be manifests, told by their paths alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.manifests.base import Format
from bot.manifests.formats import FORMATS, MANIFESTS
from bot.manifests.paths import DEFAULT_IGNORE_PATHS, first_match, ignored_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Paths that may be manifests, in the order given.

    `managed` are to be read; their content has the last word. `ignored` are seen but not managed, with the pattern
    that hides each.
    """

    managed: tuple[str, ...]
    ignored: Mapping[str, str] = field(default_factory=dict)


def candidate_paths(
    paths: Iterable[str],
    *,
    ignore_paths: Iterable[str] = DEFAULT_IGNORE_PATHS,
    include_paths: Iterable[str] = (),
) -> Candidates:
    """Choose from *paths* those that may be manifests.

    *ignore_paths* are patterns of what not to manage, those with `!` of what to manage all the same. *include_paths*
    are patterns of further manifests (a conda-lock's sources, what somebody ticked): they are candidates whatever their
    names, and never ignored.
    """
    ignore, include = tuple(ignore_paths), tuple(include_paths)
    managed: list[str] = []
    ignored: dict[str, str] = {}
    for path in paths:
        if first_match(path, include):
            managed.append(path)
        elif is_manifest_path(path):
            pattern = ignored_by(path, ignore)
            if pattern is None:
                managed.append(path)
            else:
                ignored[path] = pattern
    return Candidates(managed=tuple(managed), ignored=ignored)


def has_manifest_name(path: str) -> bool:
    """Tell whether the name of the file at *path* is a manifest's wherever it lies."""
    return any(first_match(path, _names(form)) for form in MANIFESTS)


def why_none(path: str, content: bytes) -> str | None:
    """Return why the file at *path*, which was read and is no manifest, is none; None where nobody would ask."""
    for form in MANIFESTS:
        is_named = first_match(path, _names(form)) if form.patterns else form.matches(path) and form.mark in content
        if is_named and form.otherwise:
            return form.otherwise
    return None


def _names(form: Format) -> tuple[str, ...]:
    return tuple(pattern for pattern in form.patterns if pattern.startswith("**/"))


def is_manifest_path(path: str) -> bool:
    """Tell whether manifests of some format are looked for at *path*."""
    return any(first_match(path, form.patterns) for form in FORMATS)
