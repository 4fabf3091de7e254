"""What a repository says of vulnerabilities itself: what no pull request is made for then, and until when."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.config import PATHS, read_configuration
from bot.model.report import ScanReport
from bot.updating.read.relevance import is_relevant, relevant_paths
from tests.planning.toy import NOW
from tests.test_vex import document, statement
from tests.updating.test_security import JINJA2, advisory, environment, guarded, held, mended
from tests.updating.toy import Toy

ID = "GHSA-1"
MENDED = [("security-jinja2", "3.1.4")]


def ignored(**fields: str) -> str:
    return json.dumps({"advisories": {"ignore": [{"id": ID, "reason": "nobody renders", **fields}]}})


async def scanned(configuration: str = "", **files: bytes) -> ScanReport:
    text = {PATHS[0]: configuration.encode()} if configuration else {}
    scanner = guarded(Toy(*JINJA2), advisory("3.1.4")).configured(read_configuration(text))
    named = {path.replace("__", "/").replace("_", "."): content for path, content in files.items()}
    return await scanner.scan({**environment("jinja2=3.1.2"), **text, **named}, {})


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        pytest.param({}, True, id="an id is enough"),
        pytest.param({"id": "ghsa-1"}, True, id="in any case"),
        pytest.param({"id": "GHSA-2"}, False, id="another one"),
        pytest.param({"package": "jinja2"}, True, id="in this package"),
        pytest.param({"package": "numpy"}, False, id="in another package"),
        pytest.param({"until": str((NOW + timedelta(days=1)).date())}, True, id="until tomorrow"),
        pytest.param({"until": str(NOW.date())}, False, id="until today"),
    ],
)
async def test_what_is_ignored_gets_no_pull_request(fields: Any, *, counts: bool) -> None:
    report = await scanned(ignored(**fields))

    assert mended(report) == ([] if counts else MENDED)
    assert held(report) == []


async def test_that_a_word_is_over_is_told_in_the_pull_request() -> None:
    report = await scanned(ignored(until=str(NOW.date())))

    [fix] = [each for each in report.proposals if each.plan.key == "security-jinja2"]
    assert fix.plan.reasons[0].endswith(
        f"It was ignored until {NOW.date()} because nobody renders (.github/condabot.yml:1): that is over"
    )


async def test_without_a_reason_the_configuration_is_wrong() -> None:
    with pytest.raises(Exception, match="`reason`: why it does not count here"):
        await scanned(json.dumps({"advisories": {"ignore": [{"id": ID}]}}))


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        pytest.param({}, True, id="not affected"),
        pytest.param({"status": "fixed"}, True, id="fixed"),
        pytest.param({"status": "affected"}, False, id="affected"),
        pytest.param({"status": "under_investigation"}, False, id="under investigation"),
        pytest.param({"products": ["pkg:conda/jinja2"]}, True, id="the conda package, in every version"),
        pytest.param({"products": ["pkg:pypi/jinja2@3.0"]}, False, id="another version"),
    ],
)
async def test_documents_of_openvex_say_the_same(fields: Any, *, counts: bool) -> None:
    said = document(statement(vulnerability={"name": ID}, **fields))

    report = await scanned(_openvex__a_json=said)

    assert mended(report) == ([] if counts else MENDED)
    assert report.problems == ()


async def test_a_document_that_cannot_be_read_is_told_and_says_nothing() -> None:
    report = await scanned(_openvex__a_json=b"{")

    [problem] = report.problems
    assert (problem.path, mended(report)) == (".openvex/a.json", MENDED)


async def test_a_release_that_the_repository_says_is_not_affected_will_do() -> None:
    said = document(statement(vulnerability={"name": ID}, products=["pkg:pypi/jinja2@3.1.3"]))

    assert mended(await scanned(_openvex__a_json=said)) == [("security-jinja2", "3.1.3")]


def test_documents_are_read_where_they_usually_lie_and_where_it_is_configured() -> None:
    sizes = dict.fromkeys([".openvex/a.json", ".openvex/b/c.json", "security/x.vex", "environment.yml"], 9)
    configuration = read_configuration({PATHS[0]: b"advisories: {vex: ['security/*.vex']}"})

    assert relevant_paths(sizes) == (".openvex/a.json", "environment.yml")
    assert relevant_paths(sizes, configuration) == (".openvex/a.json", "environment.yml", "security/x.vex")
    assert is_relevant(".openvex/a.json")
