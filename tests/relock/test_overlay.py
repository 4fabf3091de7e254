"""An overlay is its channel less what is too young, what is held excepted, and less what an earlier channel claims."""

from datetime import UTC, datetime
from pathlib import Path

import rattler

from bot.datasources.repodata import Repodata
from bot.demo.channel import record
from bot.relock.overlay import Limits, Overlay
from tests.channels import channel, served, settings_for

CUTOFF = datetime(2025, 1, 1, tzinfo=UTC)
YOUNG, OLD = 1_740_000_000_000, 1_700_000_000_000


async def test_it_offers_names_and_records(tmp_path: Path) -> None:
    records = (
        record("tool", "1", subdir="linux-64", timestamp=OLD),
        record("tool", "2", subdir="linux-64", timestamp=YOUNG),
        record("tool", "3", subdir="linux-64", timestamp=YOUNG),
        record("claimed", "1", subdir="linux-64", timestamp=OLD),
    )
    async with served(a=records) as demo:
        overlay = Overlay(
            repodata=Repodata(settings_for(demo, tmp_path)),
            channel=channel("a").url,
            names={"linux-64": frozenset({"tool", "claimed"})},
            claimed=frozenset({"claimed"}),
            held=frozenset({f"{channel('a').url}/linux-64/{records[1].fn}"}),
            limits=Limits(newest=CUTOFF),
        )
        linux = rattler.Subdir("linux-64")
        found = await overlay.fetch_package_records(linux, rattler.PackageName("Tool"))
        claimed = await overlay.fetch_package_records(linux, rattler.PackageName("claimed"))

    assert overlay.package_names(linux) == ["tool"]
    assert sorted(str(each.version) for each in found) == ["1", "2"]
    assert claimed == []
    assert [Limits().keep_out(each, overlay.channel) for each in found] == [False, False]
