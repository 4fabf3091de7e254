"""Whether a line of pip counts in a conda environment: its marker, judged for a platform and a python (PEP 508)."""

from collections.abc import Iterable
from typing import Final

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

from bot.errors import SpecError
from bot.model.manifest import Subdir

_SYSTEMS: Final = {
    "linux": ("posix", "linux", "Linux"),
    "osx": ("posix", "darwin", "Darwin"),
    "win": ("nt", "win32", "Windows"),
}
_MACHINES: Final = {
    "linux-64": "x86_64",
    "linux-32": "i686",
    "osx-64": "x86_64",
    "win-64": "AMD64",
    "win-32": "x86",
    "win-arm64": "ARM64",
}


def applies(marker: str, subdir: Subdir, python: str, extras: Iterable[str] = ()) -> bool:
    """Tell whether *marker* holds for CPython *python* on *subdir*, with or without one of *extras*.

    An empty one always does.

    Raises:
        SpecError: it is no marker, or asks what nobody can tell of a conda environment.

    """
    if not marker:
        return True
    try:
        parsed, environment = Marker(marker), _environment(subdir, python)
        return any(parsed.evaluate({**environment, "extra": extra}) for extra in ("", *extras))
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, ValueError, RecursionError) as error:
        raise SpecError(f"`{marker}` cannot be judged for {subdir} and python {python}") from error


def _environment(subdir: Subdir, python: str) -> dict[str, str]:
    """Return every variable of PEP 508, so that none is this machine's own."""
    family, _, machine = subdir.partition("-")
    os_name, sys_platform, system = _SYSTEMS.get(family, ("posix", family, family.capitalize()))
    return {
        "os_name": os_name,
        "sys_platform": sys_platform,
        "platform_system": system,
        "platform_machine": _MACHINES.get(subdir, machine),
        "platform_release": "",
        "platform_version": "",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "implementation_version": python,
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "extra": "",
    }
