"""What is wrong with the locks of the default branch, told to code scanning: only what is other than before."""

from dataclasses import dataclass
from typing import Final

from bot.github.client import Client
from bot.github.scanning import shown_version, upload
from bot.github.snapshots import Commit
from bot.rendering.sizes import counted
from bot.updating.inspection import ALERTS, Alerts, Publishable

NOT_TOLD: Final = "code scanning is not told what is wrong with locks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted:
    """What code scanning has been `told`, empty if nothing, and a line on that, empty if there is nothing to say."""

    told: str
    sentence: str = ""


async def alerted(
    client: Client, inspection: Publishable, alerts: Alerts | None, before: str | None, commit: Commit
) -> Alerted:
    """Have code scanning show *alerts*, or nothing any more, unless it does.

    *before* is what it was told, None where nobody remembers. Before it is told anything it is asked: who told it last
    may have died before that was remembered.

    Raises:
        GitHubError: GitHub refused.
        GitHubUnavailable: GitHub did not answer.
        InspectionStopped: a bound was met.

    """
    now = f"{commit.branch} {alerts.version}" if alerts else ""
    if now and now != before:
        before = f"{commit.branch} {await shown_version(client, commit.branch)}"
    if before != now:
        await upload(client, await inspection.text(ALERTS, ""), commit)
    return Alerted(told=now, sentence=f"code scanning shows {counted(alerts.findings, 'finding')}" if alerts else "")
