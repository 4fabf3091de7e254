"""What people say of their machines counts where a manifest has no words for it."""

from collections.abc import Mapping

import pytest

from bot.manifests import extract
from bot.model.environment import Environment
from bot.model.manifest import Subdir, VirtualPackage
from bot.workspaces import Machines, compose, on_machines
from tests.workspaces.pixi import LINUX, MACOS, NOW, WORKSPACE, provided, resolve
from tests.workspaces.pixi import workspace as pixi_workspace

ENVIRONMENT_YML = "channels: [conda-forge]\nplatforms: [linux-64, osx-arm64]\ndependencies: [numpy]\n"
GLIBC, CUDA, OSX = (
    VirtualPackage(name=name, version=version)
    for name, version in (("__glibc", "2.34"), ("__cuda", "12.6"), ("__osx", "14.0"))
)


def on(machines: Machines) -> Environment:
    manifest = extract("environment.yml", ENVIRONMENT_YML.encode())
    assert manifest is not None
    (found,) = on_machines(compose(manifest, None, resolve, now=NOW), machines).environments
    return found


def versions(environment: Environment, subdir: Subdir) -> Mapping[str, str]:
    return {each.name: each.version for each in provided(environment, subdir)}


def test_what_is_configured_goes_over_what_is_assumed_where_it_can_be() -> None:
    found = on(Machines(configured=(GLIBC, CUDA, OSX)))

    assert (versions(found, LINUX)["__glibc"], versions(found, LINUX)["__cuda"]) == ("2.34", "12.6")
    assert "__osx" not in versions(found, LINUX)
    assert versions(found, MACOS)["__osx"] == "14.0"
    assert {"__cuda", "__glibc"}.isdisjoint(versions(found, MACOS))
    assert found.assumes_cuda == frozenset()


def test_what_lies_beside_stands_in_for_all_that_is_assumed_on_its_platforms() -> None:
    found = on(Machines(beside={LINUX: (GLIBC,)}))

    assert versions(found, LINUX) == {"__glibc": "2.34"}
    assert versions(found, MACOS) == {"__archspec": "1", "__osx": "11.0", "__unix": "0"}
    assert found.assumes_cuda == {MACOS}


def test_where_nobody_says_anything_the_driver_is_assumed() -> None:
    assert on(Machines()).assumes_cuda == {LINUX, MACOS}


@pytest.mark.parametrize("machines", [Machines(configured=(CUDA,)), Machines(beside={LINUX: (CUDA,)})])
def test_a_manifest_of_pixi_says_it_itself(machines: Machines) -> None:
    plain = pixi_workspace(WORKSPACE)

    assert on_machines(plain, machines) is plain
