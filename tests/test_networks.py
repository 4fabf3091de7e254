"""Mirrors, hosts, networks and proxies as an operator writes them."""

from pathlib import Path
from secrets import token_hex

import pytest

from bot.credentials import Basic, CondaToken
from bot.errors import SettingsError
from bot.networks import EgressSettings, Mirror, Private
from bot.settings import Settings, Upstream
from bot.urls import is_below, spelled

CANARY = token_hex(16)


@pytest.mark.parametrize(
    ("written", "mirror"),
    [
        pytest.param(
            "https://C.Example.:443/a/=https://M.Example.:443/b/",
            Mirror(canonical="https://c.example/a", url="https://m.example/b"),
            id="one spelling",
        ),
        pytest.param(
            "https://c.example=https://me:p%40ss%3Aw%25rd@m.example:8443/b",
            Mirror(canonical="https://c.example", url="https://m.example:8443/b", basic=Basic("me", "p@ss:w%rd")),
            id="a password, percent-encoded",
        ),
        pytest.param(
            "https://c.example=http://me@m.example",
            Mirror(canonical="https://c.example", url="http://m.example", basic=Basic("me", "")),
            id="a user alone",
        ),
        pytest.param(
            "https://c.example=https://m.example/t/a%2Fb/c",
            Mirror(canonical="https://c.example", url="https://m.example/c", token=CondaToken("a/b")),
            id="a conda token",
        ),
        pytest.param(
            "s3://bucket/a=https://m.example",
            Mirror(canonical="s3://bucket/a", url="https://m.example"),
            id="of a bucket",
        ),
    ],
)
def test_mirrors(written: str, mirror: Mirror) -> None:
    assert Mirror.parse(written) == mirror


@pytest.mark.parametrize(
    "written",
    [
        f"https://me:{CANARY}@c.example=https://m.example",
        f"https://c.example=ftp://me:{CANARY}@m.example",
        f"https://c.example=https://me:{CANARY}@m.example:port",
        f"https://me:{CANARY}@m.example",
        f"https://c.example=ftp://m.example/t/{CANARY}/x",
    ],
    ids=range(5),
)
def test_a_wrong_mirror_is_refused_without_its_password(written: str) -> None:
    with pytest.raises(SettingsError, match="is not CANONICAL=MIRROR") as raised:
        Mirror.parse(written)

    assert CANARY not in str(raised.value)


@pytest.mark.parametrize(
    "name",
    [
        "CONDABOT_CHANNEL_ALIAS",
        "CONDABOT_INDEX_URL",
        "CONDABOT_PYPI_MAPPING_URL",
        "CONDABOT_GITHUB_API",
        "CONDABOT_DEFAULT_CHANNELS",
    ],
)
def test_no_other_url_holds_a_password(name: str) -> None:
    app = {"CONDABOT_APP_ID": "7", "CONDABOT_WEBHOOK_SECRET": "w" * 40, "CONDABOT_PRIVATE_KEY": "k"}

    with pytest.raises(SettingsError, match="put it into CONDABOT_CREDENTIALS_FILE") as raised:
        Settings.from_env({**app, name: f"https://me:{CANARY}@h.example"})

    assert CANARY not in str(raised.value)


@pytest.mark.parametrize(
    ("hosts", "origins"),
    [
        ("", ()),
        ("conda.example", ("https://conda.example",)),
        ("Conda.Example.", ("https://conda.example",)),
        ("conda.example:443", ("https://conda.example",)),
        ("https://conda.example/", ("https://conda.example",)),
        ("conda.example:8443", ("https://conda.example:8443",)),
        ("http://nexus:8081", ("http://nexus:8081",)),
        ("a.example, b.example\n10.0.0.5", ("https://a.example", "https://b.example", "https://10.0.0.5")),
    ],
)
def test_hosts(hosts: str, origins: tuple[str, ...]) -> None:
    assert EgressSettings.parse(hosts, "").hosts == origins


@pytest.mark.parametrize(
    "host",
    ["https://h.example/path", "ftp://h.example", "h.example?x", "h.example#x", f"u:{CANARY}@h", "h:port", "://"],
    ids=range(7),
)
def test_what_is_no_host(host: str) -> None:
    with pytest.raises(SettingsError, match="is not a host, HOST:PORT or an origin") as raised:
        Settings.from_env({"CONDABOT_EGRESS_HOSTS": host})

    assert CANARY not in str(raised.value)


def test_networks() -> None:
    assert EgressSettings.parse("", "10.0.0.0/8,fd00::/8 192.168.7.1").networks == (
        "10.0.0.0/8",
        "fd00::/8",
        "192.168.7.1/32",
    )


@pytest.mark.parametrize("network", ["10.0.0.1/8", "10.0.0.0/33", "corp.example", "10.*"])
def test_what_is_no_network(network: str) -> None:
    with pytest.raises(SettingsError, match=r"CONDABOT_EGRESS_CIDRS: .*it must be a network such as"):
        Settings.from_env({"CONDABOT_EGRESS_CIDRS": network})


@pytest.mark.parametrize(
    ("environment", "upstream"),
    [
        ({}, Upstream()),
        ({"HTTPS_PROXY": "http://a:1"}, Upstream(https="http://a:1")),
        ({"HTTPS_PROXY": "a:1"}, Upstream(https="http://a:1")),
        ({"https_proxy": "http://a", "HTTPS_PROXY": "http://b"}, Upstream(https="http://a")),
        ({"ALL_PROXY": "http://a"}, Upstream(https="http://a", http="http://a")),
        ({"all_proxy": "http://a", "http_proxy": "http://b"}, Upstream(https="http://a", http="http://b")),
        ({"no_proxy": "a.example"}, Upstream(no_proxy="a.example")),
        ({"HTTPS_PROXY": "", "NO_PROXY": ""}, Upstream()),
    ],
)
def test_proxies(environment: dict[str, str], upstream: Upstream) -> None:
    assert Settings.from_env(environment).upstream == upstream


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "http_proxy", "ALL_PROXY"])
def test_what_is_no_proxy(name: str) -> None:
    with pytest.raises(SettingsError, match="condabot knows no other kind of proxy") as raised:
        Settings.from_env({name: f"socks5://me:{CANARY}@h.example"})

    assert str(raised.value).startswith(f"{name}: ")
    assert CANARY not in str(raised.value)


def test_what_is_private_has_a_cache_of_its_own(tmp_path: Path) -> None:
    private = Private(prefixes=("https://a.example/x",), cache_dir=tmp_path)

    assert private.cache_for("https://a.example/x/y", Path("public")) == tmp_path
    assert private.cache_for("https://a.example/xy", Path("public")) == Path("public")
    assert Private().cache_for("https://a.example/x", Path("public")) == Path("public")


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("HTTPS://Conda.Example.:443/A/b/", "https://conda.example/A/b"),
        ("http://conda.example:80", "http://conda.example"),
        ("https://conda.example:80/a", "https://conda.example:80/a"),
        ("https://user:word@conda.example/a", "https://conda.example/a"),
        ("https://[::1]:8443/a?b#c", "https://[::1]:8443/a?b#c"),
        ("file:///a/b/", "file:///a/b"),
    ],
)
def test_a_url_has_one_spelling(url: str, same: str) -> None:
    assert spelled(url) == same
    assert spelled(same) == same


@pytest.mark.parametrize(
    ("url", "below"), [("a/b", True), ("a/b/", True), ("a/b/c", True), ("a/bc", False), ("a", False)]
)
def test_below_is_by_whole_segments(url: str, *, below: bool) -> None:
    assert is_below(url, "a/b") == below
