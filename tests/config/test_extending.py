"""One configuration over others: presets, other repositories, the organisation's."""

from datetime import timedelta

import pytest

from bot.config import PATHS, Configuration, Elsewhere, missing_presets, read_configuration
from bot.config.extending import DEEPEST_PRESET, MOST_PRESETS
from bot.config.presets import PRESETS
from bot.errors import ConfigurationError
from bot.model.manifest import PackageName
from bot.model.repository_preset import RepositoryPreset, repository_preset

PATH = PATHS[0]
OURS = "github>acme/presets"


def read(text: str, *, inherited: str | None = None, **presets: str | None) -> Configuration:
    return read_configuration({PATH: text.encode()}, elsewhere(inherited, presets))


def elsewhere(inherited: str | None, presets: dict[str, str | None]) -> Elsewhere:
    named = {f"github>acme/{name}": text if text is None else text.encode() for name, text in presets.items()}
    return Elsewhere(
        presets=named, inherited=inherited.encode() if inherited else None, inherited_from="github>acme/.github"
    )


def told(text: str, *, inherited: str | None = None, **presets: str | None) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(text, inherited=inherited, **presets)
    return [str(each) for each in caught.value.problems]


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_named_and_says_something(name: str) -> None:
    found = read(f'extends: ["{name}"]')

    others = [field for field in Configuration.__slots__ if getattr(found, field) != getattr(Configuration(), field)]
    assert found.extends == (name,)
    assert len(others) > 1 or name in {":disableDependencyDashboard", ":maintainLockFilesMonthly", ":separateMajor"}


def test_the_file_counts_before_what_it_names_and_the_last_of_several_before_the_others() -> None:
    presets = {"one": "lockAge: 1d\nminimumReleaseAge: 1d\npythonMinorAge: 1d\n", "two": "lockAge: 2d\nlabels: [two]\n"}

    found = read('extends: ["github>acme/one", "github>acme/two"]\npythonMinorAge: 3d\n', **presets)

    assert (found.minimum_release_age, found.lock_age, found.python_minor_age) == tuple(
        timedelta(days=each) for each in (1, 2, 3)
    )
    assert found.labels == ("two",)


def test_lists_of_rules_packages_and_paths_are_joined_and_others_replaced() -> None:
    base = """\
packageRules: [{matchPackageNames: [a], enabled: false}]
ignoreDeps: [a]
ignorePaths: [a/**]
labels: [a]
lockFileMaintenance: {schedule: [on monday]}
"""
    own = """\
extends: ["github>acme/base"]
packageRules: [{matchPackageNames: [b], enabled: false}]
ignoreDeps: [b]
ignorePaths: [b/**]
labels: [b]
lockFileMaintenance: {enabled: false}
"""

    found = read(own, base=base)

    assert [str(each) for each in found.package_rules] == [
        "`packageRules[0]` in github>acme/base:condabot.yml:1",
        f"`packageRules[0]` in {PATH}:2",
    ]
    assert found.ignore_deps == frozenset(map(PackageName, ("a", "b")))
    assert found.ignore_paths == ("a/**", "b/**")
    assert found.labels == ("b",)
    assert not found.lock_file_maintenance.enabled
    assert found.lock_file_maintenance.schedule[0].weekdays == frozenset({0})


def test_what_the_organisation_says_counts_where_the_file_says_nothing() -> None:
    inherited = 'extends: [":semanticCommits"]\nlabels: [acme]\nlockAge: 1d\n'

    assert read("lockAge: 2d", inherited=inherited).lock_age == timedelta(days=2)
    assert read("", inherited=inherited).labels == ("acme",)
    assert read("", inherited=inherited).semantic_commits == "enabled"
    assert read_configuration({}, elsewhere(inherited, {})).labels == ("acme",)


