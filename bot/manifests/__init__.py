"""Manifests: text -> what it declares and depends on; planned versions -> text.

Rule 1: locate, splice, verify. A file is never printed anew; what is not planned stays the same characters.
Rule 2: the law (`bot.manifests.law`) judges every rewritten text before anybody sees it.
Rule 3: every item is a dependency or carries its reason. Nothing is dropped, and no text makes extraction raise
anything but `ManifestError`.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot.edits import Edit, apply_edits, conflict_line
from bot.errors import ManifestError, RewriteRefused
from bot.manifests.annotated import LONGEST as LONGEST_ANNOTATED
from bot.manifests.base import Format, LocatedManifest
from bot.manifests.candidates import Candidates, candidate_paths, has_manifest_name, is_manifest_path, why_none
from bot.manifests.comments_above import with_comments_above
from bot.manifests.conda_project import environment_files, is_conda_project
from bot.manifests.decoding import MAX_BYTES, decode
from bot.manifests.foreign_locks import foreign_locks_of, is_foreign_lock, with_locked_elsewhere
from bot.manifests.formats import COMMENTS, FORMATS, MANIFESTS
from bot.manifests.header import header_comment
from bot.manifests.law import require_planned_dependencies, require_planned_leaves
from bot.manifests.paths import DEFAULT_IGNORE_PATHS, is_annotated_path, is_environment_path, is_script_path
from bot.manifests.preferred import preferred_to
from bot.manifests.recognised import may_be_spec_list, recognise, spec_list
from bot.manifests.splicing import edits_of
from bot.model.manifest import KeyPath, Manifest, ManifestFormat

__all__ = [
    "DEFAULT_IGNORE_PATHS",
    "FORMATS",
    "LONGEST_ANNOTATED",
    "MAX_BYTES",
    "Candidates",
    "Format",
    "candidate_paths",
    "decode",
    "environment_files",
    "extract",
    "extract_annotated",
    "foreign_locks_of",
    "has_manifest_name",
    "is_annotated_path",
    "is_conda_project",
    "is_environment_path",
    "is_foreign_lock",
    "is_manifest_path",
    "is_script_path",
    "may_be_spec_list",
    "preferred_to",
    "recognise",
    "rewrite",
    "spec_list",
    "why_none",
    "with_locked_elsewhere",
]


def extract(path: str, content: bytes) -> Manifest | None:
    """Return the manifest that *content*, found at *path*, is; None if it is something else.

    Raises:
        ManifestError: it should be a manifest but cannot be read. Says where and why.

    """
    return _extract(MANIFESTS, path, content)


def extract_annotated(path: str, content: bytes) -> Manifest | None:
    """Return what the `# renovate:` comments in *content* ask for; None without one for conda or PyPI.

    For repositories without a Renovate configuration only: with one, the comments are Renovate's.

    Raises:
        ManifestError: the file has such comments but cannot be read.

    """
    return _extract(COMMENTS, path, content)


def _extract(formats: tuple[Format, ...], path: str, content: bytes) -> Manifest | None:
    for form in formats:
        # Without the zeros of UTF-16, so that a manifest in a wrong encoding is told from some other file.
        is_marked = form.mark in content.replace(b"\x00", b"")
        if form.matches(path) and is_marked and (located := _read(form, path, text := decode(path, content))):
            return _with_comments(form, located, text)
    return None


def _read(form: Format, path: str, text: str) -> LocatedManifest | None:
    """Return what *form* makes of *text*; what is no manifest because of a merge is said to be so."""
    try:
        return form.locate(path, text)
    except ManifestError as error:
        if line := conflict_line(text):
            message = "here is a merge-conflict marker: resolve the conflict"
            raise ManifestError(message, path=path, line=line) from error
        raise


def _with_comments(form: Format, located: LocatedManifest, text: str) -> Manifest:
    """Return the manifest with the comments on lines of their own in *text*; above annotated lines there are none."""
    commented = text if located.commented is None else located.commented
    headed = replace(located.manifest, header=header_comment(commented))
    return headed if form in COMMENTS else with_comments_above(headed, commented)


def rewrite(manifest: Manifest, content: str, changes: Mapping[KeyPath, str]) -> str:
    """Return *content*, the text of *manifest*, with the version at each key path replaced by the planned one.

    The planned versions are written as they are, operators included (`=2.3`, `>=2,<3`); only quotes are added, where
    YAML needs them. `content` is what `decode` returned.

    Raises:
        RewriteRefused: the text cannot take a planned version, or would not read back as exactly what was planned.
        ManifestError: *content* cannot be read.

    """
    form = _format(manifest.format)
    before = _located(form, manifest.path, content)
    text = apply_edits(content, [edit for at, new in changes.items() for edit in _edits(before, at, content, new)])
    after = _with_comments(form, _located(form, manifest.path, text), text)
    require_planned_dependencies(manifest, after, changes)
    planned = [(each.version, changes[each.at]) for each in manifest.dependencies if each.at in changes]
    differing = [(old, new) for old, new in planned if old != new]
    require_planned_leaves(manifest.path, list(form.leaves(content)), list(form.leaves(text)), differing)
    return text


def _format(kind: ManifestFormat) -> Format:
    return next(form for form in FORMATS if form.kind is kind)


def _located(form: Format, path: str, text: str) -> LocatedManifest:
    located = form.locate(path, text)
    if located is None:
        raise RewriteRefused(f"{path}: is no {form.kind} any more")
    return located


def _edits(located: LocatedManifest, at: KeyPath, text: str, new: str) -> list[Edit]:
    site = located.sites.get(at)
    if site is None:
        raise RewriteRefused(f"{located.manifest.path}: there is no version at {'.'.join(map(str, at))} to replace")
    try:
        return edits_of(text, site, new)
    except RewriteRefused as error:
        raise RewriteRefused(f"{located.manifest.path}: {error}") from error
