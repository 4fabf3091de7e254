"""The operator's settings: the one place that reads the process's environment.

`Settings.from_env` is called once, by the command line; everything below it takes the parts it needs. Nothing secret is
in a `repr` of them, or in the sentence about a wrong one.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from bot.credentials import Credential, read_auth_file, read_credentials
from bot.envfile import parse
from bot.errors import BadInput, SettingsError
from bot.networks import CHANNEL_HOSTS, EgressSettings, Mirror, Private, Upstream, is_web_url
from bot.setting_values import advisories_at, choice, number_of, port_of, require_web_url, text_of
from bot.targets import Target, read_targets
from bot.urls import authority

__all__ = ["EgressSettings", "Mirror", "Private", "Upstream"]

CHANNEL_ALIAS = "https://conda.anaconda.org"
GITHUB_API = "https://api.github.com"
PYPI_MAPPING = "https://conda-mapping.prefix.dev"
SHORTEST_SECRET = 32
_CHANNEL_NAME = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """How channels are reached. `channel_alias` is what a bare channel name means and what a lock names.

    `default_channels` are what `defaults` stands for, as people write channels; None means conda's own, and none at all
    that `defaults` is not asked. `trust_root` is the file by which attestations are verified; None is the one that
    comes with py-rattler.
    """

    channel_alias: str = CHANNEL_ALIAS
    default_channels: tuple[str, ...] | None = None
    mirrors: tuple[Mirror, ...] = ()
    cache_dir: Path = field(default_factory=lambda: Path(platformdirs.user_cache_dir("condabot")))
    offline: bool = False
    timeout: int = 60
    private: Private = field(default_factory=Private)
    trust_root: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiSettings:
    """How package indexes are reached. `index_url` is asked where a manifest names none; None is PyPI's own.

    At `mapping_url` is asked what conda packages are called on PyPI; None is nowhere. `mirrors` are those of channels:
    an index, or where one keeps its files, may be mirrored as a channel is. `advisories` about packages are in that
    folder, or at that URL, a copy of what OSV publishes; empty where there are none.
    """

    index_url: str | None = None
    mirrors: tuple[Mirror, ...] = ()
    mapping_url: str | None = None
    advisories: str = ""
    cache_dir: Path = field(default_factory=lambda: Path(platformdirs.user_cache_dir("condabot")))
    offline: bool = False
    timeout: int = 60
    private: Private = field(default_factory=Private)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What scans read from, as whoever scans may see it."""

    channels: ChannelSettings
    indexes: PypiSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSettings:
    """What the GitHub App needs. `webhook_secrets` has the newest first; two during a rotation.

    `private_key` is the newest; during a rotation there are `older_private_keys`.
    """

    app_id: str
    private_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    older_private_keys: tuple[str, ...] = field(default=(), repr=False)
    slug: str = "condabot"
    github_api: str = GITHUB_API
    host: str = "127.0.0.1"
    port: int = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupSettings:
    """What the registration of the App needs: the file for its secrets, at which GitHub, and where the page listens.

    `url` is the address at which the service is reached, empty if that was not said.
    """

    env_file: Path
    url: str = ""
    github_api: str = GITHUB_API
    host: str = "127.0.0.1"
    port: int = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesSettings:
    """Who may see the pages: whoever has `operator_token`, and people whom GitHub knows, by the App's own OAuth.

    `url` is the address at which people reach them, empty if that was not said.
    """

    operator_token: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingSettings:
    """How an operator watches the processes. With `health_port` a worker listens too; in `run_dir` each says where."""

    run_dir: Path | None = None
    health_port: int | None = None
    json_logs: bool = False
    writes: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting of a process. `app` is None when this process is not the App.

    The bounds of one look at a repository are `scan_seconds`, `scan_processor_seconds` and, in MiB, `scan_memory`.
    """

    channels: ChannelSettings
    data_dir: Path
    database_url: str | None = field(default=None, repr=False)
    solver_processes: int = 2
    scan_seconds: int = 900
    scan_processor_seconds: int = 600
    scan_memory: int = 2048
    pypi: PypiSettings = field(default_factory=PypiSettings)
    egress: EgressSettings = field(default_factory=EgressSettings)
    credentials: tuple[Credential, ...] = ()
    targets: tuple[Target, ...] = ()
    upstream: Upstream = field(default_factory=Upstream)
    app: AppSettings | None = None
    pages: PagesSettings = field(default_factory=PagesSettings)
    operating: OperatingSettings = field(default_factory=OperatingSettings)

    @property
    def run_dir(self) -> Path:
        """Return where the processes of this machine say where they answer."""
        return self.operating.run_dir or self.data_dir / "processes"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the settings named in `docs/settings.md` from *env*.

        Raises:
            SettingsError: a value is wrong; the message names the variable and what it must look like.

        """
        return replace(cls.without_app(env), app=app_from_env(env) if env.get("CONDABOT_APP_ID") else None)

    @classmethod
    def without_app(cls, env: Mapping[str, str]) -> "Settings":
        """Read everything but what makes a process the App."""
        channels, pypi, egress = channels_from_env(env), pypi_from_env(env), egress_from_env(env)
        return cls(
            channels=channels,
            data_dir=Path(env.get("CONDABOT_DATA_DIR") or platformdirs.user_data_dir("condabot")),
            database_url=env.get("DATABASE_URL") or None,
            solver_processes=number_of(env, "CONDABOT_SOLVER_PROCESSES", default=2),
            scan_seconds=number_of(env, "CONDABOT_SCAN_SECONDS", default=900),
            scan_processor_seconds=number_of(env, "CONDABOT_SCAN_PROCESSOR_SECONDS", default=600),
            scan_memory=number_of(env, "CONDABOT_SCAN_MEMORY", default=2048),
            pypi=pypi,
            egress=egress,
            credentials=credentials_from_env(env, known_hosts(channels, pypi, egress)),
            targets=targets_from_env(env),
            upstream=upstream_from_env(env),
            pages=pages_from_env(env),
            operating=operating_from_env(env),
        )


