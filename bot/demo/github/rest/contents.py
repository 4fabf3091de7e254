"""Files and directories.

https://docs.github.com/en/rest/repos/contents#get-repository-content
"""

import base64
from collections.abc import Mapping

from pygit2.enums import FileMode

from bot.demo.github.errors import ApiError, not_found
from bot.demo.github.git import MissingObjectError, TreeItem
from bot.demo.github.model import JsonObject
from bot.demo.github.rest.call import RAW, Call, Handler, Reply

JSON_LIMIT = 1_000_000
LARGEST_FILE = 100_000_000
LARGEST_DIRECTORY = 1_000


def get_content(call: Call) -> Reply:
    """Return a file, a link or a directory; a file over 1 MB has content only with the raw media type."""
    path = call.parameters["path"].strip("/")
    try:
        commit = call.repository.git.resolve(call.query.get("ref", call.repository.default_branch))
        item = call.repository.git.entry(commit, path) if path else None
    except MissingObjectError:
        raise not_found() from None
    if item is None or item.kind == "tree":
        children = call.repository.git.items(commit, path)
        return Reply(facts=[_facts(call, each) for each in children[:LARGEST_DIRECTORY]])
    return _file(call, item)


def _file(call: Call, item: TreeItem) -> Reply:
    content = call.repository.git.blob(item.oid)
    if len(content) > LARGEST_FILE:
        raise ApiError(403, "This API returns blobs up to 100 MB in size.")
    if RAW in call.accept or "application/vnd.github.v3.raw" in call.accept:
        return Reply(raw=content, content_type=f"{RAW}; charset=utf-8")
    if item.mode == FileMode.LINK:
        return Reply(facts=_facts(call, item) | {"target": content.decode(errors="replace")})
    shown = {"encoding": "base64", "content": base64.encodebytes(content).decode()}
    hidden = {"encoding": "none", "content": ""}
    return Reply(facts=_facts(call, item) | (shown if len(content) <= JSON_LIMIT else hidden))


def _facts(call: Call, item: TreeItem) -> JsonObject:
    url = call.show.repository_url(call.repository, "contents", item.path)
    git_url = call.show.repository_url(call.repository, "git", f"{item.kind}s", item.oid)
    html = call.show.url(call.repository.full_name, item.kind, call.repository.default_branch, item.path)
    return {
        "type": _kind(item),
        "name": item.path.rpartition("/")[2],
        "path": item.path,
        "sha": item.oid,
        "size": item.size or 0,
        "url": url,
        "git_url": git_url,
        "html_url": html,
        "download_url": None if item.kind == "tree" else html,
        "_links": {"self": url, "git": git_url, "html": html},
    }


def _kind(item: TreeItem) -> str:
    if item.mode == FileMode.LINK:
        return "symlink"
    return {"tree": "dir", "blob": "file", "commit": "submodule"}[item.kind]


HANDLERS: Mapping[str, Handler] = {"repos/get-content": get_content}
