"""What can be asked of a `conda-lock.yml`."""

from typing import Final

from bot.model.package import LockedPypi, LockFormat, Relocking

CONDA_LOCK: Final = LockFormat(
    name="conda-lock.yml",
    names_channels=True,
    is_complete=False,
    pypi=LockedPypi.FILES,
    relocking=Relocking.IF_UNMET,
)
