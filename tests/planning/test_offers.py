"""Which channels speak for a package."""

from dataclasses import replace

import pytest

from bot.model.environment import Requirement, SolveUnit
from bot.model.manifest import PackageName
from bot.model.package import Channel
from bot.planning.offers import channels_for, lookup_for
from tests.planning.toy import FORGE, asks_for, unit

ACME = Channel(name="acme/label/dev", url="https://conda.anaconda.org/acme/label/dev")


def from_channel(name: str, channel: str | None) -> Requirement:
    line = asks_for(name, "=1.0")
    assert line.dependency.match_spec is not None
    spec = replace(line.dependency.match_spec, channel=channel)
    return replace(line, dependency=replace(line.dependency, match_spec=spec))


def asked(*lines: Requirement) -> SolveUnit:
    one = unit(*lines)
    return replace(one, environments=(replace(one.environments[0], channels=(FORGE, ACME)),))


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        pytest.param(None, (FORGE, ACME), id="all of them"),
        pytest.param("acme/label/dev", (ACME,), id="the one that the line names, label and all"),
        pytest.param(ACME.url, (ACME,), id="also by its URL"),
        pytest.param("elsewhere", (FORGE, ACME), id="one that is not listed says nothing"),
    ],
)
def test_a_line_is_judged_by_the_channel_that_it_names(channel: str | None, expected: tuple[Channel, ...]) -> None:
    here = asked(from_channel("tool", channel), from_channel("other", None))

    assert channels_for(here, PackageName("tool")) == expected
    assert channels_for(here, PackageName("other")) == (FORGE, ACME)


def test_what_was_not_asked_has_no_answer() -> None:
    assert lookup_for({(FORGE.url,): {}}, asked(from_channel("tool", None)), PackageName("tool")) is None
