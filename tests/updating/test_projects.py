"""Of a proposal the projects are looked up that its packages belong to: each once."""

from collections.abc import Sequence
from dataclasses import replace

from bot.model.manifest import Datasource, PackageName
from bot.model.project import Project, UpstreamRelease
from bot.updating.projects import NoProjects, projects_of, upstreams, with_releases
from tests.rendering.proposals import proposal

RELEASE = UpstreamRelease(tag="v1")


class Known:
    """Knows a project for each archive, two of each repository."""

    async def projects(self, archives: Sequence[str]) -> Sequence[Project]:
        return [Project(page=each, repository=f"repository {number // 2}") for number, each in enumerate(archives)]


async def test_each_package_has_its_project_and_repositories_are_named_once() -> None:
    archives = {PackageName(f"p{number}"): f"archive {number}" for number in range(10)}

    found = await projects_of(replace(proposal(), archives=archives), Known())

    assert len(found) == 10
    assert found[Datasource.CONDA, PackageName("p3")] == Project(page="archive 3", repository="repository 1")
    assert upstreams(found) == tuple(f"repository {number}" for number in range(5))


async def test_nothing_known_names_nobody() -> None:
    found = await projects_of(replace(proposal(), archives={PackageName("a"): "x"}), NoProjects())

    assert upstreams(found) == ()


def test_releases_are_those_of_the_projects_own_repository() -> None:
    a, b = (Datasource.CONDA, PackageName("a")), (Datasource.CONDA, PackageName("b"))

    found = with_releases({a: Project(repository="x"), b: Project()}, {"x": (RELEASE,), "y": (RELEASE, RELEASE)})

    assert found == {a: Project(repository="x", releases=(RELEASE,)), b: Project()}
