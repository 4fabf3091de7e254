"""Virtual packages: what a solution needs of a machine, and what is said where that is more than anybody knows of it.

A virtual package that keeps a release out is found by solving with machines that have everything, and named with the
version that was taken for granted and the place where people say another.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from bot.lockfiles.floors import ARCHSPEC, floor_of, floors, highest
from bot.model.environment import SolveUnit
from bot.model.manifest import MachineDefaults, PackageName, VirtualPackage
from bot.model.package import Record
from bot.model.solve import SolveRequest
from bot.versioning.conda import is_newer
from bot.versioning.match_spec import is_virtual_package
from bot.versioning.records import admits, is_match_spec, name_in

CUDA: Final = PackageName("__cuda")
HIGHEST: Final = "9999"
FIXED: Final = frozenset({"__archspec", "__unix"})
"""What has no version that a newer machine would raise."""
LEVELS: Final = ("x86_64_v2", "x86_64_v3", "x86_64_v4")
_SAID_IN: Final = {
    MachineDefaults.PIXI: "`[system-requirements]` of {manifest}",
    MachineDefaults.CONDA_LOCK: "a `virtual-packages.yml` beside {manifest}, or `virtualPackages` of the configuration",
}
_BY_CONFIGURATION: Final = "`systemFloor` of the configuration"
_VERSION: Final = re.compile(r"[0-9][0-9.]*(?<!\.)")
_LEVEL: Final = re.compile(r"x86_64(_v[2-4])?")


def floored(
    machine: tuple[VirtualPackage, ...], floor: Mapping[str, str], records: Iterable[Record]
) -> tuple[VirtualPackage, ...]:
    """Return *machine* with nothing newer than *floor* has it, by the names of virtual packages, or *records* need.

    Updates are solved on it. *records* are in use: nothing of that is lowered for a floor, nor does it keep the rest
    from moving.
    """
    if not floor:
        return machine
    used = floors(records)
    bounds = {name: highest(name, [version, used.get(name, version)]) for name, version in floor.items()}
    return tuple(_floored(each, bounds[each.name]) if each.name in bounds else each for each in machine)


def _floored(package: VirtualPackage, bound: str) -> VirtualPackage:
    if package.name == ARCHSPEC:
        is_above = all(map(_LEVEL.fullmatch, (package.build, bound))) and package.build > bound
        return replace(package, build=bound) if is_above else package
    return replace(package, version=bound) if is_newer(package.version, bound) else package


def with_everything(request: SolveRequest) -> SolveRequest:
    """Return *request* for a machine that has the newest of all that machines of its platform have."""
    raised = [each if each.name in FIXED else replace(each, version=HIGHEST) for each in request.virtual_packages]
    if not request.subdir.startswith("osx-") and all(each.name != CUDA for each in raised):
        raised.append(VirtualPackage(name=CUDA, version=HIGHEST))
    return replace(request, virtual_packages=tuple(raised))


def on_other_processors(request: SolveRequest) -> Iterator[SolveRequest]:
    """Yield *request* for machines that have everything, and a processor of each higher level of x86-64.

    The levels are builds of `__archspec` (CEP 30), of which a package asks for one: none stands for those below it.
    """
    here = next((each.build for each in request.virtual_packages if each.name == ARCHSPEC), "")
    for level in LEVELS if _LEVEL.fullmatch(here) else ():
        if level > here:
            machine = with_everything(request).virtual_packages
            raised = (replace(each, build=level) if each.name == ARCHSPEC else each for each in machine)
            yield replace(request, virtual_packages=tuple(raised))


def with_any_cuda(request: SolveRequest) -> SolveRequest:
    """Return *request* for a machine whose driver is the newest."""
    machine = tuple(replace(each, version=HIGHEST) if each.name == CUDA else each for each in request.virtual_packages)
    return replace(request, virtual_packages=machine)


def with_the_cuda_of(machine: Iterable[VirtualPackage], records: Iterable[Record]) -> tuple[VirtualPackage, ...]:
    """Return *machine* with `__cuda` as new as *records* ask for, if it is there at all."""
    asked = [text for each in records for text in _demands(each) if name_in(text) == CUDA]
    return tuple(replace(each, version=_risen(each.version, asked)) if each.name == CUDA else each for each in machine)


def what_it_lacks(unit: SolveUnit, machine: Iterable[VirtualPackage], records: Iterable[Record]) -> str:
    """Return what *records* need that *machine*, on which *unit* was solved, has not, as sentences; empty if nothing.

    Where people can say that there is more is said, too.
    """
    there = {PackageName(each.name): each for each in machine}
    lacking = [
        (record, text)
        for record in records
        for text in _demands(record)
        if not _has(there, text, needs=text in record.depends)
    ]
    found = dict.fromkeys(
        f"{record.name} {record.version} needs {text}, and {_taken(name_in(text), there)} on {unit.platform.name}"
        for record, text in lacking
    )
    known = {PackageName(each.name): each for each in unit.platform.virtual_packages}
    asked = {name_in(text) for _, text in lacking}
    lowered = any(name in there and is_newer(known[name].version, there[name].version) for name in asked & known.keys())
    where = _BY_CONFIGURATION if lowered else _said_in(unit, asked)
    return f"{'; '.join(found)} (it is said in {where})" if found else ""


def _taken(name: PackageName, there: Mapping[PackageName, VirtualPackage]) -> str:
    if name not in there:
        return f"no {name} is taken to be there"
    known = there[name]
    build = f" {known.build}" if name == ARCHSPEC else ""
    return f"{name} {known.version}{build} is what there is taken to be"


def _has(there: Mapping[PackageName, VirtualPackage], text: str, *, needs: bool) -> bool:
    name = name_in(text)
    if name == ARCHSPEC and name in there:
        asked = floor_of(text)
        return admits(text, there[name].version) and asked in (None, there[name].build)
    return admits(text, there[name].version) if name in there else not needs


def _said_in(unit: SolveUnit, asked: Container[PackageName]) -> str:
    environment = unit.environments[0]
    manifest = environment.manifests[0]
    if ARCHSPEC in asked and environment.machine is MachineDefaults.PIXI:
        return f"`archspec` of a table in `platforms` of {manifest}"
    if unit.platform.name != unit.subdir:
        return f"the platform {unit.platform.name} of {manifest}"
    return _SAID_IN[environment.machine].format(manifest=manifest)


def _demands(record: Record) -> Iterator[str]:
    """Yield what *record* says of virtual packages."""
    for text in (*record.depends, *record.constrains):
        if is_virtual_package(name_in(text)) and is_match_spec(text):
            yield text


def _risen(version: str, demands: Iterable[str]) -> str:
    """Return *version*, or the least that *demands* name and that meets them."""
    for text in demands:
        if not admits(text, version):
            version = next((each for each in _VERSION.findall(text) if admits(text, each)), version)
    return version
