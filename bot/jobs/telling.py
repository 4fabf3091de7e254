"""The check run on the head of the default branch: what condabot has to say where nobody asked it anything.

It makes no noise: a check that says the same of the same commit is not written again.
"""

import hashlib

from bot.github import checks
from bot.github.client import Client
from bot.github.model import Oid
from bot.rendering.repository_report import RepositoryReport, report_headline, report_summary

CHECK_NAME = "condabot"


def digest_of(report: RepositoryReport, head: Oid) -> str:
    """Return what tells whether *report* was told already beside the commit *head*."""
    return hashlib.sha256(f"{head}\0{report_headline(report)}\0{report_summary(report)}".encode()).hexdigest()


async def tell(client: Client, report: RepositoryReport, head: Oid) -> None:
    """Show *report* beside the commit *head*, in place of what was shown there before.

    Raises:
        GitHubError: GitHub refused.

    """
    conclusion = checks.Conclusion.FAILURE if report.wrong else checks.Conclusion.SUCCESS
    notes = tuple(
        checks.Annotation(path=each.path, line=each.line or 1, message=each.sentence)
        for each in report.wrong
        if each.path
    )
    result = checks.CheckResult(
        conclusion=conclusion, title=report_headline(report), summary=report_summary(report), annotations=notes
    )
    await checks.report(client, name=CHECK_NAME, head=head, external_id="repository", result=result)
