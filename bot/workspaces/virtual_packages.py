"""The virtual packages that an environment is solved with when nobody says otherwise.

pixi's defaults: https://pixi.sh/latest/workspace/system_requirements/ (glibc 2.28, linux 4.18, macOS 13.0).
conda-lock's assume CUDA where it can be: `default-virtual-packages.yaml` of conda-lock.
"""

from collections.abc import Iterable, Mapping

from bot.manifests.pixi_platforms import DEFAULTS as PIXI
from bot.manifests.pixi_platforms import architecture
from bot.model.manifest import MachineDefaults, Subdir, VirtualPackage
from bot.versioning.conda import is_newer

CONDA_LOCK = {
    "linux": {"__unix": "0", "__linux": "5.10", "__glibc": "2.28", "__cuda": "11.4"},
    "osx": {"__unix": "0", "__osx": "11.0"},
    "win": {"__win": "0", "__cuda": "11.4"},
}
C_LIBRARIES = frozenset({"__glibc", "__musl", "__eglibc"})
SYSTEMS = dict.fromkeys(("__linux", *C_LIBRARIES), "linux") | {"__osx": "osx", "__win": "win"}
"""The system that a virtual package says something about; any other name is about all of them."""
ASSUMED = {MachineDefaults.PIXI: PIXI, MachineDefaults.CONDA_LOCK: CONDA_LOCK}


def virtual_packages(
    machine: MachineDefaults, subdir: Subdir, required: Iterable[VirtualPackage] = ()
) -> tuple[VirtualPackage, ...]:
    """Return the virtual packages of *subdir* as *machine* assumes them, sorted by name; *required* ones win.

    A required C library is there in place of the default one.
    """
    versions = _of(ASSUMED[machine], subdir)
    packages = {name: VirtualPackage(name=name, version=version) for name, version in versions.items()}
    if build := architecture(subdir):
        packages["__archspec"] = VirtualPackage(name="__archspec", version="1", build=build)
    return laid_over(packages.values(), subdir, required)


def laid_over(
    packages: Iterable[VirtualPackage], subdir: Subdir, required: Iterable[VirtualPackage]
) -> tuple[VirtualPackage, ...]:
    """Return the virtual *packages* of *subdir* with those of *required* that fit it in their place, sorted by name."""
    required = [each for each in required if _fits(each.name, subdir)]
    replaced = C_LIBRARIES if any(each.name in C_LIBRARIES for each in required) else frozenset[str]()
    found = {each.name: each for each in packages if each.name not in replaced} | {each.name: each for each in required}
    return tuple(found[name] for name in sorted(found))


def required_on(subdir: Subdir, system_requirements: Iterable[VirtualPackage]) -> tuple[VirtualPackage, ...]:
    """Return those of `[system-requirements]` that pixi heeds on *subdir*: there is no CUDA on macOS.

    A platform that is a table may have it all the same.
    """
    return tuple(each for each in system_requirements if each.name != "__cuda" or not subdir.startswith("osx-"))


def highest(required: Iterable[VirtualPackage]) -> tuple[VirtualPackage, ...]:
    """Return *required* with each name once: of several versions the highest counts, as in pixi.

    Raises:
        SpecError: one of several versions is not a version.

    """
    found: dict[str, VirtualPackage] = {}
    for each in required:
        known = found.setdefault(each.name, each)
        if is_newer(each.version, known.version):
            found[each.name] = each
    return tuple(found.values())


def _of(table: Mapping[str, Mapping[str, str]], subdir: Subdir) -> Mapping[str, str]:
    return table.get(subdir.partition("-")[0], {})


def _fits(name: str, subdir: Subdir) -> bool:
    """A requirement on macOS says nothing about Linux."""
    system = subdir.partition("-")[0]
    return SYSTEMS.get(name, system) == system
