"""Where the people who make a package are on the web, and what they said of its releases: hostile until rendered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bot.model.manifest import Datasource, PackageName


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamRelease:
    """A release that an upstream repository has published: its tag, and what it says in Markdown, maybe cut."""

    tag: str
    notes: str = ""
    is_prerelease: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What is known of the project behind a package; empty where it is not.

    `page` is the URL where people read of it, `repository` that of its sources on GitHub. `releases` are the latest.
    """

    page: str = ""
    repository: str = ""
    releases: tuple[UpstreamRelease, ...] = ()


Projects: TypeAlias = Mapping[tuple[Datasource, PackageName], Project]
"""What is known of packages; one of which nothing is known need not be there."""
