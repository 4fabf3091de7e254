"""Files -> workspaces: what can be read is, and what cannot becomes a problem of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot import lockfiles, manifests
from bot.errors import BadInput, EgressRefused
from bot.model.environment import Workspace
from bot.model.manifest import Manifest
from bot.model.package import Lock
from bot.model.report import Problem
from bot.updating.relevance import PRE_COMMIT_CONFIG
from bot.workspaces import PIXI_FORMATS, ResolveChannel, compose


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the files of a repository say: their workspaces, every manifest, and what could not be read.

    `pre_commit_config` is the text of `.pre-commit-config.yaml`, which may name programs that write manifests.
    """

    workspaces: tuple[Workspace, ...]
    manifests: tuple[Manifest, ...]
    problems: tuple[Problem, ...]
    pre_commit_config: str = ""


def read(files: Mapping[str, bytes], resolve: ResolveChannel, now: datetime) -> Reading:
    """Read every manifest in *files*, each with the lockfile beside it. One bad file spoils only its own workspace."""
    extracted: list[Manifest] = []
    workspaces: list[Workspace] = []
    problems: list[Problem] = []
    for path in sorted(files.keys() - {PRE_COMMIT_CONFIG}):
        try:
            manifest = manifests.extract(path, files[path])
            if manifest is None:
                continue
            extracted.append(manifest)
            workspaces.append(compose(manifest, _lock_of(manifest, files), resolve, now=now))
        except BadInput as error:
            problems.append(Problem(path=error.path or path, line=error.line, sentence=_sentence(error)))
        except EgressRefused as error:
            problems.append(Problem(path=path, sentence=str(error)))
    return Reading(
        workspaces=tuple(workspaces),
        manifests=tuple(extracted),
        problems=tuple(problems),
        pre_commit_config=files.get(PRE_COMMIT_CONFIG, b"").decode(errors="replace"),
    )


def _lock_of(manifest: Manifest, files: Mapping[str, bytes]) -> Lock | None:
    path = lockfiles.lock_for(files, manifest.path) if manifest.format in PIXI_FORMATS else None
    return lockfiles.parse(path, files[path]) if path else None


def _sentence(error: BadInput) -> str:
    return f"{error.key}: {error.message}" if error.key else error.message
