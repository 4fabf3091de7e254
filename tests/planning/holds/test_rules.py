"""All rules together: which one speaks, what they hold in any text, and whole environments."""

from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.patterns import parse_pattern
from bot.config.rules import PackageRule
from bot.config.tables import SwitchedOff
from bot.manifests import FORMATS
from bot.model.environment import Environment, SolveUnit, Workspace
from bot.model.manifest import (
    ChannelPriority,
    CommentAbove,
    Datasource,
    Declarations,
    Dependency,
    EnvironmentDeclaration,
    LockedElsewhere,
    Manifest,
    PackageName,
    Platform,
    SolveStrategy,
    Subdir,
)
from bot.model.pull_request import OpenPullRequest
from bot.planning.holds import (
    RULES,
    Hold,
    HoldRule,
    Holds,
    HoldScope,
    RepositoryFacts,
    hold_of,
    holds_of,
    minimum_of,
    surroundings_of,
)
from bot.planning.rules import Rules
from tests.planning.holds.written import (
    NOW,
    bump,
    environment_yml,
    extracted,
    held,
    is_plain_text,
    locked_project,
    said,
)
from tests.planning.toy import asks_for, unit

NUMPY: Final = PackageName("numpy")

NO_NUMPY: Final = PackageRule(match_package_names=(parse_pattern("numpy"),), enabled=False)

EVERY_RULE: Final = {
    HoldRule.IGNORE: environment_yml("numpy=1.26  # condabot: ignore"),
    HoldRule.DISABLED: environment_yml("numpy=1.26"),
    HoldRule.ALREADY_PROPOSED: environment_yml("numpy=1.26"),
    HoldRule.MINIMUM: environment_yml("numpy=1.26", path="ci/min.yml"),
    HoldRule.FOREIGN_LOCK: locked_project("numpy=1.26=h0_0"),
    HoldRule.EXPORT: environment_yml("numpy=1.26=h0_0"),
    HoldRule.UNCONSTRAINED: environment_yml("numpy"),
    HoldRule.UNJUDGED: environment_yml("numpy=1.26"),
    HoldRule.GENERATED: environment_yml("numpy=1.26", header="# generated\n"),
    HoldRule.MATRIX_AXIS: environment_yml("numpy=1.26", path="ci/np126.yml"),
    HoldRule.PIN_COMMENT: environment_yml("numpy=1.26  # keep"),
}


@pytest.mark.parametrize(("rule", "manifest"), EVERY_RULE.items())
def test_every_rule_about_a_line_is_asked(rule: HoldRule, manifest: Manifest) -> None:
    facts = {
        HoldRule.ALREADY_PROPOSED: bump("Update numpy", "environment.yml"),
        HoldRule.DISABLED: RepositoryFacts(rules=Rules((NO_NUMPY,))),
    }.get(rule, RepositoryFacts())

    unmade = ("default",) if rule is HoldRule.UNJUDGED else ()

    assert held(manifest, facts=facts, locked=False, unmade=unmade)["numpy"].rule is rule
    assert len(RULES) == len(EVERY_RULE)


@pytest.mark.parametrize("off", [rule for rule in EVERY_RULE if rule in {*SwitchedOff}])
def test_a_rule_that_is_switched_off_holds_nothing(off: HoldRule) -> None:
    facts = bump("Update numpy", "environment.yml") if off is HoldRule.ALREADY_PROPOSED else RepositoryFacts()

    assert held(EVERY_RULE[off], facts=replace(facts, off=frozenset({off})), locked=False) == {}


def test_only_rules_that_are_there_can_be_switched_off() -> None:
    assert {*SwitchedOff} < {*HoldRule}


def test_a_package_is_held_for_the_reason_that_the_configuration_gives() -> None:
    facts = RepositoryFacts(reasons={NUMPY: "waits for the audit"})

    assert said(environment_yml("numpy=1.26", "scipy=1.0"), facts=facts) == {
        "numpy": 'ignore: the configuration says "waits for the audit"'
    }


def test_the_strictest_rule_speaks() -> None:
    manifest = environment_yml(
        "python=3.11  # keep", "numpy=1.26  # keep; condabot: ignore", path="ci/py311.yml", header="# generated\n"
    )

    assert {name: hold.rule for name, hold in held(manifest).items()} == {"python": "generated", "numpy": "ignore"}


def test_rules_that_hold_everything_come_before_those_that_leave_a_range() -> None:
    scopes = [held(each, facts=bump("Update numpy", "environment.yml"), locked=False) for each in EVERY_RULE.values()]

    assert {hold.scope for found in scopes for hold in found.values()} == {"all", "range"}
    first_range = next(index for index, rule in enumerate(RULES) if rule.__name__ == "generated")
    assert [rule.__name__ for rule in RULES[first_range:]] == ["generated", "matrix_axis", "pin_comment"]


def test_a_package_of_pip_is_held_as_any_other() -> None:
    assert said(environment_yml("python", "pip:\n    - requests==2.31  # keep")) == {
        "requests": 'pin-comment: its comment says "keep"'
    }


def test_what_is_skipped_has_a_reason_of_its_own() -> None:
    assert said(environment_yml("pip:\n    - git+https://git.example/a/b  # condabot: ignore")) == {}


