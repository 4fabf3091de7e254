"""How the parts of the App are put together."""

import pytest

from bot.composition import service
from bot.composition.budgets import StoredBudgets
from bot.composition.egress import egress_policy as composed
from bot.composition.scanning import branch_prefix
from bot.egress import CHANNEL_HOSTS, EgressPolicy
from bot.errors import EgressRefused
from bot.github.throttle import Throttles
from bot.jobs.calm import AT_ONCE, Calm
from bot.settings import PYPI_MAPPING, AppSettings, ChannelSettings, EgressSettings, Mirror, PypiSettings
from bot.store.database import make_pool
from tests.clocks import ManualClock

MIRROR = Mirror(canonical="https://conda.example/internal", url="http://mirror.example/internal")
CHANNELS = ChannelSettings(channel_alias="https://alias.example", mirrors=(MIRROR,))


def app(api: str = "https://api.github.com") -> AppSettings:
    return AppSettings(
        app_id="77", private_key="a key", webhook_secrets=("s" * 32,), slug="acme-condabot", github_api=api
    )


def test_branches_are_below_the_apps_own_slug() -> None:
    assert branch_prefix(app().slug) == "acme-condabot/"


def egress_policy(channels: ChannelSettings, indexes: PypiSettings) -> EgressPolicy:
    return composed(channels, indexes, EgressSettings())


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


@pytest.mark.parametrize(
    ("api", "budgets", "calm"),
    [
        pytest.param("https://api.github.com", StoredBudgets, Calm(), id="GitHub limits, and people are disturbed"),
        pytest.param("http://127.0.0.1:8080", Throttles, AT_ONCE, id="a GitHub on this machine does not"),
    ],
)
def test_a_github_on_this_machine_limits_nobody(api: str, budgets: type, calm: Calm) -> None:
    pool = make_pool("postgresql://nowhere.example/none")

    assert isinstance(service._budgets(app(api), pool, ManualClock()), budgets)
    assert service._calm(app(api)) == calm
