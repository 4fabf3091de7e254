"""What Renovate and Dependabot have proposed already: two pull requests for one line help nobody."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from bot.model.manifest import Dependency, PackageName
from bot.planning.holds.hold import Hold, HoldRule, HoldScope, OpenPullRequest, Surroundings

_LONGEST: Final = 300
_BOT: Final = re.compile(r"(?:[\w-]+-)?(?P<name>renovate|dependabot)(?:-[\w-]+)?(?:\[bot\])?", re.IGNORECASE)
_PROPOSES: Final = re.compile(
    r"\b(?:bump|update|upgrade|pin|replace)s? (?:dependency )?(?P<names>.+?)(?= from | to | in /|$)", re.IGNORECASE
)
_NAME: Final = re.compile(r"[a-z0-9_][a-z0-9._-]*+")


def already_proposed(dependency: Dependency, surroundings: Surroundings) -> Hold | None:
    """An open pull request of another bot that names the package and changes the file."""
    pull_request = surroundings.proposed.get(dependency.name)
    found = _BOT.fullmatch(pull_request.author) if pull_request else None
    if pull_request is None or found is None:
        return None
    sentence = f"pull request {pull_request.number} of {found['name'].lower()} is open for it"
    return Hold(rule=HoldRule.ALREADY_PROPOSED, sentence=sentence, scope=HoldScope.ALL)


def proposed_by_others(path: str, pull_requests: Iterable[OpenPullRequest]) -> Mapping[PackageName, OpenPullRequest]:
    """Return the packages that pull requests of other bots move in the file at *path*, by what their titles say."""
    return {
        name: each
        for each in pull_requests
        if path in each.files and _BOT.fullmatch(each.author[:_LONGEST])
        for name in _packages(each.title[:_LONGEST])
    }


def _packages(title: str) -> frozenset[PackageName]:
    """Return what `Bump numpy from 1.26 to 2.0` or `Update dependency numpy to v2` names; none for a group's title."""
    found = _PROPOSES.search(title)
    if found is None or re.search(r"\bgroup\b", found["names"]):
        return frozenset()
    return frozenset(PackageName(each) for each in _NAME.findall(found["names"].lower()) if each != "and")
