"""What is known of a conda package: what all channel lists offer, against the lowest version in use."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

import pytest

from bot.model.environment import Requirement
from bot.model.exclude_newer import CutOff, ExcludeNewer
from bot.model.manifest import PackageName, Role, SolveStrategy, Subdir
from bot.model.package import Channel
from bot.model.update import Absent, Lookup, Release, Releases
from bot.planning.baseline import Baseline, place
from bot.planning.holds import Hold, HoldRule, Holds, HoldScope
from bot.planning.offers import Lookups
from bot.planning.outlook import Outlook, conda_outlooks
from bot.planning.policy import Policy
from tests.planning.toy import FORGE, LINUX, MACOS, NOW, asks_for, baseline, record, unit

TOOL, PYTHON = PackageName("tool"), PackageName("python")
MINE = Channel(name="mine", url="https://mine.example/channel")
OLD = NOW - timedelta(days=100)
YOUNG = NOW - timedelta(days=3)


Flavours: TypeAlias = Mapping[str, frozenset[tuple[str, ...]]]


def flavours(*words: str) -> Flavours:
    """Return builds for linux, each of which says one of *words*."""
    return {LINUX: frozenset((each,) for each in words)}


def release(
    version: str,
    built: datetime | None = OLD,
    subdirs: tuple[Subdir, ...] = (LINUX,),
    flavours: Flavours | None = None,
) -> Release:
    return Release(version=version, subdirs=frozenset(subdirs), built=built, flavours=flavours or {})


def offer(*releases: Release, channel: Channel = FORGE) -> Releases:
    return Releases(channel=channel, releases=releases)


def stands(
    version: str,
    *lines: Requirement,
    name: str = "default",
    subdir: Subdir = LINUX,
    channels: tuple[Channel, ...] = (FORGE,),
    build: str = "h0_0",
    locked: bool = True,
) -> Baseline:
    """Return a unit that has that version of the tool."""
    asked = unit(*(lines or (asks_for("tool", "*", subdirs=(LINUX, MACOS)),)), name=name, subdir=subdir)
    environments = tuple(replace(each, channels=channels) for each in asked.environments)
    return baseline(replace(asked, environments=environments), record("tool", version, build=build), locked=locked)


def outlook(offers: Mapping[Channel, Lookup], *baselines: Baseline, policy: Policy | None = None) -> Outlook:
    lookups: Lookups = {(channel.url,): {TOOL: found} for channel, found in offers.items()}
    [found] = conda_outlooks(baselines, lookups, policy or Policy(), NOW)
    return found


def moves(found: Outlook) -> list[str]:
    return [release.version for each in found.candidates for release in each.releases]


HERE = stands("1.0")
BOTH = (HERE, stands("1.0", name="other", channels=(MINE,)))


@pytest.mark.parametrize(
    ("theirs", "versions"),
    [
        pytest.param(offer(release("1.1"), release("1.3")), ["1.1"], id="only what both have"),
        pytest.param(offer(release("1.3")), [], id="nothing, if they have nothing in common"),
        pytest.param(Absent(reason="No package is called tool."), [], id="nothing, if one does not have it at all"),
        pytest.param(offer(release("1.1", subdirs=(MACOS,)), release("1.2", subdirs=())), [], id="where both have it"),
        pytest.param(offer(release("1.1"), release("1.2", None)), ["1.1"], id="with a build date in both"),
        pytest.param(offer(release("1.1"), release("1.2", YOUNG)), ["1.1"], id="old enough in both"),
        pytest.param(offer(release("1.1"), release("1.2")), ["1.1", "1.2"], id="in conda's order"),
    ],
)
def test_several_channel_lists_offer_what_they_all_have(theirs: Lookup, versions: list[str]) -> None:
    ours = offer(release("1.1"), release("1.2"))

    for offers in ({FORGE: ours, MINE: theirs}, {MINE: ours, FORGE: theirs}):
        assert moves(outlook(offers, *BOTH)) == versions


def test_a_channel_list_that_was_not_asked_offers_nothing() -> None:
    assert outlook({FORGE: offer(release("1.1"))}, *BOTH) == Outlook()


def test_units_with_one_channel_list_are_one_offer() -> None:
    assert moves(outlook({FORGE: offer(release("1.1"))}, HERE, stands("1.0", name="other"))) == ["1.1"]


def test_the_newest_of_the_build_dates_is_told() -> None:
    offers = {FORGE: offer(release("1.1")), MINE: offer(release("1.1", YOUNG))}

    assert [each.sentence for each in outlook(offers, *BOTH).not_now] == ["tool 1.1 is 3 days old: due 2026-11-06"]


def test_a_flavour_counts_where_all_channel_lists_have_it() -> None:
    both, one = flavours("cuda", "cpu"), flavours("cpu")
    units = [stands("1.0", name=each.url, channels=(each,), build="cuda126_h0_0") for each in (FORGE, MINE)]

    alike = outlook({each: offer(release("1.1", flavours=both)) for each in (FORGE, MINE)}, *units)
    apart = outlook(
        {FORGE: offer(release("1.1", flavours=both)), MINE: offer(release("1.1", flavours=one))},
        *units,
    )
    silent = outlook({FORGE: offer(release("1.1", flavours=one)), MINE: offer(release("1.1"))}, *units)

    assert moves(alike) == ["1.1"]
    assert [each.sentence for each in apart.not_now] == ["flavour: tool 1.1 has no cuda build on linux-64"]
    assert moves(silent) == ["1.1"]


def test_the_lowest_version_in_use_counts() -> None:
    units = [stands(version, name=version) for version in ("1.10", "1.2", "1.9")]

    found = outlook({FORGE: offer(release("1.9"), release("1.10"), release("1.11"))}, *units)

    assert (found.current, moves(found)) == ("1.2", ["1.9", "1.10", "1.11"])


@pytest.mark.parametrize(
    ("current", "versions"),
    [
        pytest.param("1.0", ["1.1"], id="not for who uses a release"),
        pytest.param("1.0rc1", ["1.1"], id="nor for who has one: the final release comes first"),
    ],
)
def test_pre_releases(current: str, versions: list[str]) -> None:
    found = outlook({FORGE: offer(release("1.1"), release("1.2rc1"))}, stands(current))

    assert (found.newest, moves(found)) == (versions[-1], versions)


def test_what_is_in_no_unit_has_no_outlook() -> None:
    elsewhere = baseline(unit(asks_for("tool", "*")), record("other", "1.0"))

    assert outlook({FORGE: offer(release("1.1"))}, elsewhere) == Outlook()


def test_every_platform_of_the_units_must_have_a_release() -> None:
    found = outlook(
        {FORGE: offer(release("1.1", subdirs=(LINUX, MACOS)), release("1.2"))}, HERE, stands("1.0", subdir=MACOS)
    )

    assert moves(found) == ["1.1"]
    assert [each.sentence for each in found.not_now] == ["tool 1.2 is not (yet) built for osx-arm64"]


@pytest.mark.parametrize(
    ("spec", "versions"),
    [
        pytest.param("<2", ["2.0"], id="what it lets in anyway is none, what it keeps out is one"),
        pytest.param("*", [], id="where it lets in everything there is none"),
    ],
)
def test_an_update_of_what_is_only_limited(spec: str, versions: list[str]) -> None:
    line = asks_for("tool", spec)
    limit = replace(line, dependency=replace(line.dependency, role=Role.CONSTRAINT, at=("constraints", "tool")))
    asked = unit()
    environments = tuple(replace(each, constraints=(limit,)) for each in asked.environments)
    here = baseline(replace(asked, environments=environments), record("tool", "1.0"))

    assert moves(outlook({FORGE: offer(release("1.1"), release("2.0"))}, here)) == versions


def test_a_package_that_is_asked_for_as_well_as_limited_moves_as_ever() -> None:
    line = asks_for("tool", "<2")
    limit = replace(line, dependency=replace(line.dependency, role=Role.CONSTRAINT, at=("constraints", "tool")))
    here = stands("1.0")
    environments = tuple(replace(each, constraints=(limit,)) for each in here.unit.environments)
    here = replace(here, unit=replace(here.unit, environments=environments))

    assert moves(outlook({FORGE: offer(release("1.1"), release("2.0"))}, here)) == ["1.1", "2.0"]


@pytest.mark.parametrize(
    ("channel", "sentences"),
    [
        pytest.param(FORGE.url, ["tool 1.1 is 100 days old: due 2027-07-11"], id="of the channel that has the package"),
        pytest.param(MINE.url, [], id="of another channel"),
    ],
)
def test_what_the_manifest_keeps_out(channel: str, sentences: list[str]) -> None:
    cut_off = CutOff(moment=NOW - timedelta(days=351), is_fixed=False)
    environments = tuple(
        replace(each, exclude_newer=ExcludeNewer(channels={channel: cut_off})) for each in HERE.unit.environments
    )
    here = replace(HERE, unit=replace(HERE.unit, environments=environments))

    assert [each.sentence for each in outlook({FORGE: offer(release("1.1"))}, here).not_now] == sentences


def test_a_line_that_is_held_in_its_range_is_not_rewritten() -> None:
    line = asks_for("tool", "<2")
    hold = Hold(rule=HoldRule.PIN_COMMENT, sentence="because", scope=HoldScope.RANGE)
    lookups: Lookups = {(FORGE.url,): {TOOL: offer(release("1.1"), release("2.0"))}}

    [found] = conda_outlooks([stands("1.0", line)], lookups, Policy(), NOW, Holds(lines={place(line): hold}))

    assert (moves(found), found.hold) == (["1.1"], "pin-comment: because")
    assert [each.frozen for each in found.candidates] == [frozenset({place(line)})]


def test_every_package_that_is_asked_for_has_its_outlook_by_name() -> None:
    here = baseline(
        unit(asks_for("tool", "*"), asks_for("app", "*")), record("tool", "1.0"), record("app", "1.0"), locked=True
    )
    names = [PackageName("app"), TOOL]

    found = conda_outlooks([here], {(FORGE.url,): dict.fromkeys(names, offer(release("1.1")))}, Policy(), NOW)

    assert [each.candidates[0].name for each in found] == names
    assert {each.workspace for one in found for each in one.candidates} == {"pixi.toml"}


def python(version: str, *lines: Requirement, name: str = "default", locked: bool = True) -> Baseline:
    return baseline(unit(*lines, name=name), record("python", version), record("tool", "1.0"), locked=locked)


ASKS_FOR_PYTHON = asks_for("python", "*")
SILENT = (asks_for("tool", "*"),)
MINIMUM = replace(
    python("3.12.1", *SILENT),
    unit=replace(
        python("3.12.1", *SILENT).unit,
        environments=tuple(
            replace(each, solve_strategy=SolveStrategy.LOWEST) for each in python("3.12.1", *SILENT).unit.environments
        ),
    ),
)


@pytest.mark.parametrize(
    ("baselines", "units"),
    [
        pytest.param(
            [python("3.12.1", ASKS_FOR_PYTHON), python("3.12.1", *SILENT, name="silent")],
            ["default", "silent"],
            id="a lock that holds python unasked goes along",
        ),
        pytest.param(
            [python("3.12.1", ASKS_FOR_PYTHON), python("3.12.1", *SILENT, name="silent", locked=False)],
            ["default"],
            id="without a lock it is free anyway",
        ),
        pytest.param([python("3.12.1", *SILENT)], ["default"], id="also if nobody asks for python at all"),
        pytest.param([MINIMUM], [], id="but what tests the oldest versions stays"),
        pytest.param([python("3.12.1", *SILENT, locked=False)], [], id="nobody asks, and nothing is locked"),
    ],
)
def test_the_units_of_a_minor_of_python(baselines: list[Baseline], units: list[str]) -> None:
    lookups: Lookups = {(FORGE.url,): {PYTHON: offer(release("3.12.9"), release("3.13.0"))}}

    found = conda_outlooks(baselines, lookups, Policy(), NOW)

    minors = [each for one in found for each in one.minors]
    assert [b.unit.name for each in minors for b in each.candidate.baselines] == units
    assert [each.newest.version for each in minors] == (["3.13.0"] if units else [])
    asked = any(each.unit.requirements[0] is ASKS_FOR_PYTHON for each in baselines)
    assert [version for one in found for version in moves(one)] == (["3.12.9"] if asked else [])


def test_a_python_that_is_held_everywhere_has_no_minors_though_a_lock_holds_it() -> None:
    lookups: Lookups = {(FORGE.url,): {PYTHON: offer(release("3.12.9"), release("3.13.0"))}}
    hold = Hold(rule=HoldRule.IGNORE, sentence="because", scope=HoldScope.ALL)
    holds = Holds(lines={place(ASKS_FOR_PYTHON): hold})

    [found] = conda_outlooks([python("3.12.1", ASKS_FOR_PYTHON)], lookups, Policy(), NOW, holds)

    assert (found.candidates, found.minors, found.hold) == ((), (), "ignore: because")
