"""What a repository shares with others of its account: the `condabot.yml` on its default branch."""

import msgspec

from bot.errors import GitHubError
from bot.github.client import Client

QUERY = """
query($id: ID!) {
  node(id: $id) {
    ... on Repository {
      top: object(expression: "HEAD:condabot.yml") { ...file }
      inside: object(expression: "HEAD:.github/condabot.yml") { ...file }
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
    top: _File | None = None
    inside: _File | None = None


class _Answer(msgspec.Struct):
    node: _Files | None = None


async def shared_configuration(client: Client) -> bytes | None:
    """Return the `condabot.yml` at the top of the repository, or the one that it has for itself; None for neither.

    Raises:
        GitHubError: GitHub refused, or the file is larger than GitHub gives whole.

    """
    found = (await client.query(QUERY, _Answer, {"id": client.repository.node_id})).node or _Files()
    file = next((each for each in (found.top, found.inside) if each and each.text is not None), None)
    if file is None or file.text is None:
        return None
    if file.is_truncated:
        raise GitHubError(f"the condabot.yml of {client.repository.owner}/{client.repository.name} is too large")
    return file.text.encode()
