"""What a lock plainly does not hold of what its manifests ask for."""

from dataclasses import replace

import pytest

from bot.lockfiles.conda_lock import CONDA_LOCK
from bot.lockfiles.conda_lock.layers import compose_layers
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Lock, LockedEnvironment, PypiPackage, Record
from bot.workspaces import unmet, unneeded
from tests.conda_locks import package
from tests.lockfiles.conda_lock.test_layers import layer
from tests.workspaces.pixi import LINUX, MACOS, resolve

NUMPY = replace(package("numpy", "2.1.0"), build="py312_0")


def missing(text: str, *records: Record, platforms: tuple[Subdir, ...] = (LINUX,)) -> tuple[str, ...]:
    others = dict.fromkeys(map(str, platforms[1:]), ())
    environment = LockedEnvironment(name="default", channels=(), conda={platforms[0]: records, **others}, pypi={})
    lock = Lock(path="conda-lock.yml", format=CONDA_LOCK, version=1, environments=(environment,))
    return unmet(compose_layers([layer(f"dependencies:\n{text}", "environment.yml")], lock, resolve, {}))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("numpy", ()),
        ("numpy =2.1", ()),
        ("numpy >=2,<3", ()),
        ("numpy 2.1.* py312*", ()),
        ("other::numpy", ()),
        ("numpy >=2.2", ("numpy[version='>=2.2']",)),
        ("numpy 2.1.* py313*", ("numpy[version='2.1.*',build='py313*']",)),
        ("scipy", ("scipy",)),
    ],
)
def test_a_spec_is_met_by_a_record_of_its_name_version_and_build(line: str, expected: tuple[str, ...]) -> None:
    assert missing(f"  - {line}\n", NUMPY) == expected


def test_what_is_missing_on_several_platforms_is_named_once() -> None:
    assert missing("  - numpy\n", platforms=(LINUX, MACOS)) == ("numpy",)


def test_pip_is_missing_where_there_is_a_list_for_it() -> None:
    assert missing("  - numpy\n  - pip:\n    - tool\n", NUMPY) == ("pip",)


def test_a_version_that_is_none_is_not_held_against_the_lock() -> None:
    assert missing("  - numpy =2.1\n", replace(NUMPY, version="not a version")) == ()


def spare(text: str, *records: Record, pypi: tuple[PypiPackage, ...] = ()) -> tuple[str, ...]:
    environment = LockedEnvironment(name="default", channels=(), conda={LINUX: records}, pypi={LINUX: pypi})
    lock = Lock(path="conda-lock.yml", format=CONDA_LOCK, version=1, environments=(environment,))
    return unneeded(compose_layers([layer(f"dependencies:\n{text}", "environment.yml")], lock, resolve, {}))


def test_what_nothing_needs_any_more_is_named() -> None:
    scipy = replace(package("scipy", "1.0"), depends=("numpy >=2",))

    assert spare("  - scipy\n", scipy, NUMPY) == ()
    assert spare("  - numpy\n", scipy, NUMPY) == ("scipy",)


def test_beside_pypi_packages_nobody_can_tell() -> None:
    tool = PypiPackage(name=PackageName("tool"), version="1.0", url="https://files.example/tool.whl")

    assert spare("  - numpy\n", NUMPY, package("other", "1.0"), pypi=(tool,)) == ()