def channels_from_env(env: Mapping[str, str]) -> ChannelSettings:
    """Read how channels are reached from *env* (see `Settings.from_env`)."""
    alias = env.get("CONDABOT_CHANNEL_ALIAS") or CHANNEL_ALIAS
    return ChannelSettings(
        channel_alias=require_web_url(alias, key="CONDABOT_CHANNEL_ALIAS").rstrip("/"),
        default_channels=_default_channels(env),
        mirrors=_mirrors(env),
        cache_dir=Path(env.get("CONDABOT_CACHE_DIR") or platformdirs.user_cache_dir("condabot")),
        timeout=number_of(env, "CONDABOT_CHANNEL_TIMEOUT", default=60),
        trust_root=_trust_root(env),
    )


def pypi_from_env(env: Mapping[str, str]) -> PypiSettings:
    """Read how package indexes are reached from *env* (see `Settings.from_env`)."""
    index_url = env.get("CONDABOT_INDEX_URL")
    mapping_url = env.get("CONDABOT_PYPI_MAPPING_URL", PYPI_MAPPING).rstrip("/")
    return PypiSettings(
        index_url=require_web_url(index_url, key="CONDABOT_INDEX_URL") if index_url else None,
        mirrors=_mirrors(env),
        mapping_url=require_web_url(mapping_url, key="CONDABOT_PYPI_MAPPING_URL") if mapping_url else None,
        advisories=advisories_at(env.get("CONDABOT_ADVISORIES", ""), key="CONDABOT_ADVISORIES"),
        cache_dir=Path(env.get("CONDABOT_CACHE_DIR") or platformdirs.user_cache_dir("condabot")),
        timeout=number_of(env, "CONDABOT_INDEX_TIMEOUT", default=60),
    )


def app_from_env(env: Mapping[str, str]) -> AppSettings:
    """Read what the App needs from *env*; refuse to start without a key and a real webhook secret."""
    secrets = tuple(env.get("CONDABOT_WEBHOOK_SECRET", "").split())
    if not secrets or min(map(len, secrets)) < SHORTEST_SECRET:
        raise SettingsError(f"must be at least {SHORTEST_SECRET} characters", key="CONDABOT_WEBHOOK_SECRET")
    newest, *older = private_keys_from_env(env)
    return AppSettings(
        app_id=env["CONDABOT_APP_ID"],
        private_key=newest,
        older_private_keys=tuple(older),
        webhook_secrets=secrets,
        slug=env.get("CONDABOT_APP_SLUG") or "condabot",
        github_api=github_api_from_env(env),
        host=env.get("CONDABOT_HOST") or "127.0.0.1",
        port=port_of(env, "CONDABOT_PORT", default=8000),
    )


