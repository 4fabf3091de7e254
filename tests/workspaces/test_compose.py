"""How pixi's features, targets and groups become environments, and environment.yml files too."""

import pytest

from bot.errors import ManifestError
from bot.lockfiles.pixi_lock import PIXI_LOCK
from bot.model.manifest import ChannelPriority, SolveStrategy, Subdir
from bot.model.package import Lock, LockedEnvironment
from bot.workspaces import solve_units
from bot.workspaces.compose import ASSUMED_PLATFORMS
from bot.workspaces.frame import declared_frame
from tests.workspaces.pixi import LINUX, MACOS, WINDOWS, WORKSPACE, asked, environment, names, provided, workspace

FEATURES = f"""{WORKSPACE}
[dependencies]
numpy = "2.*"

[feature.first.dependencies]
alpha = "1.*"

[feature.second.dependencies]
beta = "1.*"

[environments]
both = ["second", "first"]
bare = {{ features = ["first"], no-default-feature = true }}
twice = ["first", "first", "default"]
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("both", ["beta 1.*", "alpha 1.*", "numpy 2.*"], id="features in their order, the default last"),
        pytest.param("bare", ["alpha 1.*"], id="no-default-feature leaves the default feature out"),
        pytest.param("twice", ["alpha 1.*", "numpy 2.*"], id="a feature that is named twice counts once"),
        pytest.param("default", ["numpy 2.*"], id="the default environment is there without being declared"),
    ],
)
def test_an_environment_is_made_of_its_features(name: str, expected: list[str]) -> None:
    assert asked(environment(workspace(FEATURES), name)) == expected


def test_an_unknown_feature_is_named_with_the_environment_that_wants_it() -> None:
    with pytest.raises(ManifestError) as raised:
        workspace(WORKSPACE + '[environments]\ndefault = ["sphinx"]\n')

    assert str(raised.value) == (
        "pixi.toml:6: environments.default: environment 'default' names the feature 'sphinx', which the manifest does"
        " not have: correct the name, or add the feature"
    )


FAULTS = """\
[feature.good.dependencies]
alpha = "*"

[feature.other]
channels = ["conda-forge", "./local"]

[feature.elsewhere]
platforms = ["linux-46"]

