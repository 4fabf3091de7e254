"""No URL of a manifest leads anywhere but to a public host that the operator allows, and no credential is repeated."""

from contextlib import suppress
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.egress import EgressPolicy, resolve_channels, resolve_index
from bot.egress.addresses import is_public, parse_address
from bot.errors import EgressRefused

APP = EgressPolicy()
LOCAL = EgressPolicy(allow_any_https=True, allow_files=True)
CANARY = "canary-9f2c"
SPECIAL_ADDRESSES = (
    "127.0.0.1 10.0.0.1 172.16.0.1 192.168.0.1 169.254.169.254 100.64.0.1 100.100.100.200 0.0.0.0"
    " 192.0.2.1 198.18.0.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 168.63.129.16 ::1 ::"
    " ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::7f00:1 fe80::1 fe80::1%eth0 2606:4700::1111%eth0 fc00::1"
    " ff02::1 64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1:: 2001::1 fd00:ec2::254"
)


@pytest.mark.parametrize(
    "url",
    [
        "https://conda.anaconda.org/conda-forge",
        "https://conda.anaconda.org/conda-forge/label/dev/",
        "https://repo.prefix.dev/conda-forge",
        "https://prefix.dev/channel",
        "HTTPS://Conda.Anaconda.ORG./conda-forge",
        "https://conda.anaconda.org:443/conda-forge",
    ],
)
def test_public_channels_may_be_read(url: str) -> None:
    APP.check_channel_url(url)
    LOCAL.check_channel_url(url)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        pytest.param("http://conda.anaconda.org/x", "over https, not http", id="plain http"),
        pytest.param("ftp://conda.anaconda.org/x", "must be an https URL, not 'ftp'", id="another scheme"),
        pytest.param("conda-forge", "must be an https URL, not ''", id="no scheme"),
        pytest.param("https://conda.anaconda.org:8443/x", "at port 443, not 8443", id="another port"),
        pytest.param("https://conda.anaconda.org:x/x", "a port that is not one", id="no port"),
        pytest.param("https://conda.anaconda.org:99999/x", "a port that is not one", id="a port too high"),
        pytest.param("https:///x", "names no host", id="no host"),
        pytest.param("https://[::1/x", "is not a URL", id="half a bracket"),
        pytest.param("https://127.0.0.1/x", "IP address", id="loopback"),
        pytest.param("https://1.1.1.1/x", "IP address", id="a public address"),
        pytest.param("https://169.254.169.254/latest", "IP address", id="metadata"),
        pytest.param("https://0x7f000001/x", "IP address", id="hexadecimal"),
        pytest.param("https://0x7f.1/x", "IP address", id="partly hexadecimal"),
        pytest.param("https://127.0x/x", "IP address", id="an empty hexadecimal number is zero"),
        pytest.param("https://2130706433/x", "IP address", id="one number"),
        pytest.param("https://127.1/x", "IP address", id="two numbers"),
        pytest.param("https://0177.0.0.1/x", "IP address", id="octal"),
        pytest.param("https://127.0.0.1./x", "IP address", id="with the root's dot"),
        pytest.param("https://[::ffff:127.0.0.1]/x", "IP address", id="mapped"),
        pytest.param("https://[::1]/x", "IP address", id="IPv6"),
        pytest.param("https://[fe80::1%25eth0]/x", "IP address", id="with a scope"),
        pytest.param("https://①②⑦.0.0.1/x", "IP address", id="unicode digits before a number"),
        pytest.param("https://127.0.0.①/x", "not a public host name", id="unicode digits"),
        pytest.param("https://localhost/x", "not a public host name", id="localhost"),
        pytest.param("https://metadata/x", "not a public host name", id="a name without a dot"),
        pytest.param("https://metadata.google.internal/x", "not a public host name", id="an internal name"),
        pytest.param("https://a.localhost/x", "not a public host name", id="below localhost"),
        pytest.param("https://printer.local/x", "not a public host name", id="a name of the local network"),
        pytest.param("https://printer.localdomain/x", "not a public host name", id="the same, as some routers say"),
        pytest.param("https://printer.home.arpa/x", "not a public host name", id="a name of a home (RFC 8375)"),
        pytest.param("https://printer.lan/x", "not a public host name", id="a name that routers give"),
        pytest.param("https://wiki.intranet/x", "not a public host name", id="a name of a company"),
        pytest.param("https://conda%2eanaconda.org/x", "dot segments", id="an escaped dot"),
        pytest.param("https://conda..org/x", "not a public host name", id="an empty label"),
        pytest.param("https://büro.example/x", "not a public host name", id="not in ASCII"),
        pytest.param("https://conda.anaconda.org\\@evil.example/x", "backslashes", id="a backslash"),
        pytest.param("https://conda.anaconda.org/\n", "spaces", id="a line feed"),
        pytest.param(" https://conda.anaconda.org/x", "spaces", id="a space before it"),
        pytest.param("https://conda.anaconda.org/a/../b", "dot segments", id="a path that goes up"),
        pytest.param("https://conda.anaconda.org/a?b=c", "a query or a fragment", id="a query"),
        pytest.param("https://conda.anaconda.org/a#b", "a query or a fragment", id="a fragment"),
        pytest.param(f"https://conda.anaconda.org/{'a' * 3000}", "too long", id="too long"),
    ],
)
def test_a_url_that_could_lead_elsewhere_is_refused_to_all(url: str, sentence: str) -> None:
    for policy in (APP, LOCAL):
        with pytest.raises(EgressRefused, match=sentence):
            policy.check_channel_url(url)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (f"https://user:{CANARY}@conda.anaconda.org/x", "user name or password"),
        (f"https://{CANARY}@conda.anaconda.org/x", "user name or password"),
        (f"https://conda.anaconda.org:{CANARY}@evil.example/x", "user name or password"),
        (f"https://conda.anaconda.org/t/{CANARY}/x", "a token"),
        (f"https://files.example/conda/t/{CANARY}/x", "a token"),
        (f"https://conda.anaconda.org/x?token={CANARY}", "a query"),
        (f"https://user:{CANARY}@[::1/x", "not a URL"),
    ],
)
def test_credentials_are_refused_and_never_repeated(url: str, sentence: str) -> None:
    with pytest.raises(EgressRefused, match=sentence) as caught:
        LOCAL.check_channel_url(url)

    assert CANARY not in str(caught.value)


