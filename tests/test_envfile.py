"""Files of variables: what everybody reads alike is written, what is usual is read."""

from pathlib import Path

import pytest

from bot.envfile import parse, render
from bot.errors import SettingsError
from bot.settings import with_env_file


def test_what_is_written_is_read_back() -> None:
    values = {"A": "1", "URL": "https://x.example:8000/a~b", "EMPTY": ""}

    assert parse(render(values, "Written by a test."), path="f") == values


@pytest.mark.parametrize("value", ["two words", "a#b", "a'b", 'a"b', "a$b", "a\nB=1", "a\\b", "é"])
def test_what_some_would_read_differently_is_not_written(value: str) -> None:
    with pytest.raises(SettingsError, match="A: has characters that would have to be quoted"):
        render({"A": value}, "")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A=1\n\n# B=2\n; C=3\nD=4\r\n", {"A": "1", "D": "4"}),
        ("A='two words'\nB=\"x\"\nC='", {"A": "two words", "B": "x", "C": "'"}),
        ("export A=1\nB = 2\nC=a=b", {"A": "1", "B": "2", "C": "a=b"}),
    ],
)
def test_what_is_usual_is_read(text: str, found: dict[str, str]) -> None:
    assert parse(text, path="f") == found


def test_a_line_that_is_none_is_named_and_not_repeated() -> None:
    with pytest.raises(SettingsError, match=r"^f:2: this is not NAME=value$"):
        parse("A=1\nhidden word\n", path="f")


def test_the_environment_wins_over_the_file_and_a_file_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("A=file\nB=file\n")

    assert with_env_file({"A": "environment"}, tmp_path / "f") == {"A": "environment", "B": "file"}
    assert with_env_file({"A": "environment"}, tmp_path / "none") == {"A": "environment"}
