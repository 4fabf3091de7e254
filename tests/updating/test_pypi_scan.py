"""Lines of pip are updated by a whole scan: a toy solver, a real index on localhost, real files."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from bot.datasources.pypi import PypiDatasource
from bot.demo.index import DemoIndex, wheel
from bot.egress import EgressPolicy, resolve_index
from bot.errors import RewriteRefused
from bot.model.manifest import PackageName
from bot.model.package import Channel, Record
from bot.model.report import DependencyStatus, ScanReport, Standing
from bot.planning.policy import Policy
from bot.settings import PypiSettings
from bot.updating.scan import Scanner
from bot.updating.survey.indexes import PypiSource
from tests.planning.toy import FORGE, NOW, record
from tests.updating.toy import Toy

ENVIRONMENT = """\
name: web
channels: [conda-forge]
dependencies:
  - python=3.11
  - pip
  - pip:
      - tool[fast]==1.0  # a comment that stays
      - other>=1
      - quoted; sys_platform == "none"
"""
PYTHON = (record("python", "3.11.9"), record("pip", "25.0"))


@pytest.fixture
async def index() -> AsyncIterator[DemoIndex]:
    async with DemoIndex(wheel("tool", "1.0"), wheel("tool", "1.2"), wheel("other", "3")) as started:
        yield started


Scan = Callable[..., Scanner]


@pytest.fixture
async def scanner(index: DemoIndex, tmp_path: Path) -> AsyncIterator[Scan]:
    async with httpx.AsyncClient(trust_env=False) as http:

        def make(*records: Record, trusted: tuple[str, ...] = (index.url,)) -> Scanner:
            policy = EgressPolicy(trusted=frozenset(trusted))
            datasource = PypiDatasource(http, PypiSettings(cache_dir=tmp_path), check_url=policy.check_index_url)

            def resolve(url: str | None) -> Channel:
                found = resolve_index(url or index.url)
                policy.check_index_url(found.url)
                return found

            toy = Toy(*(records or PYTHON))
            return Scanner(
                solver=toy,
                index=toy,
                resolve=lambda _: (FORGE,),
                policy=Policy(),
                now=NOW,
                pypi=PypiSource(index=datasource, resolve=resolve),
            )

        yield make


def files(text: str = ENVIRONMENT) -> dict[str, bytes]:
    return {"environment.yml": text.encode()}


def status(report: ScanReport, name: str) -> DependencyStatus:
    [found] = [each for each in report.statuses if each.name == name]
    return found


async def test_a_pinned_package_gets_a_pull_request_of_its_own(scanner: Scan) -> None:
    report = await scanner().scan(files(), {})

    [proposal] = report.proposals
    found = status(report, "tool")
    assert report.problems == ()
    assert (proposal.plan.key, proposal.solved, proposal.diffs) == ("pypi-tool-1.x", 0, ())
    assert proposal.files == {"environment.yml": ENVIRONMENT.replace("tool[fast]==1.0", "tool[fast]==1.2")}
    assert (found.standing, found.current, found.newest, found.reachable) == (Standing.UPDATE, "1.0", "1.2", "1.2")
    assert found.environments == ("default",)


async def test_conda_and_pypi_packages_of_one_name_are_told_apart(scanner: Scan) -> None:
    text = ENVIRONMENT.replace("  - pip\n", "  - pip\n  - tool=0.1\n")
    toy = scanner(*PYTHON, record("tool", "0.1"), record("tool", "0.2"))

    report = await toy.scan(files(text), {})

    assert [proposal.plan.key for proposal in report.proposals] == ["non-major-without-lock", "pypi-tool-1.x"]
    assert [each.reachable for each in report.statuses if each.name == "tool"] == ["0.2", "1.2"]


async def test_a_local_update_moves_conda_and_pypi_packages_in_one_file(scanner: Scan) -> None:
    text = ENVIRONMENT.replace("  - pip\n", "  - pip\n  - numpy=1.26\n")
    toy = scanner(*PYTHON, record("numpy", "1.26.4"), record("numpy", "2.0.0"))

    everything = await toy.scan_at_once(files(text), ())
    only = await toy.scan_at_once(files(text), [PackageName("tool")])

    [proposal] = everything.proposals
    assert "numpy=2.0\n" in proposal.files["environment.yml"]
    assert "tool[fast]==1.2 " in proposal.files["environment.yml"]
    assert [each.name for each in only.proposals[0].plan.updates] == ["tool"]


async def test_nothing_to_move_is_no_proposal(scanner: Scan) -> None:
    report = await scanner().scan_at_once(files(ENVIRONMENT.replace("1.0", "1.2")), ())

    assert report.proposals == ()
    assert status(report, "tool").standing is Standing.UP_TO_DATE


async def test_what_does_not_move_says_why(scanner: Scan, index: DemoIndex) -> None:
    index.publish([wheel("tool", "1.3", requires_python=">=3.12"), wheel("tool", "1.2", requires_python=">=3.12")])

    report = await scanner().scan(files(), {})

    held, quoted = status(report, "tool"), status(report, "quoted")
    assert (held.standing, held.newest) == (Standing.HELD_BACK, "1.3")
    assert held.reason == "tool 1.3 needs python >=3.12, and the environment has 3.11.9"
    assert held.reason in [each.sentence for each in report.held_back]
    assert status(report, "other").standing is Standing.UP_TO_DATE
    assert (quoted.standing, quoted.reason) == (
        Standing.LEFT_ALONE,
        'its marker (sys_platform == "none") holds in no environment that was judged',
    )


async def test_a_proposal_says_why_it_does_not_go_further(scanner: Scan, index: DemoIndex) -> None:
    index.publish([wheel("tool", "1.3", requires_python=">=3.12")])

    [proposal] = (await scanner().scan(files(), {})).proposals

    assert [each.release for each in proposal.held_back] == ["1.3"]


async def test_a_line_that_is_held_stays(scanner: Scan) -> None:
    report = await scanner().scan(files(ENVIRONMENT.replace("a comment that stays", "condabot: ignore")), {})

    found = status(report, "tool")
    assert report.proposals == ()
    assert (found.standing, found.reason) == (Standing.LEFT_ALONE, "ignore: its comment says so")


async def test_without_lines_of_pip_no_index_is_asked(scanner: Scan, index: DemoIndex) -> None:
    report = await scanner().scan(files(ENVIRONMENT.partition("  - pip:")[0]), {})

    assert [each.name for each in report.statuses] == ["python", "pip"]
    assert index.requests == []


async def test_what_was_declined_is_not_proposed(scanner: Scan) -> None:
    report = await scanner().scan(files(), {"pypi-tool-1.x": {PackageName("tool"): "1.2"}})

    assert report.proposals == ()
    assert status(report, "tool").standing is Standing.HELD_BACK


async def test_an_index_that_fails_is_a_problem_said_once(scanner: Scan, index: DemoIndex) -> None:
    index.failures[""] = 500

    report = await scanner().scan(files(), {})

    [problem] = report.problems
    assert problem.path == "environment.yml"
    assert f"Index {index.url} answered 500" in problem.sentence
    assert "3 dependencies in 1 environment not judged" in problem.sentence
    assert status(report, "tool").standing is Standing.UNKNOWN


async def test_a_project_that_is_nowhere_is_unknown(scanner: Scan, index: DemoIndex) -> None:
    report = await scanner().scan(files(ENVIRONMENT.replace("other>=1", "nothing==1")), {})

    found = status(report, "nothing")
    assert (found.standing, found.reason) == (Standing.UNKNOWN, f"No project is called nothing in {index.url}.")
    assert report.problems == ()


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--index-url https://localhost/simple", "is not a public host name"),
        ("--index-url https://index.example/simple", "is not one that this bot may call"),
        ("--find-links wheels", "pip is told to look elsewhere than in an index (--find-links)"),
    ],
)
async def test_an_index_that_is_not_called_leaves_its_packages_unknown(
    scanner: Scan, index: DemoIndex, option: str, sentence: str
) -> None:
    text = ENVIRONMENT.replace("      - other", f"      - {option}\n      - other")

    report = await scanner().scan(files(text), {})

    assert sentence in status(report, "tool").reason
    assert report.proposals == ()
    assert index.requests == []


async def test_an_index_that_the_manifest_names_is_asked_after_the_main_one(scanner: Scan, index: DemoIndex) -> None:
    files = (wheel("tool", "9"), wheel("more", "1"), wheel("more", "2"))
    async with DemoIndex(*files) as extra:
        text = ENVIRONMENT.replace("      - other>=1", f"      - --extra-index-url {extra.url}\n      - more==1")
        report = await scanner(trusted=(index.url, extra.url)).scan({"environment.yml": text.encode()}, {})

    assert [each.plan.key for each in report.proposals] == ["pypi-more-2.x", "pypi-tool-1.x"]


async def test_what_pixi_names_without_a_lock_moves_as_lines_of_pip_do(scanner: Scan) -> None:
    manifest = """
