"""Channels that did not answer, said once for each workspace."""

from collections.abc import Mapping

from bot.model.environment import Workspace
from bot.model.manifest import PackageName
from bot.model.report import Problem
from bot.model.update import Lookup, Unknown
from bot.updating.survey.unanswered import unanswered, without_repeats
from tests.planning.holds.written import pixi_toml
from tests.planning.toy import FORGE, asks_for, unit

REASON = f"Channel {FORGE.url} answered 401: it needs credentials."
UNKNOWN = Unknown(reason=REASON, channel=FORGE)
NAMES = ("numpy", "scipy")
LOOKUPS: Mapping[tuple[str, ...], Mapping[PackageName, Lookup]] = {
    (FORGE.url,): {PackageName(name): UNKNOWN for name in NAMES}
}


def workspace() -> Workspace:
    asked = unit(*(asks_for(name, "*") for name in (*NAMES, "known")))
    return Workspace(manifests=(pixi_toml("default", "numpy = '*'"),), lock=None, environments=asked.environments)


def test_a_channel_that_did_not_answer_is_one_problem_with_everything_counted() -> None:
    (problem,) = unanswered([workspace()], LOOKUPS)

    assert str(problem) == (
        f"pixi.toml: channel-unknown: Channel {FORGE.url} answered 401: "
        "3 dependencies in 1 environment not judged. Fix: it needs credentials"
    )


def test_channels_that_answered_are_no_problem() -> None:
    assert unanswered([workspace()], {}) == ()


def test_solves_that_failed_for_that_channel_are_not_told_again() -> None:
    repeated = Problem(path="pixi.toml", sentence=f"default on linux-64 {REASON}")
    other = Problem(path="pixi.toml", sentence="default on linux-64 does not solve as it stands")

    elsewhere = Problem(path="docs/pixi.toml", sentence=f"default on linux-64 {REASON}")
    told = unanswered([workspace()], LOOKUPS)

    assert without_repeats([repeated, other, elsewhere], told, LOOKUPS) == (other, elsewhere)


def test_an_empty_channel_is_told_once_whichever_subdirs_were_asked() -> None:
    empty = f"Channel {FORGE.url} lists no package at all in"
    lookups = {
        key: {name: Unknown(reason=f"{empty} linux-64, win-64, noarch.", channel=FORGE) for name in found}
        for key, found in LOOKUPS.items()
    }
    repeated = Problem(path="pixi.toml", sentence=f"default on linux-64 is not judged: {empty} linux-64, noarch.")

    assert without_repeats([repeated], unanswered([workspace()], lookups), lookups) == ()
