"""How people write the commits of a repository: told by the latest ones of its default branch (pure).

What the bot wrote itself does not count, nor do merges, which nobody words.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from bot.github.model import BotIdentity, CommitWords

SEMANTIC: Final = re.compile(
    r"(build|chore|ci|deps|docs|feat|fix|perf|refactor|revert|style|test)(\([^()]{1,60}\))?!?: \S"
)
"""The types of https://www.conventionalcommits.org/ and of those that it names as examples."""

SIGNED_OFF: Final = re.compile(r"^Signed-off-by: .+ <.+>\s*$", re.MULTILINE)
"""https://developercertificate.org/, as `git commit --signoff` writes it."""

OF_A_BOT: Final = "[bot]@"
DCO_PATH: Final = ".github/dco.yml"
"""How the DCO App is configured, which asks for a sign-off: https://github.com/apps/dco."""


def is_semantic(latest: Iterable[CommitWords], bot: BotIdentity) -> bool:
    """Tell whether most of the *latest* commits have semantic titles."""
    written = _written(latest, bot)
    return _most(bool(SEMANTIC.match(each.headline)) for each in written)


def wants_sign_off(latest: Iterable[CommitWords], bot: BotIdentity, paths: Collection[str]) -> bool:
    """Tell whether commits are signed off: the DCO App is configured among *paths*, or most people do it.

    Other bots are not asked to, so theirs do not count.
    """
    people = [each for each in _written(latest, bot) if OF_A_BOT not in each.author_email]
    return DCO_PATH in paths or _most(bool(SIGNED_OFF.search(each.body)) for each in people)


def _written(latest: Iterable[CommitWords], bot: BotIdentity) -> Sequence[CommitWords]:
    return [each for each in latest if not each.is_merge and not bot.wrote(each.author_email)]


def _most(answers: Iterable[bool]) -> bool:
    found = list(answers)
    return sum(found) * 2 > len(found)
