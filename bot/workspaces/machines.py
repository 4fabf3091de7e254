"""What people say that their machines provide, where a manifest has no words for it.

pixi's manifests have: `[system-requirements]` and tables of platforms. For all others it is a `virtual-packages.yml` in
their folder, as conda-lock reads it (https://conda.github.io/conda-lock/authentication/#virtual-packages), and
`virtualPackages` in condabot's own configuration, which wins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from bot.model.environment import Environment, Workspace
from bot.model.manifest import MachineDefaults, Platform, Subdir, VirtualPackage
from bot.workspaces.virtual_packages import laid_over, required_on

CUDA: Final = "__cuda"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """What people say: for each platform `beside` a manifest, where it stands in for all defaults, and for every one.

    What is `configured` counts on the platforms that can have it.
    """

    beside: Mapping[Subdir, tuple[VirtualPackage, ...]] = field(default_factory=dict)
    configured: tuple[VirtualPackage, ...] = ()


def on_machines(workspace: Workspace, machines: Machines) -> Workspace:
    """Return *workspace* with the virtual packages of *machines*; one of pixi as it is."""
    machine = workspace.manifests[0].format.machine
    if machine is MachineDefaults.PIXI:
        return workspace
    return replace(workspace, environments=tuple(_on_machines(each, machines) for each in workspace.environments))


def _on_machines(environment: Environment, machines: Machines) -> Environment:
    found = tuple(_on_machine(each, machines) for each in environment.platforms)
    said = {each.name for each in machines.configured}
    assumed = () if CUDA in said else (each.subdir for each in found if each.subdir not in machines.beside)
    return replace(environment, platforms=found, machine=MachineDefaults.CONDA_LOCK, assumes_cuda=frozenset(assumed))


def _on_machine(platform: Platform, machines: Machines) -> Platform:
    subdir = platform.subdir
    there = machines.beside.get(subdir, platform.virtual_packages)
    return replace(platform, virtual_packages=laid_over(there, subdir, required_on(subdir, machines.configured)))
