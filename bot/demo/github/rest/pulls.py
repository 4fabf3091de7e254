"""Pull requests.

https://docs.github.com/en/rest/pulls/pulls
"""

from collections.abc import Mapping

from bot.demo.github import merging, pull_requests
from bot.demo.github.errors import ApiError
from bot.demo.github.merging import shown_mergeability
from bot.demo.github.model import RUNNER, MergeMethod, PullRequest, State
from bot.demo.github.rest.call import Call, Handler, Reply

LARGEST_LIST_OF_COMMITS = 250


def list_pulls(call: Call) -> Reply:
    """https://docs.github.com/en/rest/pulls/pulls#list-pull-requests: newest first unless told otherwise."""
    found = [each for each in call.repository.pulls.values() if _matches(call, each)]
    if call.query.get("sort") == "updated":
        found.sort(key=lambda pull: pull.updated_at)
    if call.query.get("direction", "desc" if "sort" not in call.query else "asc") == "desc":
        found.reverse()
    return call.page(found).reply(lambda pull: call.show.pull_request(call.repository, pull))


def _matches(call: Call, pull: PullRequest) -> bool:
    wanted = call.query.get("state", State.OPEN)
    head = call.query.get("head", "")
    return (
        wanted in {pull.state, "all"}
        and call.query.get("base", pull.base) == pull.base
        # GitHub ignores a head without its owner.
        and (":" not in head or head == f"{call.repository.head_account(pull).login}:{pull.head}")
    )


def create_pull(call: Call) -> Reply:
    """https://docs.github.com/en/rest/pulls/pulls#create-a-pull-request.

    https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/enabling-features-for-your-repository/managing-github-actions-settings-for-a-repository
    """
    if call.actor == RUNNER and not call.repository.runners_may_open_pulls:
        raise ApiError(403, "GitHub Actions is not permitted to create or approve pull requests.")
    proposal = pull_requests.Proposal(
        title=call.body.get("title", ""),
        head=call.body["head"].removeprefix(f"{call.repository.owner.login}:"),
        base=call.body["base"],
        body=call.body.get("body"),
        draft=bool(call.body.get("draft")),
    )
    pull = pull_requests.open_pull_request(call.repository, proposal, call.actor)
    return _reply(call, pull, status=201)


def get_pull(call: Call) -> Reply:
    """https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request."""
    return _reply(call, call.pull)


def update_pull(call: Call) -> Reply:
    """https://docs.github.com/en/rest/pulls/pulls#update-a-pull-request."""
    pull_requests.edit(call.repository, call.pull, call.body, call.actor)
    return _reply(call, call.pull)


def _reply(call: Call, pull: PullRequest, *, status: int = 200) -> Reply:
    state = shown_mergeability(call.repository, pull)
    return Reply(status=status, facts=call.show.pull_request(call.repository, pull, state))


def list_files(call: Call) -> Reply:
    """https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files."""
    pull, git = call.pull, call.repository.git
    files = git.changed(git.merge_base(pull.base_sha, pull.head_sha), pull.head_sha)
    return call.page(files).reply(lambda file: call.show.file(call.repository, file, pull.head_sha))


def list_commits(call: Call) -> Reply:
    """https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request."""
    commits = call.repository.git.commits(call.pull.head_sha, without=[call.pull.base_sha])
    return call.page(commits[:LARGEST_LIST_OF_COMMITS]).reply(lambda oid: call.show.commit(call.repository, oid))


def merge_pull(call: Call) -> Reply:
    """https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request."""
    if call.body.get("sha", call.pull.head_sha) != call.pull.head_sha:
        raise ApiError(409, "Head branch was modified. Review and try the merge again.")
    oid = merging.merge(
        call.repository,
        call.pull,
        call.actor,
        method=MergeMethod(call.body.get("merge_method", MergeMethod.MERGE)),
        headline=call.body.get("commit_title"),
        body=call.body.get("commit_message"),
    )
    return Reply(facts={"sha": oid, "merged": True, "message": "Pull Request successfully merged"})


def update_branch(call: Call) -> Reply:
    """https://docs.github.com/en/rest/pulls/pulls#update-a-pull-request-branch."""
    if call.body.get("expected_head_sha", call.pull.head_sha) != call.pull.head_sha:
        raise ApiError(422, "expected head sha didn't match current head ref.")
    merging.update_branch(call.repository, call.pull, call.actor)
    url = call.show.url(call.repository.full_name, "pull", call.pull.number)
    return Reply(status=202, facts={"message": "Updating pull request branch.", "url": url})


def list_requested_reviewers(call: Call) -> Reply:
    """https://docs.github.com/en/rest/pulls/review-requests#get-all-requested-reviewers-for-a-pull-request."""
    shown = call.show.pull_request(call.repository, call.pull)
    return Reply(facts={"users": shown["requested_reviewers"], "teams": shown["requested_teams"]})


def request_reviewers(call: Call) -> Reply:
    """https://docs.github.com/en/rest/pulls/review-requests#request-reviewers-for-a-pull-request."""
    people, teams = call.body.get("reviewers", []), call.body.get("team_reviewers", [])
    pull_requests.request_reviews(call.repository, call.pull, people, teams, call.actor)
    return _reply(call, call.pull, status=201)


def remove_reviewers(call: Call) -> Reply:
    """https://docs.github.com/en/rest/pulls/review-requests#remove-requested-reviewers-from-a-pull-request."""
    pull = call.pull
    pull.requested_reviewers = [each for each in pull.requested_reviewers if each not in call.body["reviewers"]]
    return _reply(call, pull)


def list_reviews(call: Call) -> Reply:
    """https://docs.github.com/en/rest/pulls/reviews#list-reviews-for-a-pull-request: the oldest first."""
    pull = call.pull
    return call.page(pull.reviews).reply(
        lambda each: call.show.review(call.repository, pull, each) | {"state": each.state}
    )


def list_pulls_of_commit(call: Call) -> Reply:
    """https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit."""
    oid = call.commit(call.parameters["commit_sha"])
    git = call.repository.git
    found = [each for each in call.repository.pulls.values() if git.is_ancestor(oid, each.head_sha)]
    found = [each for each in found if each.merged_at or not git.is_ancestor(oid, each.base_sha)]
    return call.page(found).reply(lambda pull: call.show.pull_request(call.repository, pull))


HANDLERS: Mapping[str, Handler] = {
    "pulls/list": list_pulls,
    "pulls/create": create_pull,
    "pulls/get": get_pull,
    "pulls/update": update_pull,
    "pulls/list-files": list_files,
    "pulls/list-commits": list_commits,
    "pulls/merge": merge_pull,
    "pulls/list-requested-reviewers": list_requested_reviewers,
    "pulls/request-reviewers": request_reviewers,
    "pulls/remove-requested-reviewers": remove_reviewers,
    "pulls/list-reviews": list_reviews,
    "repos/list-pull-requests-associated-with-commit": list_pulls_of_commit,
    "pulls/update-branch": update_branch,
}
