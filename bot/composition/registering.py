"""The App's secrets in files that are their owner's alone: what `condabot setup` writes and every command reads.

The key is a file of its own, for values of several lines are read differently by whoever reads the other one. That one
is written last: where it is, the App is registered.
"""

import os
from contextlib import suppress
from pathlib import Path

from bot import envfile
from bot.errors import SettingsError
from bot.github.registration import Registration
from bot.settings import SetupSettings

HEADING = "The GitHub App, as it was registered by `condabot setup`. Whoever reads this file can act as the App."
OWNER_ONLY = 0o600
SETTING = "CONDABOT_ENV_FILE"


def check_writable(env_file: Path) -> None:
    """Make sure, before GitHub is asked, that what comes of it can be written.

    Raises:
        SettingsError: the App is registered already, or it could not be.

    """
    if env_file.exists():
        raise SettingsError(f"{str(env_file)!r} is there: the App is registered", key=SETTING)
    if not envfile.is_safe(str(env_file.absolute())):
        raise SettingsError(f"{str(env_file.absolute())!r} would have to be quoted by some who read it", key=SETTING)
    if not os.access(env_file.absolute().parent, os.W_OK | os.X_OK):
        raise SettingsError(f"{str(env_file.absolute().parent)!r} is no folder that can be written to", key=SETTING)


def keep(registration: Registration, setup: SetupSettings) -> Path:
    """Write the App's key and, last of all, its settings; return the file with these.

    Raises:
        SettingsError: they cannot be written; then nothing is left.

    """
    env_file = setup.env_file.absolute()
    key_file = env_file.with_name(f"{env_file.name}.{registration.id}.pem")
    text = envfile.render(
        {
            "CONDABOT_APP_ID": str(registration.id),
            "CONDABOT_APP_SLUG": registration.slug,
            "CONDABOT_PRIVATE_KEY_FILE": str(key_file),
            "CONDABOT_WEBHOOK_SECRET": registration.webhook_secret,
            "CONDABOT_CLIENT_ID": registration.client_id,
            "CONDABOT_CLIENT_SECRET": registration.client_secret,
            "CONDABOT_GITHUB_API": setup.github_api,
            "CONDABOT_URL": setup.url,
        },
        HEADING,
    )
    try:
        _write(key_file, registration.pem)
        _write(env_file, text)
    except OSError as error:
        with suppress(OSError):
            key_file.unlink()
        raise SettingsError(f"cannot write {error.filename!r}: {error.strerror}", key=SETTING) from error
    return env_file


def _write(path: Path, text: str) -> None:
    """Write a file that was not there, for its owner alone from the first byte on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
