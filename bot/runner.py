"""What `condabot run` is told: by runners as they set their variables, elsewhere by whoever starts it.

https://docs.github.com/en/actions/reference/workflows-and-actions/variables
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.errors import SettingsError
from bot.setting_values import require_web_url
from bot.settings import GITHUB_API, Settings, private_keys_from_env

_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
_DEFAULT_SLUG: Final = "condabot"
_NO_SECRET: Final = "condabot: nobody keeps a secret between the runs of a token"  # noqa: S105 - it says so
"""What markers are signed with where there is nothing secret that lasts: who may write could sign them too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppKeys:
    """An App by its id (or client id) and its private keys, the newest first."""

    app_id: str
    private_keys: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """Which repository, at which GitHub, and as whom: the App, if there is one, else whoever the token is of.

    `settings` are the others. `marker_secrets` have the newest first. `github_server` is where people see repositories.
    """

    owner: str
    name: str
    settings: Settings
    credentials: AppKeys | str = field(repr=False)
    marker_secrets: tuple[str, ...] = field(repr=False)
    github_api: str = GITHUB_API
    graphql_url: str = ""
    github_server: str = "https://github.com"
    slug: str = _DEFAULT_SLUG

    @property
    def full_name(self) -> str:
        """Return the name of the repository, with its owner."""
        return f"{self.owner}/{self.name}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what nobody may read in a log."""
        keys = self.credentials.private_keys if isinstance(self.credentials, AppKeys) else (self.credentials,)
        return (*keys, *(each for each in self.marker_secrets if each != _NO_SECRET))

    @classmethod
    def from_env(cls, env: Mapping[str, str], repository: str) -> "RunSettings":
        """Read them from *env*; *repository* comes before the runner's own.

        Raises:
            SettingsError: one is missing or wrong; the message names it and says what to do.

        """
        owner, _, name = _repository(env, repository).partition("/")
        credentials = _credentials(env)
        return cls(
            owner=owner,
            name=name,
            settings=Settings.without_app(env),
            credentials=credentials,
            marker_secrets=_marker_secrets(env, credentials),
            github_api=_url(env, "CONDABOT_GITHUB_API") or _url(env, "GITHUB_API_URL") or GITHUB_API,
            graphql_url="" if env.get("CONDABOT_GITHUB_API") else _url(env, "GITHUB_GRAPHQL_URL"),
            github_server=_url(env, "GITHUB_SERVER_URL") or "https://github.com",
            slug=env.get("CONDABOT_APP_SLUG") or _DEFAULT_SLUG,
        )


def _repository(env: Mapping[str, str], named: str) -> str:
    found = named or env.get("GITHUB_REPOSITORY", "")
    if not found:
        raise SettingsError("is not set: name a repository, as in `condabot run OWNER/REPO`", key="GITHUB_REPOSITORY")
    if not _REPOSITORY.fullmatch(found) or found.rpartition("/")[2] in {".", ".."}:
        raise SettingsError(
            f"{found!r} is no repository: it has to be OWNER/REPO", key="" if named else "GITHUB_REPOSITORY"
        )
    return found


def _credentials(env: Mapping[str, str]) -> AppKeys | str:
    """Return the App's keys, else the token. Somebody who set up both means the App: a runner sets its token."""
    if app_id := env.get("CONDABOT_APP_ID"):
        return AppKeys(app_id=app_id, private_keys=private_keys_from_env(env))
    if token := env.get("GITHUB_TOKEN"):
        return token
    words = "is not set: it is a token for the repository; or set CONDABOT_APP_ID and CONDABOT_PRIVATE_KEY (docs/ci.md)"
    raise SettingsError(words, key="GITHUB_TOKEN")


def _marker_secrets(env: Mapping[str, str], credentials: AppKeys | str) -> tuple[str, ...]:
    """Return what signs markers: the App's service must know them again, if there is one."""
    if secrets := tuple(env.get("CONDABOT_WEBHOOK_SECRET", "").split()):
        return secrets
    return credentials.private_keys if isinstance(credentials, AppKeys) else (_NO_SECRET,)


def _url(env: Mapping[str, str], key: str) -> str:
    text = env.get(key, "")
    return require_web_url(text, key=key).rstrip("/") if text else ""
