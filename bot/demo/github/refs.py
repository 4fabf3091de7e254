"""Moving references: the one place where a branch changes.

https://docs.github.com/en/rest/git/refs
https://docs.github.com/en/graphql/reference/mutations#updaterefs
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from bot.demo.github import check_suites, pull_requests
from bot.demo.github.errors import RefRejectedError
from bot.demo.github.events import Pushed
from bot.demo.github.model import ZERO_OID, Account, AccountKind
from bot.demo.github.repository import RefUpdate, Repository


def update(repository: Repository, updates: Sequence[RefUpdate], sender: Account) -> None:
    """Move all references of *updates*, or none.

    Raises RefRejectedError when one is not where `before` says, would lose commits without `force`, has a name git
    refuses, or is a branch that would not point to a commit.
    """
    for each in updates:
        _check(repository, each)
        _check_rules(repository, each, sender)
    moves = [(each.name, repository.git.target(each.name) or ZERO_OID, each.after) for each in updates]
    real = [move for move in moves if move[1] != move[2]]
    for name, _, after in real:
        repository.git.point(name, None if after == ZERO_OID else after)
    for name, before, after in real:
        announce(repository, name, before, after, sender)


def announce(repository: Repository, name: str, before: str, after: str, sender: Account) -> None:
    """Send the push webhook for a reference that has moved and let pull requests follow."""
    repository.pushed_at = repository.world.now()
    repository.world.announce(
        Pushed(repository=repository.full_name, sender=sender, ref=name, before=before, after=after)
    )
    check_suites.ask(repository, name, before, after, sender)
    pull_requests.follow(repository, name, before, after, sender)


def _check(repository: Repository, update: RefUpdate) -> None:
    current = repository.git.target(update.name) or ZERO_OID
    if not repository.git.valid_name(update.name):
        raise RefRejectedError(f"{update.name} is not a valid ref name.")
    if update.before is not None and update.before != current:
        raise RefRejectedError(
            f'Expected {update.name} to point to "{update.before}" but it points to "{current}". Pull and try again.'
        )
    if update.after == ZERO_OID:
        _check_deletion(repository, update.name, current)
        return
    if not repository.git.exists(update.after):
        raise RefRejectedError("Object does not exist")
    if update.name.startswith("refs/heads/") and repository.git.kind(update.after) != "commit":
        raise RefRejectedError("Object is not a commit")
    if current != ZERO_OID and not update.force and not repository.git.is_ancestor(current, update.after):
        raise RefRejectedError("Update is not a fast forward")


def _check_rules(repository: Repository, update: RefUpdate, sender: Account) -> None:
    """Refuse what a ruleset of the repository keeps Apps from.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/available-rules-for-rulesets
    """
    branch = update.name.removeprefix("refs/heads/")
    if sender.kind is AccountKind.BOT and any(fnmatchcase(branch, each) for each in repository.rejected_branches):
        raise RefRejectedError("Repository rule violations found\n\nCannot update this protected ref.")


def _check_deletion(repository: Repository, name: str, current: str) -> None:
    if current == ZERO_OID:
        raise RefRejectedError("Reference does not exist")
    if name == f"refs/heads/{repository.default_branch}":
        raise RefRejectedError("Cannot delete the default branch")
