"""A scan report for other programs: the JSON of `condabot check --json`, described in docs/commands.md."""

from dataclasses import asdict
from typing import Any

from bot.model.report import Migration, Problem, ScanReport

FORMAT_VERSION = 1


def report_document(report: ScanReport) -> dict[str, Any]:
    """Return *report* as a document of JSON types. Fields are added under the same version, never changed."""
    return {
        "version": FORMAT_VERSION,
        "dependencies": [{**asdict(status), "reason": status.why} for status in report.statuses],
        "held_back": [
            {"name": each.name, "current": each.current, "release": each.release, "reason": each.sentence}
            for each in report.held_back
        ],
        "migrations": [_migration(each) for each in report.migrations],
        "problems": [_problem(problem) for problem in report.problems],
        "caps": [asdict(each) for each in report.caps],
        "minimums": [{**asdict(each), "is_true": each.is_true} for each in report.minimums],
        "recognised": [{"path": each.path, "reason": each.sentence} for each in report.recognised],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {"path": problem.path, "line": problem.line, "reason": problem.sentence}


def _migration(migration: Migration) -> dict[str, Any]:
    return {
        "manifest": migration.workspace,
        "name": migration.name,
        "minor": migration.minor,
        "current": migration.current,
        "release": migration.release,
        "ready": migration.ready,
        "total": migration.total,
        "blocked_by": [
            {"manifest": each.manifest, "line": each.line, "name": each.name, "spec": each.spec}
            for each in migration.blocked_by
        ],
        "due": migration.due.isoformat(),
        "offered": migration.offered,
        "reason": migration.sentence,
    }
