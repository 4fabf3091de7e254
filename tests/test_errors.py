"""Errors say where, as far as that is known."""

import inspect
import re

import pytest

from bot import errors
from bot.errors import BadInput, ChannelError, CondabotError, GitHubError, GitHubUnavailable, ManifestError


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        pytest.param(BadInput("is empty"), "is empty", id="nothing is known of the place"),
        pytest.param(BadInput("is empty", path="a.yml"), "a.yml: is empty", id="the file"),
        pytest.param(BadInput("is empty", path="a.yml", line=3), "a.yml:3: is empty", id="file and line"),
        pytest.param(
            ManifestError("is empty", path="a.toml", line=3, key="x.y"), "a.toml:3: x.y: is empty", id="the key as well"
        ),
        pytest.param(BadInput("is empty", key="x.y"), "x.y: is empty", id="the key alone"),
    ],
)
def test_a_bad_input_says_where(error: BadInput, sentence: str) -> None:
    assert str(error) == sentence


def test_errors_of_channels_and_of_github_keep_what_a_reaction_needs() -> None:
    assert ChannelError("no", channel="https://conda.anaconda.org/x").channel == "https://conda.anaconda.org/x"
    assert GitHubError("no", status=404).status == 404
    unavailable = GitHubUnavailable("later", status=429, retry_after=60)
    assert (unavailable.status, unavailable.retry_after) == (429, 60)


def test_the_tree_in_the_docstring_is_that_of_the_classes() -> None:
    drawn = re.findall(r"^[│ ]*[├└]── (\w+)|^(CondabotError)", errors.__doc__ or "", re.MULTILINE)
    depths = [len(line.split("──")[0]) // 4 for line in (errors.__doc__ or "").splitlines() if "──" in line]

    classes = [each for _, each in inspect.getmembers(errors, inspect.isclass)]
    assert {one or other for one, other in drawn} == {each.__name__ for each in classes}
    named = {each.__name__: each for each in classes}
    order = [name for name, _ in drawn if name]
    assert [len(named[name].__mro__) - len(CondabotError.__mro__) - 1 for name in order] == depths
