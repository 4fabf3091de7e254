"""An environment of a lock -> an archive, and beside it what is in it: all of them, or none."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Final

from bot import __version__
from bot.errors import BadInput
from bot.packing.archive import pack
from bot.packing.installing import Installer
from bot.packing.manifest import PackedFile, link_scripts, manifest
from bot.packing.plan import PackPlan
from bot.sbom.cyclonedx import cyclonedx

ENDINGS: Final = (".tar.gz", ".tgz")
LONGEST: Final = 60
"""Characters of a folder for temporary files. Below a longer one, scripts begin with a shell that calls their python by
its path, which would be too long to begin with; conda-pack does not undo that, and the path would stay."""

SHORT: Final = Path("/tmp")  # noqa: S108 -- a folder with a name of its own is made in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What came of it: the files in the archive, and the packages whose link scripts have not been run."""

    files: tuple[PackedFile, ...]
    not_linked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packer:
    """Packs environments. No file in an archive is of a time after *moment*; *stage* is told what is done."""

    installer: Installer
    moment: datetime
    stage: Callable[[str], None]

    async def pack(self, plan: PackPlan, output: Path, *, run_scripts: bool) -> Packed:
        """Write the archive of *plan* to *output*, and beside it a checksum, a bill of materials and a manifest.

        Raises:
            BadInput: it cannot be packed, or not written there.
            ChannelError: an archive of a package is not to be had, or not the one that is locked.
            EgressRefused: one may not be called.

        """
        if not output.name.endswith(ENDINGS):
            raise BadInput(f"must end with {' or '.join(ENDINGS)}", path=str(output), key="--output")
        try:
            # Beside the output, so that it can be moved there at once.
            with TemporaryDirectory(prefix=".condabot-pack-", dir=output.parent) as made:
                return await self._pack(plan, output, Path(made), run_scripts=run_scripts)
        except OSError as error:
            raise BadInput(f"cannot be written: {error.strerror}", path=str(output), key="--output") from error

    async def _pack(self, plan: PackPlan, output: Path, made: Path, *, run_scripts: bool) -> Packed:
        with TemporaryDirectory(prefix="condabot-", dir=_short_place()) as scratch:
            self.stage(f"installing {len(plan.records)} packages")
            prefix = Path(scratch) / "environment"
            await self.installer.install(plan.records, prefix, plan.subdir, run_scripts=run_scripts)
            self.stage("packing")
            files = await asyncio.to_thread(pack, prefix, made / output.name, self.moment, Path(scratch))
        texts = self._beside(plan, made / output.name, files, ran_scripts=run_scripts)
        for name, text in texts.items():
            (made / name).write_text(text, encoding="utf-8")
        for name in (*texts, output.name):  # the archive last: then everything is there
            (made / name).replace(output.parent / name)
        return Packed(files=files, not_linked=() if run_scripts else link_scripts(files))

    def _beside(
        self, plan: PackPlan, archive: Path, files: tuple[PackedFile, ...], *, ran_scripts: bool
    ) -> Mapping[str, str]:
        """Return the texts that stand beside *archive*, by their names."""
        with archive.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        packed = PackedFile(path=archive.name, sha256=sha256, size=archive.stat().st_size)
        said = manifest(plan, files, packed, created=self.moment, ran_scripts=ran_scripts)
        return {
            f"{archive.name}.sha256": f"{sha256}  {archive.name}\n",
            f"{archive.name}.cdx.json": f"{cyclonedx(plan.inventory, __version__, self.moment)}\n",
            f"{archive.name}.manifest.json": f"{json.dumps(said, indent=2)}\n",
        }


def _short_place() -> Path:
    found = Path(gettempdir())
    return SHORT if len(str(found)) > LONGEST and SHORT.is_dir() else found