[environments]
good = ["good"]
unknown = { features = ["nowhere"], solve-group = "one" }
shared = { features = ["good"], solve-group = "one" }
local = ["other"]
local-too = ["other", "good"]
elsewhere = ["elsewhere"]
"""


def test_an_environment_that_cannot_be_made_takes_only_its_solve_group() -> None:
    declared = WORKSPACE.replace('"win-64"]', '"win-64", "linux-46"]')

    found = workspace(WORKSPACE + FAULTS)

    assert [each.name for each in found.environments] == ["default", "good"]
    assert [(each.environments, each.line) for each in found.faults] == [
        (("unknown", "shared"), 16),
        (("local", "local-too"), 9),
        (("elsewhere",), 12),
    ]
    with pytest.raises(ManifestError, match="'linux-46' is no conda platform"):
        workspace(declared + FAULTS)


def test_what_only_a_faulty_environment_asks_for_is_no_requirement_of_a_library() -> None:
    project = '[project]\nname = "x"\nversion = "1"\n[project.optional-dependencies]\ndocs = ["sphinx"]\n'
    pixi = '[tool.pixi.workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'
    declared = '[tool.pixi.environments]\ndocs = ["docs", "nowhere"]\n'

    found = workspace(project + pixi + declared, path="pyproject.toml")

    assert [each.environments for each in found.faults] == [("docs",)]
    assert found.library_requirements == ()


def test_nodefaults_is_no_channel_of_pixi_s_either() -> None:
    found = workspace(WORKSPACE.replace('["conda-forge"]', '["conda-forge", "nodefaults"]'))

    assert [each.name for each in environment(found).channels] == ["conda-forge"]


def test_a_channel_that_a_line_names_is_asked_behind_those_that_are_listed() -> None:
    found = workspace("channels: [conda-forge]\ndependencies: ['acme::tool']\n", path="environment.yml")

    assert [each.name for each in environment(found).channels] == ["conda-forge", "acme"]


def test_pixi_asks_no_channel_that_a_line_alone_names() -> None:
    line = '[dependencies]\ntool = { version = "*", channel = "acme" }\n'
    listed = WORKSPACE.replace('["conda-forge"]', '["conda-forge", "https://conda.anaconda.org/acme"]')

    with pytest.raises(ManifestError, match="tool is to come from the channel 'acme', which `channels` does not list"):
        workspace(WORKSPACE + line)

    assert listed != WORKSPACE
    assert len(environment(workspace(listed + line)).channels) == 2


def test_an_environment_file_without_channels_is_solved_from_conda_s_defaults() -> None:
    found = environment(workspace("dependencies: [x]\n", path="environment.yml"))

    assert [each.name for each in found.channels_on(LINUX)] == ["pkgs/main", "pkgs/r"]
    assert [each.name for each in found.channels_on(WINDOWS)] == ["pkgs/main", "pkgs/r", "pkgs/msys2"]


def test_platforms_are_what_all_features_allow() -> None:
    found = workspace(
        WORKSPACE
        + '[feature.a]\nplatforms = ["linux-64", "osx-arm64"]\n'
        + '[feature.b]\nplatforms = ["win-64", "linux-64"]\n'
        + '[feature.c]\nplatforms = ["win-64"]\n'
        + '[environments]\nab = ["a", "b"]\nac = ["a", "c"]\nonly-c = ["c"]\n'
    )

    assert names(environment(found, "ab")) == (LINUX,)
    assert names(environment(found, "ac")) == ()
    assert names(environment(found, "only-c")) == (WINDOWS,)
    assert not any(each.platforms_assumed for each in found.environments)
    assert "ac" not in {unit.name for unit in solve_units(found)}


def test_channels_are_joined_in_the_order_of_features_and_the_higher_priority_comes_first() -> None:
    found = workspace(
        WORKSPACE.replace('["conda-forge"]', '["conda-forge", "bioconda"]')
        + '[feature.gpu]\nchannels = ["nvidia", { channel = "pytorch", priority = 2 }]\n'
        + '[feature.late]\nchannels = [{ channel = "conda-forge", priority = -1 }, "bioconda"]\n'
        + '[environments]\ngpu = ["gpu"]\nlate = { features = ["late"], no-default-feature = true }\n'
    )

    assert [each.name for each in environment(found, "gpu").channels] == [
        "pytorch",
        "nvidia",
        "conda-forge",
        "bioconda",
    ]
    assert [each.name for each in environment(found, "late").channels] == ["bioconda", "conda-forge"]


def test_a_lock_is_judged_by_the_options_of_the_environment_in_a_solve_group_of_others() -> None:
    text = (
        WORKSPACE
        + 'solve-strategy = "lowest"\n[feature.t.dependencies]\nb = "1"\n'
        + '[environments]\ndefault = { solve-group = "g" }\n'
        + 't = { features = ["t"], no-default-feature = true, solve-group = "g" }\n'
    )

    found = workspace(text)

    assert environment(found, "t").solve_strategy is SolveStrategy.LOWEST
    assert {name: each.options.strategy for name, each in declared_frame(found).items()} == {
        "default": "lowest-version",
        "t": None,
    }


def test_a_channel_of_two_names_is_listed_twice_and_asked_once() -> None:
    url = "https://conda.anaconda.org"
    found = workspace(
        WORKSPACE.replace('["conda-forge"]', f'["conda-forge", "{url}/bioconda"]')
        + '[feature.f]\nchannels = ["conda-forge", { channel = "bioconda", priority = -1 }]\n'
        + '[environments]\nf = ["f"]\n'
    )

    made = environment(found, "f")
    assert [each.url for each in made.listed] == [f"{url}/conda-forge", f"{url}/bioconda", f"{url}/bioconda"]
    assert [each.url for each in made.channels] == [f"{url}/conda-forge", f"{url}/bioconda"]


TARGETS = f"""{WORKSPACE}
[dependencies]
zlib = "1.*"
numpy = "2.*"

