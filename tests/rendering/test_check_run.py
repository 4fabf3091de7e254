"""Whose fault it is where a lock holds what it should not."""

import pytest

from bot.model.audit import Finding, FindingRule, LockAudit
from bot.model.manifest import PackageName, Subdir
from bot.rendering.check_run import is_rejected, is_tampered
from tests.rendering.proposals import change, everywhere, proposal, update

PROPOSAL = proposal(update("numpy", "1.0", "2.0", spec=("1.*", "2.*")), diffs=everywhere(change("numpy", "1.0", "2.0")))


def audit(rule: FindingRule, name: str, version: str) -> LockAudit:
    finding = Finding(
        rule=rule,
        name=PackageName(name),
        version=version,
        url="https://conda.example/x.conda",
        environments=("default",),
        subdirs=(Subdir("linux-64"),),
        sentence="is not what the channel offers",
    )
    return LockAudit(path="pixi.lock", records=1, others=0, findings=(finding,), not_judged=())


@pytest.mark.parametrize(
    ("found", "tampered", "rejected"),
    [
        pytest.param(audit(FindingRule.HASH_DIFFERS, "numpy", "2.0"), True, True, id="a record that we bring"),
        pytest.param(audit(FindingRule.HASH_DIFFERS, "scipy", "1.0"), True, False, id="one that was there before"),
        pytest.param(audit(FindingRule.HASH_DIFFERS, "numpy", "1.0"), True, False, id="what we replace"),
        pytest.param(audit(FindingRule.RECORD_GONE, "numpy", "2.0"), False, False, id="what comes with time"),
    ],
)
def test_only_what_a_proposal_brings_is_ours(found: LockAudit, tampered: bool, rejected: bool) -> None:  # noqa: FBT001
    assert (is_tampered((found,)), is_rejected(PROPOSAL, (found,))) == (tampered, rejected)
