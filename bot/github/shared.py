"""What a repository shares with others of its account: a file on its default branch."""

from collections.abc import Sequence

import msgspec

from bot.errors import GitHubError
from bot.github.client import Client

QUERY = """
query($id: ID!, $first: String!, $second: String!) {
  node(id: $id) {
    ... on Repository {
      first: object(expression: $first) { ...file }
      second: object(expression: $second) { ...file }
    }
  }
}
fragment file on Blob { text isTruncated }
"""


class _File(msgspec.Struct, rename="camel"):
    """A blob; any other object is an empty one. The text of a binary one is None, that of a large one is cut."""

    text: str | None = None
    is_truncated: bool = False


class _Files(msgspec.Struct):
    first: _File | None = None
    second: _File | None = None


class _Answer(msgspec.Struct):
    node: _Files | None = None


async def shared_configuration(client: Client, paths: Sequence[str]) -> bytes | None:
    """Return the first of one or two *paths* that is a file of the repository; None if none of them is.

    Raises:
        GitHubError: GitHub refused, or the file is larger than GitHub gives whole.

    """
    variables = {"id": client.repository.node_id, "first": f"HEAD:{paths[0]}", "second": f"HEAD:{paths[-1]}"}
    found = (await client.query(QUERY, _Answer, variables)).node or _Files()
    file = next((each for each in (found.first, found.second) if each and each.text is not None), None)
    if file is None or file.text is None:
        return None
    if file.is_truncated:
        raise GitHubError(f"{paths[0]} of {client.repository.owner}/{client.repository.name} is too large")
    return file.text.encode()
