"""How an inspection gets the files that it wants of one commit."""

from collections.abc import Sequence

from bot.errors import BadInput, ConfigurationError
from bot.github import contents
from bot.github.client import Client
from bot.github.contents import BlobCache
from bot.github.model import TreeEntry
from bot.updating.inspection import Inspection


async def give(
    client: Client, tree: Sequence[TreeEntry], inspection: Inspection, blobs: BlobCache
) -> tuple[BadInput, ...]:
    """Give every file that is wanted, each once; return what is wrong in the configuration, which ends it."""
    entries = {entry.path: entry for entry in tree}
    try:
        wanted = await inspection.listed({path: entry.size for path, entry in entries.items()})
        while found := [entries.pop(path) for path in wanted if path in entries]:
            wanted = await inspection.given(await contents.read(client, found, blobs))
    except ConfigurationError as error:
        return error.problems
    return ()
