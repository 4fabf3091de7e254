"""Carry out what somebody asked for in a pull request, and answer there.

Who may write to the repository may ask: GitHub is asked about that each time, and nobody else gets more than a face.
What was asked with a comment is done once, however often GitHub tells of it: the answer carries a key, and is looked
for first. There is one for each command, which is changed where it has to say something else.
"""

from dataclasses import dataclass, replace
from typing import Final

from bot.clock import Clock
from bot.github import changes, comments, pulls
from bot.github.auth import GitHubApp
from bot.github.client import Client
from bot.github.collaborators import may_write
from bot.github.comments import Reaction
from bot.github.model import BotIdentity, PullRequest, PullRequestState
from bot.github.ours import Marker, MarkerKeys, MarkerPlace, render_marker, without_markers
from bot.github.overview import branches_below, identity, overview
from bot.github.permissions import ANSWER, LIST, PROPOSED, READ
from bot.jobs.answer import Answer
from bot.jobs.dashboard import OF_DASHBOARD, Dashboards
from bot.jobs.decide import SeenRepository
from bot.jobs.explain import Explaining
from bot.jobs.gate import Gate
from bot.jobs.relock import Relocking
from bot.jobs.report import CommandAssignment, RunReport
from bot.model.command import Command, Verb
from bot.rendering import answers
from bot.store.commands import BOX, CONFLICT, PullCommand
from bot.store.wants import Priority, Want

ASKED_BEFORE: Final = "answered before"
LATER: Final = 600
"""Seconds until it is tried again where nothing may be written."""

NOT_ALLOWED: Final = "not done: who asked may not write to this repository"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """The use case; called with an assignment."""

    app: GitHubApp
    keys: MarkerKeys
    prefix: str
    clock: Clock
    gate: Gate
    relocking: Relocking
    explaining: Explaining

    async def __call__(self, assignment: CommandAssignment) -> RunReport:
        """Do what was asked for, if whoever asked may, and say what came of it."""
        asked = assignment.command
        if lacks := assignment.missing({"pull_requests": "write"}):
            return RunReport(outcomes=tuple(lacks))
        if sentence := await self.gate.why_not(assignment.repository):
            return RunReport(outcomes=(f"not done yet, since {sentence}: {asked.words}",), again_after=LATER)
        async with assignment.client(self.app, PROPOSED if asked.comment_id else LIST) as client:
            bot = await identity(client)
            if asked.comment_id and await comments.is_said(
                client, asked.number, key=_key(asked), author_id=bot.user_id
            ):
                return RunReport(outcomes=(ASKED_BEFORE,))
            is_allowed = not asked.login or await may_write(client, asked.login, asked.user_id)
        if not is_allowed:
            await self._refuse(assignment)
            return RunReport(outcomes=(NOT_ALLOWED,))
        if asked.command.verb in OF_DASHBOARD:
            return await Dashboards(app=self.app, keys=self.keys).noted(assignment, bot)
        return await self._carried_out(assignment, bot)

    async def _carried_out(self, assignment: CommandAssignment, bot: BotIdentity) -> RunReport:
        asked = assignment.command
        async with assignment.client(self.app, ANSWER) as client:
            if asked.comment_id:
                await comments.react(client, asked.comment_id, Reaction.SEEN)
            answer = await self._answer(assignment, client)
            if answer.text:
                await comments.say(client, asked.number, key=_key(asked), text=answer.text, author_id=bot.user_id)
        return RunReport(outcomes=(answer.outcome,), wants=answer.wants)

    async def _refuse(self, assignment: CommandAssignment) -> None:
        """Show that it was seen, and not done: whoever may not write cannot have the bot write."""
        if comment_id := assignment.command.comment_id:
            async with assignment.client(self.app, ANSWER) as client:
                await comments.react(client, comment_id, Reaction.NO)

    async def _answer(self, assignment: CommandAssignment, client: Client) -> Answer:
        command = assignment.command.command
        match command.verb:
            case Verb.RELOCK:
                return await self._relocked(assignment, client)
            case Verb.EXPLAIN:
                return await self.explaining.explain(assignment)
            case Verb.REBUILD | Verb.IGNORE:
                return await self._of_own(assignment, client)
            case _:
                return Answer(text=answers.help_text(command.argument), outcome="said what there is to ask for")

    async def _relocked(self, assignment: CommandAssignment, client: Client) -> Answer:
        """Solve the locks of a pull request. One of the bot's is made afresh, unless a person has committed to it.

        Then it is theirs: what the bot puts on top would make the branch look like its own again.
        """
        bot = await identity(client)
        change = await changes.change(client, assignment.command.number)
        if change.author_id != bot.user_id or change.head_repository != assignment.repository.repository_id:
            return await self.relocking.relock(assignment, may_push=True)
        command = replace(assignment.command, command=Command(verb=Verb.REBUILD))
        afresh = await self._of_own(replace(assignment, command=command), client)
        return afresh if afresh.wants else await self.relocking.relock(assignment, may_push=False)

    async def _of_own(self, assignment: CommandAssignment, client: Client) -> Answer:
        """Do what may be asked for in the bot's own pull requests."""
        asked = assignment.command
        async with assignment.client(self.app, READ) as reading:
            found = await overview(reading, prefix=self.prefix)
            seen = SeenRepository(overview=found, keys=self.keys, prefix=self.prefix)
            pull = next((each for each in found.pulls if each.number == asked.number and seen.is_ours(each)), None)
            branches = await branches_below(reading, pull.head) if pull else ()
        if pull is None:
            return Answer(text=answers.NOT_OURS[asked.command.verb], outcome="not done: it is a person's own")
        if pull.state is not PullRequestState.OPEN:
            return Answer(text=answers.CLOSED, outcome="not done: it is closed")
        marker = seen.marker(pull)
        if marker is None:
            return Answer(text=answers.NO_MARKER, outcome="not done: it has no marker")
        if asked.command.verb is Verb.IGNORE:
            return await _declined(client, asked, marker)
        if not any(each.name == pull.head and seen.is_pristine(each) for each in branches):
            return Answer(text=answers.EDITED, outcome="not done: a person has committed to it")
        return await self._rebuilt(client, asked, pull, replace(marker, rebuild=True))

    async def _rebuilt(self, client: Client, asked: PullCommand, pull: PullRequest, marker: Marker) -> Answer:
        """Note in the pull request that it is to be made afresh: the scan that follows reads it there."""
        place = MarkerPlace(repository_id=client.repository.id, branch=pull.head)
        signed = render_marker(marker, place, self.keys)
        await pulls.say_in_body(client, pull.number, f"{without_markers(pull.body)}\n\n{signed}")
        why = Want(priority=Priority.PERSON, reason=f"pull request #{pull.number} is to be made afresh")
        text = "" if asked.source == BOX else answers.afresh(pull.base)
        return Answer(text=text, outcome=f"#{pull.number} is made afresh", wants=why)


async def _declined(client: Client, asked: PullCommand, marker: Marker) -> Answer:
    await pulls.close(client, asked.number)
    names = list(dict.fromkeys(each.name for each in marker.versions))
    why = Want(priority=Priority.PERSON, reason=f"pull request #{asked.number} was declined")
    text = answers.declined(names, asked.command.argument)
    return Answer(text=text, outcome=f"#{asked.number} is declined", wants=why)


def _key(asked: PullCommand) -> str:
    """Return what its answer is found by: of locks in conflict there is one for each pull request."""
    return CONFLICT.rstrip("-") if asked.source.startswith(CONFLICT) else asked.source