def env_file_from_env(env: Mapping[str, str]) -> Path | None:
    """Return the file that has more variables, and that the App's secrets are written to when it is registered."""
    return Path(env["CONDABOT_ENV_FILE"]) if env.get("CONDABOT_ENV_FILE") else None


def with_env_file(env: Mapping[str, str], path: Path) -> dict[str, str]:
    """Return *env* with what the file at *path* says beside it, if it is there: it comes with the registration."""
    if not path.exists():
        return dict(env)
    return {**parse(text_of(str(path), "CONDABOT_ENV_FILE"), path=str(path)), **env}


def setup_from_env(env: Mapping[str, str], *, env_file: Path) -> SetupSettings:
    """Read what the registration needs from *env* (see `Settings.from_env`)."""
    url = env.get("CONDABOT_URL", "")
    return SetupSettings(
        env_file=env_file,
        url=require_web_url(url, key="CONDABOT_URL").rstrip("/") if url else "",
        github_api=github_api_from_env(env),
        host=env.get("CONDABOT_HOST") or "127.0.0.1",
        port=port_of(env, "CONDABOT_PORT", default=8000),
    )


def pages_from_env(env: Mapping[str, str]) -> PagesSettings:
    """Read who may see the pages from *env* (see `Settings.from_env`)."""
    token, url = env.get("CONDABOT_OPERATOR_TOKEN", ""), env.get("CONDABOT_URL", "")
    client_id, client_secret = env.get("CONDABOT_CLIENT_ID", ""), env.get("CONDABOT_CLIENT_SECRET", "")
    if token and len(token) < SHORTEST_SECRET:
        raise SettingsError(f"must be at least {SHORTEST_SECRET} characters", key="CONDABOT_OPERATOR_TOKEN")
    if bool(client_id) != bool(client_secret):
        raise SettingsError("goes with CONDABOT_CLIENT_SECRET: set both or none", key="CONDABOT_CLIENT_ID")
    return PagesSettings(
        operator_token=token,
        client_id=client_id,
        client_secret=client_secret,
        url=require_web_url(url, key="CONDABOT_URL").rstrip("/") if url else "",
    )


