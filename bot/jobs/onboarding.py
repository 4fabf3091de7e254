"""Before it begins, condabot asks: by one pull request with a configuration, where nobody has asked for it yet.

Who has a configuration, or was ticked on its page, is worked on. Who was selected when the App was installed is asked.
Where the App is on all repositories, nobody is: they have peace until they ask, or until their organisation says
`onboarding: false`. Closed means no, for ever; what tells is the signed marker of the pull request that asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.github.client import Client
from bot.github.contents import BlobCache
from bot.github.model import PullRequest, PullRequestState
from bot.github.ours import Marker
from bot.github.overview import pulls_of_branch
from bot.jobs.calm import Situation
from bot.jobs.decide import Action, SeenRepository, decide, with_pulls
from bot.jobs.giving import give, organisation_of
from bot.jobs.neighbours import ReadNeighbour
from bot.jobs.writing import Work
from bot.rendering.names import branch_name
from bot.rendering.onboarding import PATH, Outlook, body
from bot.rendering.repository_report import RepositoryReport
from bot.updating.inspection import ONBOARDING, CheckWords, Inspected, Inspection, Introduction, Prepared, Words

HEADLINE = "adds a configuration, and nothing else"
NOTHING_YET = "nothing is to be done, so nobody is asked yet whether condabot may begin"


class Standing(StrEnum):
    """How far it is: nobody was asked yet, the question is open, people said no, or there is nothing to ask."""

    UNASKED = "unasked"
    ASKED = "asked"
    REFUSED = "refused"
    BEGUN = "begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class Onboarding:
    """How far it is with a repository, and the pull request by which it was asked, if it was."""

    standing: Standing
    pull: PullRequest | None = None

    @property
    def sentence(self) -> str:
        """Why nothing is proposed; empty if something may be."""
        number = f"#{self.pull.number}" if self.pull else ""
        match self.standing:
            case Standing.ASKED:
                return f"nothing else is proposed until {number} is merged, which asks whether condabot may begin"
            case Standing.REFUSED:
                return (
                    f"nothing is proposed, since {number}, which asked whether condabot may begin, was closed. "
                    f"A file `{PATH}` begins it, also an empty one"
                )
        return ""

    @property
    def report(self) -> RepositoryReport:
        """What there is to say of a repository that was asked."""
        is_open = self.pull is not None and self.standing is Standing.ASKED
        return RepositoryReport(
            open=(f"#{self.pull.number}: {self.pull.title}",) if self.pull and is_open else (), else_=(self.sentence,)
        )


NOTHING_TO_ASK = Onboarding(standing=Standing.BEGUN)


def onboarding(markers: Iterable[tuple[PullRequest, Marker]]) -> Onboarding:
    """Return how far it is, by the pull requests that the bot has ever opened, as far as they are known."""
    every = tuple(markers)
    asked = [pull for pull, marker in every if marker.key == ONBOARDING]
    for state, standing in (
        (PullRequestState.OPEN, Standing.ASKED),
        (PullRequestState.MERGED, Standing.BEGUN),
        (PullRequestState.CLOSED, Standing.REFUSED),
    ):
        if found := next((pull for pull in asked if pull.state is state), None):
            return Onboarding(standing=standing, pull=found)
    return NOTHING_TO_ASK if every else Onboarding(standing=Standing.UNASKED)


async def looked_up(client: Client, repository: SeenRepository) -> Onboarding:
    """Return how far it is with *repository*; what was decided long ago is asked of GitHub."""
    found = onboarding(repository.markers)
    if found.standing is not Standing.UNASKED:
        return found
    earlier = await pulls_of_branch(client, branch_name(repository.prefix, ONBOARDING))
    return onboarding(with_pulls(repository, earlier).markers)


async def is_invited(client: Client, inspection: Inspection, neighbour: ReadNeighbour | None) -> bool:
    """Tell whether the organisation wants condabot to begin in all its repositories, without asking in each."""
    if neighbour is None or await neighbour(organisation_of(client.repository.owner)) is None:
        return False
    if await give(client, (), inspection, BlobCache(), neighbour):
        return False
    return not (await inspection.manners()).onboarding


def asking(situation: Situation, introduction: Introduction, resting: Mapping[str, str]) -> Work:
    """Return the work of asking; *resting* says of what failed too often why it is not tried."""
    decision = decide(situation.repository, introduction.draft)
    return Work(
        decisions=(decision,),
        to_publish=(decision,) if decision.action is Action.OPEN and ONBOARDING not in resting else (),
        to_withdraw=(),
        waiting=(),
        unsolved=(),
        opens_at=None,
        why_not_more="",
        resting=resting,
    )


def outlook(situation: Situation, inspected: Inspected) -> Outlook:
    """Return what comes once the pull request that asks is merged."""
    limit, calm = situation.manners.limit, situation.calm
    return Outlook(
        wanted=len(inspected.drafts) + len(inspected.waiting),
        at_first=calm.limit_at_first if limit is None else limit,
        later=calm.limit if limit is None else limit,
        opens=_opens(situation),
    )


def _opens(situation: Situation) -> str:
    if not situation.schedule.windows:
        return "They are opened at any time."
    opens: datetime | None = situation.schedule.next_open(situation.local)
    if opens is None:
        return "The schedule never opens for others."
    return f"The others wait for the schedule, which opens next on {opens:%A, %Y-%m-%d from %H:%M} {opens.tzname()}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is published of the pull request that asks: `Publishable`, see there."""

    introduction: Introduction
    outlook: Outlook

    async def prepared(self, key: str) -> Prepared:
        """Return its commit message and its check: there is nothing in it that could be wrong."""
        del key
        draft = self.introduction.draft
        check = CheckWords(headline=HEADLINE, summary=f"{HEADLINE.capitalize()}.")
        return Prepared(message=f"{draft.title}\n", check=check, paths=(self.introduction.path,))

    async def text(self, key: str, path: str) -> bytes:
        """Return the configuration."""
        del key, path
        return self.introduction.configuration.encode()

    async def body(self, key: str, words: Words) -> str:
        """Return its words."""
        del key
        return body(self.introduction.findings, self.outlook, words.longest)