[workspace]
name = "w"
channels = ["conda-forge"]
platforms = ["linux-64"]
[dependencies]
python = "3.11.*"
[pypi-dependencies]
tool = "==1.0"
"""
    report = await scanner().scan({"pixi.toml": manifest.encode()}, {})

    [proposal] = report.proposals
    assert proposal.plan.key == "non-major-without-lock"
    assert proposal.files == {"pixi.toml": manifest.replace("==1.0", "==1.2")}


async def test_an_environment_that_does_not_solve_leaves_its_packages_unknown(scanner: Scan) -> None:
    report = await scanner(record("pip", "25.0")).scan(files(), {})

    found = status(report, "tool")
    assert (found.standing, found.reason) == (Standing.UNKNOWN, "its environments could not be judged")


async def test_a_rewrite_that_goes_wrong_is_a_problem(scanner: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise RewriteRefused("it did not read back as planned")

    monkeypatch.setattr("bot.manifests.rewrite", refuse)
    report = await scanner().scan(files(), {})

    assert [str(each) for each in report.problems] == ["environment.yml: it did not read back as planned"]


async def test_an_annotated_package_is_looked_up_without_a_python(scanner: Scan) -> None:
    text = "# renovate: datasource=pypi depName=tool\nENV TOOL=1.0\n# renovate: datasource=pypi depName=other\nB=3\n"

    report = await scanner().scan({"Dockerfile": text.encode()}, {})

    [proposal] = report.proposals
    assert proposal.files == {"Dockerfile": text.replace("TOOL=1.0", "TOOL=1.2")}
    assert [each.standing for each in report.statuses] == [Standing.UPDATE, Standing.UP_TO_DATE]
    assert report.problems == ()
