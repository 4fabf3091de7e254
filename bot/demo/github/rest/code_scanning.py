"""Code scanning: what tools find, in SARIF.

https://docs.github.com/en/rest/code-scanning/code-scanning
"""

import base64
import gzip
import json
import uuid
from collections.abc import Mapping
from typing import Any

from bot.demo.github.errors import ApiError, not_found
from bot.demo.github.model import CodeScan, JsonObject, iso
from bot.demo.github.rest.call import Call, Handler, Reply

LARGEST = 10_000_000
"""Bytes of an upload, packed."""


def upload_sarif(call: Call) -> Reply:
    """https://docs.github.com/en/rest/code-scanning/code-scanning#upload-an-analysis-as-sarif-data.

    GitHub reads it later; here it is there at once.
    """
    scan = CodeScan(
        id=call.state.next_id(),
        sarif_id=str(uuid.UUID(int=call.state.next_id())),
        commit=call.commit(call.body["commit_sha"]),
        ref=call.body["ref"],
        sarif=_unpacked(call.body["sarif"]),
        made_at=call.state.now(),
    )
    call.repository.scans.append(scan)
    return Reply(status=202, facts={"id": scan.sarif_id, "url": _url(call, "sarifs", scan.sarif_id)})


def list_recent_analyses(call: Call) -> Reply:
    """https://docs.github.com/en/rest/code-scanning/code-scanning#list-code-scanning-analyses-for-a-repository."""
    every = call.repository.scans
    if not every:
        raise not_found()  # "no analysis found"
    wanted = [each for each in reversed(every) if _is_wanted(each, call.query)]
    return call.page(wanted).reply(lambda each: _analysis(call, each))


def _is_wanted(scan: CodeScan, query: Mapping[str, str]) -> bool:
    ref, tool = query.get("ref", scan.ref), query.get("tool_name", "")
    return ref in {scan.ref, scan.ref.removeprefix("refs/heads/")} and tool in {"", _driver(scan)["name"]}


def _analysis(call: Call, scan: CodeScan) -> JsonObject:
    driver = _driver(scan)
    return {
        "ref": scan.ref,
        "commit_sha": scan.commit,
        "created_at": iso(scan.made_at),
        "id": scan.id,
        "sarif_id": scan.sarif_id,
        "url": _url(call, "analyses", scan.id),
        "results_count": len(scan.sarif["runs"][0]["results"]),
        "rules_count": len(driver.get("rules", [])),
        "tool": {"name": driver["name"], "version": driver.get("version"), "guid": None},
    }


def _driver(scan: CodeScan) -> JsonObject:
    found: JsonObject = scan.sarif["runs"][0]["tool"]["driver"]
    return found


def _url(call: Call, kind: str, name: object) -> str:
    return f"{call.state.url}/repos/{call.repository.full_name}/code-scanning/{kind}/{name}"


def _unpacked(text: str) -> Any:
    """Return the document in *text*, which is packed with gzip and in Base64."""
    try:
        packed = base64.b64decode(text, validate=True)
        if len(packed) > LARGEST:
            raise ApiError(413, "Payload too large")
        return json.loads(gzip.decompress(packed))
    except (ValueError, OSError, EOFError) as error:
        raise ApiError(400, "Invalid SARIF. It is not packed with gzip and in Base64.") from error


HANDLERS: Mapping[str, Handler] = {
    "code-scanning/upload-sarif": upload_sarif,
    "code-scanning/list-recent-analyses": list_recent_analyses,
}
