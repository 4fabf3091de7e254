"""A pixi.lock with PyPI packages in a whole scan: toy solver and resolver, a real index on localhost, real files."""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bot.datasources.pypi import PypiDatasource
from bot.demo.index import DemoIndex
from bot.demo.index import wheel as offered
from bot.egress import EgressPolicy, default_index_url, resolve_index
from bot.errors import EgressRefused
from bot.model.manifest import PackageName
from bot.model.package import Channel, PypiPackage, Record
from bot.model.pypi_solve import PypiRequest, PypiResult
from bot.model.report import DependencyStatus, ScanReport, Standing
from bot.model.solve import NotSolved
from bot.model.update import ChangeKind
from bot.planning.policy import Policy
from bot.settings import PypiSettings
from bot.updating.scan import Scanner
from bot.updating.survey.indexes import PypiSource
from tests.planning.toy import FORGE, LINUX, NOW, record
from tests.planning.toy_pypi import ToyIndex, wheel
from tests.updating.toy import Toy

MANIFEST = """\
[workspace]
name = "site"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
python = "3.12.*"
numpy = ">=1.26,<3"

[pypi-dependencies]
stats = ">=1,<2"  # ours
"""
INDEX = resolve_index(default_index_url()).url
PYTHON, OLD_NUMPY = record("python", "3.12.4"), record("numpy", "1.26.4")
NUMPYS = (OLD_NUMPY, record("numpy", "2.0.0"))
STATS, HELPER = wheel("stats", "1.0", "helper", "numpy<2"), wheel("helper", "1.0")


def pixi_lock(records: Iterable[Record], packages: Iterable[PypiPackage]) -> str:
    """Return a pixi.lock of version 6."""
    conda, pypi = sorted(records, key=lambda each: each.url), sorted(packages, key=lambda each: each.name)
    selectors = [*(f"      - conda: {each.url}\n" for each in conda), *(f"      - pypi: {each.url}\n" for each in pypi)]
    entries = {str(each.name): f"- conda: {each.url}\n  purls: []\n  timestamp: {each.timestamp}\n" for each in conda}
    entries["numpy"] = entries["numpy"].replace("purls: []", "purls:\n  - pkg:pypi/numpy")
    entries |= {str(each.name): _entry(each) for each in pypi}
    return (
        f"version: 6\nenvironments:\n  default:\n    channels:\n    - url: {FORGE.url}/\n"
        f"    indexes:\n    - {INDEX}\n    packages:\n      {LINUX}:\n{''.join(selectors)}"
        f"packages:\n{''.join(entries[name] for name in sorted(entries))}"
    )


def _entry(package: PypiPackage) -> str:
    requires = "".join(f"  - {each}\n" for each in package.requires_dist)
    listed = f"  requires_dist:\n{requires}" if requires else ""
    return (
        f"- pypi: {package.url}\n  name: {package.name}\n  version: '{package.version}'\n  sha256: {'0' * 64}\n{listed}"
    )


FILES = {"pixi.toml": MANIFEST, "pixi.lock": pixi_lock((PYTHON, OLD_NUMPY), (STATS, HELPER))}


class Resolver:
    """The toy index behind the port; remembers what it was asked."""

    def __init__(self, *packages: PypiPackage) -> None:
        self._index = ToyIndex(packages=packages)
        self.asked: list[PypiRequest] = []

    async def resolve(self, request: PypiRequest) -> PypiResult:
        self.asked.append(request)
        return self._index.resolve(request)


Scan = Callable[..., Scanner]


