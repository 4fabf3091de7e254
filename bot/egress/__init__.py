"""The one policy for outbound calls: which URLs may be channels or indexes, which addresses may be connected to.

`EgressPolicy` decides, `resolve_channels` and `resolve_index` turn what a manifest writes into a `Channel`, and
`EgressProxy` holds every client that honours proxy settings to the policy, on the addresses that names really resolve
to.
"""

from bot.egress.channels import CONDA_DEFAULTS, resolve_channels
from bot.egress.indexes import resolve_index
from bot.egress.policy import EgressPolicy
from bot.egress.proxy import EgressProxy
from bot.model.pypi_index import default_index_url
from bot.networks import CHANNEL_HOSTS

__all__ = [
    "CHANNEL_HOSTS",
    "CONDA_DEFAULTS",
    "EgressPolicy",
    "EgressProxy",
    "default_index_url",
    "resolve_channels",
    "resolve_index",
]
