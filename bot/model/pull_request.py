"""What others propose for a repository."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPullRequest:
    """An open pull request of somebody else, from a branch of the repository itself.

    `author` is a login, with or without GitHub's `[bot]`; `files` are paths that it changes, the first of them if they
    are many.
    """

    number: int
    author: str
    title: str
    files: tuple[str, ...]
    branch: str = ""
