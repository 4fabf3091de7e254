"""An environment of the demo packed as `condabot pack` does it, unpacked elsewhere, and its command run there."""

import asyncio
import hashlib
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable
from pathlib import Path

from rattler import Subdir

from bot import lockfiles
from bot.errors import BadInput
from bot.model.manifest import PlatformName
from bot.packing.installing import Installer
from bot.packing.plan import PackPlan
from bot.settings import ChannelSettings


async def run_packed(
    lock: str, command: str, *, settings: ChannelSettings, folder: Path, progress: Callable[[str], None]
) -> str | None:
    """Return what *command* says, out of the only environment of *lock*; None where what packs is not installed.

    It is packed and unpacked in *folder*.
    """
    try:
        from bot.packing.packer import Packer  # noqa: PLC0415 -- conda-pack is an extra of its own
    except ImportError:
        return None
    parsed = lockfiles.parse("pixi.lock", lock.encode())
    plan = PackPlan(
        lock=parsed,
        sha256=hashlib.sha256(lock.encode()).hexdigest(),
        environment=parsed.environments[0],
        platform=PlatformName(str(Subdir.current())),
    )
    if plan.newest is None:
        raise BadInput("nothing in it says when it was built", path="pixi.lock")
    archive, unpacked = folder / "packed.tar.gz", folder / "unpacked"
    unpacked.mkdir()
    installer = Installer(settings=settings, check_url=lambda _: None, folder=folder)
    await Packer(installer=installer, moment=plan.newest, stage=progress).pack(plan, archive, run_scripts=False)
    await _said_by("tar", "-xzf", str(archive), "-C", str(unpacked), path="/usr/bin:/bin")
    return await _said_by(str(unpacked / "bin" / command), path=f"{unpacked}/bin:/usr/bin:/bin")


async def _said_by(*words: str, path: str) -> str:
    process = await asyncio.create_subprocess_exec(*words, stdin=DEVNULL, stdout=PIPE, env={"PATH": path})
    output, _ = await process.communicate()
    return output.decode(errors="replace").strip()
