"""A repository as a scan read it, before anything of it is decided."""

from dataclasses import dataclass

from bot.errors import BadInput
from bot.github.history import Version
from bot.github.model import Branch, RepositoryOverview, TreeEntry
from bot.jobs.base_branches import NO_OTHERS, BaseBranches
from bot.jobs.decide import SeenRepository
from bot.jobs.onboarding import NOTHING_TO_ASK, Onboarding
from bot.updating.inspection import Manners


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRepository:
    """A repository as it was read: the branch that everything is made on, its files, what is `wrong` in how it asks.

    `valid` is the version of its configuration that goes on meanwhile, if there is one. `onboarding` is how far it is
    with asking whether the bot may begin.
    """

    repository: SeenRepository
    base: Branch
    tree: tuple[TreeEntry, ...]
    manners: Manners
    wrong: tuple[BadInput, ...] = ()
    valid: Version | None = None
    onboarding: Onboarding = NOTHING_TO_ASK
    others: BaseBranches = NO_OTHERS
    opened: int = 0


def left_alone(seen: RepositoryOverview, *, is_asked: bool) -> str | None:
    """Return why nothing is done: forks and templates are never touched unless asked, and nobody writes to archives."""
    kinds = {
        "archived": seen.archived,
        "a fork": seen.fork and not is_asked,
        "a template": seen.template and not is_asked,
    }
    kind = next((kind for kind, applies in kinds.items() if applies), None)
    if kind:
        return f"left alone: the repository is {kind}"
    return None if seen.default_branch else "left alone: the repository is empty"


def default_branch(seen: RepositoryOverview) -> Branch:
    """Return the default branch of a repository that is not empty."""
    if seen.default_branch is None:
        raise ValueError("an empty repository has no default branch")
    return seen.default_branch
