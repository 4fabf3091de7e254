"""What code scanning is told of locks: nothing while something is not known, and another version for another log."""

import json

from bot.model.advisory import Statement, StatementStatus
from bot.model.audit import AuditReport, LockAudit, NotJudged
from bot.model.package import Lock
from bot.planning.statements import SILENCE, Statements
from bot.updating.advisories import AdvisoryAuditor, AskedOnce
from bot.updating.code_scanning import NOTHING, CodeScanner, alerts_of
from tests.updating.test_scan import pixi_lock
from tests.updating.test_security import JINJA2, Database, advisory


class Auditor:
    """Finds nothing wrong; of the records of `silent` channels nothing is known."""

    def __init__(self, *silent: NotJudged) -> None:
        self._silent = silent

    async def audit(self, lock: Lock, text: str, base: Lock | None = None) -> LockAudit:
        del text, base
        return LockAudit(path=lock.path, records=1, others=0, findings=(), not_judged=self._silent)


LOCK = pixi_lock(JINJA2[:1], JINJA2[:1]).encode()
MENDED = pixi_lock(JINJA2[2:3], JINJA2[2:3]).encode()


async def scanned(content: bytes, *silent: NotJudged, said: Statements = SILENCE) -> AuditReport:
    database = Database(advisory("3.1.4"))
    advisories = AdvisoryAuditor(index=AskedOnce(database), purls=database)
    scanner = CodeScanner(auditor=Auditor(*silent), advisories=advisories, said=said)
    return await scanner.scanned({"pixi.lock": content, "README.md": b"no lock"})


async def test_the_log_says_what_is_affected_and_its_version_tells_it_from_others() -> None:
    alerts, log = alerts_of(await scanned(LOCK))
    again, _ = alerts_of(await scanned(LOCK))
    mended, other = alerts_of(await scanned(MENDED))

    [run] = json.loads(log)["runs"]
    assert [each["ruleId"] for each in run["results"]] == ["advisory"]
    assert run["tool"]["driver"]["version"] == alerts.version == again.version
    assert (alerts.findings, mended.findings, alerts.why_not) == (1, 0, "")
    assert mended.version != alerts.version
    assert json.loads(other)["runs"][0]["results"] == []


async def test_while_a_channel_is_silent_nothing_is_told() -> None:
    silent = NotJudged(reason="Channel x answered 500.", records=3)
    refused = NotJudged(reason="Channel y is not asked.", records=3, lasts=True)

    alerts, _ = alerts_of(await scanned(LOCK, silent))
    lasting, _ = alerts_of(await scanned(LOCK, refused))

    assert alerts.why_not == "pixi.lock: 3 records not judged. Channel x answered 500."
    assert (lasting.why_not, lasting.findings) == ("", 1)


async def test_a_lock_that_cannot_be_read_is_no_clean_one() -> None:
    alerts, _ = alerts_of(await scanned(b"version: 99\n"))

    assert alerts.why_not.startswith("pixi.lock:1: ")


async def test_what_does_not_count_is_not_told() -> None:
    said = Statement(
        ids=frozenset({"GHSA-1"}), status=StatementStatus.NOT_AFFECTED, reason="nobody renders", source="x", line=1
    )

    alerts, log = alerts_of(await scanned(LOCK, said=Statements(every=(said,))))

    assert (alerts.findings, json.loads(log)["runs"][0]["results"]) == (0, [])


def test_what_takes_everything_back_finds_nothing() -> None:
    assert [each["results"] for each in json.loads(NOTHING)["runs"]] == [[]]
