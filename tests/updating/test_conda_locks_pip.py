"""A conda-lock.yml with pip packages in a whole scan: toy solver and resolver, a real index on localhost."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bot.datasources.pypi import PypiDatasource
from bot.demo.index import DemoIndex
from bot.demo.index import wheel as offered
from bot.egress import EgressPolicy, resolve_index
from bot.model.content_hash import HashRequest, SourceFile
from bot.model.package import Channel, PypiPackage
from bot.model.pypi_solve import PypiRequest, PypiResult
from bot.model.report import ScanReport
from bot.planning.policy import Policy
from bot.settings import PypiSettings
from bot.updating.scan import Scanner
from bot.updating.survey.indexes import PypiSource
from tests.conda_locks import TextHasher, digest, entry, lock_text, package, pip_entry
from tests.planning.toy import FORGE, LINUX, NOW
from tests.planning.toy_pypi import ToyIndex, wheel
from tests.updating.toy import Toy

ENVIRONMENT = """\
channels: [conda-forge]
platforms: [linux-64]
dependencies:
  - python=3.12
  - numpy>=1.26,<3
  - pip:
      - stats>=1,<2
"""
PYTHON, PIP = package("python", "3.12.4"), package("pip", "24.0.0")
NUMPY, NUMPY_2 = package("numpy", "1.26.4"), package("numpy", "2.0.0")


def hashed(package: PypiPackage) -> PypiPackage:
    return replace(package, sha256=digest(package.url))


STATS, HELPER = hashed(wheel("stats", "1.0", "helper", "numpy<2")), hashed(wheel("helper", "1.0"))
STATS_1_1, STATS_2 = hashed(wheel("stats", "1.1", "helper", "numpy<3")), hashed(wheel("stats", "2.0", "helper"))


def digest_of(text: str) -> str:
    request = HashRequest(sources=(SourceFile(path="x", text=text),), platforms=(LINUX,))
    return TextHasher.hash_of(request, LINUX)


def locked(*entries: str, text: str = ENVIRONMENT) -> str:
    return lock_text(*entries, hashes={LINUX: digest_of(text)})


LOCK = locked(
    *map(entry, (NUMPY, PIP, PYTHON)), pip_entry(HELPER), pip_entry(STATS, helper="'*'", numpy="<2"), text=ENVIRONMENT
)
FILES = {"environment.yml": ENVIRONMENT.encode(), "conda-lock.yml": LOCK.encode()}


class Resolver:
    """The toy index behind the port."""

    async def resolve(self, request: PypiRequest) -> PypiResult:
        return ToyIndex(packages=(STATS, STATS_1_1, STATS_2, HELPER)).resolve(request)


@pytest.fixture
async def scanner(tmp_path: Path) -> AsyncIterator[Scanner]:
    offers = (*(offered("stats", each) for each in ("1.0", "1.1", "2.0")), offered("helper", "1.0"))
    async with DemoIndex(*offers) as index, httpx.AsyncClient(trust_env=False) as http:
        policy = EgressPolicy(trusted=frozenset({index.url}))
        datasource = PypiDatasource(http, PypiSettings(cache_dir=tmp_path), check_url=policy.check_index_url)

        def resolve(url: str | None) -> Channel:
            return resolve_index(url or index.url)

        toy = Toy(PYTHON, PIP, NUMPY, NUMPY_2)
        yield Scanner(
            solver=toy,
            index=toy,
            resolve=lambda _: (FORGE,),
            policy=Policy(),
            now=NOW,
            pypi=PypiSource(index=datasource, resolve=resolve),
            resolver=Resolver(),
            hasher=TextHasher(),
        )


def proposed(report: ScanReport) -> dict[str, dict[str, str]]:
    return {each.plan.key: dict(each.files) for each in report.proposals}


async def test_pip_packages_move_in_the_lock_with_their_line_or_without(scanner: Scanner) -> None:
    report = await scanner.scan(FILES, {})

    found = proposed(report)
    line = ENVIRONMENT.replace("stats>=1,<2", "stats>=2,<3")
    conda = [*map(entry, (NUMPY, PIP, PYTHON)), pip_entry(HELPER)]
    assert report.problems == ()
    assert found["non-major"] == {"conda-lock.yml": locked(*conda, pip_entry(STATS_1_1, helper="'*'", numpy="<3"))}
    assert found["pypi-stats-2.x"] == {
        "environment.yml": line,
        "conda-lock.yml": locked(*conda, pip_entry(STATS_2, helper="'*'"), text=line),
    }


async def test_a_conda_package_takes_the_pip_packages_along_that_would_not_go_with_it(scanner: Scanner) -> None:
    found = proposed(await scanner.scan(FILES, {}))

    conda = [*map(entry, (NUMPY_2, PIP, PYTHON)), pip_entry(HELPER)]
    assert found["numpy-2.x"] == {"conda-lock.yml": locked(*conda, pip_entry(STATS_1_1, helper="'*'", numpy="<3"))}


async def test_packages_of_other_indexes_stay_as_they_are(scanner: Scanner) -> None:
    """conda-lock asks them before PyPI, where the same name may be another project's."""
    text = "pip-repositories: [https://index.example/simple]\n" + ENVIRONMENT
    lock = LOCK.replace(digest_of(ENVIRONMENT), digest_of(text))

    report = await scanner.scan({"environment.yml": text.encode(), "conda-lock.yml": lock.encode()}, {})

    assert report.proposals == ()
    assert "environment.yml says by `pip-repositories` where its pip packages come from" in str(report.problems)
