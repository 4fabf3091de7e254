"""The operator's settings, read from an environment: what they mean, and what is refused with a sentence."""

from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import AppSettings, Mirror, PagesSettings, Settings

SECRET = "s" * 32
APP = {"CONDABOT_APP_ID": "77", "CONDABOT_PRIVATE_KEY": "a key", "CONDABOT_WEBHOOK_SECRET": SECRET}


def test_without_any_variable_everything_is_as_documented() -> None:
    found = Settings.from_env({})

    assert found.channels.channel_alias == "https://conda.anaconda.org"
    assert found.channels.mirrors == ()
    assert (found.channels.timeout, found.channels.offline) == (60, False)
    assert found.channels.cache_dir.name == found.data_dir.name == "condabot"
    assert (found.pypi.index_url, found.pypi.timeout) == (None, 60)
    assert (found.database_url, found.solver_processes, found.app) == (None, 2, None)
    assert (found.scan_seconds, found.scan_processor_seconds, found.scan_memory) == (900, 600, 2048)


def test_every_variable_is_read(tmp_path: Path) -> None:
    (tmp_path / "trusted_root.json").write_text("{}")
    found = Settings.from_env(
        APP
        | {
            "CONDABOT_CHANNEL_ALIAS": "https://conda.example/",
            "CONDABOT_DEFAULT_CHANNELS": "ours https://conda.example/more",
            "CONDABOT_MIRRORS": "https://conda.example/a=http://127.0.0.1:1/a/ https://b.example=https://c.example",
            "CONDABOT_CACHE_DIR": str(tmp_path / "cache"),
            "CONDABOT_CHANNEL_TIMEOUT": "5",
            "CONDABOT_TRUST_ROOT": str(tmp_path / "trusted_root.json"),
            "CONDABOT_INDEX_URL": "https://files.example/simple",
            "CONDABOT_INDEX_TIMEOUT": "6",
            "CONDABOT_PYPI_MAPPING_URL": "https://mapping.example/",
            "CONDABOT_DATA_DIR": str(tmp_path / "data"),
            "DATABASE_URL": "postgresql://db.example/condabot",
            "CONDABOT_SOLVER_PROCESSES": "4",
            "CONDABOT_SCAN_SECONDS": "7",
            "CONDABOT_SCAN_PROCESSOR_SECONDS": "8",
            "CONDABOT_SCAN_MEMORY": "900",
            "CONDABOT_WEBHOOK_SECRET": f"{SECRET}new {SECRET}old",
            "CONDABOT_GITHUB_API": "https://github.example/api/v3/",
            "CONDABOT_APP_SLUG": "acme-condabot",
            "CONDABOT_HOST": "10.0.0.7",
            "CONDABOT_PORT": "9000",
        }
    )

    assert found.channels.channel_alias == "https://conda.example"
    assert found.channels.mirrors == (
        Mirror(canonical="https://conda.example/a", url="http://127.0.0.1:1/a"),
        Mirror(canonical="https://b.example", url="https://c.example"),
    )
    assert found.channels.default_channels == ("ours", "https://conda.example/more")
    assert found.channels.cache_dir == found.pypi.cache_dir == tmp_path / "cache"
    assert (found.channels.timeout, found.pypi.timeout) == (5, 6)
    assert found.channels.trust_root == tmp_path / "trusted_root.json"
    assert found.pypi.index_url == "https://files.example/simple"
    assert found.pypi.mapping_url == "https://mapping.example"
    assert found.data_dir == tmp_path / "data"
    assert (found.database_url, found.solver_processes) == ("postgresql://db.example/condabot", 4)
    assert (found.scan_seconds, found.scan_processor_seconds, found.scan_memory) == (7, 8, 900)
    assert found.app == AppSettings(
        app_id="77",
        private_key="a key",
        webhook_secrets=(f"{SECRET}new", f"{SECRET}old"),
        slug="acme-condabot",
        github_api="https://github.example/api/v3",
        host="10.0.0.7",
        port=9000,
    )


def test_defaults_are_conda_s_own_unless_said_otherwise_and_an_empty_list_switches_them_off() -> None:
    assert Settings.from_env({}).channels.default_channels is None
    assert Settings.from_env({"CONDABOT_DEFAULT_CHANNELS": ""}).channels.default_channels == ()


