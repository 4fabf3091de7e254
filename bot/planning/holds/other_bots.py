"""What Renovate and Dependabot have proposed already: two pull requests for one line help nobody."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from bot.model.manifest import Dependency, PackageName
from bot.model.pull_request import OpenPullRequest
from bot.planning.holds.hold import Hold, HoldRule, HoldScope, Surroundings

_LONGEST: Final = 300
_BOT: Final = re.compile(r"(?:[\w-]+-)?(?P<name>renovate|dependabot)(?:-[\w-]+)?(?:\[bot\])?", re.IGNORECASE)
_BRANCHES: Final = re.compile(r"(?P<name>renovate|dependabot)", re.IGNORECASE)
_PROPOSES: Final = re.compile(
    r"\b(?:bump|update|upgrade|pin|replace)s? (?:dependency )?(?P<names>.+?)(?= from | to | in /|$)", re.IGNORECASE
)
_NAME: Final = re.compile(r"[a-z0-9_][a-z0-9._-]*+")


def already_proposed(dependency: Dependency, surroundings: Surroundings) -> Hold | None:
    """An open pull request of another bot that names the package and changes the file."""
    pull_request = surroundings.proposed.get(dependency.name)
    if pull_request is None:
        return None
    sentence = f"pull request {pull_request.number} of {_bot(pull_request)} is open for it"
    return Hold(rule=HoldRule.ALREADY_PROPOSED, sentence=sentence, scope=HoldScope.ALL)


def of_other_bots(pull_requests: Iterable[OpenPullRequest]) -> tuple[OpenPullRequest, ...]:
    """Return those of *pull_requests* that Renovate or Dependabot opened."""
    return tuple(each for each in pull_requests if _bot(each))


def proposed_by_others(path: str, pull_requests: Iterable[OpenPullRequest]) -> Mapping[PackageName, OpenPullRequest]:
    """Return the packages that pull requests of other bots move in the file at *path*, by what their titles say."""
    return {
        name: each
        for each in of_other_bots(pull_requests)
        if path in each.files
        for name in _packages(each.title[:_LONGEST])
    }


def _bot(pull_request: OpenPullRequest) -> str:
    """Return the bot that opened it, by its login, else by the folder of its branch; empty if it is somebody else's."""
    folder = pull_request.branch.partition("/")[0]
    found = _BOT.fullmatch(pull_request.author[:_LONGEST]) or _BRANCHES.fullmatch(folder)
    return found["name"].lower() if found else ""


def _packages(title: str) -> frozenset[PackageName]:
    """Return what `Bump numpy from 1.26 to 2.0` or `Update dependency numpy to v2` names; none for a group's title."""
    found = _PROPOSES.search(title)
    if found is None or re.search(r"\bgroup\b", found["names"]):
        return frozenset()
    return frozenset(PackageName(each) for each in _NAME.findall(found["names"].lower()) if each != "and")
