"""Repositories, branches, commits, comparisons.

https://docs.github.com/en/rest/repos, https://docs.github.com/en/rest/branches, https://docs.github.com/en/rest/commits
"""

from collections.abc import Mapping
from datetime import timedelta

from bot.demo.github.errors import not_found
from bot.demo.github.git import MissingObjectError
from bot.demo.github.model import Account, JsonObject
from bot.demo.github.rest.branch_rules import rules
from bot.demo.github.rest.call import SHA, Call, Handler, Reply

COMPARED_COMMITS = 250
COMPARED_FILES = 300
PRIMARY_LIMIT = 5_000


def get_repository(call: Call) -> Reply:
    """https://docs.github.com/en/rest/repos/repos#get-a-repository."""
    return Reply(facts=call.show.repository(call.repository))


def list_branches(call: Call) -> Reply:
    """https://docs.github.com/en/rest/branches/branches#list-branches."""
    return call.page(call.repository.branches()).reply(lambda name: _branch(call, name))


def get_branch(call: Call) -> Reply:
    """https://docs.github.com/en/rest/branches/branches#get-a-branch."""
    name = call.parameters["branch"]
    oid = call.repository.head(name)
    if oid is None:
        raise not_found()
    url = call.show.repository_url(call.repository, "branches", name)
    links = {"self": url, "html": call.show.url(call.repository.full_name, "tree", name)}
    facts = {"commit": call.show.commit(call.repository, oid), "_links": links, "protection": _protection(call, name)}
    return Reply(facts=_branch(call, name) | facts)


def _branch(call: Call, name: str) -> JsonObject:
    oid = call.repository.head(name)
    url = call.show.repository_url(call.repository, "branches", name, "protection")
    protected = bool(call.repository.required_checks) and name == call.repository.default_branch
    commit = {"sha": oid, "url": call.show.repository_url(call.repository, "commits", str(oid))}
    return {"name": name, "commit": commit, "protected": protected, "protection_url": url}


def _protection(call: Call, name: str) -> JsonObject:
    """Return what the branch requires, in the words that are older than those of rulesets."""
    checks = call.repository.required_checks if name == call.repository.default_branch else ()
    level = "non_admins" if checks else "off"
    required = {"enforcement_level": level, "contexts": list(checks), "checks": []}
    return {"enabled": bool(checks), "required_status_checks": required}


def get_commit(call: Call) -> Reply:
    """https://docs.github.com/en/rest/commits/commits#get-a-commit."""
    oid = call.commit(call.parameters["ref"])
    if call.accept.startswith(SHA):
        return Reply(raw=oid.encode(), content_type=SHA)
    parents = call.repository.git.commit(oid).parent_ids
    files = call.repository.git.changed(str(parents[0]) if parents else None, oid)
    added, removed = sum(each.additions for each in files), sum(each.deletions for each in files)
    facts = {
        "stats": {"additions": added, "deletions": removed, "total": added + removed},
        "files": [call.show.file(call.repository, each, oid) for each in files[:COMPARED_FILES]],
    }
    return Reply(facts=call.show.commit(call.repository, oid) | facts)


def list_commits(call: Call) -> Reply:
    """https://docs.github.com/en/rest/commits/commits#list-commits: the newest first."""
    tip = call.commit(call.query.get("sha", call.repository.default_branch))
    commits = call.repository.git.commits(tip, without=[])[::-1]
    return call.page(commits).reply(lambda oid: call.show.commit(call.repository, oid))


def compare(call: Call) -> Reply:
    """https://docs.github.com/en/rest/commits/commits#compare-two-commits."""
    before, separator, after = call.parameters["basehead"].partition("...")
    git = call.repository.git
    try:
        base, head = git.resolve(before), git.resolve(after)
    except MissingObjectError:
        raise not_found() from None
    common = git.merge_base(base, head)
    if not separator or common is None:
        raise not_found()
    ahead, behind = git.commits(head, without=[base]), git.commits(base, without=[head])
    files = git.changed(common, head)
    html = call.show.url(call.repository.full_name, "compare", call.parameters["basehead"])
    facts = {
        "url": f"{call.state.url}{call.path}",
        "html_url": html,
        "permalink_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "base_commit": call.show.commit(call.repository, base),
        "merge_base_commit": call.show.commit(call.repository, common),
        "status": _comparison(len(ahead), len(behind)),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [call.show.commit(call.repository, each) for each in ahead[:COMPARED_COMMITS]],
        "files": [call.show.file(call.repository, each, head) for each in files[:COMPARED_FILES]],
    }
    return Reply(facts=facts)


def _comparison(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else "behind" if behind else "identical"


def get_branch_rules(call: Call) -> Reply:
    """https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch: also for a branch that does not exist."""
    repository = call.repository
    source = {
        "ruleset_source_type": "Repository",
        "ruleset_source": repository.full_name,
        "ruleset_id": repository.id,
    }
    return call.page(rules(repository, call.parameters["branch"])).reply(lambda rule: rule | source)


def get_permission(call: Call) -> Reply:
    """https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user."""
    login = call.parameters["username"]
    role = call.repository.role(login)
    bot = call.state.app.bot
    user = call.show.account(bot if login == bot.login else Account(login=login)) | {"role_name": role}
    permission = {"maintain": "write", "triage": "read"}.get(role, role)
    return Reply(facts={"permission": permission, "role_name": role, "user": user})


def get_rate_limit(call: Call) -> Reply:
    """https://docs.github.com/en/rest/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user."""
    reset = int((call.state.now() + timedelta(hours=1)).timestamp())
    limit = {"limit": PRIMARY_LIMIT, "used": 0, "remaining": PRIMARY_LIMIT, "reset": reset}
    return Reply(facts={"resources": {"core": limit, "search": limit, "graphql": limit}, "rate": limit})


HANDLERS: Mapping[str, Handler] = {
    "repos/get": get_repository,
    "repos/list-branches": list_branches,
    "repos/get-branch": get_branch,
    "repos/get-commit": get_commit,
    "repos/list-commits": list_commits,
    "repos/compare-commits-with-basehead": compare,
    "repos/get-branch-rules": get_branch_rules,
    "repos/get-collaborator-permission-level": get_permission,
    "rate-limit/get": get_rate_limit,
}
