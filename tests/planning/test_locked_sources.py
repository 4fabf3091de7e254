"""What a lock tells of packages from source stands in every solve; what it does not tell keeps its unit unjudged."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.lockfiles import parse
from bot.model.environment import Environment, SolveUnit, Workspace
from bot.model.manifest import Manifest, PackageName
from bot.model.package import Lock, Record
from bot.planning.baseline import files_of, specs
from bot.planning.closure import needed
from bot.planning.in_step import disagreements
from bot.planning.locked_sources import with_locked_sources
from bot.planning.restated import with_restating_locks
from bot.planning.standing import not_known
from bot.workspaces import solve_units
from tests.workspaces.pixi import LINUX, manifest, workspace

FORGE = "https://conda.anaconda.org/conda-forge"
WORKSPACE = '[workspace]\nname = "x"\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'
GIT = "tool[0a1b2c3d] @ git+https://git.example/tool"
BY_GIT = f'{WORKSPACE}[dependencies]\ntool = {{ git = "https://git.example/tool" }}\n'
BY_PATH = f'{WORKSPACE}[dependencies]\ntool = {{ path = "part" }}\n'
TOOL = PackageName("tool")
NOTHING: Mapping[str, str] = {}
FULL = "  version: 2.0\n  build: py_0\n  subdir: noarch\n"


def entry(name: str, *depends: str) -> str:
    return f"- conda: {FORGE}/noarch/{name}-1.0-h0_0.conda\n{needs(*depends)}"


def needs(*depends: str) -> str:
    return "".join(["  depends:\n" if depends else "", *(f"  - {each}\n" for each in depends)])


def lock_of(*conda: str, sources: Mapping[str, str] = NOTHING, names: tuple[str, ...] = ("default",)) -> Lock:
    """Return a lock of version 7 that holds the entries *conda*, and *sources* by what the lock calls them."""
    entries = [*conda, *(f"- conda_source: {name}\n{text}" for name, text in sources.items())]
    selectors = "".join(f"      {each.splitlines()[0]}\n" for each in entries)
    packages = f"    packages:\n      linux-64:{'' if entries else ' []'}\n{selectors}"
    environments = "".join(f"  {name}:\n    channels:\n    - url: {FORGE}/\n{packages}" for name in sorted(names))
    listed = "".join(["\n", *entries]) if entries else " []\n"
    text = f"version: 7\nplatforms:\n- name: linux-64\nenvironments:\n{environments}packages:{listed}"
    return parse("pixi.lock", text.encode())


def told(text: str, lock: Lock, *others: Manifest) -> Workspace:
    found = workspace(text, lock=lock)
    return with_locked_sources(found, [*found.manifests, *others])


def unit_of(found: Workspace) -> SolveUnit:
    return next(each for each in solve_units(found) if each.subdir == LINUX)


def fixed(found: Workspace) -> dict[str, str]:
    return {each.name: each.version for each in unit_of(found).fixed}


def locked(found: Workspace) -> tuple[Record, ...]:
    sources = [each for each in unit_of(found).fixed if each.is_source]
    assert found.lock is not None
    return (*found.lock.environments[0].conda[LINUX], *sources)


def what_differs(found: Workspace) -> tuple[str, ...]:
    return disagreements(found.environments[0], unit_of(found).platform, locked(found))


class TestWhatIsBuiltFromSource:
    def test_it_stands_in_every_solve_as_it_is_locked(self) -> None:
        found = told(BY_GIT, lock_of(entry("click"), sources={f"{GIT}#0123": FULL + needs("click >=1")}))

        [file] = files_of(unit_of(found), ())
        assert not_known(unit_of(found)) == ""
        assert specs(unit_of(found)) == ("tool",)
        assert file.record
        assert (file.record.name, file.record.version, file.record.depends) == ("tool", "2.0", ("click >=1",))
        assert what_differs(found) == ()

    def test_what_only_it_needs_belongs_to_the_environment(self) -> None:
        found = told(BY_GIT, lock_of(entry("click"), entry("spare"), sources={GIT: FULL + needs("click")}))

        [environment], platform = found.environments, unit_of(found).platform
        assert [each.name for each in needed(environment, platform, locked(found))] == ["click", "tool"]
        assert what_differs(found) == ("nothing needs spare",)

    def test_a_lock_that_lacks_what_it_needs_is_out_of_step(self) -> None:
        found = told(BY_GIT, lock_of(entry("click"), sources={GIT: FULL + needs("click >=2", "more")}))

        assert what_differs(found) == (
            "tool (built from source) needs click >=2, and 1.0 is locked",
            "tool (built from source) needs more, and more is not locked",
        )

    def test_without_its_line_it_is_left_out(self) -> None:
        found = told(BY_GIT, lock_of(entry("click"), sources={GIT: FULL + needs("click")}))

        assert files_of(unit_of(found), (), frozenset({TOOL})) == ()

    @pytest.mark.parametrize(
        ("line", "location"),
        [
            ('{ git = "https://git.example/tool.git" }', "git+https://git.example/tool#0123"),
            ('{ git = "https://git.example/tool", branch = "x" }', "git+https://GIT.example/tool?branch=x#0123"),
            (
                '{ git = "https://git.example/tool", subdirectory = "a/b" }',
                "git+https://git.example/tool?subdirectory=a%2Fb#0123",
            ),
            ('{ url = "https://files.example/tool.tar.gz" }', "https://files.example/tool.tar.gz"),
            ('{ path = "./part/" }', "part"),
            ('{ path = "." }', "."),
        ],
    )
    def test_it_is_known_by_its_place(self, line: str, location: str) -> None:
        text = f"{WORKSPACE}[dependencies]\ntool = {line}\n"

        assert not_known(unit_of(told(text, lock_of(sources={f"tool[0a1b2c3d] @ {location}": FULL})))) == ""

    @pytest.mark.parametrize(
        ("line", "location"),
        [
            ('{ git = "https://git.example/other" }', "git+https://git.example/tool#0123"),
            ('{ git = "https://git.example/tool", branch = "x" }', "git+https://git.example/tool#0123"),
            ('{ git = "https://git.example/tool", tag = "x" }', "git+https://git.example/tool?branch=x#0123"),
            ('{ git = "https://git.example/tool" }', "git+https://git.example/tool?subdirectory=a#0123"),
            ('{ path = "part" }', "."),
            ('{ path = "part" }', "git+https://git.example/part#0123"),
            ('{ git = "https://git.example/tool" }', "tool"),
        ],
    )
    def test_what_is_locked_from_another_place_tells_nothing(self, line: str, location: str) -> None:
        text = f"{WORKSPACE}[dependencies]\ntool = {line}\n"
        found = told(text, lock_of(sources={f"tool[0a1b2c3d] @ {location}": FULL}))

        assert not_known(unit_of(found)) == (
            "is not judged: nobody can say before it is installed what pixi.toml:6 tool will ask for"
        )

    @pytest.mark.parametrize(
        "lock",
        [
            pytest.param(lock_of(entry("click")), id="it is not locked"),
            pytest.param(lock_of(entry("click"), names=("other",)), id="the environment is not locked"),
            pytest.param(
                lock_of(sources={GIT: f"{FULL}  extra_depends:\n    more:\n    - click\n"}), id="it has extras"
            ),
            pytest.param(
                lock_of(entry("user", "tool * py_0"), sources={GIT: ""}), id="nobody knows the build that is asked for"
            ),
        ],
    )
    def test_what_the_lock_does_not_tell_keeps_the_unit_unjudged(self, lock: Lock) -> None:
        assert not_known(unit_of(told(BY_GIT, lock))).startswith("is not judged")

    def test_without_a_lock_nothing_is_told(self) -> None:
        found = workspace(BY_GIT)

        assert with_locked_sources(found, found.manifests) is found

    @pytest.mark.parametrize(
        ("depends", "version"), [((), "0"), (("tool >=1.5,<2",), "1.5"), (("tool >1,<3,!=2",), "")]
    )
    def test_one_that_is_locked_without_a_version_has_one_that_fits(
        self, depends: tuple[str, ...], version: str
    ) -> None:
        found = told(BY_PATH, lock_of(entry("user", *depends), sources={"tool[0a1b2c3d] @ part": ""}))

        assert fixed(found) == ({"tool": version} if version else {})
        assert bool(not_known(unit_of(found))) is not bool(version)

    @pytest.mark.parametrize(
        ("manifest_text", "location", "sentence"),
        [(BY_PATH, "part", "is not judged"), (BY_GIT, "git+https://git.example/tool#0123", "")],
    )
    def test_version_6_digests_the_files_of_folders_so_it_tells_nothing_of_them(
        self, manifest_text: str, location: str, sentence: str
    ) -> None:
        text = (
            f"version: 6\nenvironments:\n  default:\n    channels:\n    - url: {FORGE}/\n    packages:\n"
            f"      linux-64:\n      - conda: {location}\npackages:\n- conda: {location}\n  name: tool\n{FULL}"
        )
        found = told(manifest_text, parse("pixi.lock", text.encode()))

        assert not_known(unit_of(found)).partition(":")[0] == sentence

    def test_it_counts_in_a_solve_group_also_where_another_environment_has_it(self) -> None:
        text = (
            '[workspace]\nname = "x"\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'
            '[feature.a.dependencies]\ntool = { path = "part" }\n'
            '[feature.b.system-requirements]\ncuda = "12"\n'
            '[environments]\na = { features = ["a"], solve-group = "g" }\nb = { features = ["b"], solve-group = "g" }\n'
        )
        lock = lock_of(sources={"tool[0a1b2c3d] @ part": FULL}, names=("a", "b", "default"))
        found = told(text, lock)

        units = {unit.environments[0].name: unit for unit in solve_units(found)}
        assert {name: [each.name for each in unit.fixed] for name, unit in units.items()} == {
            "default": [],
            "a": ["tool"],
            "b": ["tool"],
        }
        assert not any(map(not_known, units.values()))


DEV = f'{WORKSPACE}[dev]\ntool = {{ path = "part" }}\n[dependencies]\nnumpy = "*"\n'
PART = (
    '[package]\nname = "tool"\n[package.host-dependencies]\nzlib = ">=1"\nblas = "*"\ntool = "1"\n'
    'beside = { path = "beside" }\n'
    '[package.host-dependencies."if(linux)"]\nclang = "*"\n[package.run-dependencies]\nclick = "*"\n'
    '[package.target.unix.build-dependencies]\nmake = "*"\n[package.extra-dependencies.more]\nmore = "*"\n'
)
EVERYTHING = ("numpy", "zlib", "blas", "click", "clang", "make", "rust")


class TestWhatDevelopmentTakes:
    def test_lines_of_its_manifest_stand_and_what_nothing_known_asks_for_is_kept(self) -> None:
        lock = lock_of(*(entry(each) for each in EVERYTHING), sources={"beside[0a1b2c3d] @ beside": FULL})
        found = told(DEV, lock, manifest(PART, "part/pixi.toml"))

        unit = unit_of(found)
        assert not_known(unit) == ""
        assert specs(unit) == ("numpy[version='*']", "zlib[version='>=1']", "click[version='*']")
        assert sorted(fixed(found)) == ["beside", "blas", "clang", "make", "rust"]
        assert [each.dependency.name for each in unit.developed] == ["tool"]
        assert what_differs(found) == ()

    def test_what_they_ask_for_must_be_locked(self) -> None:
        found = told(DEV, lock_of(entry("numpy"), entry("click")), manifest(PART, "part/pixi.toml"))

        assert what_differs(found) == ("part/pixi.toml:4 asks for zlib >=1, and it is not locked",)

    def test_a_package_without_a_manifest_here_keeps_all_that_is_not_asked_for(self) -> None:
        found = told(DEV, lock_of(*(entry(each) for each in EVERYTHING)))

        assert sorted(fixed(found)) == ["blas", "clang", "click", "make", "rust", "zlib"]

    def test_its_manifest_may_be_the_one_of_the_workspace(self) -> None:
        text = DEV.replace('"part"', '"."') + PART
        found = told(text, lock_of(*(entry(each) for each in EVERYTHING)))

        assert sorted(fixed(found)) == ["blas", "clang", "make", "rust"]

    def test_without_its_line_nothing_is_kept(self) -> None:
        found = told(DEV, lock_of(*(entry(each) for each in EVERYTHING)))

        assert files_of(unit_of(found), (), frozenset({TOOL})) == ()

    def test_where_nothing_is_locked_it_is_not_judged(self) -> None:
        found = told(DEV, lock_of(names=("other",)))

        assert not_known(unit_of(found)).endswith("what pixi.toml:6 tool will ask for")

    def test_what_is_kept_in_one_environment_stays_in_its_solve_group(self) -> None:
        text = (
            f'{WORKSPACE}[feature.a.dev]\ntool = {{ path = "part" }}\n[feature.b.dependencies]\nnumpy = "*"\n'
            '[environments]\na = { features = ["a"], solve-group = "g" }\nb = { features = ["b"], solve-group = "g" }\n'
        )
        lock = lock_of(entry("rust"), names=("a", "b", "default"))
        bare = tuple(each if each.name == "a" else replace(each, conda={LINUX: ()}) for each in lock.environments)
        found = told(text, replace(lock, environments=bare))

        shared = next(unit for unit in solve_units(found) if unit.name == "g")
        assert [each.name for each in shared.fixed] == ["rust"]
        assert {each.name: roots(each) for each in shared.environments} == {"a": ["rust"], "b": ["numpy"]}


def roots(environment: Environment) -> list[str]:
    return list(environment.roots(LINUX))


def test_a_workspace_knows_the_locks_that_hold_its_package() -> None:
    root = workspace(BY_PATH, lock=lock_of(sources={"tool[0a1b2c3d] @ part": FULL, f"{GIT}#0123": FULL}))
    part, other = workspace(WORKSPACE, path="part/pixi.toml"), workspace(WORKSPACE, path="other/pixi.toml")

    assert [each.restated_in for each in with_restating_locks([root, part, other])] == [(), ("pixi.lock",), ()]