[target.unix.dependencies]
zlib = "1.2.*"

[target.linux.dependencies]
zlib = "1.3.*"

[target.linux-64.dependencies]
zlib = "1.3.1.*"
only-linux = "*"

[target.win-64.dependencies]
numpy = {{ path = "vendor/numpy" }}
"""


@pytest.mark.parametrize(
    ("subdir", "expected"),
    [
        pytest.param(LINUX, ["numpy 2.*", "only-linux *", "zlib 1.3.1.*"], id="of several targets the last"),
        pytest.param(MACOS, ["numpy 2.*", "zlib 1.2.*"], id="unix is stronger than no target"),
        pytest.param(WINDOWS, ["zlib 1.*"], id="what a target takes from a path is asked of no channel there"),
    ],
)
def test_a_target_wins_over_none(subdir: Subdir, expected: list[str]) -> None:
    assert sorted(asked(environment(workspace(TARGETS)), subdir)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            '[target.linux-64.dependencies]\na = "2"\n[target.unix.dependencies]\na = "3"\n[dependencies]\na = "1"\n',
            "a 3",
            id="a family that comes later wins over a platform, wherever the plain table stands",
        ),
        pytest.param(
            '[target.unix.tasks]\nx = "y"\n[target.linux-64.dependencies]\na = "2"\n'
            '[target.unix.dependencies]\na = "3"\n',
            "a 2",
            id="a target stands where it is named first",
        ),
        pytest.param(
            '[build-dependencies]\na = "1"\n[target.linux-64.dependencies]\na = "2"\n',
            "a 2",
            id="a target wins over what is for building only",
        ),
        pytest.param(
            '[target.linux-64.build-dependencies]\na = "1"\n[target.linux.dependencies]\na = "2"\n',
            "a 2",
            id="the last target wins, and only in it does building count for more",
        ),
    ],
)
def test_the_target_that_is_named_last_wins(text: str, expected: str) -> None:
    assert asked(environment(workspace(WORKSPACE + text))) == [expected]


def test_build_is_stronger_than_host_and_host_stronger_than_plain_dependencies() -> None:
    found = workspace(
        WORKSPACE
        + '[dependencies]\na = "1"\nb = "1"\nc = "1"\n'
        + '[host-dependencies]\na = "2"\nb = "2"\n'
        + '[build-dependencies]\na = "3"\n'
        + '[target.linux-64.dependencies]\na = "4"\n'
    )

    assert sorted(asked(environment(found), MACOS)) == ["a 3", "b 2", "c 1"]
    assert sorted(asked(environment(found), LINUX)) == ["a 4", "b 2", "c 1"]


def test_two_features_may_both_ask_for_a_package() -> None:
    found = workspace(
        WORKSPACE + '[dependencies]\na = ">=1"\n[feature.t.dependencies]\na = "<3"\n[environments]\nt = ["t"]\n'
    )

    assert asked(environment(found, "t")) == ["a <3", "a >=1"]


GROUP = f"""{WORKSPACE}
[feature.gpu]
channels = ["nvidia"]
channel-priority = "disabled"
system-requirements = {{ cuda = "12" }}

[feature.test]
platforms = ["linux-64"]

[feature.test.dependencies]
pytest = "*"