@pytest.mark.parametrize("written", ["defaults", "nodefaults", "local", "./channel", "a//b", "ftp://x.example/y"])
def test_default_channels_must_be_channels(written: str) -> None:
    with pytest.raises(SettingsError, match="neither the name of a channel nor an http"):
        Settings.from_env({"CONDABOT_DEFAULT_CHANNELS": f"conda-forge {written}"})


def test_an_empty_variable_is_as_good_as_none() -> None:
    names = [*APP, "CONDABOT_CHANNEL_ALIAS", "CONDABOT_MIRRORS", "CONDABOT_CACHE_DIR", "CONDABOT_SOLVER_PROCESSES"]

    assert Settings.from_env(dict.fromkeys([*names, "CONDABOT_INDEX_URL", "DATABASE_URL"], "")) == Settings.from_env({})


@pytest.mark.parametrize(
    ("env", "url"),
    [
        pytest.param({}, "https://conda-mapping.prefix.dev", id="where nothing is said, pixi's"),
        pytest.param({"CONDABOT_PYPI_MAPPING_URL": ""}, None, id="empty, nowhere"),
    ],
)
def test_what_conda_packages_are_called_on_pypi_is_asked(env: dict[str, str], url: str | None) -> None:
    assert Settings.from_env(env).pypi.mapping_url == url


def test_the_private_key_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("a key")
    env = {name: value for name, value in APP.items() if name != "CONDABOT_PRIVATE_KEY"}

    found = Settings.from_env(env | {"CONDABOT_PRIVATE_KEY_FILE": str(tmp_path / "key.pem")})

    assert found.app is not None
    assert (found.app.private_key, found.app.older_private_keys) == ("a key", ())


