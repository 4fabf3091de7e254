"""The JSON of an audit: every field there, plain types only, all of it described."""

import json
from pathlib import Path

from bot.model.audit import AuditReport, FindingRule, LockAudit, NotJudged, Severity
from bot.model.report import Problem
from bot.rendering.audit import audit_document
from tests.audits import BZIP2, finding

COMMANDS = Path(__file__).parents[2] / "docs" / "commands.md"
REPORT = AuditReport(
    locks=(
        LockAudit(
            path="pixi.lock",
            records=9,
            others=2,
            findings=(finding(FindingRule.LICENSE_CHANGED),),
            not_judged=(NotJudged(reason="Channel x did not answer.", records=3),),
        ),
    ),
    problems=(Problem(path="a/pixi.lock", sentence="this is not YAML", line=3),),
    ignored={"tests/pixi.lock": "**/tests/**"},
)


def test_the_document_holds_all_of_the_report() -> None:
    assert json.loads(json.dumps(audit_document(REPORT))) == {
        "version": 1,
        "locks": [
            {
                "path": "pixi.lock",
                "records": 9,
                "others": 2,
                "findings": [
                    {
                        "rule": "license-changed",
                        "severity": "warning",
                        "line": 7,
                        "name": "bzip2",
                        "version": "1.0.8",
                        "url": BZIP2,
                        "environments": ["default"],
                        "subdirs": ["linux-64"],
                        "reason": "It differs.",
                    }
                ],
                "excused": [],
                "not_judged": [{"records": 3, "reason": "Channel x did not answer."}],
                "advisories": None,
            }
        ],
        "ignored": [{"path": "tests/pixi.lock", "pattern": "**/tests/**"}],
        "problems": [{"path": "a/pixi.lock", "line": 3, "reason": "this is not YAML"}],
    }


def test_every_field_and_rule_is_described() -> None:
    section = COMMANDS.read_text().partition("\n## audit\n")[2].partition("\n## serve\n")[0]
    document = audit_document(REPORT)
    [lock] = document["locks"]
    names = [*document, *lock, *lock["findings"][0], *lock["not_judged"][0], *FindingRule]

    assert [name for name in names if f"`{name}`" not in section] == []


def test_every_rule_is_described_with_its_severity() -> None:
    text = COMMANDS.read_text()

    severities = {rule: finding(rule).severity for rule in FindingRule}
    assert [rule for rule, severity in severities.items() if f"| `{rule}` | {severity} |" not in text] == []
    assert set(severities.values()) == set(Severity)
