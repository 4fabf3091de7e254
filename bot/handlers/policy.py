"""What decides whether an event matters, beside the event."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookPolicy:
    """`is_relevant` says whether a file by its path may be a manifest, a lock or a configuration.

    `branch_prefix` is that of the bot's own branches, such as `condabot/`; `bot` the login of its account.
    """

    is_relevant: Callable[[str], bool]
    branch_prefix: str
    bot: str
