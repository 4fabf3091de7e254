"""The python that pixi adds to the default feature of a `pyproject.toml` by itself.

Where the default feature does not ask for python, `[project] requires-python` does, and without that any python will do
(https://pixi.sh/latest/python/pyproject_toml/#python-dependency). It is no line of dependencies: it counts in solves
and is never rewritten.
"""

from collections.abc import Iterable
from typing import Final

from bot.errors import ManifestError, SpecError
from bot.model.environment import Requirement
from bot.model.manifest import Datasource, Manifest, MatchSpec, PackageName, PlatformName
from bot.versioning.conda import validate_version_spec

PYTHON: Final = PackageName("python")
_AT: Final = "project.requires-python"


def implied_python(
    manifest: Manifest, platforms: Iterable[PlatformName], asked: Iterable[Requirement]
) -> dict[PlatformName, MatchSpec]:
    """Return what pixi asks of python by itself, on those of *platforms* where nothing in *asked* does.

    *asked* is what the default feature asks for.

    Raises:
        ManifestError: `requires-python` means nothing to conda.

    """
    if not manifest.format.adds_python:
        return {}
    lines = [each for each in asked if (each.dependency.datasource, each.dependency.name) == (Datasource.CONDA, PYTHON)]
    named = {platform for each in lines for platform in each.platforms}
    spec = MatchSpec(name=PYTHON, version=_version_spec(manifest))
    return {platform: spec for platform in platforms if platform not in named}


def _version_spec(manifest: Manifest) -> str:
    """Return `requires-python` as conda reads it: a leading `==` means less there, so pixi leaves it out."""
    written = (manifest.declarations.requires_python or "").strip().removeprefix("==").strip()
    try:
        validate_version_spec(written)
    except SpecError as error:
        raise ManifestError(error.message, path=manifest.path, key=_AT) from error
    return written
