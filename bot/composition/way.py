"""The way out: proxies that hold a process and its children to the policy, and the keeper of credentials behind them.

```
children ─────── a proxy ─┬─ public channels and indexes, the operator's hosts, mirrors without credentials
                          ├─ the keeper ── a proxy ── what has credentials, and where that redirects to
this process ─── a proxy ─┤
                          └─ GitHub and what environments are handed over to, for this process alone
```

A redirect by a channel leads a child no further than its proxy lets it: neither to GitHub's address nor to what has
credentials. Behind all of these may be the operator's own proxy.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import unquote, urlsplit

import httpx

from bot.clock import Clock, SystemClock
from bot.composition.egress import egress_policy
from bot.credentials import Credential, S3Key
from bot.egress import EgressPolicy, EgressProxy
from bot.egress.keeper import CredentialKeeper
from bot.networks import Mirror, Private
from bot.redaction import Redactor
from bot.settings import Settings, Sources

PROXY_VARIABLES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")
_OTHER_WAYS: Final = ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy")
"""Variables that lead past the proxies of others."""

KEEPER_TIMEOUT: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How scans reach the world: *environment* is for children, *sources* say what an installation reads from."""

    environment: Mapping[str, str]
    egress: EgressPolicy
    sources: Callable[[int], Sources]


def redactor(settings: Settings, *others: str) -> Redactor:
    """Return what knows every secret of *settings*, and *others*."""
    app = settings.app
    proxies = (part for url in (settings.upstream.https, settings.upstream.http) for part in _password(url))
    return Redactor.of(
        [
            *(secret for each in all_credentials(settings) for secret in each.secrets),
            *(secret for each in settings.targets for secret in each.secrets),
            *proxies,
            *_password(settings.database_url or ""),
            *((*app.webhook_secrets, app.private_key, *app.older_private_keys) if app else ()),
            *(settings.pages.operator_token, settings.pages.client_secret),
            *others,
        ]
    )


def unguarded(settings: Settings, environment: Mapping[str, str]) -> Way:
    """Return the way of a process without proxies and credentials: for the demo, and to measure."""
    sources = Sources(channels=settings.channels, indexes=settings.pypi)
    policy = egress_policy(settings.channels, settings.pypi, settings.egress)
    return Way(environment=environment, egress=policy, sources=lambda _: sources)


@asynccontextmanager
async def guarded(
    settings: Settings, github_api: str, environment: MutableMapping[str, str], clock: Clock | None = None
) -> AsyncIterator[Way]:
    """Send every outbound call of this process and of its children through proxies, by *environment*.

    That is this process's own, which HTTP clients read; at the end it is as it was.
    """
    policy = egress_policy(settings.channels, settings.pypi, settings.egress)
    ours = policy.trusted | {
        settings.channels.channel_alias,
        *(each.url for each in all_mirrors(settings) if not each.proof),
    }
    secret, targets = all_credentials(settings), {each.url for each in settings.targets}
    private = replace(policy, trusted=ours | frozenset(_places(secret)))
    async with AsyncExitStack() as stack:

        async def proxy(allowed: EgressPolicy) -> Mapping[str, str]:
            listening = await stack.enter_async_context(EgressProxy(allowed, upstream=settings.upstream))
            return dict.fromkeys(PROXY_VARIABLES, listening.url)

        far = (await proxy(private))["HTTPS_PROXY"]
        keeper = await stack.enter_async_context(open_keeper(secret, private, clock or SystemClock(), proxy=far))
        near = await proxy(replace(policy, trusted=ours | {keeper.url}))
        own = await proxy(replace(policy, trusted=ours | {keeper.url, github_api, *targets}))
        stack.enter_context(changed(environment, own, without=_OTHER_WAYS))
        folder = stack.enter_context(scratch())
        read = partial(sources, settings, keeper, folder)
        yield Way(environment={**environment, **near}, egress=policy, sources=read)


@asynccontextmanager
async def open_keeper(
    credentials: Iterable[Credential], policy: EgressPolicy, clock: Clock, *, proxy: str | None
) -> AsyncIterator[CredentialKeeper]:
    """Yield what reads with *credentials*, and where redirects of that lead as *policy* lets it.

    It goes through *proxy*; None is whatever the environment says.
    """
    async with (
        httpx.AsyncClient(timeout=KEEPER_TIMEOUT, follow_redirects=False, proxy=proxy) as http,
        CredentialKeeper(credentials, http, check_url=policy.check_file_url, now=clock.now) as keeper,
    ):
        yield keeper


def sources(settings: Settings, keeper: CredentialKeeper, folder: Path, installation: int | None) -> Sources:
    """Return what *installation* reads from; None is a person's own checkout. *folder* ends with the process."""
    grant = keeper.grant(installation)

    def private(mirrors: Iterable[Mirror]) -> Private:
        operators = tuple(mirrors)
        prefixes = grant.private_prefixes(operators)
        name = str(installation or "own") if prefixes else "everybody"
        return Private(
            prefixes=prefixes,
            readable=grant.readable(operators),
            keeper=keeper.url,
            cache_dir=settings.channels.cache_dir / "private" / name if prefixes else None,
            scratch_dir=folder / name,
        )

    channels, indexes = settings.channels, settings.pypi
    return Sources(
        channels=replace(channels, mirrors=grant.mirrors(channels.mirrors), private=private(channels.mirrors)),
        indexes=replace(indexes, mirrors=grant.mirrors(indexes.mirrors), private=private(indexes.mirrors)),
    )


def all_mirrors(settings: Settings) -> tuple[Mirror, ...]:
    """Return the mirrors of channels and indexes."""
    return tuple(dict.fromkeys((*settings.channels.mirrors, *settings.pypi.mirrors)))


def all_credentials(settings: Settings) -> tuple[Credential, ...]:
    """Return what is said to channels and indexes, and to their mirrors."""
    return (*settings.credentials, *filter(None, (each.credential for each in all_mirrors(settings))))


@contextmanager
def changed(
    environment: MutableMapping[str, str], values: Mapping[str, str], *, without: Iterable[str] = ()
) -> Iterator[None]:
    """Have *values* in *environment*, and nothing called as in *without*, until the end."""
    names = {*values, *without}
    before = {name: environment[name] for name in names & environment.keys()}
    for name in before:
        del environment[name]
    environment.update(values)
    try:
        yield
    finally:
        for name in names & environment.keys():
            del environment[name]
        environment.update(before)


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a folder that is gone at the end."""
    with TemporaryDirectory(prefix="condabot-private-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _places(credentials: Iterable[Credential]) -> Iterable[str]:
    """Return where *credentials* are really sent."""
    for each in credentials:
        yield each.proof.endpoint if isinstance(each.proof, S3Key) else each.prefix


def _password(url: str) -> tuple[str, ...]:
    found = urlsplit(url).password or ""
    return (found, unquote(found)) if found else ()
