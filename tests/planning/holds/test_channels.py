"""Channels that did not answer."""

from bot.planning.holds import Unjudged, unknown_channels

FORBIDDEN = "Channel https://conda.example/private answered 401: it needs credentials of the operator."
BROKEN = "Channel https://conda.example/other did not answer with repodata."


def test_what_a_channel_leaves_unknown_is_counted_in_one_sentence_with_what_to_do() -> None:
    unjudged = [
        Unjudged(reason=FORBIDDEN, environment=environment, dependency=dependency)
        for environment in ("default", "test")
        for dependency in ("pixi.toml:3", "pixi.toml:4", "pixi.toml:5")
    ]

    (hold,) = unknown_channels(unjudged)

    assert (hold.rule, hold.scope) == ("channel-unknown", "all")
    assert hold.sentence == (
        "Channel https://conda.example/private answered 401: 3 dependencies in 2 environments not judged. "
        "Fix: it needs credentials of the operator"
    )


def test_a_channel_without_advice_is_still_counted_and_each_channel_speaks_for_itself() -> None:
    unjudged = [Unjudged(reason=each, environment="default", dependency="pixi.toml:3") for each in (BROKEN, FORBIDDEN)]

    first, second = unknown_channels(unjudged)

    assert first.sentence == (
        "Channel https://conda.example/other did not answer with repodata: 1 dependency in 1 environment not judged"
    )
    assert "private" in second.sentence


def test_where_every_channel_answered_there_is_nothing_to_say() -> None:
    assert unknown_channels([]) == ()
