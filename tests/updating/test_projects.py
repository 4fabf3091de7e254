"""Of a proposal the projects are looked up that its packages belong to: each once."""

from collections.abc import Sequence
from dataclasses import replace

from bot.model.manifest import Datasource, PackageName
from bot.model.package import PypiFile
from bot.model.project import Project, UpstreamRelease
from bot.updating.projects import NoProjects, projects_of, upstreams, with_releases
from tests.rendering.proposals import proposal, update

RELEASE = UpstreamRelease(tag="v1")


class Known:
    """Knows a project for each archive, two of each repository."""

    async def projects(self, archives: Sequence[str]) -> Sequence[Project]:
        return [Project(page=each, repository=f"repository {number // 2}") for number, each in enumerate(archives)]

    async def of_wheels(self, wheels: Sequence[PypiFile]) -> Sequence[Project]:
        return [Project(page=each.name) for each in wheels]


async def test_each_package_has_its_project_and_repositories_are_named_once() -> None:
    archives = {PackageName(f"p{number}"): f"archive {number}" for number in range(10)}

    found = await projects_of(replace(proposal(), archives=archives), Known())

    assert len(found) == 10
    assert found[Datasource.CONDA, PackageName("p3")] == Project(page="archive 3", repository="repository 1")
    assert upstreams(found) == tuple(f"repository {number}" for number in range(5))


async def test_of_a_release_on_pypi_one_wheel_is_asked_whose_metadata_stand_beside_it() -> None:
    files = [
        PypiFile(name="a-1.tar.gz", url="x"),
        PypiFile(name="a-1-cp312-cp312-win32.whl", url="y"),
        PypiFile(name="a-1-py3-none-any.whl", url="z", metadata_sha256="0" * 64),
    ]
    moved = update("a", "0", "1", datasource=Datasource.PYPI)
    offered = [replace(moved, target=replace(moved.target, files=tuple(files[:count]))) for count in (1, 2, 3)]

    found = [await projects_of(proposal(each), Known()) for each in offered]

    assert [each.get((Datasource.PYPI, PackageName("a"))) for each in found] == [
        None,
        Project(page="a-1-cp312-cp312-win32.whl"),
        Project(page="a-1-py3-none-any.whl"),
    ]


async def test_nothing_known_names_nobody() -> None:
    found = await projects_of(replace(proposal(), archives={PackageName("a"): "x"}), NoProjects())

    assert upstreams(found) == ()


def test_releases_are_those_of_the_projects_own_repository() -> None:
    a, b = (Datasource.CONDA, PackageName("a")), (Datasource.CONDA, PackageName("b"))

    found = with_releases({a: Project(repository="x"), b: Project()}, {"x": (RELEASE,), "y": (RELEASE, RELEASE)})

    assert found == {a: Project(repository="x", releases=(RELEASE,)), b: Project()}