def test_only_hosts_on_the_list_may_be_called_by_the_app() -> None:
    with pytest.raises(EgressRefused, match=r"The host files\.example is not one that this bot may call"):
        APP.check_channel_url("https://files.example/x")

    LOCAL.check_channel_url("https://files.example/x")
    EgressPolicy(hosts=frozenset({"files.example"})).check_channel_url("https://files.example/x")


def test_files_are_for_local_commands() -> None:
    LOCAL.check_channel_url("file:///srv/channel")

    with pytest.raises(EgressRefused, match="not 'file'"):
        APP.check_channel_url("file:///srv/channel")


class TestTrusted:
    POLICY = EgressPolicy(trusted=frozenset({"http://127.0.0.1:8080", "https://mirror.corp.internal"}))

    @pytest.mark.parametrize("url", ["http://127.0.0.1:8080/x", "https://mirror.corp.internal/x"])
    def test_what_the_operator_configured_may_be_read(self, url: str) -> None:
        self.POLICY.check_channel_url(url)

    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1:8081/x", "https://127.0.0.1:8080/x", "http://mirror.corp.internal/x"]
    )
    def test_its_neighbours_may_not(self, url: str) -> None:
        with pytest.raises(EgressRefused):
            self.POLICY.check_channel_url(url)

    def test_a_trusted_origin_must_be_one(self) -> None:
        with pytest.raises(EgressRefused, match=r"http\(s\) URL"):
            EgressPolicy(trusted=frozenset({"file:///x"})).check_channel_url("https://conda.anaconda.org/x")


class TestAddresses:
    @pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1"])
    def test_public_addresses(self, address: str) -> None:
        APP.check_address(address, host="conda.anaconda.org", port=443)

    @pytest.mark.parametrize("address", SPECIAL_ADDRESSES.split())
    def test_private_special_and_translated_addresses(self, address: str) -> None:
        with pytest.raises(EgressRefused, match=r"The host conda\.anaconda\.org resolves to"):
            APP.check_address(address, host="conda.anaconda.org", port=443)

    def test_private_networks_can_be_opened_but_metadata_cannot(self) -> None:
        networks = tuple(map(ip_network, ("10.0.0.0/8", "169.254.0.0/16", "fd00::/8")))
        policy = EgressPolicy(networks=networks, named=frozenset({"https://conda.anaconda.org"}))
        policy.check_address("10.1.2.3", host="conda.anaconda.org", port=443)
        policy.check_address("fd00::1", host="conda.anaconda.org", port=443)

        for address in ("169.254.169.254", "fd00:ec2::254", "192.168.0.1"):
            with pytest.raises(EgressRefused):
                policy.check_address(address, host="conda.anaconda.org", port=443)

    def test_a_trusted_origin_may_be_private_but_not_metadata(self) -> None:
        policy = EgressPolicy(trusted=frozenset({"http://mirror:8080"}))
        policy.check_address("127.0.0.1", host="mirror", port=8080)

        for host, port, address in (("mirror", 8080, "169.254.169.254"), ("mirror", 81, "127.0.0.1")):
            with pytest.raises(EgressRefused):
                policy.check_address(address, host=host, port=port)

    @given(st.ip_addresses(v=4))
    def test_an_address_mapped_into_ipv6_is_judged_as_itself(self, address: object) -> None:
        assert is_public(parse_address(f"::ffff:{address}")) == is_public(parse_address(str(address)))


