"""What a body may tell of the projects behind a proposal's packages."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.model.manifest import Datasource
from bot.model.project import Project, Projects, UpstreamRelease
from bot.model.update import Proposal
from bot.updating.ports import ProjectIndex


class NoProjects:
    """Knows no project."""

    async def projects(self, archives: Sequence[str]) -> Sequence[Project]:
        """Return that nothing is known."""
        return [Project() for _ in archives]


async def projects_of(proposal: Proposal, index: ProjectIndex) -> Projects:
    """Return what *index* knows of the projects behind the packages that *proposal* is for."""
    found = await index.projects(tuple(proposal.archives.values()))
    return {(Datasource.CONDA, name): project for name, project in zip(proposal.archives, found, strict=True)}


def upstreams(projects: Projects) -> tuple[str, ...]:
    """Return the URLs of the repositories whose releases are worth asking for."""
    return tuple(dict.fromkeys(each.repository for each in projects.values() if each.repository))


def with_releases(projects: Projects, releases: Mapping[str, Sequence[UpstreamRelease]]) -> Projects:
    """Return *projects* with *releases*, which are those of repositories by their URLs."""
    return {key: replace(each, releases=tuple(releases.get(each.repository, ()))) for key, each in projects.items()}
