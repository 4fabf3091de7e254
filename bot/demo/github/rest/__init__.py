"""The REST API: one module per area of GitHub's documentation, and the table of all operations.

An operation is named as GitHub's description names it (`pulls/create`); its path, its parameters and the shape of its
answer are read from there.
"""

from bot.demo.github.rest import (
    apps,
    checks,
    code_scanning,
    comments,
    contents,
    deliveries,
    git_database,
    issues,
    people,
    pulls,
    references,
    releases,
    repositories,
)
from bot.demo.github.rest.call import Handler

HANDLERS: dict[str, Handler] = {
    **apps.HANDLERS,
    **checks.HANDLERS,
    **code_scanning.HANDLERS,
    **comments.HANDLERS,
    **contents.HANDLERS,
    **deliveries.HANDLERS,
    **git_database.HANDLERS,
    **issues.HANDLERS,
    **people.HANDLERS,
    **pulls.HANDLERS,
    **references.HANDLERS,
    **releases.HANDLERS,
    **repositories.HANDLERS,
}
