"""How the parts of the App are put together."""

from collections.abc import MutableMapping
from pathlib import Path

import pytest

from bot.composition import service
from bot.composition.egress import egress_policy
from bot.composition.service import PROXY_VARIABLES, branch_prefix, guarded
from bot.egress import CHANNEL_HOSTS, EgressPolicy
from bot.errors import EgressRefused
from bot.github.throttle import GITHUB_PACE, LOCAL_PACE
from bot.settings import PYPI_MAPPING, AppSettings, ChannelSettings, Mirror, PypiSettings, Settings

MIRROR = Mirror(canonical="https://conda.example/internal", url="http://mirror.example/internal")
CHANNELS = ChannelSettings(channel_alias="https://alias.example", mirrors=(MIRROR,))


def app(api: str = "https://api.github.com") -> AppSettings:
    return AppSettings(
        app_id="77", private_key="a key", webhook_secrets=("s" * 32,), slug="acme-condabot", github_api=api
    )


def settings(tmp_path: Path) -> Settings:
    return Settings(channels=CHANNELS, data_dir=tmp_path, app=app())


def test_branches_are_below_the_apps_own_slug() -> None:
    assert branch_prefix(app()) == "acme-condabot/"


def test_repositories_may_name_public_channels_and_those_of_the_operator_but_no_mirror() -> None:
    policy = egress_policy(CHANNELS, PypiSettings())

    assert policy.hosts > CHANNEL_HOSTS | {"alias.example", "conda.example"}
    policy.check_channel_url("https://conda.example/internal")
    with pytest.raises(EgressRefused):
        policy.check_channel_url("http://mirror.example/internal")


def test_an_index_of_the_operator_takes_the_place_of_the_usual_one() -> None:
    url = "http://index.example/simple"

    policy = egress_policy(CHANNELS, PypiSettings(index_url=url))

    assert policy.hosts == CHANNEL_HOSTS | {"alias.example", "conda.example", "index.example"}
    assert policy.trusted == {url}


def test_a_mapping_of_the_operator_may_be_private_and_the_usual_one_may_not() -> None:
    usual = egress_policy(CHANNELS, PypiSettings(mapping_url=PYPI_MAPPING))
    own = egress_policy(CHANNELS, PypiSettings(mapping_url="http://mapping.example"))

    assert "conda-mapping.prefix.dev" in usual.hosts
    assert (sorted(usual.trusted), sorted(own.trusted)) == ([], ["http://mapping.example"])


async def test_a_process_and_its_children_go_through_a_proxy_while_it_is_guarded(tmp_path: Path) -> None:
    environment: MutableMapping[str, str] = {"PATH": "/bin"}

    async with guarded(settings(tmp_path), app(), environment, EgressPolicy()) as seen:
        assert {name: seen[name].startswith("http://127.0.0.1:") for name in PROXY_VARIABLES} == dict.fromkeys(
            PROXY_VARIABLES, True
        )

    assert environment == {"PATH": "/bin"}


async def test_the_proxy_of_an_operator_stays(tmp_path: Path) -> None:
    environment: MutableMapping[str, str] = {"https_proxy": "http://proxy.example:3128"}

    async with guarded(settings(tmp_path), app(), environment, EgressPolicy()) as seen:
        assert dict(seen) == {"https_proxy": "http://proxy.example:3128"}


@pytest.mark.parametrize(
    ("api", "pace"),
    [
        pytest.param("https://api.github.com", GITHUB_PACE, id="GitHub limits"),
        pytest.param("http://127.0.0.1:8080", LOCAL_PACE, id="a GitHub on this machine does not"),
    ],
)
def test_pace(api: str, pace: object) -> None:
    assert service._pace(app(api)) is pace
