"""The settings of a repository as the rules of a branch.

https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
"""

from fnmatch import fnmatchcase

from bot.demo.github.model import JsonObject
from bot.demo.github.repository import Repository


def rules(repository: Repository, branch: str) -> list[JsonObject]:
    """Return what a ruleset asks of *branch*, whether it exists or not."""
    found: list[JsonObject] = []
    if branch == repository.default_branch:
        found += _rules_of_merging(repository)
    if any(fnmatchcase(branch, each) for each in repository.rejected_branches):
        found += [{"type": "creation"}, {"type": "update"}]
    return found


def _rules_of_merging(repository: Repository) -> list[JsonObject]:
    checks = {
        "required_status_checks": [{"context": name} for name in repository.required_checks],
        "strict_required_status_checks_policy": repository.strict_checks,
    }
    reviews = {
        "required_approving_review_count": repository.required_approvals,
        "dismiss_stale_reviews_on_push": repository.dismiss_stale_approvals,
        "require_code_owner_review": False,
        "require_last_push_approval": False,
        "required_review_thread_resolution": False,
    }
    queue = {
        "check_response_timeout_minutes": 60,
        "grouping_strategy": "ALLGREEN",
        "max_entries_to_build": 5,
        "max_entries_to_merge": 5,
        "merge_method": "MERGE",
        "min_entries_to_merge": 1,
        "min_entries_to_merge_wait_minutes": 5,
    }
    wanted = (
        (repository.required_checks, "required_status_checks", checks),
        (repository.required_approvals, "pull_request", reviews),
        (repository.merge_queue, "merge_queue", queue),
    )
    return [{"type": kind, "parameters": parameters} for asked, kind, parameters in wanted if asked]
