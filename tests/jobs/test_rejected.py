"""A lock of ours that is not what its channel offers is not committed, and nothing after it is."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

import pytest

from bot.errors import LockRejected
from bot.github.client import Client
from bot.github.model import Branch
from bot.github.ours import MarkerKeys
from bot.jobs.decide import Action, Decision, SeenRepository
from bot.jobs.publish import Publisher
from bot.jobs.writing import Work, Written, write
from bot.model.manifest import PackageName
from bot.model.update import BranchName
from bot.updating.inspection import CheckWords, Draft, Inspection, Move, Prepared

WORDS = CheckWords(headline="solved on linux-64; 1 finding in the locks", summary="", tampered=True, rejected=True)


@dataclass(slots=True)
class Told:
    """An inspection whose locks are all rejected, and how often it was asked."""

    asked: list[str] = field(default_factory=list)

    async def prepared(self, key: str) -> Prepared:
        self.asked.append(key)
        return Prepared(message="numpy 2", check=WORDS, paths=("pixi.lock",))


def publisher(told: Told) -> Publisher:
    """Return one that would fail where it asked GitHub anything: it has no client."""
    return Publisher(
        client=cast("Client", None),
        base=cast("Branch", None),
        tree=(),
        keys=cast("MarkerKeys", None),
        inspection=cast("Inspection", told),
    )


def decision(key: str) -> Decision:
    draft = Draft(key=key, title=f"{key} 2", moves=(Move(name=PackageName(key), version="2"),), fingerprint="f")
    branch = cast("Branch", object())
    return Decision(draft=draft, action=Action.REFRESH, name=BranchName(f"condabot/{key}"), branch=branch, pull=None)


def to_do(*decisions: Decision) -> Work:
    return Work(
        decisions=decisions,
        to_publish=decisions,
        to_withdraw=(),
        waiting=(),
        unsolved=(),
        opens_at=None,
        why_not_more="",
        resting=MappingProxyType({}),
    )


async def test_it_is_not_committed() -> None:
    with pytest.raises(LockRejected, match="numpy 2: solved on linux-64; 1 finding"):
        await publisher(Told()).publish(decision("numpy"))


async def test_nothing_after_it_is_written_and_its_sentence_is_kept() -> None:
    told, written, decisions = Told(), Written(), (decision("numpy"), decision("scipy"))
    work = to_do(*decisions)

    await write(publisher(told), cast("SeenRepository", None), work, written)

    assert told.asked == ["numpy"]
    report = written.report()
    assert report.rejected == "numpy 2: solved on linux-64; 1 finding in the locks"
    assert report.outcomes == (f"not written, since its lock was rejected: {report.rejected}",)
    assert (report.published, report.failed) == ((), ())


def test_what_may_not_be_written_is_said() -> None:
    work = to_do(decision("numpy"))
    assert list(work.held_lines("CONDABOT_WRITES is off")) == [
        "not written, since CONDABOT_WRITES is off: would refresh numpy 2"
    ]
