"""conda-lock's own content hashes, computed by conda-lock. This module runs in a process of its own, once a question.

It reads a `HashRequest` from stdin and writes a `HashAnswer` to stdout. Its working directory is a fresh one that its
parent removes. conda-lock is imported here and nowhere else: it is an extra (`condabot[conda-lock]`), takes a second,
and looks into the environment of its process for the values that a channel's URL holds. So this process has none.

Rules:
1. No network: the table of PyPI and conda names is an empty file. conda-lock takes the names in an `environment.yml`
   as they are, those of `pip:` included, and looks up but one: `pip`, which is called so everywhere. The table counts
   for a `pyproject.toml`, whose requirements it turns into conda packages.
2. Nothing of the repository is run: `meta.yaml` is a template and not read; `pyproject.toml` neither, see above.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

import msgspec

from bot.model.content_hash import ContentHashes, HashRequest, HashResult, NotHashed, SourceFile
from bot.model.manifest import Subdir

MEMORY: Final = 1024 * 1024 * 1024
"""How many bytes this process may allocate."""

NOT_INSTALLED: Final = "conda-lock is not installed here: install condabot[conda-lock]"

_REFUSED_NAMES: Final = frozenset({"meta.yaml", "meta.yml", "pyproject.toml"})


class HashAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The result, exactly one of two."""

    hashes: ContentHashes | None = None
    not_hashed: NotHashed | None = None

    @classmethod
    def of(cls, result: HashResult) -> "HashAnswer":
        """Wrap *result*."""
        return cls(hashes=result) if isinstance(result, ContentHashes) else cls(not_hashed=result)

    @property
    def result(self) -> HashResult:
        """The result."""
        return self.hashes or self.not_hashed or NotHashed(reason="conda-lock gave no answer")


def main() -> None:
    """Answer the one question on stdin."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _limit_memory()
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=HashRequest)
    with output:
        output.write(msgspec.json.encode(HashAnswer.of(answer(request, Path.cwd()))))


def answer(request: HashRequest, folder: Path) -> HashResult:
    """Return the hashes for *request*, whatever becomes of it; its files are written below *folder*."""
    refused = [each.path for each in request.sources if not _is_readable(each.path)]
    if refused:
        return NotHashed(reason=f"{refused[0]} is a source that condabot does not let conda-lock read")
    try:
        return _hashes(request, folder)
    except ImportError:
        return NotHashed(reason=NOT_INSTALLED)
    except Exception as error:  # noqa: BLE001 -- the border of the process: any defect is a result, and is reported
        return NotHashed(reason=f"conda-lock does not read the sources: {error}")


def _is_readable(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and ".." not in parts and not path.startswith("/") and parts[-1] not in _REFUSED_NAMES


def _hashes(request: HashRequest, folder: Path) -> ContentHashes:
    from conda_lock.content_hash import (  # noqa: PLC0415 -- only in this process, see above
        backwards_compatible_content_hashes,
        compute_content_hashes,
    )
    from conda_lock.src_parser import make_lock_spec  # noqa: PLC0415 -- the same

    mapping = folder / "names.yaml"
    mapping.write_text("{}\n")
    spec = make_lock_spec(
        src_files=[_written(folder / "sources", source) for source in request.sources],
        platform_overrides=request.platforms,
        mapping_url=mapping.as_uri(),
    )
    repodata = _virtual_packages(request, folder)
    written = compute_content_hashes(spec, repodata)
    return ContentHashes(
        channels=tuple(channel.url for channel in spec.channels),
        written={Subdir(platform): digest for platform, digest in written.items()},
        accepted={
            platform: frozenset(backwards_compatible_content_hashes(spec, repodata, platform))
            for platform in request.platforms
        },
        constraints=_constraints(request.specifiers),
    )


def _constraints(specifiers: Sequence[str]) -> Mapping[str, str]:
    if not specifiers:
        return {}
    from conda_lock._vendor.poetry.core.constraints.version import (  # noqa: PLC0415 -- the same
        parse_constraint,
    )

    return {each: str(parse_constraint(each or "*")) for each in specifiers}


def _virtual_packages(request: HashRequest, folder: Path) -> Any:
    from conda_lock.virtual_package import (  # noqa: PLC0415 -- the same
        default_virtual_package_repodata,
        virtual_package_repo_from_specification,
    )

    if request.virtual_packages is None:
        return default_virtual_package_repodata()
    path = folder / "virtual-packages.yml"
    path.write_text(request.virtual_packages)
    return virtual_package_repo_from_specification(path)


def _written(folder: Path, source: SourceFile) -> Path:
    path = folder / source.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source.text)
    return path


if sys.platform == "win32":

    def _limit_memory() -> None:
        """Leave memory unlimited: Windows has no such limit. Time is bounded by the parent."""
else:
    import resource

    def _limit_memory() -> None:
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        bound = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))


if __name__ == "__main__":
    main()