texts = st.text(max_size=60)
specs = st.sampled_from(["", "*", "=1.26", ">=1.26,<2", "~=1.2", "(1|2),!=3", ">=99999999999999999999,<1", "??"])
lines = st.builds(
    Dependency,
    name=st.just(NUMPY),
    datasource=st.sampled_from(Datasource),
    version=st.sampled_from(["", "*", "=1.26", ">=1.26,<2", "~=1.2", "(1|2),!=3", ">=99999999999999999999,<1", "??"])
    | texts,
    at=st.just(("dependencies", "numpy")),
    line=st.just(1),
    feature=st.just("default") | texts,
    comment=texts | st.builds("{}condabot: ignore until {}".format, texts, texts) | st.builds("keep {}".format, texts),
    comment_above=st.none() | st.builds(CommentAbove, text=texts | st.builds("these keep {}".format, texts)),
)


@st.composite
def manifests(draw: st.DrawFn) -> Manifest:
    """Manifests in which every text is anybody's."""
    path = draw(texts)
    declaration = EnvironmentDeclaration(name=draw(texts), features=tuple(draw(st.lists(texts, max_size=2))))
    names = (declaration.name,)
    return Manifest(
        path=path,
        format=draw(st.sampled_from([form.kind for form in FORMATS])),
        declarations=Declarations(name=draw(texts), environments=(declaration,)),
        dependencies=tuple(draw(st.lists(lines, min_size=1, max_size=3))),
        header=draw(texts | st.builds("# generated {}".format, texts)),
        locked_elsewhere=draw(st.none() | st.builds(LockedElsewhere, path=texts, environments=st.just(names))),
    )


@given(manifest=manifests(), configuration=texts, title=texts, locked=st.booleans())
def test_no_text_of_anybody_makes_a_rule_fail_or_a_sentence_more_than_plain_text(
    manifest: Manifest, configuration: str, title: str, *, locked: bool
) -> None:
    pull_request = OpenPullRequest(number=1, author="renovate[bot]", title=f"Update {title}", files=(manifest.path,))
    facts = RepositoryFacts(pre_commit_config=f"- id: unidep\n{configuration}", open_pull_requests=(pull_request,))
    surroundings = surroundings_of(manifest, facts, NOW, locked=locked)

    for dependency in manifest.dependencies:
        hold = hold_of(dependency, surroundings)
        assert hold is None or (len(hold.sentence.splitlines()) == 1 and is_plain_text(str(hold)))


def solved_for(name: str, strategy: SolveStrategy = SolveStrategy.HIGHEST) -> SolveUnit:
    linux = Platform(name="linux-64", subdir=Subdir("linux-64"))
    environment = Environment(
        name=name,
        manifests=("pixi.toml",),
        channels=(),
        platforms=(linux,),
        requirements=(),
        channel_priority=ChannelPriority.STRICT,
        solve_strategy=strategy,
    )
    return SolveUnit(workspace="pixi.toml", environments=(environment,), platform=linux)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        pytest.param(
            solved_for("default", SolveStrategy.LOWEST),
            'minimum: "default" is solved for the lowest versions',
            id="solved for the lowest",
        ),
        pytest.param(
            solved_for("ci", SolveStrategy.LOWEST_DIRECT),
            'minimum: "ci" is solved for the lowest versions',
            id="solved for the lowest direct ones",
        ),
        pytest.param(
            solved_for("test-py311-min-versions"),
            'minimum: "test-py311-min-versions" tests the oldest versions',
            id="by its name",
        ),
    ],
)
def test_a_whole_environment_is_held_that_is(asked: SolveUnit, sentence: str) -> None:
    assert str(minimum_of(asked)) == sentence


def test_another_environment_is_not_held() -> None:
    assert minimum_of(solved_for("admin")) is None


def test_the_stricter_of_line_and_environment_counts() -> None:
    requirement = asks_for("numpy", "=1.26")
    place = ("pixi.toml", requirement.dependency.at)
    kept = Hold(rule=HoldRule.PIN_COMMENT, sentence="kept", scope=HoldScope.RANGE)
    ignored = Hold(rule=HoldRule.IGNORE, sentence="ignored", scope=HoldScope.ALL)
    oldest, usual = unit(requirement, name="oldest"), unit(requirement)

    assert Holds(lines={place: kept}).of(requirement, usual) == kept
    assert Holds(lines={place: kept}).of(requirement, oldest) == minimum_of(oldest)
    assert Holds(lines={place: ignored}).of(requirement, oldest) == ignored
    assert Holds().of(requirement, usual) is None


def test_the_holds_of_a_repository_are_those_of_all_its_workspaces_by_place() -> None:
    one = extracted("a/environment.yml", "channels: []\ndependencies:\n- numpy=1.26  # keep\n")
    other = extracted("b/environment.yml", "channels: []\ndependencies:\n- numpy\n")
    workspaces = tuple(Workspace(manifests=(each,), lock=None, environments=()) for each in (one, other))

    found = holds_of(workspaces, RepositoryFacts(), NOW).lines

    assert {path: hold.rule for (path, _), hold in found.items()} == {
        "a/environment.yml": "pin-comment",
        "b/environment.yml": "unconstrained",
    }
