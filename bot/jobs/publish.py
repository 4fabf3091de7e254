"""One proposal becomes one pull request, in an order that may break off anywhere and be begun again.

Commit, branch (moved only from where it was read), check run, pull request: the marker in the pull request's body
comes last and says that everything before it is done. Until then the next scan does it again, with the same end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import lockfiles
from bot.github import checks, commits, pulls
from bot.github.client import Client
from bot.github.model import Branch, Oid, TreeEntry
from bot.github.ours import Marker, MarkerKeys, MarkerPlace, ProposedVersion, render_marker
from bot.jobs.decide import Decision
from bot.model.audit import LockAudit
from bot.model.update import Proposal
from bot.rendering.check_run import headline, is_tampered, summary
from bot.rendering.names import commit_message, title
from bot.rendering.pull_request import body
from bot.updating.survey.lock_refresh import LockAuditor

CHECK_NAME = "condabot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Publishes proposals that were made on `base`, whose files are `tree`; audits their locks for the check."""

    client: Client
    base: Branch
    tree: Sequence[TreeEntry]
    keys: MarkerKeys
    now: datetime
    auditor: LockAuditor

    async def publish(self, decision: Decision) -> int:
        """Open or refresh the pull request of *decision*; return its number.

        Raises:
            RefMoved: somebody pushed to the branch since it was read; nothing of theirs is touched.

        """
        proposal = decision.proposal
        made = await commits.commit(
            self.client, base=self.base.head, tree=self.tree, files=proposal.files, message=commit_message(proposal)
        )
        before = decision.branch.head.oid if decision.branch else None
        await commits.move_branch(self.client, decision.name, before=before, after=made.oid)
        result = check_result(proposal, await self._audits(proposal))
        await checks.report(
            self.client, name=CHECK_NAME, head=made.oid, external_id=proposal.fingerprint, result=result
        )
        ensured = await pulls.ensure(
            self.client,
            head=decision.name,
            base=self.base.name,
            title=title(proposal),
            body=self._body(decision, made.oid),
        )
        return ensured.number

    async def _audits(self, proposal: Proposal) -> tuple[LockAudit, ...]:
        locks = {path: text for path, text in proposal.files.items() if lockfiles.is_lock(path, text.encode())}
        parsed = {path: lockfiles.parse(path, text.encode()) for path, text in locks.items()}
        return tuple([await self.auditor.audit(parsed[path], text) for path, text in locks.items()])

    def _body(self, decision: Decision, commit: Oid) -> str:
        proposal = decision.proposal
        marker = Marker(
            key=proposal.plan.key,
            versions=tuple(
                ProposedVersion(name=each.name, version=each.target.version) for each in proposal.plan.updates
            ),
            base=self.base.head.oid,
            digest=proposal.fingerprint,
            commit=commit,
        )
        place = MarkerPlace(repository_id=self.client.repository.id, branch=decision.name)
        end = f"\n\n{render_marker(marker, place, self.keys)}"
        text = body(proposal, base=self.base.head.oid, now=self.now, longest=pulls.LONGEST_BODY - len(end))
        return f"{text}{end}"


def check_result(proposal: Proposal, audits: Sequence[LockAudit]) -> checks.CheckResult:
    """Return how the check of *proposal* ends, with *audits* of its locks.

    What an honest lock never has is a failure. What channels take back in time is only said: the pull request that
    brings the lock up to date again may not be kept from merging.
    """
    if is_tampered(audits):
        conclusion = checks.Conclusion.FAILURE
    elif any(each.findings for each in audits):
        conclusion = checks.Conclusion.NEUTRAL
    else:
        conclusion = checks.Conclusion.SUCCESS
    return checks.CheckResult(
        conclusion=conclusion, title=headline(proposal, audits), summary=summary(proposal, audits)
    )
