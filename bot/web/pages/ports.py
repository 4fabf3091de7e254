"""What the pages are made of."""

from dataclasses import dataclass, field

from bot.clock import Clock
from bot.github.people import People
from bot.store.database import Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesSetup:
    """What the pages are made of. `reading` is a pool of their own: a slow page makes no delivery wait.

    `url` is the address at which people reach them; without `people` only the operator signs in, without a token only
    people.
    """

    pool: Pool
    reading: Pool
    clock: Clock
    webhook_secrets: tuple[str, ...] = field(repr=False)
    operator_token: str = field(default="", repr=False)
    people: People | None = None
    url: str = ""
    github: str = "https://github.com"
