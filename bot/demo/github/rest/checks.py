"""Check runs, check suites and commit statuses.

https://docs.github.com/en/rest/checks/runs, https://docs.github.com/en/rest/commits/statuses
"""

from collections.abc import Mapping
from datetime import datetime

from bot.demo.github import check_suites, checks
from bot.demo.github.errors import ApiError, not_found
from bot.demo.github.model import CheckRun, CheckSuite, CommitStatus
from bot.demo.github.rest.call import Call, Handler, Reply

TEXTS = ("title", "summary", "text")


def create_check_run(call: Call) -> Reply:
    """https://docs.github.com/en/rest/checks/runs#create-a-check-run."""
    run = CheckRun(
        id=call.state.next_id(),
        name=call.body["name"],
        head_sha=call.commit(call.body["head_sha"]),
        status="queued",
        conclusion=None,
        external_id="",
        details_url="",
        started_at=call.state.now(),
        completed_at=None,
    )
    _change(call, run)
    checks.begin(call.repository, run, call.actor)
    return Reply(status=201, facts=call.show.check_run(call.repository, run))


def update_check_run(call: Call) -> Reply:
    """https://docs.github.com/en/rest/checks/runs#update-a-check-run: annotations are added to those it has."""
    run = call.check_run
    if run.app != check_suites.OUR_APP:
        raise ApiError(403, "Invalid app_id - check run can only be modified by the GitHub App that created it.")
    _change(call, run)
    checks.go_on(call.repository, run, call.actor)
    return Reply(facts=call.show.check_run(call.repository, run))


def _change(call: Call, run: CheckRun) -> None:
    body, output = call.body, call.body.get("output", {})
    run.name = body.get("name", run.name)
    run.external_id = body.get("external_id", run.external_id)
    run.details_url = body.get("details_url", run.details_url)
    run.actions = body.get("actions", run.actions)
    run.output |= {name: output[name] for name in TEXTS if name in output}
    run.annotations += output.get("annotations", [])
    run.status = "completed" if "conclusion" in body else body.get("status", run.status)
    run.conclusion = body.get("conclusion", run.conclusion if run.status == "completed" else None)
    if "started_at" in body:
        run.started_at = datetime.fromisoformat(body["started_at"])
    if run.status == "completed":
        run.completed_at = _completed_at(call)


def _completed_at(call: Call) -> datetime:
    given = call.body.get("completed_at")
    return datetime.fromisoformat(given) if given else call.state.now()


def get_check_run(call: Call) -> Reply:
    """https://docs.github.com/en/rest/checks/runs#get-a-check-run."""
    return Reply(facts=call.show.check_run(call.repository, call.check_run))


def list_annotations(call: Call) -> Reply:
    """https://docs.github.com/en/rest/checks/runs#list-check-run-annotations."""
    run = call.check_run
    return call.page(run.annotations).reply(lambda each: call.show.annotation(call.repository, run, each))


def list_check_runs(call: Call) -> Reply:
    """https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference: the latest of each name."""
    oid = call.commit(call.parameters["ref"])
    runs = [each for each in call.repository.check_runs.values() if each.head_sha == oid]
    if call.query.get("filter", "latest") == "latest":
        runs = list({(each.app, each.name): each for each in runs}.values())
    return _page_of_runs(call, [each for each in runs if _is_wanted(call, each)])


def _is_wanted(call: Call, run: CheckRun) -> bool:
    app_id = str(call.show.app_called(run.app)["id"])
    facts = {"check_name": run.name, "status": run.status, "app_id": app_id}
    return all(call.query.get(name, value) == value for name, value in facts.items())


def _page_of_runs(call: Call, runs: list[CheckRun]) -> Reply:
    page = call.page(runs)
    shown = [call.show.check_run(call.repository, each) for each in page.items]
    return Reply(facts={"total_count": len(runs), "check_runs": shown}, headers=page.headers)


def get_check_suite(call: Call) -> Reply:
    """https://docs.github.com/en/rest/checks/suites#get-a-check-suite."""
    return Reply(facts=call.show.check_suite(call.repository, _suite(call)))


def list_runs_of_suite(call: Call) -> Reply:
    """https://docs.github.com/en/rest/checks/runs#list-check-runs-in-a-check-suite."""
    runs = check_suites.runs_of(call.repository, _suite(call))
    return _page_of_runs(call, [each for each in runs if _is_wanted(call, each)])


def _suite(call: Call) -> CheckSuite:
    suite = call.repository.check_suites.get(call.number("check_suite_id"))
    if suite is None:
        raise not_found()
    return suite


def list_check_suites(call: Call) -> Reply:
    """https://docs.github.com/en/rest/checks/suites#list-check-suites-for-a-git-reference."""
    oid = call.commit(call.parameters["ref"])
    suites = [each for each in call.repository.check_suites.values() if each.head_sha == oid]
    page = call.page(suites)
    shown = [call.show.check_suite(call.repository, each) for each in page.items]
    return Reply(facts={"total_count": len(suites), "check_suites": shown}, headers=page.headers)


def get_combined_status(call: Call) -> Reply:
    """https://docs.github.com/en/rest/commits/statuses#get-the-combined-status-for-a-specific-reference."""
    oid = call.commit(call.parameters["ref"])
    latest = {each.context: each for each in call.repository.statuses if each.sha == oid}
    page = call.page(list(latest.values()))
    commit_url = call.show.repository_url(call.repository, "commits", oid)
    facts = {
        "state": _combined({each.state for each in latest.values()}),
        "sha": oid,
        "total_count": len(latest),
        "statuses": [call.show.status(call.repository, each) for each in page.items],
        "repository": call.show.repository(call.repository),
        "commit_url": commit_url,
        "url": f"{commit_url}/status",
    }
    return Reply(facts=facts, headers=page.headers)


def _combined(states: set[str]) -> str:
    if states & {"failure", "error"}:
        return "failure"
    return "success" if states == {"success"} else "pending"


def create_status(call: Call) -> Reply:
    """https://docs.github.com/en/rest/commits/statuses#create-a-commit-status."""
    status = CommitStatus(
        id=call.state.next_id(),
        sha=call.commit(call.parameters["sha"]),
        state=call.body["state"],
        context=call.body.get("context", "default"),
        description=call.body.get("description"),
        target_url=call.body.get("target_url"),
        creator=call.actor,
        created_at=call.state.now(),
    )
    checks.report_status(call.repository, status)
    return Reply(status=201, facts=call.show.status(call.repository, status))


HANDLERS: Mapping[str, Handler] = {
    "checks/create": create_check_run,
    "checks/update": update_check_run,
    "checks/get": get_check_run,
    "checks/list-annotations": list_annotations,
    "checks/get-suite": get_check_suite,
    "checks/list-for-suite": list_runs_of_suite,
    "checks/list-suites-for-ref": list_check_suites,
    "checks/list-for-ref": list_check_runs,
    "repos/get-combined-status-for-ref": get_combined_status,
    "repos/create-commit-status": create_status,
}
