"""Where a package stands: each line that asks for it, and what each lock holds."""

from collections.abc import Mapping

import pytest

from bot.lockfiles import FORMATS
from bot.model.manifest import PackageName
from bot.model.package import Lock, LockedEnvironment, PypiPackage
from bot.model.report import DependencyStatus, Problem, ScanReport, Standing
from bot.rendering.explanation import explanation, spellings
from tests.planning.toy import LINUX, record

NAME = PackageName("numpy")
HELD = DependencyStatus(
    manifest="pixi.toml",
    line=14,
    environments=("default", "docs"),
    name=NAME,
    spec="2.4.*",
    standing=Standing.HELD_BACK,
    current="2.4.6",
    newest="2.5.1",
    reachable="2.4.6",
    reason="pixi.toml:31 asks for pin",
)
NEWEST = DependencyStatus(
    manifest="ci/environment.yml",
    line=3,
    environments=(),
    name=NAME,
    spec="",
    standing=Standing.UP_TO_DATE,
    current="2.5.1",
    newest="2.5.1",
    reachable="2.5.1",
)


def report(*statuses: DependencyStatus, problems: tuple[Problem, ...] = ()) -> ScanReport:
    return ScanReport(proposals=(), held_back=(), statuses=statuses, problems=problems)


def lock(**versions: Mapping[str, str]) -> Lock:
    """Return a lock with environments that hold a version of the package on each platform."""
    environments = tuple(
        LockedEnvironment(
            name=name,
            channels=(),
            conda={platform: (record("numpy", version),) for platform, version in by_platform.items()},
            pypi={},
        )
        for name, by_platform in versions.items()
    )
    return Lock(path="pixi.lock", format=FORMATS[0].kind, version=6, environments=environments)


def test_each_line_says_why_it_is_not_newer() -> None:
    said = explanation("numpy", report(HELD, NEWEST), ())

    held = r"| `pixi.toml:14` (default, docs) | `2.4.*` | `2.4.6` | `2.5.1` | `2.4.6` | pixi.toml\:31 asks for pin |"
    newest = "| `ci/environment.yml:3` | `*` | `2.5.1` | `2.5.1` | `2.5.1` | it is the newest |"
    assert said.splitlines()[2:] == [held, newest]


def test_each_lock_says_where_it_holds_which() -> None:
    locked = lock(default={"linux-64": "2.4.6", "win-64": "2.3.0"}, docs={"linux-64": "2.4.6"})

    said = explanation("numpy", report(HELD), (locked,))

    assert said.endswith(
        "| `pixi.lock` | `2.4.6` | default linux-64, docs linux-64 |\n| `pixi.lock` | `2.3.0` | default win-64 |"
    )


def test_what_no_line_asks_for() -> None:
    nowhere = explanation("numpy", report(), ())
    by_itself = explanation("numpy", report(), (lock(default={"linux-64": "1"}),))

    assert nowhere == "No line of a manifest asks for `numpy`, and no lock holds it."
    assert by_itself.startswith("No line of a manifest asks for `numpy`: it is locked because other packages need it.")


def test_what_could_not_be_judged_is_said() -> None:
    said = explanation("numpy", report(problems=(Problem(path="a.yml", sentence="no"),)), ())

    assert said.endswith("Not judged:\n\n- a.yml\\: no")


def test_very_many_lines_are_counted() -> None:
    assert "\n\nand 10 more" in explanation("numpy", report(*[HELD] * 50), ())


@pytest.mark.parametrize(("said", "name"), [("Ruamel.Yaml", "ruamel.yaml"), ("typing_extensions", "typing-extensions")])
def test_a_package_is_found_however_it_is_spelled(said: str, name: str) -> None:
    assert PackageName(name) in spellings(said)


def test_packages_of_pypi_are_told_too() -> None:
    wheel = PypiPackage(name=NAME, version="2.1", url="https://files.example/numpy-2.1.whl")
    environment = LockedEnvironment(name="default", channels=(), conda={}, pypi={LINUX: (wheel,)})
    locked = lock()

    said = explanation(
        "numpy", report(), (Lock(path="pixi.lock", format=locked.format, version=6, environments=(environment,)),)
    )

    assert "| `pixi.lock` | `2.1` | default linux-64 |" in said