@pytest.fixture
async def scan(tmp_path: Path) -> AsyncIterator[Scan]:
    offers = (*(offered("stats", each) for each in ("1.0", "1.1", "2.0")), offered("helper", "1.0"))
    async with DemoIndex(*offers) as index, httpx.AsyncClient(trust_env=False) as http:
        policy = EgressPolicy(trusted=frozenset({index.url}))
        datasource = PypiDatasource(http, PypiSettings(cache_dir=tmp_path), check_url=policy.check_index_url)

        def resolve(url: str | None) -> Channel:
            return resolve_index(url or index.url)

        def make(resolver: Resolver, *records: Record) -> Scanner:
            toy = Toy(PYTHON, *records)
            return Scanner(
                solver=toy,
                index=toy,
                resolve=lambda _: (FORGE,),
                policy=Policy(),
                now=NOW,
                pypi=PypiSource(index=datasource, resolve=resolve),
                resolver=resolver,
            )

        yield make


def encoded(files: dict[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}


def keys(report: ScanReport) -> list[str]:
    return [each.plan.key for each in report.proposals]


def status(report: ScanReport, name: str) -> DependencyStatus:
    return next(each for each in report.statuses if each.name == name)


async def test_in_range_the_lock_alone_moves_and_beyond_it_the_line_too(scan: Scan) -> None:
    resolver = Resolver(STATS, HELPER, wheel("stats", "1.1", "helper"), wheel("stats", "2.0", "helper"))

    report = await scan(resolver, OLD_NUMPY).scan(encoded(FILES), {})

    assert report.problems == ()
    minor, major = report.proposals
    assert (minor.plan.key, sorted(minor.files)) == ("non-major", ["pixi.lock"])
    assert (major.plan.key, sorted(major.files)) == ("pypi-stats-2.x", ["pixi.lock", "pixi.toml"])
    assert 'stats = ">=2,<3"  # ours' in major.files["pixi.toml"]
    assert "stats-2.0-py3-none-any.whl" in major.files["pixi.lock"]
    assert "stats-1.0" not in major.files["pixi.lock"]
    assert status(report, "stats").standing is Standing.UPDATE


async def test_the_diff_shows_what_moves_of_pypi(scan: Scan) -> None:
    resolver = Resolver(STATS, HELPER, wheel("stats", "1.1", "more"), wheel("more", "3"))

    [proposal] = (await scan(resolver, OLD_NUMPY).scan(encoded(FILES), {})).proposals

    [diff] = proposal.diffs
    assert [(each.name, each.kind, each.direct) for each in diff.changes] == [
        ("more", ChangeKind.ADDED, False),
        ("helper", ChangeKind.REMOVED, False),
        ("stats", ChangeKind.UPGRADED, True),
    ]


async def test_a_package_that_does_not_resolve_is_held_back_with_the_reason(scan: Scan) -> None:
    report = await scan(Resolver(STATS, HELPER), OLD_NUMPY).scan(encoded(FILES), {})

    assert report.proposals == ()
    found = status(report, "stats")
    assert (found.standing, found.current, found.newest) == (Standing.HELD_BACK, "1.0", "2.0")
    assert found.reason == "stats 2.0 does not resolve beside the other packages of default on linux-64"


async def test_conda_packages_take_the_pypi_packages_along_that_would_not_go_with_them(scan: Scan) -> None:
    resolver = Resolver(STATS, HELPER, wheel("stats", "1.1", "helper", "numpy>=2"))

    report = await scan(resolver, *NUMPYS).scan(encoded(FILES), {})

    numpy = report.proposals[keys(report).index("numpy-2.x")]
    assert "numpy-2.0.0" in numpy.files["pixi.lock"]
    assert "stats-1.1" in numpy.files["pixi.lock"]


async def test_conda_packages_go_no_further_than_locked_pypi_packages_admit(scan: Scan) -> None:
    between = record("numpy", "1.27.0")

    report = await scan(Resolver(STATS, HELPER), *NUMPYS, between).scan(encoded(FILES), {})

    [proposal] = report.proposals
    assert [(each.name, each.target.version) for each in proposal.plan.updates] == [("numpy", "1.27.0")]
    assert status(report, "numpy").reason == (
        "the PyPI packages of default on linux-64 would not go with it: stats 1.0 needs numpy <2, and 2.0.0 is there"
    )


async def test_what_is_committed_stays_with_the_next_scan(scan: Scan) -> None:
    resolver = Resolver(STATS, HELPER, wheel("stats", "1.1", "helper"), wheel("stats", "2.0", "helper"))
    scanner = scan(resolver, *NUMPYS)
    [proposal] = (await scanner.scan_at_once(encoded(FILES), [])).proposals

    again = await scanner.scan(encoded({**FILES, **proposal.files}), {})

    assert (again.proposals, again.problems) == ((), ())


async def test_a_lock_whose_pypi_packages_disagree_with_the_manifest_is_brought_in_step_first(scan: Scan) -> None:
    resolver = Resolver(STATS, HELPER, wheel("stats", "1.1"), wheel("stats", "2.0"))
    files = {**FILES, "pixi.toml": MANIFEST.replace(">=1,<2", ">=1.1,<2")}

    report = await scan(resolver, *NUMPYS).scan(encoded(files), {})

    [relock] = report.proposals
    assert list(relock.files) == ["pixi.lock"]
    assert "stats-1.1" in relock.files["pixi.lock"]
    assert "helper" not in relock.files["pixi.lock"]


async def test_what_nothing_asks_for_goes_before_anything_moves(scan: Scan) -> None:
    files = {**FILES, "pixi.lock": pixi_lock((PYTHON, OLD_NUMPY), (STATS, HELPER, wheel("stray", "1.0")))}
    resolver = Resolver(STATS, HELPER, wheel("stats", "1.1"))

    report = await scan(resolver, *NUMPYS).scan(encoded(files), {})

    [relock], [problem] = report.proposals, report.problems
    assert "default: nothing needs stray of PyPI" in problem.sentence
    assert (relock.files, resolver.asked) == ({"pixi.lock": FILES["pixi.lock"]}, [])


async def test_where_a_requirement_cannot_be_read_packages_that_nothing_asks_for_are_left_alone(scan: Scan) -> None:
    stats = wheel("stats", "1.0", "helper", "numpy<2", "stray; platform_libc == 'glibc'")
    files = {**FILES, "pixi.lock": pixi_lock((PYTHON, OLD_NUMPY), (stats, HELPER, wheel("stray", "1.0")))}
    resolver = Resolver(stats, HELPER, wheel("stats", "1.1"))

    report = await scan(resolver, *NUMPYS).scan(encoded(files), {})

    assert (report.proposals, resolver.asked) == ((), [])
    assert "locked PyPI packages stray" in status(report, "stats").reason


async def test_what_conda_brings_by_now_is_no_longer_locked_from_pypi(scan: Scan) -> None:
    newer = record("numpy", "1.27.0", "helper")
    helper = replace(record("helper", "1.1"), purls=("pkg:pypi/helper",))

    [proposal] = (await scan(Resolver(STATS), OLD_NUMPY, newer, helper).scan(encoded(FILES), {})).proposals

    assert "/helper-1.1-" in proposal.files["pixi.lock"]
    assert "pypi: https://files.example/helper" not in proposal.files["pixi.lock"]
    assert [(each.name, each.kind) for diff in proposal.diffs for each in diff.changes] == [
        ("helper", ChangeKind.ADDED),
        ("helper", ChangeKind.REMOVED),
        ("numpy", ChangeKind.UPGRADED),
    ]


async def test_what_conda_brings_by_now_goes_though_no_index_may_be_asked(scan: Scan) -> None:
    def refuse(_: str | None) -> Channel:
        raise EgressRefused("This index must be read over https.")

    newer = record("numpy", "1.27.0", "helper")
    helper = replace(record("helper", "1.1"), purls=("pkg:pypi/helper",))
    scanner = scan(Resolver(), OLD_NUMPY, newer, helper)

    report = await replace(scanner, pypi=replace(scanner.pypi, resolve=refuse)).scan(encoded(FILES), {})

    [proposal] = report.proposals
    assert "/helper-1.1-" in proposal.files["pixi.lock"]
    assert "pypi: https://files.example/helper" not in proposal.files["pixi.lock"]
    assert "pypi: https://files.example/stats" in proposal.files["pixi.lock"]


async def test_what_brings_a_version_that_pypi_packages_do_not_go_with_is_held_back_alone(scan: Scan) -> None:
    stats = wheel("stats", "1.0", "helper<1.1")
    old = (OLD_NUMPY, record("suite", "1.0"), record("tool", "1.0"))
    new = (record("suite", "1.1", "part"), record("part", "1.0", "helper"), record("tool", "1.1"))
    files = {
        "pixi.toml": MANIFEST.replace("numpy", 'tool = "*"\nsuite = "*"\nnumpy'),
        "pixi.lock": pixi_lock((PYTHON, *old), (stats, HELPER)),
    }
    helper = replace(record("helper", "1.1"), purls=("pkg:pypi/helper",))

    report = await scan(Resolver(stats, HELPER), *old, *new, helper).scan(encoded(files), {})

    [proposal] = report.proposals
    assert [each.name for each in proposal.plan.updates] == ["tool"]
    assert status(report, "suite").reason == (
        "the PyPI packages of default on linux-64 would not go with it: stats 1.0 needs helper <1.1, and 1.1 is there"
    )


async def test_one_that_lacks_what_nobody_can_tell_is_left_out_and_named_and_the_others_move(scan: Scan) -> None:
    stats = wheel("stats", "1.0", "numpy<2", "backport; python_version >= '3.13'")
    old = (OLD_NUMPY, record("suite", "1.0"), record("tool", "1.0"))
    new = (record("suite", "1.1"), record("python", "3.13.1"), record("numpy", "1.27.0"), record("tool", "1.1"))
    files = {
        "pixi.toml": MANIFEST.replace("numpy", 'tool = "*"\nsuite = "*"\nnumpy').replace("3.12.*", ">=3.12"),
        "pixi.lock": pixi_lock((PYTHON, *old), (stats,)),
    }

    names = map(PackageName, ("python", "numpy", "suite", "tool"))
    report = await scan(Resolver(stats), *old, *new).scan_at_once(encoded(files), names)

    [proposal] = report.proposals
    assert {each.name for each in proposal.plan.updates} == {"numpy", "suite", "tool"}
    assert [(each.name, each.release) for each in proposal.held_back] == [("python", "3.13.1")]
    assert "backport" in status(report, "python").reason
    assert status(report, "numpy").reason == ""


async def test_what_a_marker_asks_for_goes_when_python_moves(scan: Scan) -> None:
    old, stats = record("python", "3.11.9"), wheel("stats", "1.0", "helper; python_version < '3.12'")
    files = {**FILES, "pixi.lock": pixi_lock((old, OLD_NUMPY), (stats, HELPER))}

    [relock] = (await scan(Resolver(), OLD_NUMPY).scan(encoded(files), {})).proposals

    assert "helper-1.0-" not in relock.files["pixi.lock"]
    assert "stats-1.0-" in relock.files["pixi.lock"]


async def test_the_resolver_hears_what_conda_brings_and_what_is_locked(scan: Scan) -> None:
    resolver = Resolver(STATS, HELPER, wheel("stats", "1.1", "helper"))
    await scan(resolver, OLD_NUMPY).scan(encoded(FILES), {})

    request = resolver.asked[0]

    assert (request.python, request.subdir) == ("3.12.4", LINUX)
    assert [(each.name, each.version) for each in request.provided] == [("numpy", "1.26.4")]
    assert [each.name for each in request.locked] == ["helper"]


async def test_other_indexes_are_asked_and_written_before_anything_moves(scan: Scan) -> None:
    extra = "https://extra.example/simple"
    manifest = MANIFEST.replace("[dependencies]", f'[pypi-options]\nextra-index-urls = ["{extra}"]\n\n[dependencies]')
    resolver = Resolver(STATS, HELPER, wheel("stats", "1.1", "helper"))

    report = await scan(resolver, *NUMPYS).scan(encoded({**FILES, "pixi.toml": manifest}), {})

    [relock], [problem] = report.proposals, report.problems[:1]
    assert f"default: it is locked with the indexes {INDEX}, not {INDEX}, {extra}" in problem.sentence
    assert f"    indexes:\n    - {INDEX}\n    - {extra}\n" in relock.files["pixi.lock"]
    assert resolver.asked[0].indexes[0] == extra
    assert [each.name for each in resolver.asked[0].locked] == ["helper", "stats"]


async def test_other_indexes_that_give_no_verdict_leave_everything_as_it_is(scan: Scan) -> None:
    class Silent(Resolver):
        async def resolve(self, request: PypiRequest) -> PypiResult:
            del request
            return NotSolved(reason="The index answered 500.")

    manifest = MANIFEST.replace(
        "[dependencies]", '[pypi-options]\nindex-url = "https://index.example/simple"\n\n[dependencies]'
    )

    report = await scan(Silent(), *NUMPYS).scan(encoded({**FILES, "pixi.toml": manifest}), {})

    assert report.proposals == ()
    assert "The index answered 500." in "".join(str(each) for each in report.problems)


async def test_the_first_package_of_pypi_brings_the_indexes_with_it(scan: Scan) -> None:
    empty = pixi_lock((PYTHON, OLD_NUMPY), ()).replace(f"    indexes:\n    - {INDEX}\n", "")

    [relock] = (
        await scan(Resolver(STATS, HELPER), OLD_NUMPY).scan(encoded({**FILES, "pixi.lock": empty}), {})
    ).proposals

    assert f"    indexes:\n    - {INDEX}\n" in relock.files["pixi.lock"]


async def test_a_new_environment_gets_indexes_of_its_own(scan: Scan) -> None:
    more = MANIFEST + (
        '[feature.f.pypi-dependencies]\nhelper = "*"\n'
        '[feature.f.pypi-options]\nextra-index-urls = ["https://extra.example/simple"]\n[environments]\nf = ["f"]\n'
    )
    resolver = Resolver(STATS, HELPER)

    [relock] = (await scan(resolver, OLD_NUMPY).scan(encoded({**FILES, "pixi.toml": more}), {})).proposals

    _, _, environment = relock.files["pixi.lock"].partition("  f:\n")
    assert f"    indexes:\n    - {INDEX}\n    - https://extra.example/simple\n" in environment
    assert [len(each.indexes) for each in resolver.asked] == [2]


SOLVE_GROUP = """
[feature.interactive.dependencies]
notebook = "*"

[environments]
default = { solve-group = "all" }
interactive = { features = ["interactive"], solve-group = "all" }
"""


async def test_what_a_wheel_needs_stays_though_only_the_lock_tells_which_conda_package_brings_it(scan: Scan) -> None:
    brought, notebook = record("python-helper", "1.0"), record("notebook", "1.0", "python-helper")
    stats, newer = wheel("stats", "1.0", "helper"), record("numpy", "1.26.5")
    one = pixi_lock((PYTHON, OLD_NUMPY, brought, notebook), (stats,)).replace(
        f"- conda: {brought.url}\n  purls: []", f"- conda: {brought.url}\n  purls:\n  - pkg:pypi/helper"
    )
    head, rest = one.split("  default:\n")
    environment, entries = rest.split("packages:\n- ")
    listed = f"      - conda: {notebook.url}\n"
    lock = f"{head}  default:\n{environment.replace(listed, '')}  interactive:\n{environment}packages:\n- {entries}"
    files = {"pixi.toml": MANIFEST + SOLVE_GROUP, "pixi.lock": lock}

    report = await scan(Resolver(stats), OLD_NUMPY, newer, brought, notebook).scan(encoded(files), {})

    assert report.problems == ()
    (proposal,) = report.proposals
    assert [each.name for each in proposal.plan.updates] == ["numpy"]
    assert proposal.files["pixi.lock"].count(f"- conda: {brought.url}\n") == len(
        ("default", "interactive", "its entry")
    )
