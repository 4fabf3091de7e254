"""The resolver of PyPI packages: uv decides, in a process of its own; what it decides is made into packages of a lock.

Rules:
1. Nothing is built, and nothing is downloaded but pages of indexes and metadata of wheels.
2. What a lock names are canonical URLs. A file that only a mirror names is not put into a lock.
3. Whatever goes wrong is a result, and a sentence.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

import httpx

from bot.egress import EgressPolicy
from bot.errors import ChannelError, EgressRefused, SolverFailed, SpecError
from bot.model.pypi_solve import PypiRequest, PypiResult, PypiSolution
from bot.model.solve import NotSolved
from bot.relock.pypi.needs import Learned, WheelNeeds, nobody
from bot.relock.pypi.process import UvLimits
from bot.relock.pypi.question import Question
from bot.relock.pypi.uv_run import Choice, FindUv, Uv, installed_uv
from bot.settings import PypiSettings

MOST_NAMES_LOOKED_UP: Final = 5


class UvResolver:
    """Resolves the PyPI packages of environments, *processes* at a time. It keeps nothing but caches.

    Indexes and files are read as *indexes* says and where *egress* lets them; *learned* hears where it does from now
    on. *environment* is where proxies and certificates stand.
    """

    def __init__(  # noqa: PLR0913 -- what it is made of, by name
        self,
        http: httpx.AsyncClient,
        indexes: PypiSettings,
        *,
        egress: EgressPolicy,
        environment: Mapping[str, str],
        processes: int = 2,
        limits: UvLimits | None = None,
        find_uv: FindUv = installed_uv,
        learned: Learned = nobody,
    ) -> None:
        self._egress = egress
        self._limits = limits or UvLimits()
        self._uv = Uv(indexes, environment, self._limits, find_uv)
        self._needs = WheelNeeds(http, indexes, egress, learned)
        self._turns = asyncio.Semaphore(processes)

    async def resolve(self, request: PypiRequest) -> PypiResult:
        """Return the packages that fulfil *request*, or why there are none."""
        try:
            question = Question.of(request)
            for url in request.indexes:
                self._egress.check_index_url(url)
            async with self._turns, asyncio.timeout(self._limits.seconds):
                return await self._resolve(question)
        except TimeoutError:
            reason = f"The resolver of PyPI packages did not finish within {self._limits.seconds:g} seconds."
            return NotSolved(reason=reason)
        except SpecError as error:
            return NotSolved(reason=error.message)
        except (EgressRefused, SolverFailed, ChannelError) as error:
            return NotSolved(reason=str(error))

    async def _resolve(self, question: Question) -> PypiResult:
        await self._needs.learn_file_hosts(question.request.indexes, question.names[:MOST_NAMES_LOOKED_UP])
        choice = await self._uv.choose(question)
        if not isinstance(choice, Choice):
            return choice
        packages = (*choice.kept, *await self._needs.packages(choice.wheels, choice.origins))
        return PypiSolution(packages=tuple(sorted(packages, key=lambda each: each.name)))
