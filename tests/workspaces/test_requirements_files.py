"""Files that lines of `pip:` name: what of them counts, and what is not known."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from bot import manifests
from bot.model.environment import Workspace
from bot.model.manifest import Datasource, Role
from bot.model.package import Channel
from bot.planning.holds import RepositoryFacts, holds_of
from bot.planning.pypi_indexes import index_order
from bot.planning.standing import not_known
from bot.updating.read.named import named_paths
from bot.workspaces import compose, restricted, solve_units
from bot.workspaces.requirements_files import DEEPEST, requirements_files, unknown_files, with_requirements_files
from tests.workspaces.pixi import LINUX, WINDOWS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PATH = "envs/environment.yml"


def text_of(*lines: str) -> bytes:
    items = "".join(f"      - {line}\n" for line in lines)
    return f"channels: [conda-forge]\ndependencies:\n  - python=3.11\n  - numpy=1.26\n  - pip:\n{items}".encode()


def read(lines: tuple[str, ...], files: Mapping[str, str | bytes]) -> Workspace:
    manifest = manifests.extract(PATH, text_of(*lines))
    assert manifest is not None
    made = compose(manifest, None, lambda name: (Channel(name=name, url=f"https://c.example/{name}"),), now=NOW)
    return with_requirements_files(made, contents_of(files))


def contents_of(files: Mapping[str, str | bytes]) -> Mapping[str, bytes]:
    return {path: each if isinstance(each, bytes) else each.encode() for path, each in files.items()}


def asked(workspace: Workspace) -> list[str]:
    lines = workspace.environments[0].requires(LINUX, Datasource.PYPI)
    return [f"{each.manifest}:{each.dependency.line} {each.dependency.name}{each.dependency.version}" for each in lines]


@pytest.mark.parametrize(
    ("line", "files", "expected"),
    [
        ("-r pip.txt", {"envs/pip.txt": "# all\n\ntool==1.0  # why\n"}, ["envs/pip.txt:3 tool==1.0"]),
        ("--requirement pip.txt", {"envs/pip.txt": "tool"}, ["envs/pip.txt:1 tool"]),
        ("--requirement=../pip.txt", {"pip.txt": "\ufefftool>=1\r\n"}, ["pip.txt:1 tool>=1"]),
        ("-r../pip.txt", {"pip.txt": "tool>=1,<2"}, ["pip.txt:1 tool>=1,<2"]),
        ("-r pip.txt", {"envs/pip.txt": "\ntool==1 \\\n  --hash=sha256:0 \\\n  # more\nnext\n"}, None),
        ("-r pip.txt", {"envs/pip.txt": "-r more/x.txt", "envs/more/x.txt": "-r y.txt", "envs/more/y.txt": "tool"},
         ["envs/more/y.txt:1 tool"]),
        ("-r pip.txt", {"envs/pip.txt": f"tool{' ' * 400_000}x\n# all"}, []),
        ("-r pip.txt", {"envs/pip.txt": "-e .\n--pre\ngit+https://git.example/x\n???\n"}, []),
        ("-c pip.txt", {"envs/pip.txt": "numpy<2\nother<3\n"}, ["envs/pip.txt:1 numpy<2"]),
        ("-r pip.txt", {"envs/pip.txt": "tool\n-c c.txt", "envs/c.txt": "tool<2\n"},
         ["envs/pip.txt:1 tool", "envs/c.txt:1 tool<2"]),
    ],
)  # fmt: skip
def test_lines_of_a_file_count(line: str, files: Mapping[str, str], expected: list[str] | None) -> None:
    workspace = read((line,), files)

    assert asked(workspace) == (["envs/pip.txt:2 tool==1", "envs/pip.txt:5 next"] if expected is None else expected)
    assert [not_known(unit) for unit in solve_units(workspace)] == ["", "", ""]


@pytest.mark.parametrize(
    ("line", "files", "why"),
    [
        ("-r gone.txt", {}, "envs/gone.txt is not among the files of the repository that are read"),
        ("-r ../../pip.txt", {"pip.txt": "tool"}, "`-r ../../pip.txt` names no file of the repository"),
        ("-r /etc/pip.txt", {}, "`-r /etc/pip.txt` names no file of the repository"),
        ("-r https://host.example/pip.txt", {}, "names no file of the repository"),
        ("-r pip.txt", {"envs/pip.txt": "tool\n-r gone.txt"}, "envs/pip.txt:2: envs/gone.txt is not among"),
        ("-r pip.txt", {"envs/pip.txt": "-r pip.txt"}, "envs/pip.txt:1: envs/pip.txt names itself"),
        ("-r pip.txt", {"envs/pip.txt": b"tool\xff"}, "envs/pip.txt cannot be read"),
        ("-r pip.txt", {"envs/pip.txt": "tool\n" * 2_001}, "more than 2000 lines are not read"),
        (
            "-r 0.txt",
            {f"envs/{number}.txt": f"-r {number + 1}.txt" for number in range(DEEPEST + 1)},
            "envs/5.txt is named by more than 5 files in a row",
        ),
    ],
)
def test_a_file_that_is_not_known_is_told_and_binds_nothing(
    line: str, files: Mapping[str, str | bytes], why: str
) -> None:
    workspace = read((line,), files)

    [told] = unknown_files(workspace.manifests[0], contents_of(files))
    assert told.path == PATH
    assert why in told.sentence
    assert told.sentence.endswith(", so that what line 6 asks for with it does not count")
    assert asked(workspace) == []
    assert {not_known(unit) for unit in solve_units(workspace)} == {""}


def test_no_line_of_a_file_moves_and_its_options_count() -> None:
    workspace = read(("-r pip.txt",), {"envs/pip.txt": "--index-url https://index.example/simple\ntool==1\n"})

    assert index_order(workspace, workspace.environments[0]).urls == ("https://index.example/simple",)
    holds = holds_of((workspace,), RepositoryFacts(), NOW).lines
    assert str(holds["envs/pip.txt", ("requirements-file", 2)]).startswith("ignore: envs/pip.txt:2 is a line of")


def test_lines_are_asked_for_where_the_line_of_their_file_is() -> None:
    workspace = read(("-r pip.txt  # [linux]",), {"envs/pip.txt": "tool\n-c c.txt", "envs/c.txt": "deep<2"})
    here, there = restricted(workspace, [LINUX]), restricted(workspace, [WINDOWS])

    assert [each.role for each in (line.dependency for line in here.environments[0].included)] == [
        Role.DEPENDENCY,
        Role.CONSTRAINT,
    ]
    assert asked(here) == ["envs/pip.txt:1 tool"]
    assert not there.environments[0].requires(WINDOWS, Datasource.PYPI)


def test_files_that_are_named_are_read_and_those_that_these_name() -> None:
    sizes = {"envs/pip.txt": 1, "envs/more.txt": 1, "huge.txt": 500_001}
    files = {PATH: text_of("-r pip.txt", '"-r ../huge.txt"', "-r gone.txt")}

    assert named_paths(files, sizes) == ("envs/pip.txt",)
    files |= {"envs/pip.txt": b"-r more.txt\n-r pip.txt\n"}
    assert named_paths(files, sizes) == ("envs/more.txt",)
    files |= {"envs/more.txt": b"\xff"}
    assert named_paths(files, sizes) == ()
    manifest = manifests.extract(PATH, files[PATH])
    assert manifest is not None
    assert {"envs/more.txt", "huge.txt"} <= requirements_files(manifest, files)
    assert named_paths({PATH: b"- -r x.txt\ndependencies: [\n"}, sizes) == ()
