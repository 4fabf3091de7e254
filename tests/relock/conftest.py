"""Questions about a channel `a`, and a look at whether the solver itself is run for them."""

from pathlib import Path
from typing import Any

import pytest
import rattler

from bot.datasources.repodata import Repodata
from bot.demo.channel.server import DemoChannel
from bot.model.manifest import PackageName, Subdir, VirtualPackage
from bot.model.solve import SolveRequest
from bot.relock.refuted import Listings
from tests.channels import ALIAS, settings_for

GLIBC = VirtualPackage(name=PackageName("__glibc"), version="2.28")


@pytest.fixture
def listings(channels: DemoChannel, tmp_path: Path) -> Listings:
    return Listings(Repodata(settings_for(channels, tmp_path)))


@pytest.fixture
def asked_solver(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return a list that is longer by one each time that the solver itself is run."""
    seen: list[bool] = []
    plain = rattler.solve

    async def listening(*arguments: Any, **options: Any) -> object:
        seen.append(True)
        return await plain(*arguments, **options)

    monkeypatch.setattr(rattler, "solve", listening)
    return seen


def ask(*specs: str) -> SolveRequest:
    return SolveRequest(
        channels=(f"{ALIAS}/a",), subdir=Subdir("linux-64"), specs=specs, virtual_packages=(GLIBC,), is_doubtful=False
    )