def source_date_from_env(env: Mapping[str, str]) -> datetime | None:
    """Return the moment (UTC) that outputs are dated by, as https://reproducible-builds.org/specs/source-date-epoch/."""
    name = "SOURCE_DATE_EPOCH"
    if not env.get(name):
        return None
    try:
        return datetime.fromtimestamp(int(env[name]), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise SettingsError(f"{env[name]!r} is no number of seconds since 1970", key=name) from error


def operating_from_env(env: Mapping[str, str]) -> OperatingSettings:
    """Read how the processes are watched from *env* (see `Settings.from_env`)."""
    port = "CONDABOT_HEALTH_PORT"
    return OperatingSettings(
        health_port=port_of(env, port, default=8001) if env.get(port) else None,
        run_dir=Path(env["CONDABOT_RUN_DIR"]) if env.get("CONDABOT_RUN_DIR") else None,
        json_logs=choice(env, "CONDABOT_LOG", ("text", "json")) == "json",
        writes=choice(env, "CONDABOT_WRITES", ("on", "off")) == "on",
    )


def egress_from_env(env: Mapping[str, str]) -> EgressSettings:
    """Read what may be called beyond the public channels from *env* (see `Settings.from_env`)."""
    return EgressSettings.parse(env.get("CONDABOT_EGRESS_HOSTS", ""), env.get("CONDABOT_EGRESS_CIDRS", ""))


def upstream_from_env(env: Mapping[str, str]) -> Upstream:
    """Read the operator's own proxies: small letters before capitals, as curl has it."""

    def named(*names: str) -> tuple[str, str]:
        spellings = [spelling for name in names for spelling in (name.lower(), name)]
        return next(((name, env[name]) for name in spellings if env.get(name)), ("", ""))

    return Upstream.parse(
        https=named("HTTPS_PROXY", "ALL_PROXY"), http=named("HTTP_PROXY", "ALL_PROXY"), no_proxy=named("NO_PROXY")[1]
    )


def credentials_from_env(env: Mapping[str, str], hosts: Iterable[str]) -> tuple[Credential, ...]:
    """Read what channels and indexes are told of us; *hosts* are those that a `*.host` may be for.

    Where two are for the same prefix the first one counts: the variable, the file, py-rattler's file.
    """
    found: list[Credential] = []
    if text := env.get("CONDABOT_CREDENTIALS"):
        found += _credentials(text, "CONDABOT_CREDENTIALS")
    if path := env.get("CONDABOT_CREDENTIALS_FILE"):
        found += _credentials(text_of(path, "CONDABOT_CREDENTIALS_FILE"), "CONDABOT_CREDENTIALS_FILE")
    if path := env.get("RATTLER_AUTH_FILE"):
        try:
            found += read_auth_file(text_of(path, "RATTLER_AUTH_FILE").encode(), hosts, "RATTLER_AUTH_FILE")
        except BadInput as error:
            raise SettingsError(error.message, key="RATTLER_AUTH_FILE") from error
    return tuple(found)


def targets_from_env(env: Mapping[str, str]) -> tuple[Target, ...]:
    """Read what environments are handed over to from *env*."""
    name = "CONDABOT_TARGETS_FILE"
    if not env.get(name):
        return ()
    try:
        return read_targets(text_of(env[name], name))
    except SettingsError:
        raise
    except BadInput as error:
        raise SettingsError(error.message, key=name) from error


def known_hosts(channels: ChannelSettings, indexes: PypiSettings, egress: EgressSettings) -> Iterable[str]:
    """Return the hosts of channels and indexes that the operator has named, and those of public channels."""
    named = [
        channels.channel_alias,
        *(each for each in channels.default_channels or () if is_web_url(each)),
        *(url for each in (*channels.mirrors, *indexes.mirrors) for url in (each.canonical, each.url)),
        *([indexes.index_url] if indexes.index_url else []),
        *egress.hosts,
    ]
    yield from sorted(CHANNEL_HOSTS)
    yield from (authority(urlsplit(url)) for url in named)


def _credentials(text: str, key: str) -> tuple[Credential, ...]:
    try:
        return read_credentials(text, key)
    except BadInput as error:
        raise SettingsError(error.message, key=key) from error


def _mirrors(env: Mapping[str, str]) -> tuple[Mirror, ...]:
    return tuple(Mirror.parse(each) for each in env.get("CONDABOT_MIRRORS", "").split())


def _trust_root(env: Mapping[str, str]) -> Path | None:
    name = "CONDABOT_TRUST_ROOT"
    if not env.get(name):
        return None
    text_of(env[name], name)  # a file that cannot be read is told of at once
    return Path(env[name])


def _default_channels(env: Mapping[str, str]) -> tuple[str, ...] | None:
    """Read the channels of `defaults`: names, or http(s) URLs. None where the variable is not there at all."""
    name = "CONDABOT_DEFAULT_CHANNELS"
    if name not in env:
        return None
    channels = tuple(env[name].split())
    for each in channels:
        if "@" in each:
            require_web_url(each, key=name)
        if not (is_web_url(each) or _CHANNEL_NAME.fullmatch(each)) or each in ("defaults", "nodefaults", "local"):
            raise SettingsError(f"{each!r} is neither the name of a channel nor an http(s) URL", key=name)
    return channels


def github_api_from_env(env: Mapping[str, str]) -> str:
    """Return the address of the GitHub that the App is for."""
    url = env.get("CONDABOT_GITHUB_API") or GITHUB_API
    return require_web_url(url, key="CONDABOT_GITHUB_API").rstrip("/")


def private_keys_from_env(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the App's keys, the newest first."""
    if key := env.get("CONDABOT_PRIVATE_KEY"):
        return (key,)
    paths = env.get("CONDABOT_PRIVATE_KEY_FILE", "").split()
    if not paths:
        raise SettingsError("is not set, and neither is CONDABOT_PRIVATE_KEY_FILE", key="CONDABOT_PRIVATE_KEY")
    return tuple(text_of(path, "CONDABOT_PRIVATE_KEY_FILE", encoding="ascii") for path in paths)