WRONG = {
    "what cannot be read here": (
        {},
        f"{PATH}:1: extends[0]: `{OURS}` cannot be read here: only the App reads other repositories",
    ),
    "what is not there": (
        {"presets": None},
        f"{PATH}:1: extends[0]: `{OURS}` has no condabot.yml that condabot may read: install it there as well",
    ),
    "a mistake in it": (
        {"presets": "\nlockAge: soon"},
        f"{OURS}:condabot.yml:2: lockAge: must be a span of time such as `7 days`, `12 hours` or `2 weeks`, not `soon`",
    ),
    "itself": (
        {"presets": f'extends: ["{OURS}"]'},
        f"{OURS}:condabot.yml:1: extends[0]: `{OURS}` is named by itself",
    ),
    "in a circle": (
        {"presets": 'extends: ["github>acme/b"]', "b": f'extends: ["{OURS}"]'},
        f"github>acme/b:condabot.yml:1: extends[0]: `{OURS}` is named by itself",
    ),
    "too deep": (
        {
            "presets": 'extends: ["github>acme/p1"]',
            **{f"p{each}": f'extends: ["github>acme/p{each + 1}"]' for each in range(1, DEEPEST_PRESET)},
        },
        f"github>acme/p{DEEPEST_PRESET - 1}:condabot.yml:1: extends[0]: is a preset more than {DEEPEST_PRESET} below",
    ),
}


@pytest.mark.parametrize(("presets", "sentence"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_of_the_file_that_says_it(presets: dict[str, str | None], sentence: str) -> None:
    [problem] = told(f'extends: ["{OURS}"]', **presets)

    assert problem.startswith(sentence)


def test_presets_are_counted() -> None:
    text = f"extends: [{', '.join(['group:all'] * (MOST_PRESETS + 1))}]".replace("group:all", '"group:all"')

    assert told(text) == [
        f"{PATH}:1: extends[{MOST_PRESETS}]: is more than {MOST_PRESETS} presets, those that presets name counted"
    ]


def test_mistakes_of_all_files_are_told_at_once() -> None:
    text = f'extends: ["{OURS}", nothing]\nlabels: x'

    found = told(text, presets="lockAge: soon", inherited="lockAge: never")

    assert [each.split(": ")[0] for each in found] == [
        "github>acme/.github:condabot.yml:1",
        f"{OURS}:condabot.yml:1",
        f"{PATH}:1",
        f"{PATH}:2",
    ]


def test_whoever_reads_other_repositories_is_told_which() -> None:
    files = {PATH: f'extends: ["{OURS}", ":semanticCommits", "github>acme/other"]'.encode()}

    assert missing_presets(files) == (OURS, "github>acme/other")
    given = elsewhere(None, {"presets": 'extends: ["github>acme/below"]', "other": None})
    assert missing_presets(files, given) == ("github>acme/below",)
    assert missing_presets({}, elsewhere(f'extends: ["{OURS}"]', {})) == (OURS,)
    assert missing_presets({PATH: b"a: ["}) == ()


@pytest.mark.parametrize(
    ("name", "repository", "paths"),
    [
        ("github>acme/presets", "acme/presets", ("condabot.yml", ".github/condabot.yml")),
        ("github>acme/.github:py", "acme/.github", ("py.condabot.yml", ".github/py.condabot.yml")),
        ("github>acme/presets//team/data/py", "acme/presets", ("team/data/py.condabot.yml",)),
        ("github>acme/presets//py", "acme/presets", ("py.condabot.yml",)),
    ],
)
def test_a_preset_of_a_repository_names_files_that_are_meant_for_condabot(
    name: str, repository: str, paths: tuple[str, ...]
) -> None:
    assert repository_preset(name) == RepositoryPreset(repository=repository, paths=paths)


def test_what_is_wrong_in_a_named_preset_is_told_with_its_file_and_line() -> None:
    files = {PATH: b'extends: ["github>acme/presets//team/py"]\n'}
    given = Elsewhere(presets={"github>acme/presets//team/py": b"labels: [a]\nlabel: [b]\n"})

    with pytest.raises(ConfigurationError) as error:
        read_configuration(files, given)

    [problem] = error.value.problems
    assert str(problem).startswith("github>acme/presets:team/py.condabot.yml:2: label: ")