def test_during_a_rotation_there_are_two_private_keys(tmp_path: Path) -> None:
    for name in ("new", "old"):
        (tmp_path / name).write_text(name)
    env = {name: value for name, value in APP.items() if name != "CONDABOT_PRIVATE_KEY"}

    found = Settings.from_env(env | {"CONDABOT_PRIVATE_KEY_FILE": f"{tmp_path / 'new'} {tmp_path / 'old'}"})

    assert found.app is not None
    assert (found.app.private_key, found.app.older_private_keys) == ("new", ("old",))
    assert "old" not in repr(found)


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        pytest.param(
            {"CONDABOT_CHANNEL_ALIAS": "conda-forge"},
            "CONDABOT_CHANNEL_ALIAS: 'conda-forge' is not an http(s) URL",
            id="an alias is a URL",
        ),
        pytest.param(
            {"CONDABOT_CHANNEL_ALIAS": "http://[::1"},
            "CONDABOT_CHANNEL_ALIAS: 'http://[::1' is not an http(s) URL",
            id="and one that can be read",
        ),
        pytest.param(
            {"CONDABOT_MIRRORS": "https://a.example"},
            "--mirror or CONDABOT_MIRRORS: 'https://a.example' is not CANONICAL=MIRROR with two http(s) URLs",
            id="a mirror names what it mirrors",
        ),
        pytest.param(
            {"CONDABOT_MIRRORS": "https://a.example=file:///b"},
            "--mirror or CONDABOT_MIRRORS: 'https://a.example=file:///b' is not CANONICAL=MIRROR with two http(s) URLs",
            id="a mirror is on the web",
        ),
        pytest.param(
            {"CONDABOT_INDEX_URL": "files"}, "CONDABOT_INDEX_URL: 'files' is not an http(s) URL", id="an index is a URL"
        ),
        pytest.param(
            {"CONDABOT_PYPI_MAPPING_URL": "x"},
            "CONDABOT_PYPI_MAPPING_URL: 'x' is not an http(s) URL",
            id="a mapping is a URL",
        ),
        pytest.param(
            {"CONDABOT_CHANNEL_TIMEOUT": "soon"},
            "CONDABOT_CHANNEL_TIMEOUT: 'soon' is not a whole number",
            id="a time limit is a number",
        ),
        pytest.param(
            {"CONDABOT_TRUST_ROOT": "/nowhere"},
            "CONDABOT_TRUST_ROOT: cannot read '/nowhere': [Errno 2] No such file or directory: '/nowhere'",
            id="what is trusted is there",
        ),
        pytest.param(
            {"CONDABOT_SOLVER_PROCESSES": "0"},
            "CONDABOT_SOLVER_PROCESSES: '0' is not a whole number above 0",
            id="without a solver nothing is solved",
        ),
        pytest.param(
            {"CONDABOT_INDEX_TIMEOUT": "-1"},
            "CONDABOT_INDEX_TIMEOUT: '-1' is not a whole number above 0",
            id="no number is negative",
        ),
        pytest.param(
            APP | {"CONDABOT_WEBHOOK_SECRET": f"{SECRET} short"},
            "CONDABOT_WEBHOOK_SECRET: must be at least 32 characters",
            id="every secret is long enough",
        ),
        pytest.param(
            {"CONDABOT_APP_ID": "77"},
            "CONDABOT_WEBHOOK_SECRET: must be at least 32 characters",
            id="an App has a secret",
        ),
        pytest.param(
            APP | {"CONDABOT_GITHUB_API": "github"},
            "CONDABOT_GITHUB_API: 'github' is not an http(s) URL",
            id="GitHub is a URL",
        ),
        pytest.param(
            APP | {"CONDABOT_PRIVATE_KEY": "", "CONDABOT_PRIVATE_KEY_FILE": "/nowhere/key.pem"},
            "CONDABOT_PRIVATE_KEY_FILE: cannot read '/nowhere/key.pem': [Errno 2] No such file or directory",
            id="the file of the key is there",
        ),
        pytest.param(
            APP | {"CONDABOT_PRIVATE_KEY": ""},
            "CONDABOT_PRIVATE_KEY: is not set, and neither is CONDABOT_PRIVATE_KEY_FILE",
            id="an App has a key",
        ),
        pytest.param(
            APP | {"CONDABOT_PORT": "70000"},
            "CONDABOT_PORT: 70000 is above 65535, so it is no port",
            id="a port is one",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(env: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_env(env)

    assert str(raised.value).startswith(sentence)


def test_secrets_are_not_shown() -> None:
    shown = repr(Settings.from_env(APP | {"DATABASE_URL": "postgresql://me:secret@db.example"}))

    assert SECRET not in shown
    assert "a key" not in shown
    assert "secret@" not in shown


def test_how_the_app_is_operated_is_read() -> None:
    found = Settings.from_env(
        {
            "CONDABOT_OPERATOR_TOKEN": "t" * 32,
            "CONDABOT_CLIENT_ID": "Iv1.x",
            "CONDABOT_CLIENT_SECRET": "c",
            "CONDABOT_URL": "https://bot.example/",
            "CONDABOT_HEALTH_PORT": "8001",
            "CONDABOT_RUN_DIR": "/run/condabot",
            "CONDABOT_LOG": "json",
            "CONDABOT_WRITES": "off",
        }
    )

    assert (found.pages.client_id, found.pages.url) == ("Iv1.x", "https://bot.example")
    assert (found.operating.health_port, found.run_dir) == (8001, Path("/run/condabot"))
    assert (found.operating.json_logs, found.operating.writes) == (True, False)
    assert "t" * 32 not in repr(found)


def test_unless_told_otherwise_the_bot_writes_and_nobody_sees_pages() -> None:
    found = Settings.from_env({})

    assert found.operating.writes
    assert (found.operating.health_port, found.operating.json_logs) == (None, False)
    assert found.pages == PagesSettings()
    assert found.run_dir == found.data_dir / "processes"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONDABOT_OPERATOR_TOKEN", "short"),
        ("CONDABOT_CLIENT_ID", "Iv1.x"),
        ("CONDABOT_CLIENT_SECRET", "c"),
        ("CONDABOT_URL", "bot.example"),
        ("CONDABOT_HEALTH_PORT", "70000"),
        ("CONDABOT_LOG", "xml"),
        ("CONDABOT_WRITES", "OFF"),
        ("CONDABOT_WRITES", "false"),
    ],
)
def test_a_switch_that_is_wrong_is_never_taken_for_on(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match="CONDABOT_"):
        Settings.from_env({name: value})
