"""What can be asked of a `pixi.lock`."""

from typing import Final

from bot.model.package import LockedPypi, LockFormat, Relocking

PIXI_LOCK: Final = LockFormat(
    name="pixi.lock",
    names_channels=True,
    is_complete=True,
    pypi=LockedPypi.IN_FULL,
    relocking=Relocking.ALWAYS,
    check="pixi install --locked",
)