class TestDestinations:
    def test_allowed_hosts_at_443_and_trusted_origins(self) -> None:
        APP.check_destination("conda.anaconda.org", 443)
        EgressPolicy(trusted=frozenset({"http://mirror:8080"})).check_destination("mirror", 8080)

    @pytest.mark.parametrize(
        ("host", "port"), [("conda.anaconda.org", 22), ("evil.example", 443), ("127.0.0.1", 443), ("::1", 443)]
    )
    def test_anything_else_is_refused(self, host: str, port: int) -> None:
        with pytest.raises(EgressRefused):
            APP.check_destination(host, port)


@given(st.text(max_size=60))
def test_no_text_is_anything_but_passed_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://conda.anaconda.org/{text}"):
        with suppress(EgressRefused):
            LOCAL.check_channel_url(url)


class TestFilesOfIndexes:
    """Where an index that may be called keeps its files is learned from its pages; nothing else is read there."""

    def test_files_may_be_read_where_an_index_says(self) -> None:
        policy = EgressPolicy()
        with pytest.raises(EgressRefused):
            policy.check_file_url("https://files.example/a.whl")

        policy.allow_files_at("https://Files.example./x/a.whl")

        policy.check_file_url("https://files.example/b.whl")
        policy.check_destination("files.example", 443)
        policy.check_file_url("https://prefix.dev/x.whl")

    def test_a_host_of_files_is_no_channel_no_index_and_has_one_port(self) -> None:
        policy = EgressPolicy()
        policy.allow_files_at("https://files.example/a.whl")

        for check in (policy.check_channel_url, policy.check_index_url):
            with pytest.raises(EgressRefused):
                check("https://files.example/simple")
        for url in ("http://files.example/a", "https://files.example:8443/a", "https://more.files.example/a"):
            with pytest.raises(EgressRefused):
                policy.check_file_url(url)
        with pytest.raises(EgressRefused):
            policy.check_destination("files.example", 8443)
        with pytest.raises(EgressRefused):
            policy.check_address("10.0.0.1", host="files.example", port=443)

    @pytest.mark.parametrize(
        "url",
        [
            "http://files.example/a",
            "https://127.0.0.1/a",
            "https://files.local/a",
            "https://files.example:1/a",
            "file:///etc/passwd",
            "https://user:x@files.example/a",
        ],
    )
    def test_an_index_cannot_name_just_any_place(self, url: str) -> None:
        policy = EgressPolicy()

        with pytest.raises(EgressRefused):
            policy.allow_files_at(url)
        assert policy.file_hosts == set()

    def test_a_configured_origin_needs_no_learning_and_learning_is_no_difference(self) -> None:
        policy = EgressPolicy(trusted=frozenset({"http://10.0.0.1:8080"}))

        policy.allow_files_at("http://10.0.0.1:8080/files/a.whl")

        assert policy.file_hosts == set()
        assert policy == EgressPolicy(trusted=frozenset({"http://10.0.0.1:8080"}), file_hosts={"x.example"})


class TestSpellings:
    """One host is one host in every list, however it is written there and in a manifest."""

    HOSTS = ("conda.corp.example", "Conda.Corp.Example.", "CONDA.CORP.EXAMPLE")
    URLS = (
        "https://conda.corp.example/x",
        "https://Conda.Corp.Example./x",
        "https://conda.corp.example:443/x",
        "HTTPS://CONDA.CORP.EXAMPLE.:443/x",
    )

    @pytest.mark.parametrize("url", URLS)
    @pytest.mark.parametrize("host", HOSTS)
    def test_allowed_in_every_list(self, url: str, host: str) -> None:
        for policy in (
            EgressPolicy(hosts=frozenset({host})),
            EgressPolicy(named=frozenset({f"https://{host}"})),
            EgressPolicy(trusted=frozenset({f"https://{host}:443"})),
            EgressPolicy(readable=("https://conda.corp.example/x",)),
        ):
            policy.check_channel_url(url)
            policy.check_index_url(url)

    @pytest.mark.parametrize("url", URLS)
    def test_one_channel_and_one_index(self, url: str) -> None:
        assert resolve_channels(url, "https://a.example")[0].url == self.URLS[0]
        assert resolve_index(url).url == self.URLS[0]

    @pytest.mark.parametrize("host", HOSTS)
    def test_one_destination(self, host: str) -> None:
        policy = EgressPolicy(named=frozenset({"https://conda.corp.example"}), networks=(ip_network("10.0.0.0/8"),))

        policy.check_destination(host, 443)
        policy.check_address("10.1.1.1", host=host, port=443)


