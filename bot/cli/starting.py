"""How a process of the App starts: its settings, its log, its database, and that it says where it runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot import logs
from bot.cli.options import app_settings, settings
from bot.cli.presence import Presence, present
from bot.cli.stopping import SOON, stoppable
from bot.composition.way import redactor
from bot.settings import AppSettings, Settings
from bot.store.database import server


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A process that has started. `conninfo` names its database, which is ours if the settings name none."""

    settings: Settings
    app: AppSettings
    conninfo: str = field(repr=False)


@contextmanager
def started(presence: Callable[[Settings, AppSettings], Presence], *, within: float = SOON) -> Iterator[Started]:
    """Start this process, which is then there as its settings and *presence* say; told to end it has *within* seconds.

    Raises:
        SettingsError: it is not set up as the App.

    """
    found = settings()
    logs.set_up(as_json=found.operating.json_logs, redact=redactor(found))
    app = app_settings(found)
    with (
        stoppable(within=within),
        server(found.database_url, found.data_dir) as conninfo,
        present(found.run_dir, presence(found, app)),
    ):
        yield Started(settings=found, app=app, conninfo=conninfo)
