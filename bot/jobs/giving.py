"""How an inspection gets the files that it wants of one commit, and what other repositories say."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from bot.errors import BadInput, ConfigurationError
from bot.github import contents
from bot.github.client import Client
from bot.github.contents import BlobCache
from bot.github.model import TreeEntry
from bot.jobs.meanwhile import with_configuration
from bot.jobs.neighbours import ReadNeighbour
from bot.model.repository_preset import OF_REPOSITORY
from bot.updating.inspection import Inspection


async def give(
    client: Client,
    tree: Sequence[TreeEntry],
    inspection: Inspection,
    blobs: BlobCache,
    neighbour: ReadNeighbour | None = None,
) -> tuple[BadInput, ...]:
    """Give every file that is wanted, each once; return what is wrong in the configuration, which ends it.

    A *neighbour* that is wanted is another repository: first of all the one in which the owner speaks for all of them.
    """
    entries = {entry.path: entry for entry in tree if not entry.path.startswith(OF_REPOSITORY)}
    sizes = {path: entry.size for path, entry in entries.items()}
    if neighbour:
        organisation = organisation_of(client.repository.owner)
        sizes[organisation] = len(await neighbour(organisation) or b"")
    asked = set[str]()
    try:
        wanted = await inspection.listed(sizes)
        while True:
            found = [entries.pop(path) for path in wanted if path in entries]
            names = [path for path in wanted if path.startswith(OF_REPOSITORY) and path not in asked]
            if not found and not names:
                return ()
            asked.update(names)
            said = await _said(names, neighbour)
            wanted = await inspection.given({**said, **await contents.read(client, found, blobs)})
    except ConfigurationError as error:
        return error.problems


async def give_configured(
    hand: Callable[[Sequence[TreeEntry]], Awaitable[Sequence[BadInput]]],
    tree: Iterable[TreeEntry],
    configuration: Iterable[TreeEntry],
) -> None:
    """Have *hand* give *tree* with that *configuration* in place of its own; with none if it is wrong."""
    entries = tuple(tree)
    if await hand(with_configuration(entries, configuration)):
        await hand(with_configuration(entries, ()))


async def _said(names: Sequence[str], neighbour: ReadNeighbour | None) -> Mapping[str, bytes]:
    if neighbour is None:
        return {}
    return {name: content for name in names if (content := await neighbour(name)) is not None}


def organisation_of(owner: str) -> str:
    """Return the repository in which *owner* speaks for all repositories of the account."""
    return f"{OF_REPOSITORY}{owner}/.github"