class TestNamedHosts:
    """What an operator lets repositories call: at that port alone, and private only where networks say so."""

    POLICY = EgressPolicy(
        named=frozenset({"https://conda.corp.example", "http://nexus:8081"}),
        networks=(ip_network("10.0.0.0/8"), ip_network("169.254.0.0/16"), ip_network("fd00::/8")),
    )

    @pytest.mark.parametrize("url", ["https://conda.corp.example/x", "http://nexus:8081/x"])
    def test_may_be_named(self, url: str) -> None:
        self.POLICY.check_channel_url(url)
        self.POLICY.check_index_url(url)

    @pytest.mark.parametrize(
        "url",
        ["http://conda.corp.example/x", "https://conda.corp.example:8443/x", "http://nexus/x", "https://nexus:8081/x"],
    )
    def test_and_nothing_beside_them(self, url: str) -> None:
        with pytest.raises(EgressRefused):
            self.POLICY.check_channel_url(url)

    @pytest.mark.parametrize("address", ["10.1.2.3", "fd00::1", "1.1.1.1"])
    def test_may_lie_there(self, address: str) -> None:
        self.POLICY.check_address(address, host="conda.corp.example", port=443)
        self.POLICY.check_address(address, host="nexus", port=8081)

    @pytest.mark.parametrize(
        ("address", "host", "port"),
        [
            ("192.168.1.1", "conda.corp.example", 443),
            ("127.0.0.1", "nexus", 8081),
            ("169.254.169.254", "conda.corp.example", 443),
            ("169.254.1.1", "nexus", 8081),
            ("fd00:ec2::254", "nexus", 8081),
            ("10.1.2.3", "conda.anaconda.org", 443),
            ("10.1.2.3", "nexus", 80),
        ],
    )
    def test_may_not_lie_elsewhere(self, address: str, host: str, port: int) -> None:
        with pytest.raises(EgressRefused, match="not a public address"):
            self.POLICY.check_address(address, host=host, port=port)

    def test_a_github_of_the_operator_may_be_private_without_more(self) -> None:
        policy = EgressPolicy(trusted=frozenset({"https://github.corp.example/api/v3"}))

        policy.check_destination("github.corp.example", 443)
        policy.check_address("10.1.2.3", host="github.corp.example", port=443)
        for address in ("169.254.169.254", "fe80::1", "100.100.100.200", "168.63.129.16"):
            with pytest.raises(EgressRefused):
                policy.check_address(address, host="github.corp.example", port=443)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("s3://bucket/x", "CONDABOT_CREDENTIALS_FILE has no key for it, and CONDABOT_MIRRORS names no mirror"),
        (
            "oci://ghcr.example/x",
            "kind oci:// is read where the operator of this bot has set that up: CONDABOT_MIRRORS",
        ),
    ],
)
def test_buckets_and_registries_are_read_where_that_is_set_up(url: str, sentence: str) -> None:
    for policy in (APP, LOCAL):
        with pytest.raises(EgressRefused, match=sentence):
            policy.check_channel_url(url)

    EgressPolicy(readable=(url,)).check_channel_url(f"{url}/y")
    with pytest.raises(EgressRefused):
        EgressPolicy(readable=(url,)).check_channel_url(f"{url}y")


def test_files_of_what_is_read_for_a_repository_open_no_host() -> None:
    policy = EgressPolicy(readable=("https://index.corp.example/pypi",))

    assert not policy.allow_files_at("https://index.corp.example/pypi/a.whl")
    policy.check_file_url("https://index.corp.example/pypi/a.whl")
    assert policy.file_hosts == set()


def test_a_token_in_a_url_of_the_operator_refuses_nothing_else() -> None:
    policy = EgressPolicy(trusted=frozenset({f"https://m.example/t/{CANARY}/x"}))

    policy.check_channel_url("https://conda.anaconda.org/x")
    with pytest.raises(EgressRefused):
        policy.check_channel_url(f"https://m.example/t/{CANARY}/x")
