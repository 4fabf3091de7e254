"""The pages a person sees: repositories, their pull requests, and one pull request with Merge and Close.

Text from pull requests is hostile: Markdown is rendered without HTML, templates escape, and a form is accepted only
from these pages themselves.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import jinja2
from aiohttp import web
from markdown_it import MarkdownIt

from bot.demo.github import merging, pull_requests
from bot.demo.github.errors import ApiError
from bot.demo.github.git import FileDiff
from bot.demo.github.merging import mergeability
from bot.demo.github.model import MergeMethod, PullRequest
from bot.demo.github.model import State as ThreadState
from bot.demo.github.repository import Repository
from bot.demo.github.state import State

API_ROOTS = (
    "advisories",
    "app",
    "app-manifests",
    "graphql",
    "applications",
    "installation",
    "login",
    "meta",
    "organizations",
    "orgs",
    "rate_limit",
    "repos",
    "repositories",
    "search",
    "settings",
    "user",
    "users",
    "versions",
)
OWNER = "{owner:(?!(?:" + "|".join(API_ROOTS) + ")/)[^/]+}"
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
FOLD = re.compile(
    r"<p>&lt;details&gt;&lt;summary&gt;([^<>]*)&lt;/summary&gt;</p>(.*?)<p>&lt;/details&gt;</p>", re.DOTALL
)
TASK = re.compile(r"(?<=<li>)\[([ x])\] +")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
MARKS = {"+": "added", "-": "removed", "@": "hunk"}
MERGE_WORDS = {
    "clean": "No conflicts with the base branch; everything has succeeded.",
    "unstable": "No conflicts with the base branch, but not every check has succeeded.",
    "behind": "This branch is out of date with the base branch.",
    "blocked": "A required check has not succeeded yet, or a review is missing.",
    "draft": "This pull request is still a draft.",
    "dirty": "This branch conflicts with the base branch.",
    "unknown": "Checking for conflicts.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a diff and how it is marked."""

    text: str
    mark: str


class Pages:
    """The web site of this GitHub. HTML in Markdown is escaped, but for folds with a plain heading.

    A line that ends is a line that ends, as in GitHub's comments: https://github.github.com/gfm/#soft-line-breaks
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("bot.demo.github"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve the pages; they must be added before the API, which takes every other path."""
        router.add_get("/", self.show_repositories)
        router.add_get("/-/style.css", self.show_style)
        router.add_get(f"/{OWNER}/{{name}}", self.show_repository)
        router.add_get(f"/{OWNER}/{{name}}/pulls", self.show_repository)
        router.add_get(f"/{OWNER}/{{name}}/pull/{{number:[0-9]+}}", self.show_pull)
        router.add_post(f"/{OWNER}/{{name}}/pull/{{number:[0-9]+}}/merge", self.merge)
        router.add_post(f"/{OWNER}/{{name}}/pull/{{number:[0-9]+}}/close", self.close)

    def _rendered(self, markdown: str) -> str:
        html = TASK.sub(_box, self._markdown.render(COMMENT.sub("", markdown)))
        return FOLD.sub(r"<details><summary>\1</summary>\2</details>", html)

    async def show_repositories(self, _request: web.Request) -> web.Response:
        """Show all repositories and how many pull requests are open."""
        repositories = sorted(self._state.repositories.values(), key=lambda each: each.full_name)
        rows = [(each, len(_open(each))) for each in repositories]
        return self._page("repositories.html", rows=rows, title="Repositories")

    async def show_style(self, _request: web.Request) -> web.Response:
        """Serve the style sheet."""
        css = (files("bot.demo.github") / "templates" / "style.css").read_text(encoding="utf-8")
        return web.Response(text=css, content_type="text/css", headers=SECURITY_HEADERS)

    async def show_repository(self, request: web.Request) -> web.Response:
        """Show the pull requests of a repository, the open ones first."""
        repository = self._repository(request)
        pulls = sorted(repository.pulls.values(), key=lambda each: (each.state is ThreadState.CLOSED, -each.number))
        commits = [repository.git.commit(oid) for oid in reversed(_history(repository))]
        return self._page(
            "repository.html", repository=repository, pulls=pulls, commits=commits[:10], title=repository.full_name
        )

    async def show_pull(self, request: web.Request) -> web.Response:
        """Show one pull request: description, checks, and what it changes."""
        repository, pull = self._pull(request)
        base = repository.git.merge_base(pull.base_sha, pull.head_sha)
        changed = repository.git.changed(base, pull.head_sha)
        state = mergeability(repository, pull)
        return self._page(
            "pull.html",
            repository=repository,
            pull=pull,
            body=self._rendered(pull.body or ""),
            comments=[(each, self._rendered(each.body)) for each in pull.comments],
            files=[(each, _lines(each)) for each in changed],
            checks=[each for each in repository.check_runs.values() if each.head_sha == pull.head_sha],
            merge_words=MERGE_WORDS[state],
            can_merge=state in {"clean", "unstable"},
            title=f"{pull.title} · {repository.full_name}",
        )

    async def merge(self, request: web.Request) -> web.Response:
        """Merge as the person in front of the browser."""
        self._demand_same_origin(request)
        repository, pull = self._pull(request)
        try:
            merging.merge(repository, pull, self._state.person, method=MergeMethod.MERGE)
        except ApiError as error:
            raise web.HTTPConflict(text=error.message) from error
        raise _back_to(repository, pull)

    async def close(self, request: web.Request) -> web.Response:
        """Close as the person in front of the browser."""
        self._demand_same_origin(request)
        repository, pull = self._pull(request)
        if pull.state is ThreadState.OPEN:
            pull_requests.close(repository, pull, self._state.person)
        raise _back_to(repository, pull)

    def _demand_same_origin(self, request: web.Request) -> None:
        here = self._state.url
        if request.headers.get("Origin") not in {here, here.replace("127.0.0.1", "localhost")}:
            raise web.HTTPForbidden(text="This form was not sent from this page.")

    def _repository(self, request: web.Request) -> Repository:
        names: Mapping[str, str] = request.match_info
        try:
            return self._state.repository(f"{names['owner']}/{names['name']}")
        except ApiError as error:
            raise web.HTTPNotFound(text="There is no such repository.") from error

    def _pull(self, request: web.Request) -> tuple[Repository, PullRequest]:
        repository = self._repository(request)
        pull = repository.pulls.get(int(request.match_info["number"]))
        if pull is None:
            raise web.HTTPNotFound(text="There is no such pull request.")
        return repository, pull

    def _page(self, template: str, **values: Any) -> web.Response:
        html = self._templates.get_template(template).render(person=self._state.person, **values)
        return web.Response(text=html, content_type="text/html", headers=SECURITY_HEADERS)


def _open(repository: Repository) -> list[PullRequest]:
    return [each for each in repository.pulls.values() if each.state is ThreadState.OPEN]


def _history(repository: Repository) -> list[str]:
    tip = repository.head(repository.default_branch)
    return repository.git.commits(tip, without=[]) if tip else []


def _lines(diff: FileDiff) -> list[Line]:
    return [Line(text=text, mark=MARKS.get(text[:1], "context")) for text in diff.patch.splitlines()]


def _back_to(repository: Repository, pull: PullRequest) -> web.HTTPSeeOther:
    return web.HTTPSeeOther(f"/{repository.full_name}/pull/{pull.number}")


def _box(found: re.Match[str]) -> str:
    return f'<input type="checkbox" disabled{" checked" if found[1] == "x" else ""}> '
