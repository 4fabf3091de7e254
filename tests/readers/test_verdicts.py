"""Other people's programs say the same of the same lock and the same advisories.

pixi-sbom and pixi-policy ask OSV's service about package URLs of PyPI. Here it is one on this machine, which judges by
what a library of PyPI's own says of version ranges.
"""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from packaging.specifiers import SpecifierSet

from bot import lockfiles
from bot.datasources.advisories import AdvisoryFolder
from bot.demo import samples
from bot.demo.localhost import LocalServer
from bot.updating.advisories import AdvisoryAuditor
from bot.updating.search.naming import NoMapping
from bot.vex import read_product
from tests.conftest import Reader

pytestmark = pytest.mark.verify

SAMPLE = "pixi-v6"
FIXED = {"tornado": "9999", "jupyter-core": "9999", "pygments": "0.1", "urllib3": "9999", "typing-extensions": "9999"}
"""Projects that an advisory is about, with the version that mends it: some are in the lock, affected or not."""

Verdicts = frozenset[tuple[str, str]]
"""Projects, and what they are affected by."""


def advisory(project: str) -> dict[str, Any]:
    events = [{"introduced": "0"}, {"fixed": FIXED[project]}]
    package = {"ecosystem": "PyPI", "name": project}
    affected = {"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    return {
        "id": f"GHSA-{project}",
        "summary": "It leaks.",
        "modified": "2026-01-01T00:00:00Z",
        "affected": [affected],
        "database_specific": {"severity": "CRITICAL"},
    }


def found_by(query: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what OSV's service would say to *query*."""
    package = query["package"]
    named = read_product(package.get("purl") or f"pkg:pypi/{package['name']}")
    version = query.get("version") or (named.version if named else None)
    if named is None or named.ecosystem != "pypi" or named.name not in FIXED or version is None:
        return []
    is_affected = SpecifierSet(f"<{FIXED[named.name]}").contains(version, prereleases=True)
    return [{"id": f"GHSA-{named.name}", "modified": "2026-01-01T00:00:00Z"}] if is_affected else []


async def answer_all(request: web.Request) -> web.Response:
    queries = (await request.json())["queries"]
    return web.json_response({"results": [{"vulns": each} if (each := found_by(query)) else {} for query in queries]})


async def answer_one(request: web.Request) -> web.Response:
    return web.json_response(advisory(request.match_info["id"].removeprefix("GHSA-")))


@pytest.fixture
async def service() -> AsyncIterator[str]:
    application = web.Application()
    application.add_routes([web.post("/v1/querybatch", answer_all), web.get("/v1/vulns/{id}", answer_one)])
    async with LocalServer(application) as server:
        yield server.url


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The sample, with a lock that says what its python packages are called on PyPI."""
    for name, content in samples.sample_files(SAMPLE).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    lock = tmp_path / "pixi.lock"
    named = re.compile(r"^(- conda: \S*/noarch/([a-z0-9_-]+?)-\d\S*)$", re.MULTILINE)
    head, packages = lock.read_text().split("\npackages:\n")
    lock.write_text(f"{head}\npackages:\n" + named.sub(r"\1\n  purls:\n  - pkg:pypi/\2", packages))
    return tmp_path


async def run(service: str, folder: Path, *command: str | Path) -> str:
    environment = {
        **os.environ,  # noqa: TID251 -- the programs are started as a person would
        **{f"PIXI_{name}_OSV_URL": service for name in ("SBOM", "POLICY")},
        **{f"PIXI_{name}_CACHE_DIR": str(folder / "cache") for name in ("SBOM", "POLICY")},
    }
    pipe = asyncio.subprocess.PIPE
    program = await asyncio.create_subprocess_exec(*command, env=environment, stdout=pipe, stderr=pipe, cwd=folder)
    out, error = await program.communicate()
    assert program.returncode in {0, 1}, error.decode()
    return out.decode()


async def said_by_condabot(workspace: Path, platform: str) -> Verdicts:
    advisories = workspace / "advisories"
    advisories.mkdir()
    for project in FIXED:
        (advisories / f"{project}.json").write_text(json.dumps(advisory(project)))
    lock = lockfiles.parse("pixi.lock", (workspace / "pixi.lock").read_bytes())
    found = await AdvisoryAuditor(index=AdvisoryFolder(advisories), purls=NoMapping()).judge(lock)
    return frozenset((each.project, each.id) for each in found.affected if platform in each.subdirs)


async def test_pixi_sbom_finds_the_same_affected(service: str, workspace: Path, reader: Reader) -> None:
    tool = reader("pixi-tools").parent / "pixi-sbom"
    of = ("--lockfile", "pixi.lock", "--environment", "default", "--platform", "linux-64", "--output", "sbom.json")
    named = ("--pypi-mapping", "lock", "--primary-purl", "pypi")

    await run(service, workspace, tool, "--quiet", *of, *named, "--vulnerabilities", "osv")

    document = json.loads((workspace / "sbom.json").read_text())
    purls = {each["bom-ref"]: each["purl"] for each in document["components"]}
    theirs = {
        (product.name, each["id"])
        for each in document["vulnerabilities"]
        for affected in each["affects"]
        if (product := read_product(purls[affected["ref"]]))
    }
    assert theirs == await said_by_condabot(workspace, "linux-64") != frozenset()


async def test_pixi_policy_finds_the_same_affected(service: str, workspace: Path, reader: Reader) -> None:
    tool = reader("pixi-tools").parent / "pixi-policy"
    (workspace / "pixi-policy.toml").write_text(
        '[advisories]\nfail-on = "low"\npypi-mapping = "lock"\nknown-exploited = "allow"\n'
    )

    report = json.loads(await run(service, workspace, tool, "check", "--format", "json"))

    theirs = {re.search(r"GHSA-[a-z-]+\d*", json.dumps(each)) for each in report["findings"]}
    ours = await said_by_condabot(workspace, "linux-64")
    assert {each[0] for each in theirs if each} == {identity for _, identity in ours} != set()
