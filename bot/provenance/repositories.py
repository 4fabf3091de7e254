"""Which repository a source of a recipe is a release of, as far as it says that itself."""

import re
from typing import Final

from bot.model.manifest import PackageName
from bot.model.provenance import PackageSource
from bot.versioning.upstream import release_of, repository_name, tag_of

_COMMIT: Final = re.compile(r"[0-9a-f]{7,64}")


def repository_of(source: PackageSource, version: str) -> PackageName | None:
    """Return the repository whose release of *version* the *source* is; None if it does not say so.

    A commit alone is no release, and a tag of another version is another release.
    """
    repository = repository_name(source.url)
    if repository is None:
        return None
    tag = tag_of(source.url) or ("" if _COMMIT.fullmatch(source.commit) else source.commit)
    ours = release_of(version)
    if tag:
        return repository if release_of(tag) == ours else None
    return repository if ours and not source.commit and version.lower() in source.url.lower() else None
