"""Look at a change that people propose, and say beside it what it does to the environments of the repository.

A pull request, from the repository or from a fork, or the commit that a merge queue is about to merge. Only files are
read, at its head and where it began, and nothing of them is run. What touches nothing costs two requests and the
question whether somebody waits for an answer, which is free while that has not changed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from bot.clock import Clock
from bot.errors import BadInput, CondabotError, GitHubError, GitHubUnavailable
from bot.github import changes, checks, contents
from bot.github.auth import GitHubApp
from bot.github.client import Client
from bot.github.contents import BlobCache
from bot.github.model import Oid, TreeEntry
from bot.github.permissions import PROPOSED, SOURCE, TELL
from bot.jobs.conflicts import locks_in_conflict
from bot.jobs.gate import Gate, OpenGate
from bot.jobs.giving import give
from bot.jobs.meanwhile import configuration_of, with_configuration
from bot.jobs.neighbours import Neighbours, NoNeighbours
from bot.jobs.onboarding import is_invited
from bot.jobs.report import LookAssignment, RunReport
from bot.jobs.scan import UNINVITED
from bot.jobs.telling import CHECK_NAME
from bot.model.change_report import Judgement
from bot.model.command import Command, Verb
from bot.model.report import Problem
from bot.rendering.change_report import conflict_headline, conflict_words
from bot.rendering.markdown import plain
from bot.rendering.room import PARAGRAPH
from bot.store.commands import CONFLICT, RELOCK, PullCommand
from bot.updating.inspection import Inspection, Inspections, Looked
from bot.updating.read.relevance import is_configured, is_relevant, names_any

UNTOUCHED = "nothing that condabot manages is touched"
CANNOT = "this cannot be looked at"
EXTERNAL_ID = "look"
"""Ours for the check of a change: `repository` is the one on the head of the default branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """Two commits: what is proposed, and what it is to go into. Whether it `matters` the paths that differ may tell.

    GitHub found that it is in conflict with the branch `against`, if that is not empty.
    """

    base: Oid
    head: Oid
    matters: bool
    here: bool = False
    against: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What is to be said beside the commit `head`; it is `here` if it is of a branch of the repository itself."""

    head: Oid
    looked: Looked
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLook:
    """The use case; called with an assignment. It reads nothing of what files hold: that is for `inspections`."""

    app: GitHubApp
    inspections: Inspections
    clock: Clock
    blobs: BlobCache = field(default_factory=BlobCache)
    gate: Gate = field(default_factory=OpenGate)
    neighbours: Neighbours = field(default_factory=NoNeighbours)

    async def __call__(self, assignment: LookAssignment) -> RunReport:
        """Look at the change and say what there is to say, unless there is nothing or nobody may say it."""
        if lacks := assignment.missing({"checks": "write"}):
            return RunReport(outcomes=tuple(lacks))
        told = await self._proposed(assignment) if assignment.look.number else _of_queue(assignment)
        if isinstance(told, _Compared):
            told = await self._compared(assignment, told)
        return RunReport(outcomes=(told,)) if isinstance(told, str) else await self._tell(assignment, told)

    async def _proposed(self, assignment: LookAssignment) -> _Compared | _Told | str:
        """Return what there is to compare in a pull request, or what there is to say without that."""
        number = assignment.look.number
        async with assignment.client(self.app, PROPOSED) as client:
            change = await changes.change(client, number)
            if not change.is_open:
                return f"{assignment.look.words} is closed"
            listed = change.files <= changes.MOST_PATHS  # else all files of both commits are compared
            if listed and not _matters(assignment, await changes.changed_paths(client, number)):
                if await changes.requires(client, change.branch, CHECK_NAME):
                    return _Told(head=change.head, looked=_untouched())
                return UNTOUCHED
        here = change.head_repository == assignment.repository.repository_id
        against = change.branch if change.conflicted else ""
        return _Compared(base=change.base, head=change.head, matters=listed, here=here, against=against)

    async def _compared(self, assignment: LookAssignment, compared: _Compared) -> _Told | str:
        """Return what is to be said of the difference; also that nothing can be."""
        where = assignment.repository
        try:
            async with (
                assignment.client(self.app, SOURCE) as client,
                self.inspections.open(where.installation_id, where.repository_id) as inspection,
            ):
                looked = await self._looked(assignment, compared, client, inspection)
        except GitHubUnavailable:
            raise
        except GitHubError as error:
            if error.status is not None:
                raise
            looked = _cannot(error)
        except CondabotError as error:
            looked = _cannot(error)
        return looked if isinstance(looked, str) else _Told(head=compared.head, looked=looked, here=compared.here)

    async def _looked(
        self, assignment: LookAssignment, compared: _Compared, client: Client, inspection: Inspection
    ) -> Looked | str:
        began = await changes.merge_base(client, compared.base, compared.head)
        before, after = await contents.tree(client, began), await contents.tree(client, compared.head)
        if not compared.matters and not _matters(assignment, _differing(before, after)):
            return _untouched()
        neighbour = self.neighbours.of(assignment.repository.installation_id, client.budget)
        configured = is_configured(each.path for each in (*before, *after))
        if assignment.uninvited and not configured and not await is_invited(client, inspection, neighbour):
            return UNINVITED
        configuration = configuration_of(before)
        given = partial(give, client, inspection=inspection, blobs=self.blobs, neighbour=neighbour)
        if await given(before):
            configuration = ()
            await given(with_configuration(before, configuration))
        wrong = await given(after)
        if wrong:  # the last valid one goes on meanwhile
            await given(with_configuration(after, configuration))
        is_ours = configuration_of(before) != configuration_of(after)
        looked = await inspection.look(self.clock.now(), tuple(map(_problem, wrong)) if is_ours else ())
        if not compared.against:
            return looked
        paths = await locks_in_conflict(client, inspection, self.blobs, head=compared.head, branch=compared.against)
        return _with_conflict(looked, paths, compared.against) if paths else looked

    async def _tell(self, assignment: LookAssignment, told: _Told) -> RunReport:
        """Show what there is to say beside the commit; the check that is there is changed if it says something else."""
        looked = told.looked
        if sentence := await self.gate.why_not(assignment.repository):
            return RunReport(outcomes=(f"not written, since {sentence}: would say {looked.headline}",))
        result = checks.CheckResult(
            conclusion=checks.Conclusion(looked.judgement),
            title=looked.headline,
            summary=looked.summary,
            annotations=tuple(
                checks.Annotation(path=each.path, line=each.line, message=each.message, level=_level(each.is_failure))
                for each in looked.notes
            ),
            buttons=(_button(assignment.look.number),) if looked.stale and assignment.look.number else (),
        )
        async with assignment.client(self.app, TELL) as client:
            await checks.report(client, name=CHECK_NAME, head=told.head, external_id=EXTERNAL_ID, result=result)
        said = f"said {looked.judgement} beside {told.head[:7]}: {looked.headline}"
        return RunReport(outcomes=(said,), command=_unasked(assignment, told))


def _button(number: int) -> checks.Button:
    return checks.Button(label="Relock", description="Solve the locks on the merge", identifier=f"{RELOCK}{number}")


def _unasked(assignment: LookAssignment, told: _Told) -> PullCommand | None:
    """Return what needs nobody to ask for it: whoever may push to the repository has pushed a lock in conflict."""
    if not (told.here and told.looked.conflicted and assignment.may("contents")):
        return None
    return PullCommand(
        repository=assignment.repository,
        number=assignment.look.number,
        source=f"{CONFLICT}{told.head}",
        command=Command(verb=Verb.RELOCK),
    )


def _of_queue(assignment: LookAssignment) -> _Compared:
    look = assignment.look
    return _Compared(base=Oid(look.base), head=Oid(look.head), matters=False)


def _matters(assignment: LookAssignment, paths: Sequence[str]) -> bool:
    return any(map(is_relevant, paths)) or names_any(assignment.paths, paths)


def _differing(before: Iterable[TreeEntry], after: Iterable[TreeEntry]) -> Sequence[str]:
    return [each.path for each in {*before} ^ {*after}]


def _untouched() -> Looked:
    return Looked(headline=UNTOUCHED, summary=f"{UNTOUCHED.capitalize()}.", judgement=Judgement.SUCCESS)


def _with_conflict(looked: Looked, paths: Sequence[str], branch: str) -> Looked:
    """Return what is said where the branch moved: nobody did that here, so it lets no check fail."""
    is_failure = looked.judgement is Judgement.FAILURE
    return replace(
        looked,
        headline=looked.headline if is_failure else conflict_headline(paths, branch),
        summary=PARAGRAPH.join((conflict_words(paths, branch), looked.summary)),
        judgement=looked.judgement if is_failure else Judgement.NEUTRAL,
        stale=True,
    )


def _cannot(error: CondabotError) -> Looked:
    return Looked(headline=CANNOT, summary=plain(str(error)), judgement=Judgement.NEUTRAL)


def _problem(error: BadInput) -> Problem:
    return Problem(path=error.path, sentence=error.sentence, line=error.line)


def _level(is_failure: bool) -> checks.AnnotationLevel:  # noqa: FBT001 -- a field of a note
    return checks.AnnotationLevel.FAILURE if is_failure else checks.AnnotationLevel.WARNING
