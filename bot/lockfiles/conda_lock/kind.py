"""What can be asked of a `conda-lock.yml`, and what the files are called that have to do with one."""

import re
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
_MAY_BE: Final = re.compile(r"(?!(?:anaconda-project|pnpm)-lock\.).*lock.*\.ya?ml", re.IGNORECASE)
_KEYS: Final = tuple(re.compile(key, re.MULTILINE) for key in (rb"^metadata:", rb"^package:", rb"content_hash:"))


def is_conda_lock(path: str) -> bool:
    """Tell whether the name of *path* ends in `conda-lock.yml` or `conda-lock.yaml`."""
    return path.rpartition("/")[2].endswith(_SUFFIXES)


def may_be_conda_lock(path: str) -> bool:
    """Tell whether *path* is YAML that may be a lock by its name; its content has the last word."""
    return _MAY_BE.fullmatch(path.rpartition("/")[2]) is not None


def is_conda_lock_text(path: str, content: bytes) -> bool:
    """Tell whether the YAML *content* has what every lock has: packages, and the hash of what they are made from."""
    return path.endswith((".yml", ".yaml")) and all(key.search(content) for key in _KEYS)


def is_virtual_packages(path: str) -> bool:
    """Tell whether *path* has the name of a file that says what locks beside it were solved with."""
    return path.rpartition("/")[2] in VIRTUAL_PACKAGES
