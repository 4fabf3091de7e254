"""Options that several commands share, and the settings that they make."""

import os
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from bot.errors import SettingsError
from bot.setting_values import require_web_url
from bot.settings import (
    AppSettings,
    ChannelSettings,
    Mirror,
    PypiSettings,
    Settings,
    env_file_from_env,
    with_env_file,
)

Command = TypeVar("Command", bound=Callable[..., Any])

path_argument = click.argument(
    "path", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".", metavar="[PATH]"
)
index_option = click.option(
    "--index-url", metavar="URL", help="The package index that is asked where a manifest names none."
)


def channel_options(command: Command) -> Command:
    """Add the options that say how channels are reached."""
    for option in reversed(
        (
            click.option(
                "--channel-alias", metavar="URL", help="What a bare channel name means, and what a lock names."
            ),
            click.option(
                "--mirror",
                "mirrors",
                multiple=True,
                metavar="CANONICAL=MIRROR",
                help="Where bytes come from (repeatable). A lock never names a mirror.",
            ),
            click.option("--offline", is_flag=True, help="Use only what is in the cache, however old, and say so."),
        )
    ):
        command = option(command)
    return command


def process_environment() -> MutableMapping[str, str]:
    """Return the environment of this process. It enters here and nowhere else."""
    return os.environ  # noqa: TID251 -- the one place


def load_env_file(path: Path | None) -> None:
    """Let the file at *path*, or else the one that the environment names, say what the environment does not."""
    environment = process_environment()
    if found := path or env_file_from_env(environment):
        environment.update(with_env_file(environment, found))
        environment["CONDABOT_ENV_FILE"] = str(found)


def settings() -> Settings:
    """Return the settings of this process."""
    return Settings.from_env(process_environment())


def app_settings(found: Settings) -> AppSettings:
    """Return what the App needs.

    Raises:
        SettingsError: this process is not set up as the App.

    """
    if found.app is None:
        words = "is not set: it is the id of the GitHub App; `condabot setup` registers one (docs/operating.md)"
        raise SettingsError(words, key="CONDABOT_APP_ID")
    return found.app


def channel_settings(
    base: ChannelSettings, channel_alias: str | None, mirrors: Iterable[str], *, offline: bool
) -> ChannelSettings:
    """Return *base* with what the options of `channel_options` say."""
    return replace(
        base,
        channel_alias=(channel_alias or base.channel_alias).rstrip("/"),
        mirrors=(*base.mirrors, *map(Mirror.parse, mirrors)),
        offline=offline or base.offline,
    )


def pypi_settings(base: PypiSettings, index_url: str | None, mirrors: Iterable[str], *, offline: bool) -> PypiSettings:
    """Return *base* with what the options of `channel_options` say."""
    named = require_web_url(index_url, key="--index-url") if index_url else base.index_url
    mirrored = (*base.mirrors, *map(Mirror.parse, mirrors))
    return replace(base, index_url=named, mirrors=mirrored, offline=offline or base.offline)
