"""The parts that scans need, made once for a process: channels, solver processes, the policy for outbound calls."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from bot.datasources.conda import CondaDatasource
from bot.egress import EgressPolicy, resolve_channel
from bot.model.package import Channel
from bot.planning.policy import Policy
from bot.relock import SolverPool
from bot.settings import ChannelSettings
from bot.updating.memory import Memory
from bot.updating.ports import Progress
from bot.updating.scan import Scanner


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Makes scanners. Each sees one state of the channels."""

    channels: ChannelSettings
    pool: SolverPool
    datasource: CondaDatasource
    egress: EgressPolicy
    policy: Policy
    memory: Memory = field(default_factory=Memory)

    def scanner(self, now: datetime, progress: Progress) -> Scanner:
        """Return a scanner that reads channels afresh and counts ages from *now*."""
        return Scanner(
            solver=self.pool.session(),
            index=self.datasource.new_session(),
            resolve=self._resolve,
            policy=self.policy,
            now=now,
            progress=progress,
            memory=self.memory,
        )

    def _resolve(self, name: str) -> Channel:
        channel = resolve_channel(name, self.channels.channel_alias)
        self.egress.check_channel_url(channel.url)
        return channel


@asynccontextmanager
async def open_engine(
    channels: ChannelSettings, *, egress: EgressPolicy, policy: Policy, processes: int, environment: Mapping[str, str]
) -> AsyncIterator[Engine]:
    """Yield an engine; at the end its solver processes are gone.

    *environment* is what solver processes may see of the process's environment.
    """
    async with SolverPool(channels, processes=processes, environment=environment) as pool:
        yield Engine(channels=channels, pool=pool, datasource=CondaDatasource(channels), egress=egress, policy=policy)
