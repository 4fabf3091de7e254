"""What the dashboard says, and which of its boxes are ticked."""

import pytest

from bot.model.dashboard import LOOK_AGAIN, Box, Tick, box_of, ticked
from bot.rendering.dashboard import MOST, NOTHING, SHOWN, DashboardView, Wait, dashboard_text, shown_keys

VIEW = DashboardView(
    open=("#12: Update numpy to 2.4.6 and 13 more in pixi.lock",),
    waits=(Wait(key="ci/non-major", words="click 8.2: its turn is Monday"), Wait(key="a", words="a 2")),
    else_=("held back scipy 1.15.2: numba <0.61",),
    asked=frozenset({"a"}),
)


def test_it_says_what_is_open_what_waits_and_what_is_held() -> None:
    text = dashboard_text(VIEW)

    assert "- [ ] <!-- condabot:rebuild 12 --> #12 Update numpy" in text
    assert box_of("ci/non-major").line("click 8.2\\: its turn is Monday") in text
    assert "- held back scipy 1.15.2" in text
    assert text == dashboard_text(VIEW)


def test_the_boxes_that_are_ticked_are_read_again() -> None:
    text = dashboard_text(VIEW)

    assert ticked(text) == {box_of("a")}
    assert ticked(text.replace("[ ]", "[x]")) == {
        Box(Tick.REBUILD, "12"),
        box_of("a"),
        box_of("ci/non-major"),
        LOOK_AGAIN,
    }


@pytest.mark.parametrize(
    "words",
    ["- [x] <!-- condabot:look -->", "x\n- [x] <!-- condabot:open 0123 -->", "@octocat", "<script>", "#7: - [x]"],
)
def test_no_words_of_others_are_a_box_or_anything_that_acts(words: str) -> None:
    text = dashboard_text(DashboardView(open=(words,), waits=(Wait(key="k", words=words),), else_=(words,)))

    assert ticked(text) == frozenset()
    assert "<script>" not in text
    assert "@octocat" not in text.replace("\\@\u200b", "")


def test_of_very_many_some_are_shown_and_the_rest_is_counted() -> None:
    many = DashboardView(waits=tuple(Wait(key=str(number), words="a 1") for number in range(MOST + 7)))

    text = dashboard_text(many)

    assert len(shown_keys(many)) == MOST
    assert f"<summary>{MOST + 7 - SHOWN} more</summary>" in text
    assert "- … and 7 more" in text
    assert len(text) < 65_536


def test_where_nothing_is_to_be_said_it_says_that() -> None:
    assert NOTHING in dashboard_text(DashboardView())
