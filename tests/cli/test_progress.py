"""What is being done: a line for each stage in a pipe, a status that leaves nothing on a terminal."""

import io

import pytest

from bot.cli.output import Terminal
from bot.cli.progress import ShownProgress, shown_progress


def test_in_a_pipe_each_stage_is_a_line_and_steps_are_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress() as progress:
        progress.stage("solving 2 environments")
        progress.step("default on linux-64")
        progress.stage("\x1b[2J [bold]searching")

    assert capsys.readouterr().err == "solving 2 environments\n\\x1b[2J [bold]searching\n"


def test_on_a_terminal_a_step_is_shown_with_its_stage_in_one_line() -> None:
    console = Terminal(file=io.StringIO(), force_terminal=True, width=30)
    with console.status("") as status:
        progress = ShownProgress(console=console, status=status)
        progress.step("starting")
        alone = str(status.status)
        progress.stage("solving 2 environments")
        progress.step("default on linux-64")

    assert alone == "starting"
    assert str(status.status) == "solving 2 environments (def…"
    assert console.columns == 30


def test_a_terminal_gets_a_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cli.progress.Terminal.is_terminal", True)

    with shown_progress() as progress:
        assert progress.status is not None
