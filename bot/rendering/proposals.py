"""What `condabot update` did, in the words of a pull request and for other programs."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from bot.model.report import ScanReport
from bot.model.update import Proposal, SpecChange, Update
from bot.rendering.markdown import plain
from bot.rendering.names import branch_name, title
from bot.rendering.pull_request import Told, body

FORMAT_VERSION: Final = 1
LONGEST: Final = 65_536
"""Characters that GitHub stores of a body."""

PREFIX: Final = "condabot/"
FEW: Final = 2


def file_stem(proposal: Proposal) -> str:
    """Return what files about *proposal* are called: its branch without the prefix, which has no folders."""
    return branch_name("", proposal.plan.key)


def title_of(proposals: Sequence[Proposal]) -> str:
    """Return the title of a pull request that holds all of *proposals*; empty without any."""
    titles = [title(each) for each in proposals]
    if len(titles) <= FEW:
        return " and ".join(each if not number else _lower(each) for number, each in enumerate(titles))
    return f"{titles[0]} and {len(titles) - 1} more changes"


def body_of(proposals: Sequence[Proposal], told: Told) -> str:
    """Return the body of a pull request that holds all of *proposals*, one after the other; empty without any."""
    if len(proposals) == 1:
        return body(proposals[0], told, LONGEST)
    longest = LONGEST // max(len(proposals), 1) - max((len(title(each)) for each in proposals), default=0) * 2 - 8
    return "\n\n".join(f"## {plain(title(each))}\n\n{body(each, told, longest)}" for each in proposals)


def update_document(report: ScanReport, told: Told, changed: Iterable[str], *, written: bool) -> dict[str, Any]:
    """Return *report* as a document of JSON types. Fields are added under the same version, never changed.

    *changed* are the files that are different now, or would be if they had been *written*.
    """
    return {
        "version": FORMAT_VERSION,
        "written": written,
        "changed": sorted(changed),
        "title": title_of(report.proposals),
        "body": body_of(report.proposals, told),
        "proposals": [_proposal(each) for each in report.proposals],
        "held_back": [
            {"name": each.name, "current": each.current, "release": each.release, "reason": each.sentence}
            for each in report.held_back
        ],
        "problems": [{"path": each.path, "line": each.line, "reason": each.sentence} for each in report.problems],
    }


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "key": proposal.plan.key,
        "branch": branch_name(PREFIX, proposal.plan.key),
        "purpose": proposal.plan.purpose,
        "title": title(proposal),
        "updates": [_update(each) for each in proposal.plan.updates],
        "files": sorted(proposal.files),
        "locks": [asdict(each) for each in proposal.diffs if each.changes],
        "solved": proposal.solved,
        "platforms": list(proposal.platforms),
    }


def _update(update: Update) -> dict[str, Any]:
    return {
        "name": update.name,
        "datasource": update.datasource,
        "current": update.current,
        "target": update.target.version,
        "kind": update.kind,
        "environments": list(update.environments),
        "manifests": list(update.workspaces),
        "lines": [_line(each) for each in update.changes],
    }


def _line(change: SpecChange) -> dict[str, Any]:
    return {"manifest": change.manifest, "line": change.line, "old": change.old, "new": change.new}
