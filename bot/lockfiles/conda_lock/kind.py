"""What can be asked of a `conda-lock.yml`, and what the files are called that have to do with one."""

from typing import Final

from bot.model.package import LockedPypi, LockFormat, Relocking

CONDA_LOCK: Final = LockFormat(
    name="conda-lock.yml",
    names_channels=True,
    is_complete=False,
    pypi=LockedPypi.FILES,
    relocking=Relocking.IF_UNMET,
    check="",
)

VIRTUAL_PACKAGES: Final = ("virtual-packages.yml", "virtual-packages.yaml")
"""What a lock beside it was solved with."""

_SUFFIXES: Final = ("conda-lock.yml", "conda-lock.yaml")


def is_conda_lock(path: str) -> bool:
    """Tell whether the name of *path* ends in `conda-lock.yml` or `conda-lock.yaml`."""
    return path.rpartition("/")[2].endswith(_SUFFIXES)


def is_virtual_packages(path: str) -> bool:
    """Tell whether *path* has the name of a file that says what locks beside it were solved with."""
    return path.rpartition("/")[2] in VIRTUAL_PACKAGES
