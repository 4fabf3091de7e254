"""Audits as SARIF: of the standard's structure, whatever stands in a lock."""

import json
import re
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.advisory import AdvisoryVerdict, Exposure, LockAdvisories, Statement, StatementStatus
from bot.model.audit import AuditReport, FindingRule, LockAudit, NotJudged
from bot.model.manifest import PackageName
from bot.model.report import Problem
from bot.rendering.sarif import RULES, sarif_document
from tests.audits import finding

NAME = PackageName("jinja2")
LEVEL = {"enum": ["none", "note", "warning", "error"]}
MESSAGE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation", "region"],
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "required": ["uri"],
                    "properties": {"uri": {"type": "string", "pattern": "^(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+$"}},
                },
                "region": {"type": "object", "properties": {"startLine": {"type": "integer", "minimum": 1}}},
            },
        }
    },
}
LOCATIONS = {"type": "array", "items": LOCATION}


def strict(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the schema of an object with these properties and no others: SARIF allows none it does not know."""
    properties = required | (optional or {})
    return {"type": "object", "required": [*required], "properties": properties, "additionalProperties": False}


RULE = strict(
    {"id": {"type": "string", "pattern": "^[a-z-]+$"}, "shortDescription": MESSAGE},
    {"defaultConfiguration": strict({"level": LEVEL}), "properties": {"type": "object"}},
)
SUPPRESSION = strict(
    {"kind": {"enum": ["inSource", "external"]}},
    {
        "status": {"enum": ["accepted", "underReview", "rejected"]},
        "justification": {"type": "string"},
        "location": LOCATION,
    },
)
RESULT = strict(
    {"message": MESSAGE},
    {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "locations": LOCATIONS,
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
        "suppressions": {"type": "array", "items": SUPPRESSION},
    },
)
INVOCATION = strict(
    {"executionSuccessful": {"type": "boolean"}},
    {
        "toolExecutionNotifications": {
            "type": "array",
            "items": strict({"message": MESSAGE}, {"level": LEVEL, "locations": LOCATIONS}),
        }
    },
)
DRIVER = strict(
    {"name": {"const": "condabot"}}, {"version": {"type": "string"}, "rules": {"type": "array", "items": RULE}}
)
RUN = strict(
    {"tool": strict({"driver": DRIVER})},
    {
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "invocations": {"type": "array", "items": INVOCATION},
        "results": {"type": "array", "items": RESULT},
        "properties": {"type": "object"},
    },
)
SCHEMA = strict(
    {"version": {"const": "2.1.0"}, "runs": {"type": "array", "items": RUN}},
    {"$schema": {"type": "string", "format": "uri"}},
)
"""The parts of the SARIF 2.1.0 schema that a log of ours may have: names, types, what is required."""

VALIDATOR = jsonschema_rs.validator_for(SCHEMA)
HOSTILE = "\x1b[31m</script>[click](https://files.example) {0} \\ \u202e\ud800"


def report(*audits: LockAudit, problems: tuple[Problem, ...] = ()) -> AuditReport:
    return AuditReport(locks=audits, problems=problems)


def audit(path: str = "pixi.lock", *rules: FindingRule, sentence: str = "It differs.", reason: str = "") -> LockAudit:
    findings = tuple(finding(rule, sentence) for rule in rules)
    unjudged = (NotJudged(reason=reason, records=3),) if reason else ()
    return LockAudit(path=path, records=9, others=0, findings=findings, not_judged=unjudged)


def written(given: AuditReport) -> Any:
    """Return the run as a reader of the file sees it."""
    document = json.loads(json.dumps(sarif_document(given, "1.0")))
    VALIDATOR.validate(document)
    return document["runs"][0]


def test_a_clean_audit_is_a_valid_log_that_lists_the_rules() -> None:
    run = written(report(audit()))

    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(FindingRule) == list(RULES)
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_a_finding_names_its_rule_its_level_and_its_line() -> None:
    [result] = written(report(audit("sub dir/pixi.lock", FindingRule.HASH_DIFFERS)))["results"]

    assert result["ruleId"] == "hash-differs"
    assert result["level"] == "error"
    assert result["message"]["text"] == "It differs. Locked for default on linux-64."
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "sub%20dir/pixi.lock"},
        "region": {"startLine": 7},
    }


@pytest.mark.parametrize("rule", FindingRule)
def test_every_rule_has_a_description_and_is_found_by_its_index(rule: FindingRule) -> None:
    run = written(report(audit("pixi.lock", rule)))

    [result] = run["results"]
    described = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert described["id"] == rule
    assert described["defaultConfiguration"]["level"] == result["level"]
    assert described["shortDescription"]["text"].endswith(".")


def test_a_fingerprint_outlives_other_lines_and_tells_records_apart() -> None:
    def fingerprint(line: int, url: str) -> str:
        found = finding(FindingRule.RECORD_GONE, url=url, line=line)
        one = LockAudit(path="pixi.lock", records=1, others=0, findings=(found,), not_judged=())
        return str(written(report(one))["results"][0]["partialFingerprints"])

    assert fingerprint(1, "a") == fingerprint(2, "a") != fingerprint(1, "b")


def test_what_is_not_judged_or_not_read_is_told_and_the_run_has_not_succeeded() -> None:
    problem = Problem(path="a/pixi.lock", sentence="this is not YAML", line=3)

    [invocation] = written(report(audit(reason="Channel x did not answer."), problems=(problem,)))["invocations"]

    assert not invocation["executionSuccessful"]
    told = [(each["level"], each["message"]["text"]) for each in invocation["toolExecutionNotifications"]]
    assert told == [
        ("warning", "3 records are not judged. Channel x did not answer."),
        ("error", "this is not YAML"),
    ]


def test_hostile_text_is_neither_link_nor_placeholder_nor_control() -> None:
    [result] = written(report(audit("pixi.lock", FindingRule.RECORD_GONE, sentence=HOSTILE)))["results"]

    assert result["message"]["text"].startswith(
        r"\\x1b\[31m</script>\[click\](https://files.example) {{0}} \\ \\u202e\\ud800"
    )


@given(path=st.text(st.characters(codec=None), min_size=1), sentence=st.text(st.characters(codec=None)))
def test_no_text_breaks_the_log(path: str, sentence: str) -> None:
    reason = sentence or "x"

    run = written(report(audit(path, FindingRule.RECORD_GONE, sentence=sentence, reason=reason)))

    text = run["results"][0]["message"]["text"]
    assert not set("[]{}") & set(re.sub(r"\\[\\\[\]]|\{\{|\}\}", "", text))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("not_affected", ["accepted"]),
        ("fixed", ["accepted"]),
        ("under_investigation", ["underReview"]),
        ("affected", []),
    ],
)
def test_what_the_repository_says_of_an_advisory_is_a_suppression(status: str, said: list[str]) -> None:
    statement = Statement(ids=frozenset({"A"}), status=StatementStatus(status), reason="\x1b[2J", source="a b.json")
    excused = replace(finding(FindingRule.ADVISORY), statement=statement)
    lock = LockAudit(path="pixi.lock", records=1, others=0, findings=(), not_judged=(), excused=(excused,))

    document = sarif_document(AuditReport(locks=(lock,)), "1.0")

    jsonschema_rs.validator_for(SCHEMA).validate(document)
    [result] = document["runs"][0]["results"]
    assert [each["status"] for each in result.get("suppressions", [])] == said
    assert "\x1b" not in json.dumps(document, ensure_ascii=False)


def test_where_packages_stand_towards_advisories_is_counted_also_where_nothing_is_found() -> None:
    verdicts = tuple(
        AdvisoryVerdict(id=f"A-{each}", aliases=(), name=NAME, project=NAME, version="1", exposure=each)
        for each in Exposure
    )
    advised = LockAdvisories(verdicts=verdicts, judged=4, unknown={"nobody knows": 2})

    document = sarif_document(report(replace(audit(), advisories=advised), audit("conda-lock.yml")), "1.0")

    VALIDATOR.validate(document)
    assert document["runs"][0]["properties"] == {
        "advisories": [
            {
                "lock": "pixi.lock",
                "judged": 4,
                "affected": 1,
                "unknown": 1,
                "fixed": 1,
                "not-affected": 1,
                "nothingKnown": 2,
            }
        ]
    }
