"""What people propose: a pull request as it is now, the paths that it touches, what it is compared with.

All of it is read from the repository that the pull request is for: GitHub keeps the commits of forks there too.
https://docs.github.com/en/rest/pulls/pulls https://docs.github.com/en/rest/commits/commits#compare-two-commits
"""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

import msgspec

from bot.errors import GitHubError
from bot.github.client import Client
from bot.github.model import Oid
from bot.github.retrying import Repeat

MOST_PATHS = 3000
"""GitHub lists no more files of a pull request: https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A pull request: the commit `head` is to go into `branch`, which was at `base`. It touches so many `files`.

    `head_branch` is that of the repository with the id `head_repository`, None if that is gone. `author_id` is None for
    accounts that are gone. It is `conflicted` if GitHub found that it cannot be merged; it may not have looked yet.
    """

    is_open: bool
    head: Oid
    base: Oid
    branch: str
    files: int
    head_branch: str = ""
    head_repository: int | None = None
    author_id: int | None = None
    conflicted: bool = False


class _Id(msgspec.Struct):
    id: int


class _Commit(msgspec.Struct):
    sha: Oid


class _Head(msgspec.Struct):
    sha: Oid
    ref: str
    repo: _Id | None = None


class _Base(msgspec.Struct):
    sha: Oid
    ref: str


class _Pull(msgspec.Struct):
    state: str
    head: _Head
    base: _Base
    changed_files: int = 0
    user: _Id | None = None
    mergeable: bool | None = None


class _File(msgspec.Struct):
    filename: str
    previous_filename: str | None = None


class _Comparison(msgspec.Struct):
    merge_base_commit: _Commit


class _Check(msgspec.Struct):
    context: str


class _Parameters(msgspec.Struct):
    required_status_checks: list[_Check] = msgspec.field(default_factory=list)


class _Contexts(msgspec.Struct):
    contexts: list[str] = msgspec.field(default_factory=list)


class _Protection(msgspec.Struct):
    required_status_checks: _Contexts = msgspec.field(default_factory=_Contexts)


class _Branch(msgspec.Struct):
    protection: _Protection = msgspec.field(default_factory=_Protection)


class _Rule(msgspec.Struct):
    type: str
    parameters: _Parameters | None = None


async def change(client: Client, number: int) -> Change:
    """Return pull request *number* as it is now."""
    pull = await client.get("/repos/{owner}/{repo}/pulls/{pull_number}", _Pull, repeat=Repeat.FRESH, pull_number=number)
    return Change(
        is_open=pull.state == "open",
        head=pull.head.sha,
        base=pull.base.sha,
        branch=pull.base.ref,
        files=pull.changed_files,
        head_branch=pull.head.ref,
        head_repository=pull.head.repo.id if pull.head.repo else None,
        author_id=pull.user.id if pull.user else None,
        conflicted=pull.mergeable is False,
    )


async def changed_paths(client: Client, number: int) -> tuple[str, ...]:
    """Return the paths that pull request *number* touches, by old and new name; GitHub lists the first 3,000 files."""
    pages = client.pages(
        "/repos/{owner}/{repo}/pulls/{pull_number}/files{?per_page}", list[_File], per_page=100, pull_number=number
    )
    return tuple(dict.fromkeys([path async for page in pages for file in page for path in _names(file)]))


def _names(file: _File) -> Iterator[str]:
    yield file.filename
    if file.previous_filename:
        yield file.previous_filename


async def merge_base(client: Client, base: Oid, head: Oid) -> Oid:
    """Return the newest commit that *base* and *head* both come from.

    It stands on every page, and the files with their patches on the first one alone, which is not asked for. What has
    nothing in common is compared with *base* itself.
    """
    try:
        found = await client.get(
            "/repos/{owner}/{repo}/compare/{basehead}{?per_page,page}",
            _Comparison,
            repeat=Repeat.FRESH,
            basehead=f"{base}...{head}",
            per_page=1,
            page=2,
        )
    except GitHubError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return base
    return found.merge_base_commit.sha


async def required_checks(client: Client, branch: str) -> tuple[str, ...]:
    """Return the names of the checks without which nothing gets into *branch*: by rulesets and by its protection.

    https://docs.github.com/en/rest/branches/branches#get-a-branch: what has not changed costs nothing to ask again.
    """
    shown = await client.get("/repos/{owner}/{repo}/branches/{branch}", _Branch, branch=branch)
    rules = await client.get("/repos/{owner}/{repo}/rules/branches/{branch}", list[_Rule], branch=branch)
    ruled = (each.context for rule in rules if rule.parameters for each in rule.parameters.required_status_checks)
    return tuple(dict.fromkeys((*ruled, *shown.protection.required_status_checks.contexts)))


async def requires(client: Client, branch: str, check: str) -> bool:
    """Tell whether a rule lets nothing into *branch* without the check of that name.

    https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch: what has not changed costs nothing to ask again.
    """
    rules = await client.get("/repos/{owner}/{repo}/rules/branches/{branch}", list[_Rule], branch=branch)
    return any(
        check == each.context for rule in rules if rule.parameters for each in rule.parameters.required_status_checks
    )
