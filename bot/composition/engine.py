"""The parts that scans need, made once for a process: channels, indexes, solver processes, the policy for calls."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import httpx

from bot.composition.advisories import advisory_index
from bot.composition.channels import channel_resolver
from bot.datasources.archives import ArchiveReader
from bot.datasources.attestations import AttestationDatasource
from bot.datasources.conda import CondaDatasource
from bot.datasources.projects import ProjectDatasource
from bot.datasources.provenance import ProvenanceDatasource
from bot.datasources.purls import PurlDatasource
from bot.datasources.pypi import PypiDatasource
from bot.egress import EgressPolicy, default_index_url, resolve_index
from bot.model.package import Channel
from bot.planning.policy import Policy
from bot.relock import SolverPool
from bot.relock.hashing import CondaLockHasher
from bot.relock.pypi import UvResolver
from bot.relock.pypi.needs import Learned, WheelNeeds, nobody
from bot.settings import ChannelSettings, PypiSettings
from bot.updating.advisories import AdvisoryAuditor, AdvisoryIndex, AskedOnce
from bot.updating.audit import Auditor
from bot.updating.memory import Memory
from bot.updating.origins import Origins
from bot.updating.ports import ContentHasher, Progress, PypiSolver, Remembering, Solver
from bot.updating.read.hashing import NoCondaLock
from bot.updating.scan import Scanner
from bot.updating.search.pypi_locks import NoResolver
from bot.updating.survey.indexes import PypiSource


class Sessions(Protocol):
    """Gives sessions of a solver."""

    def session(self) -> Solver:
        """Return a session: it reads channels afresh, and once. One for each scan."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What the parts of an engine may see and call: as settings and *egress* say, by way of *environment*.

    *environment* is what the processes that they start may see of the process's environment; *processes* is how many of
    each kind run at once. *learned* is told of every host of files that *egress* learns.
    """

    channels: ChannelSettings
    indexes: PypiSettings
    egress: EgressPolicy
    environment: Mapping[str, str]
    processes: int
    learned: Learned = nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Makes scanners. Each sees one state of the channels and indexes."""

    channels: ChannelSettings
    indexes: PypiSettings
    pool: Sessions
    datasource: CondaDatasource
    pypi: PypiDatasource
    purls: PurlDatasource
    advisories: AdvisoryIndex | None
    archives: ArchiveReader
    egress: EgressPolicy
    policy: Policy
    hasher: ContentHasher = field(default_factory=NoCondaLock)
    resolver: PypiSolver = field(default_factory=NoResolver)
    wheels: WheelNeeds | None = None
    memory: Remembering = field(default_factory=Memory)

    def scanner(self, now: datetime, progress: Progress) -> Scanner:
        """Return a scanner that reads channels and indexes afresh and counts ages from *now*."""
        index, resolve = self.datasource.new_session(), channel_resolver(self.channels, self.egress)
        purls = self.purls.new_session()
        return Scanner(
            solver=self.pool.session(),
            index=index,
            resolve=resolve,
            auditor=Auditor(index=index, resolve=resolve),
            policy=self.policy,
            now=now,
            progress=progress,
            memory=self.memory,
            pypi=PypiSource(index=self.pypi.new_session(), resolve=self._resolve_index),
            hasher=self.hasher,
            resolver=self.resolver,
            purls=purls,
            advisories=self._auditor(purls),
            stand_in=self.indexes.index_url,
            projects=ProjectDatasource(self.archives, self.wheels),
            origins=Origins(
                provenances=ProvenanceDatasource(self.archives),
                attestations=AttestationDatasource(
                    index.repodata, self.channels, check_url=self.egress.check_channel_url
                ),
            ),
        )

    def _auditor(self, purls: PurlDatasource) -> AdvisoryAuditor | None:
        if self.advisories is None:
            return None
        provenances = ProvenanceDatasource(self.archives)
        return AdvisoryAuditor(index=AskedOnce(self.advisories), purls=purls, provenances=provenances)

    def _resolve_index(self, url: str | None) -> Channel:
        index = resolve_index(url or self.indexes.index_url or default_index_url())
        self.egress.check_index_url(index.url)
        return index


@asynccontextmanager
async def open_engine(
    channels: ChannelSettings,
    indexes: PypiSettings,
    *,
    egress: EgressPolicy,
    policy: Policy,
    processes: int,
    environment: Mapping[str, str],
) -> AsyncIterator[Engine]:
    """Yield an engine; its solver processes start at once, while files are still to be read, and are gone at the end.

    *environment* is what solver processes may see of the process's environment.
    """
    reach = Reach(channels=channels, indexes=indexes, egress=egress, environment=environment, processes=processes)
    async with (
        SolverPool(channels, processes=processes, environment=environment) as pool,
        open_engine_on(pool, reach, policy) as engine,
    ):
        pool.start()
        yield engine


@asynccontextmanager
async def open_engine_on(pool: Sessions, reach: Reach, policy: Policy) -> AsyncIterator[Engine]:
    """Yield an engine that has *pool* solve, which stays open."""
    egress, indexes = reach.egress, reach.indexes
    async with httpx.AsyncClient() as http:
        yield Engine(
            channels=reach.channels,
            indexes=indexes,
            pool=pool,
            datasource=CondaDatasource(reach.channels),
            pypi=PypiDatasource(http, indexes, check_url=egress.check_index_url),
            purls=PurlDatasource(http, indexes, check_url=egress.check_index_url),
            advisories=advisory_index(http, indexes, egress),
            archives=ArchiveReader(http, reach.channels, check_url=egress.check_channel_url),
            egress=egress,
            policy=policy,
            hasher=CondaLockHasher(environment=reach.environment),
            wheels=WheelNeeds(http, indexes, egress, reach.learned),
            resolver=UvResolver(
                http,
                indexes,
                egress=egress,
                environment=reach.environment,
                processes=reach.processes,
                learned=reach.learned,
            ),
        )
