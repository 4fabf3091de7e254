"""The GitHub on localhost as tests and the demo use it: start, stop, what a person does, what was asked.

github = FakeGitHub(root, public_key, app_id=1, webhook_secret=secret, clock=clock)
await github.start()
repository = github.create_repository("acme/app", {"pixi.toml": "..."})
installation = await github.install("acme", [repository])   # it is suspended, changed and removed by its own methods
await github.acting_as("ada").commit(repository, "main", {"pixi.toml": "..."})
await github.owner.rename(repository, "application")
await github.other_app().check(repository, repository.head("main"), "tests", "success")
github.faults.add(Fault(kind=FaultKind.BAD_GATEWAY, times=None, rhythm=share(0.1, seed=1)))
github.webhooks.mode = unreliable(seed=1)
"""

import secrets
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from bot.demo.github import post_receive, refs
from bot.demo.github.auth import PERSONAL_PREFIXES, TOKEN_PREFIX, give_token
from bot.demo.github.dispatch import Dispatcher
from bot.demo.github.errors import ApiError
from bot.demo.github.faults import Faults
from bot.demo.github.hooks import Delivery, WebhookSender
from bot.demo.github.journal import RequestRecord, unused_permissions
from bot.demo.github.limits import RateLimits, SecondaryLimits
from bot.demo.github.model import RUNNER, Account, App, CheckRun, Clock, MergeMethod, PullRequest
from bot.demo.github.other_app import OtherApp
from bot.demo.github.owner import Owner
from bot.demo.github.pages import API_ROOTS, Pages
from bot.demo.github.person import Person
from bot.demo.github.protocol import Protocol, WriteObserver
from bot.demo.github.repository import Content, Repository
from bot.demo.github.state import USUAL_PERMISSIONS, Installation, State
from bot.demo.github.web_flow import WebFlow
from bot.demo.localhost import LocalServer

LARGEST_REQUEST = 100 << 20
RECEIVED = "/-/received"
HOOK = """#!/bin/sh
exec {python} -I {program} {address} {repository}
"""


