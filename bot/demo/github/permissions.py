"""Which permission each operation needs from an installation token. One of several alternatives is enough.

https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/choosing-permissions-for-a-github-app
"""

from collections.abc import Mapping

from bot.demo.github.model import Level, Permission

Alternatives = tuple[Permission, ...]


def _read(*names: str) -> Alternatives:
    return tuple(Permission(name=name, level=Level.READ) for name in names)


def _write(*names: str) -> Alternatives:
    return tuple(Permission(name=name, level=Level.WRITE) for name in names)


METADATA_READ = _read("metadata")
CONTENTS_READ = _read("contents")
CONTENTS_WRITE = _write("contents")
PULLS_READ = _read("pull_requests")
PULLS_WRITE = _write("pull_requests")
CHECKS_READ = _read("checks")
CHECKS_WRITE = _write("checks")
STATUSES_READ = _read("statuses")
STATUSES_WRITE = _write("statuses")
THREADS_READ = _read("issues", "pull_requests")
THREADS_WRITE = _write("issues", "pull_requests")
ISSUES_READ = _read("issues")
ISSUES_WRITE = _write("issues")
SCANNING_READ = _read("security_events")
SCANNING_WRITE = _write("security_events")
WORKFLOWS_WRITE = _write("workflows")

REST: Mapping[str, Alternatives] = {
    "apps/list-repos-accessible-to-installation": METADATA_READ,
    "apps/revoke-installation-access-token": (),
    "rate-limit/get": (),
    "users/get-by-username": (),
    "repos/list-releases": CONTENTS_READ,
    "repos/get-latest-release": CONTENTS_READ,
    "repos/get-release-by-tag": CONTENTS_READ,
    "repos/list-commits": CONTENTS_READ,
    "dependency-graph/create-repository-snapshot": CONTENTS_WRITE,
    "code-scanning/list-recent-analyses": SCANNING_READ,
    "code-scanning/upload-sarif": SCANNING_WRITE,
    "meta/get": (),
    "repos/get": METADATA_READ,
    "repos/get-collaborator-permission-level": METADATA_READ,
    "repos/get-branch-rules": METADATA_READ,
    "repos/get-content": CONTENTS_READ,
    "repos/list-branches": CONTENTS_READ,
    "repos/get-branch": CONTENTS_READ,
    "repos/get-commit": CONTENTS_READ,
    "repos/compare-commits-with-basehead": CONTENTS_READ,
    "git/get-ref": CONTENTS_READ,
    "git/list-matching-refs": CONTENTS_READ,
    "git/create-ref": CONTENTS_WRITE,
    "git/update-ref": CONTENTS_WRITE,
    "git/delete-ref": CONTENTS_WRITE,
    "git/get-tree": CONTENTS_READ,
    "git/create-tree": CONTENTS_WRITE,
    "git/get-blob": CONTENTS_READ,
    "git/create-blob": CONTENTS_WRITE,
    "git/get-commit": CONTENTS_READ,
    "git/create-commit": CONTENTS_WRITE,
    "pulls/list": PULLS_READ,
    "pulls/create": PULLS_WRITE,
    "pulls/get": PULLS_READ,
    "pulls/update": PULLS_WRITE,
    "pulls/list-files": PULLS_READ,
    "pulls/list-commits": PULLS_READ,
    "pulls/merge": CONTENTS_WRITE,
    "pulls/list-requested-reviewers": PULLS_READ,
    "pulls/request-reviewers": PULLS_WRITE,
    "pulls/remove-requested-reviewers": PULLS_WRITE,
    "pulls/list-reviews": PULLS_READ,
    "repos/list-pull-requests-associated-with-commit": PULLS_READ,
    "pulls/update-branch": PULLS_WRITE,
    "checks/create": CHECKS_WRITE,
    "checks/update": CHECKS_WRITE,
    "checks/get": CHECKS_READ,
    "checks/list-annotations": CHECKS_READ,
    "checks/get-suite": CHECKS_READ,
    "checks/list-for-suite": CHECKS_READ,
    "checks/list-suites-for-ref": CHECKS_READ,
    "checks/list-for-ref": CHECKS_READ,
    "repos/get-combined-status-for-ref": STATUSES_READ,
    "repos/create-commit-status": STATUSES_WRITE,
    "issues/list-for-repo": ISSUES_READ,
    "issues/create": ISSUES_WRITE,
    "issues/update": THREADS_WRITE,
    "issues/list-comments": THREADS_READ,
    "issues/create-comment": THREADS_WRITE,
    "issues/get": THREADS_READ,
    "issues/get-comment": THREADS_READ,
    "issues/delete-comment": THREADS_WRITE,
    "issues/add-assignees": THREADS_WRITE,
    "issues/remove-assignees": THREADS_WRITE,
    "issues/check-user-can-be-assigned": METADATA_READ,
    "issues/list-labels-on-issue": THREADS_READ,
    "reactions/list-for-issue-comment": THREADS_READ,
    "reactions/create-for-issue-comment": THREADS_WRITE,
    "reactions/delete-for-issue-comment": THREADS_WRITE,
    "issues/update-comment": THREADS_WRITE,
    "issues/add-labels": THREADS_WRITE,
    "issues/remove-label": THREADS_WRITE,
    "issues/create-label": THREADS_WRITE,
    "issues/get-label": THREADS_READ,
}

GRAPHQL: Mapping[tuple[str, str], Alternatives] = {
    ("Repository", "defaultBranchRef"): CONTENTS_READ,
    ("Repository", "object"): CONTENTS_READ,
    ("Repository", "ref"): CONTENTS_READ,
    ("Repository", "refs"): CONTENTS_READ,
    ("Repository", "pullRequest"): PULLS_READ,
    ("Repository", "pullRequests"): PULLS_READ,
    ("Mutation", "updateRefs"): CONTENTS_WRITE,
    ("Mutation", "createCommitOnBranch"): CONTENTS_WRITE,
    ("Mutation", "enablePullRequestAutoMerge"): PULLS_WRITE,
    ("Mutation", "disablePullRequestAutoMerge"): PULLS_WRITE,
    ("Mutation", "enqueuePullRequest"): CONTENTS_WRITE,
    ("Mutation", "dequeuePullRequest"): CONTENTS_WRITE,
    ("Mutation", "closePullRequest"): PULLS_WRITE,
    ("Mutation", "reopenPullRequest"): PULLS_WRITE,
    ("Mutation", "updatePullRequest"): PULLS_WRITE,
    ("Mutation", "createPullRequest"): PULLS_WRITE,
}