[environments]
gpu = {{ features = ["gpu"], solve-group = "all" }}
test = {{ features = ["test"], solve-group = "all" }}
alone = ["test"]
"""


def test_environments_of_a_solve_group_share_channels_and_options_but_no_system_requirements() -> None:
    found = workspace(GROUP)
    gpu, test, alone = (environment(found, name) for name in ("gpu", "test", "alone"))

    assert [each.name for each in test.channels] == [each.name for each in gpu.channels] == ["nvidia", "conda-forge"]
    assert test.channel_priority is gpu.channel_priority is ChannelPriority.DISABLED
    assert provided(test, LINUX) != provided(gpu, LINUX)
    assert [each.name for each in alone.channels] == ["conda-forge"]
    assert alone.channel_priority is ChannelPriority.STRICT
    assert provided(alone, LINUX) == provided(test, LINUX)


def test_a_solve_group_is_one_unit_on_each_platform_with_the_environments_that_are_there() -> None:
    units = solve_units(workspace(GROUP.replace('system-requirements = { cuda = "12" }', "")))

    assert [(unit.name, unit.subdir, [each.name for each in unit.environments]) for unit in units] == [
        ("default", LINUX, ["default"]),
        ("default", MACOS, ["default"]),
        ("default", WINDOWS, ["default"]),
        ("all", LINUX, ["gpu", "test"]),
        ("all", MACOS, ["gpu"]),
        ("all", WINDOWS, ["gpu"]),
        ("alone", LINUX, ["alone"]),
    ]
    assert [[each.dependency.name for each in unit.requirements] for unit in units[3:6]] == [["pytest"], [], []]


def test_where_environments_of_a_solve_group_differ_in_virtual_packages_each_is_solved_with_what_all_ask_for() -> None:
    units = [unit for unit in solve_units(workspace(GROUP)) if (unit.name, unit.subdir) == ("all", LINUX)]

    assert [[each.name for each in unit.environments] for unit in units] == [["gpu"], ["test"]]
    assert [[each.dependency.name for each in unit.requirements] for unit in units] == [["pytest"], ["pytest"]]
    assert [unit.is_shared for unit in units] == [True, False]
    assert [unit.environments[0].roots(LINUX) for unit in units] == [(), ("pytest",)]


COMPANY = f"""{WORKSPACE}
[dependencies]
a = "*"

[feature.b.dependencies]
b = "*"

[feature.b.constraints]
c = "<2"

[feature.windows]
platforms = ["win-64"]

[feature.windows.dependencies]
only-windows = "*"

