"""Where the App is installed, and which repositories it may look at there: what GitHub says, page by page.

https://docs.github.com/en/rest/apps/apps#list-installations-for-the-authenticated-app
https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import msgspec

from bot.github.auth import GitHubApp
from bot.github.permissions import LIST, Permissions
from bot.github.throttle import Priority

PAGE = 100
ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The App at one account, `everything` if it may see each repository there. Its owner changes it on `page`."""

    id: int
    account: str
    everything: bool
    suspended: bool
    permissions: Permissions
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRepository:
    """A repository as a list shows it. `default_branch` is a name also where nothing was pushed yet."""

    id: int
    node_id: str
    full_name: str
    archived: bool
    fork: bool
    template: bool
    disabled: bool
    default_branch: str
    pushed_at: datetime | None


class _Account(msgspec.Struct):
    """A user or an organization by its login, an enterprise by its slug."""

    login: str | None = None
    slug: str | None = None


class _Installation(msgspec.Struct):
    id: int
    account: _Account | None
    repository_selection: str
    permissions: dict[str, str]
    html_url: str = ""
    suspended_at: datetime | None = None


class _Repository(msgspec.Struct):
    id: int
    node_id: str
    full_name: str
    default_branch: str
    archived: bool = False
    fork: bool = False
    is_template: bool = False
    disabled: bool = False
    pushed_at: datetime | None = None


class _Repositories(msgspec.Struct):
    repositories: list[_Repository]


async def installations(app: GitHubApp) -> AsyncIterator[Installation]:
    """Yield every installation of the App, suspended ones too.

    Raises:
        GitHubError: GitHub refused; what was yielded before is true.

    """
    async for page in app.itself().pages("/app/installations{?per_page}", list[_Installation], per_page=PAGE):
        for each in page:
            yield _installation(each)


async def installation_by_id(app: GitHubApp, installation_id: int) -> Installation:
    """Return an installation.

    Raises:
        GitHubError: with status 404, there is none of that id any more.

    """
    found = await app.itself().get(
        "/app/installations/{installation_id}", _Installation, installation_id=installation_id
    )
    return _installation(found)


async def repositories(
    app: GitHubApp, installation_id: int, priority: Priority = Priority.SWEEP
) -> AsyncIterator[ListedRepository]:
    """Yield the repositories that an installation may see.

    A list that changes while it is read may show one twice, or not: what is missing from one reading is no proof.

    Raises:
        GitHubError: GitHub refused, for example because the installation is suspended.

    """
    caller = await app.whole_installation(installation_id, LIST, app.budget(installation_id, priority))
    async for page in caller.pages("/installation/repositories{?per_page}", _Repositories, per_page=PAGE):
        for each in page.repositories:
            yield _repository(each)


def _installation(found: _Installation) -> Installation:
    account = found.account or _Account()
    return Installation(
        id=found.id,
        account=account.login or account.slug or "",
        everything=found.repository_selection == ALL,
        suspended=found.suspended_at is not None,
        permissions=MappingProxyType(found.permissions),
        page=found.html_url,
    )


def _repository(found: _Repository) -> ListedRepository:
    return ListedRepository(
        id=found.id,
        node_id=found.node_id,
        full_name=found.full_name,
        archived=found.archived,
        fork=found.fork,
        template=found.is_template,
        disabled=found.disabled,
        default_branch=found.default_branch,
        pushed_at=found.pushed_at,
    )
