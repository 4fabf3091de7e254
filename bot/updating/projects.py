"""What a body may tell of the projects behind a proposal's packages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.model.manifest import Datasource, PackageName
from bot.model.package import PypiFile
from bot.model.project import Project, Projects, UpstreamRelease
from bot.model.update import Proposal
from bot.updating.ports import ProjectIndex


class NoProjects:
    """Knows no project."""

    async def projects(self, archives: Sequence[str]) -> Sequence[Project]:
        """Return that nothing is known."""
        return [Project() for _ in archives]

    async def of_wheels(self, wheels: Sequence[PypiFile]) -> Sequence[Project]:
        """Return that nothing is known."""
        return [Project() for _ in wheels]


async def projects_of(proposal: Proposal, index: ProjectIndex) -> Projects:
    """Return what *index* knows of the projects behind the packages that *proposal* is for."""
    found = await index.projects(tuple(proposal.archives.values()))
    conda = {(Datasource.CONDA, name): project for name, project in zip(proposal.archives, found, strict=True)}
    wheels = dict(_wheels(proposal))
    read = await index.of_wheels(tuple(wheels.values()))
    return conda | {(Datasource.PYPI, name): project for name, project in zip(wheels, read, strict=True)}


def _wheels(proposal: Proposal) -> Iterator[tuple[PackageName, PypiFile]]:
    """Yield a wheel of each release on PyPI that *proposal* is for: one whose metadata stand beside it, if there is."""
    for update in proposal.plan.updates:
        wheels = [each for each in update.target.files if each.is_wheel]
        if update.datasource is Datasource.PYPI and wheels:
            yield update.name, next((each for each in wheels if each.metadata_sha256), wheels[0])


def upstreams(projects: Projects) -> tuple[str, ...]:
    """Return the URLs of the repositories whose releases are worth asking for."""
    return tuple(dict.fromkeys(each.repository for each in projects.values() if each.repository))


def with_releases(projects: Projects, releases: Mapping[str, Sequence[UpstreamRelease]]) -> Projects:
    """Return *projects* with *releases*, which are those of repositories by their URLs."""
    return {key: replace(each, releases=tuple(releases.get(each.repository, ()))) for key, each in projects.items()}
