"""Releases and their notes, and what is submitted to the dependency graph.

https://docs.github.com/en/rest/releases/releases, https://docs.github.com/en/rest/dependency-graph/dependency-submission
"""

from collections.abc import Mapping

from bot.demo.github.errors import not_found
from bot.demo.github.model import Release, iso
from bot.demo.github.rest.call import Call, Handler, Reply


def _published(call: Call) -> list[Release]:
    """Return what everybody sees, the newest first."""
    return [each for each in reversed(call.repository.releases) if not each.draft]


def list_releases(call: Call) -> Reply:
    """https://docs.github.com/en/rest/releases/releases#list-releases."""
    return call.page(_published(call)).reply(lambda each: call.show.release(call.repository, each))


def get_latest_release(call: Call) -> Reply:
    """https://docs.github.com/en/rest/releases/releases#get-the-latest-release: no pre-release."""
    return _reply(call, next((each for each in _published(call) if not each.prerelease), None))


def get_release_by_tag(call: Call) -> Reply:
    """https://docs.github.com/en/rest/releases/releases#get-a-release-by-tag-name."""
    return _reply(call, next((each for each in _published(call) if each.tag == call.parameters["tag"]), None))


def _reply(call: Call, release: Release | None) -> Reply:
    if release is None:
        raise not_found()
    return Reply(facts=call.show.release(call.repository, release))


def submit_snapshot(call: Call) -> Reply:
    """https://docs.github.com/en/rest/dependency-graph/dependency-submission#create-a-snapshot-of-dependencies-for-a-repository."""
    call.repository.snapshots.append(call.body)
    default = call.body["ref"] == f"refs/heads/{call.repository.default_branch}"
    words = "Dependency results for the repo have been successfully updated." if default else "Accepted."
    facts = {
        "id": call.state.next_id(),
        "created_at": iso(call.state.now()),
        "result": "SUCCESS" if default else "ACCEPTED",
        "message": words,
    }
    return Reply(status=201, facts=facts)


HANDLERS: Mapping[str, Handler] = {
    "repos/list-releases": list_releases,
    "repos/get-latest-release": get_latest_release,
    "repos/get-release-by-tag": get_release_by_tag,
    "dependency-graph/create-repository-snapshot": submit_snapshot,
}
