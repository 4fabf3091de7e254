"""Say where one package stands in a repository, and why it is not newer: on the branch that a pull request is for."""

from dataclasses import dataclass, field
from functools import partial

from bot.clock import Clock
from bot.errors import CondabotError, GitHubUnavailable
from bot.github import changes, contents
from bot.github.auth import GitHubApp
from bot.github.contents import BlobCache
from bot.github.permissions import READ
from bot.github.references import tip
from bot.jobs.answer import Answer
from bot.jobs.giving import give, give_configured
from bot.jobs.meanwhile import configuration_of
from bot.jobs.neighbours import Neighbours, NoNeighbours
from bot.jobs.report import CommandAssignment
from bot.model.update import BranchName
from bot.rendering import answers
from bot.updating.inspection import Inspections


@dataclass(frozen=True, slots=True, kw_only=True)
class Explaining:
    """Explains packages. It reads nothing of what files hold: that is for `inspections`."""

    app: GitHubApp
    inspections: Inspections
    clock: Clock
    blobs: BlobCache = field(default_factory=BlobCache)
    neighbours: Neighbours = field(default_factory=NoNeighbours)

    async def explain(self, assignment: CommandAssignment) -> Answer:
        """Return what is said of the package that *assignment* asks about."""
        where, package = assignment.repository, assignment.command.command.argument
        try:
            async with (
                assignment.client(self.app, READ) as client,
                self.inspections.open(where.installation_id, where.repository_id) as inspection,
            ):
                change = await changes.change(client, assignment.command.number)
                base = await tip(client, BranchName(change.branch))
                tree = await contents.tree(client, base or change.base)
                neighbour = self.neighbours.of(where.installation_id, client.budget)
                hand = partial(give, client, inspection=inspection, blobs=self.blobs, neighbour=neighbour)
                await give_configured(hand, tree, configuration_of(tree))
                text = await inspection.explain(self.clock.now(), package)
        except GitHubUnavailable:
            raise
        except CondabotError as error:
            return Answer(text=answers.unexplained(package, str(error)), outcome=f"not explained: {error}")
        return Answer(text=answers.explained(package, change.branch, text), outcome=f"explained {package}")