[environments]
default = {{ solve-group = "g" }}
other = {{ features = ["b", "windows"], solve-group = "g" }}
"""


def test_features_of_a_group_count_on_platforms_that_their_own_environment_is_not_for() -> None:
    found = workspace(COMPANY)
    linux = next(unit for unit in solve_units(found) if unit.subdir == LINUX)

    assert [each.name for each in linux.environments] == ["default"]
    assert [each.dependency.name for each in linux.requirements] == ["a", "b"]
    assert [each.dependency.name for each in linux.constraints] == ["c"]
    assert environment(found).roots(LINUX) == ("a",)


def test_the_python_of_a_pyproject_counts_for_a_group_that_has_the_default_feature() -> None:
    text = (
        f'[project]\nname = "x"\nrequires-python = ">=3.11"\n{WORKSPACE}[dependencies]\na = "*"\n'
        '[feature.b.system-requirements]\ncuda = "12"\n[feature.b.dependencies]\nb = "*"\n[environments]\n'
        'default = { solve-group = "g" }\n'
        'b = { features = ["b"], no-default-feature = true, solve-group = "g" }\n'
    )
    text = text.replace("[workspace]", "[tool.pixi.workspace]").replace("[dependencies]", "[tool.pixi.dependencies]")
    text = text.replace("[feature.", "[tool.pixi.feature.").replace("[environments]", "[tool.pixi.environments]")

    units = [unit for unit in solve_units(workspace(text, "pyproject.toml")) if unit.subdir == LINUX]

    assert [[each.name for each in unit.environments] for unit in units] == [["default"], ["b"]]
    assert [[f"{each.name} {each.version}" for each in unit.implied] for unit in units] == [["python >=3.11"]] * 2


def test_a_line_that_two_environments_of_a_group_share_is_asked_for_once() -> None:
    found = workspace(
        WORKSPACE
        + '[dependencies]\na = "1"\n[feature.t.dependencies]\nb = "1"\n'
        + '[environments]\ndefault = { solve-group = "g" }\nt = { features = ["t"], solve-group = "g" }\n'
    )

    (unit, *_) = solve_units(found)

    assert [each.dependency.name for each in unit.requirements] == ["a", "b"]


@pytest.mark.parametrize(
    ("workspace_says", "feature_says", "expected"),
    [
        pytest.param("", "", (ChannelPriority.STRICT, SolveStrategy.HIGHEST), id="strict and highest by default"),
        pytest.param(
            'channel-priority = "disabled"\nsolve-strategy = "lowest"\n',
            "",
            (ChannelPriority.DISABLED, SolveStrategy.LOWEST),
            id="what the workspace says holds for every environment with the default feature",
        ),
        pytest.param(
            'solve-strategy = "lowest"\n',
            'solve-strategy = "lowest-direct"\nchannel-priority = "disabled"\n',
            (ChannelPriority.DISABLED, SolveStrategy.LOWEST_DIRECT),
            id="a feature is heard before the workspace",
        ),
    ],
)
def test_options_of_the_solve(
    workspace_says: str, feature_says: str, expected: tuple[ChannelPriority, SolveStrategy]
) -> None:
    text = WORKSPACE + workspace_says + f'[feature.t]\n{feature_says}[environments]\nt = ["t"]\n'

    found = environment(workspace(text), "t")

    assert (found.channel_priority, found.solve_strategy) == expected


def test_options_of_the_workspace_are_those_of_its_default_feature() -> None:
    text = (
        WORKSPACE
        + 'channel-priority = "disabled"\nsolve-strategy = "lowest"\n[feature.t.dependencies]\nb = "1"\n'
        + '[environments]\nt = { features = ["t"], no-default-feature = true }\n'
    )

    found = environment(workspace(text), "t")

    assert (found.channel_priority, found.solve_strategy) == (ChannelPriority.STRICT, SolveStrategy.HIGHEST)


ENVIRONMENT_YML = """\
name: x
channels: [conda-forge, nodefaults]
dependencies:
  - numpy >=1.26
  - numpy <3
  - pip
  - pip:
    - requests
"""


def lock_of(*platforms: str, name: str = "default") -> Lock:
    conda = dict.fromkeys(sorted(platforms), ())
    locked = LockedEnvironment(name=name, channels=(), conda=conda, pypi={})
    return Lock(path="pixi.lock", format=PIXI_LOCK, version=6, environments=(locked,))


def test_in_a_list_both_lines_of_a_package_count() -> None:
    found = environment(workspace(ENVIRONMENT_YML, "environment.yml"))

    assert asked(found) == ["numpy >=1.26", "numpy <3", "pip"]
    assert found.requires(LINUX)[0].manifest == "environment.yml"


@pytest.mark.parametrize(
    ("text", "lock", "expected", "assumed"),
    [
        pytest.param("platforms: [win-64]\n", None, (WINDOWS,), False, id="the file's own platforms come first"),
        pytest.param("", lock_of("osx-arm64"), (MACOS,), False, id="else those that are locked"),
        pytest.param("", lock_of(), ASSUMED_PLATFORMS, True, id="a lock without platforms says nothing"),
        pytest.param("", lock_of("win-64", name="x"), ASSUMED_PLATFORMS, True, id="nor does that of another one"),
        pytest.param("", None, ASSUMED_PLATFORMS, True, id="else three are assumed"),
    ],
)
def test_platforms_of_an_environment_yml(
    text: str, lock: Lock | None, expected: tuple[Subdir, ...], *, assumed: bool
) -> None:
    found = environment(workspace(ENVIRONMENT_YML + text, "environment.yml", lock))

    assert names(found) == expected
    assert found.platforms_assumed is assumed