class FakeGitHub:
    """One GitHub with one registered App.

    `violations` lists everything that did not fit GitHub's own description; it must stay empty.
    """

    def __init__(
        self,
        root: Path,
        public_key: bytes,
        *,
        app_id: int,
        webhook_secret: str,
        clock: Clock,
        slug: str = "condabot",
    ) -> None:
        app = App(id=app_id, slug=slug, public_key=public_key, webhook_secret=webhook_secret.encode())
        self.violations: list[str] = []
        self.faults = Faults()
        self.state = State(root=root, app=app, clock=clock)
        self.state.signed_in = self.state.person
        self.webhooks = WebhookSender(state=self.state, violations=self.violations)
        self.state.listener = self.webhooks.tell
        self.state.settle = self.webhooks.settle
        dispatcher = Dispatcher(state=self.state, webhooks=self.webhooks, violations=self.violations)
        self._protocol = Protocol(
            state=self.state, dispatcher=dispatcher, faults=self.faults, violations=self.violations
        )
        self._word = secrets.token_urlsafe()
        self._server: LocalServer | None = None

    # -- the server

    async def start(self, port: int = 0) -> None:
        """Listen on localhost; port 0 takes a free one."""
        self._server = LocalServer(self._application())
        await self._server.start(port)
        self.state.url = self._server.url
        self._address_file.parent.mkdir(parents=True, exist_ok=True)
        self._address_file.write_text(f"{self.url}{RECEIVED}/{self._word}\n", encoding="utf-8")

    async def stop(self) -> None:
        """Finish what is being delivered, let go what hangs, and stop listening."""
        self.faults.release()
        await self.settle()
        if self._server is not None:
            await self._server.stop()
            self._server = None

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=LARGEST_REQUEST)
        application.router.add_post(f"{RECEIVED}/{{word}}/{{id:[0-9]+}}", self._received)
        WebFlow(self.state).add_routes(application.router)
        Pages(self.state).add_routes(application.router)
        application.router.add_route("*", "/{path:.*}", self._protocol.handle)
        return application

    @property
    def url(self) -> str:
        """Return the address of the pages and of the REST API; GraphQL is below it at `/graphql`."""
        return self.state.url

    # -- the App's side

    @property
    def signed_in(self) -> Account | None:
        """Return who sits in front of the browser and agrees to everything; None is somebody who says no."""
        return self.state.signed_in

    @signed_in.setter
    def signed_in(self, account: Account | None) -> None:
        self.state.signed_in = account

    @property
    def app(self) -> App:
        """Return the registered App; `callback_urls` say where people may be sent back to."""
        return self.state.app

    @app.setter
    def app(self, app: App) -> None:
        self.state.app = app

    @property
    def webhook_url(self) -> str | None:
        """Return where the App listens; without it every delivery fails."""
        return self.webhooks.url

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        self.webhooks.url = url

    async def release_webhooks(self, order: Callable[[list[Delivery]], Iterable[Delivery]] = list) -> None:
        """Deliver what was held (`DeliveryMode.HELD`), in the *order* wanted (`reversed`); return when it is done."""
        self.webhooks.release(order)
        await self.settle()

    @property
    def deliveries(self) -> list[Delivery]:
        """Return every delivery since the start, oldest first."""
        return self.webhooks.log

    async def redeliver(self, delivery_id: int) -> Delivery:
        """Deliver once more, as the button on GitHub's page does; return the finished attempt."""
        again = self.webhooks.redeliver(next(each for each in self.deliveries if each.id == delivery_id))
        await self.settle()
        return again

    async def ping(self) -> None:
        """Send a ping, as GitHub does when a webhook is set up."""
        self.webhooks.ping()
        await self.settle()

    async def settle(self) -> None:
        """Return when no delivery is under way."""
        await self.webhooks.settle()

    # -- what was asked

    @property
    def requests(self) -> list[RequestRecord]:
        """Return every request to the API, oldest first."""
        return self._protocol.requests

    def unused_permissions(self) -> dict[str, frozenset[str]]:
        """Return for each token what it carried without need."""
        return unused_permissions(self.requests)

    @property
    def rate_limits(self) -> RateLimits:
        """Return the hourly budgets; `limit` may be lowered."""
        return self._protocol.rate_limits

    @property
    def secondary_limits(self) -> SecondaryLimits | None:
        """Return the limits on what is done in a minute; None, as at first, is kinder than GitHub."""
        return self._protocol.secondary_limits

    @secondary_limits.setter
    def secondary_limits(self, limits: SecondaryLimits | None) -> None:
        self._protocol.secondary_limits = limits

    @property
    def before_write(self) -> WriteObserver | None:
        """Return what is called with (number, method, path) before each change of a repository is made."""
        return self._protocol.before_write

    @before_write.setter
    def before_write(self, observer: WriteObserver | None) -> None:
        self._protocol.before_write = observer

    @property
    def after_write(self) -> WriteObserver | None:
        """Return what is called with (number, method, path) after each change, before it is answered."""
        return self._protocol.after_write

    @after_write.setter
    def after_write(self, observer: WriteObserver | None) -> None:
        self._protocol.after_write = observer

    @property
    def clock_offset(self) -> timedelta:
        """Return how far this GitHub's clock is ahead of the injected one."""
        return self.state.clock_offset

    @clock_offset.setter
    def clock_offset(self, ahead: timedelta) -> None:
        self.state.clock_offset = ahead

    @property
    def lazy_mergeability(self) -> bool:
        """Say whether `mergeable` is unknown when first asked for."""
        return self.state.lazy_mergeability

    @lazy_mergeability.setter
    def lazy_mergeability(self, lazy: bool) -> None:
        self.state.lazy_mergeability = lazy

    # -- what people do

    @property
    def owner(self) -> Owner:
        """Return who renames, transfers, archives, deletes and forks repositories here."""
        return Owner(self.state)

    @property
    def person(self) -> Account:
        """Return the person who owns everything here."""
        return self.state.person

    def create_repository(
        self,
        full_name: str,
        files: Mapping[str, Content] | None = None,
        *,
        default_branch: str = "main",
        modes: Mapping[str, int] | None = None,
        private: bool = False,
    ) -> Repository:
        """Make a repository with one commit of *files*; without files it stays empty."""
        if full_name.partition("/")[0] in API_ROOTS:
            raise ValueError(f"{full_name}: the API takes the paths of this owner; choose another one")
        repository = self.state.create_repository(full_name, default_branch=default_branch, private=private)
        self._write_hook(repository)
        if files:
            repository.commit(default_branch, files, message="Initial commit", modes=modes)
        return repository

    async def install(
        self, owner: str, repositories: Sequence[Repository] | None, permissions: Mapping[str, str] = USUAL_PERMISSIONS
    ) -> Installation:
        """Install the App in the account *owner*, on *repositories* or on all; return when the App has been told."""
        installation = self.state.install(owner, repositories, permissions)
        await self.settle()
        return installation

    def acting_as(self, login: str) -> Person:
        """Return a person, who is nobody in particular unless a repository says so (`Repository.collaborators`)."""
        return Person(self.state, Account(login=login))

    def runner_token(self, repository: Repository, permissions: Mapping[str, str]) -> str:
        """Return the token that a workflow of *repository* has of itself, with what its `permissions` say."""
        return give_token(self.state, RUNNER, TOKEN_PREFIX, [repository], permissions)

    def personal_token(self, login: str, repositories: Sequence[Repository], permissions: Mapping[str, str]) -> str:
        """Return a fine-grained token of a person."""
        return give_token(self.state, Account(login=login), PERSONAL_PREFIXES[0], repositories, permissions)

    def other_app(self, slug: str = "github-actions") -> OtherApp:
        """Return an App that reports checks and statuses, as the one that runs people's tests does."""
        return OtherApp(self.state, slug)

    @property
    def _maintainer(self) -> Person:
        return Person(self.state, self.person)

    async def open_pull_request(
        self, repository: Repository, *, title: str, head: str, body: str = "", author: Account | None = None
    ) -> PullRequest:
        """Open a pull request for the default branch as a person does."""
        who = Person(self.state, author or self.person)
        return await who.open_pull_request(repository, title=title, head=head, body=body)

    async def open_pull_request_from_fork(
        self, repository: Repository, files: Mapping[str, Content], *, title: str, owner: str, head: str = "patch-1"
    ) -> PullRequest:
        """Open a pull request as a stranger does: from branch *head* of *owner*'s fork, made if needed."""
        forks = [each for each in self.state.repositories.values() if each.parent is repository]
        fork = next((each for each in forks if each.owner.login == owner), None)
        fork = fork or await self.owner.fork(repository, owner)
        stranger = self.acting_as(owner)
        await stranger.commit(fork, head, files)
        return await stranger.open_pull_request(repository, title=title, head=head, fork=fork)

    async def merge(self, repository: Repository, number: int, method: MergeMethod = MergeMethod.MERGE) -> str:
        """Merge as a person; return the new tip. Raises ApiError 405 when GitHub's button would be grey."""
        return await self._maintainer.merge(repository, number, method)

    async def close(self, repository: Repository, number: int) -> None:
        """Close without merging, as a person."""
        await self._maintainer.close(repository, number)

    async def reopen(self, repository: Repository, number: int) -> None:
        """Reopen as a person. Raises ApiError 422."""
        await self._maintainer.reopen(repository, number)

    async def press(self, repository: Repository, run: CheckRun, identifier: str) -> None:
        """Press a button of a check run."""
        await self._maintainer.press(repository, run, identifier)

    async def rerequest(self, repository: Repository, run: CheckRun) -> None:
        """Press "Re-run" beside a check run."""
        await self._maintainer.rerequest(repository, run)

    # -- git push

    @property
    def _address_file(self) -> Path:
        return self.state.root / "address"

    def _write_hook(self, repository: Repository) -> None:
        hook = repository.path / "hooks" / "post-receive"
        hook.parent.mkdir(exist_ok=True)
        words = {
            "python": sys.executable,
            "program": post_receive.__file__,
            "address": str(self._address_file.resolve()),
            "repository": str(repository.id),
        }
        hook.write_text(HOOK.format(**{name: shlex.quote(word) for name, word in words.items()}), encoding="utf-8")
        hook.chmod(0o755)

    async def _received(self, request: web.Request) -> web.Response:
        """Take note of a push that git has already done; only the hook knows the word."""
        names = request.match_info
        if not secrets.compare_digest(names["word"].encode(), self._word.encode()):
            raise web.HTTPForbidden
        try:
            repository = self.state.repository_by_id(int(names["id"]))
        except ApiError as error:
            raise web.HTTPNotFound from error
        for line in (await request.text()).splitlines():
            before, after, name = line.split(" ", 2)
            refs.announce(repository, name, before, after, self._pusher(repository, after))
        return web.Response()

    def _pusher(self, repository: Repository, after: str) -> Account:
        """Return who pushed: the committer of the new tip when GitHub knows the address."""
        if not repository.git.exists(after):
            return self.person
        return repository.account(repository.git.commit(after).committer.email) or self.person
