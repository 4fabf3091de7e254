"""Branch names, titles and commit messages."""

import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.model.update import ChangeKind, Proposal
from bot.rendering.names import LONGEST_SLUG, branch_name, title
from tests.rendering.proposals import change, everywhere, lifting, proposal, update

ODD = st.text(alphabet="ab1./-~^:?*[\\@{ \n\x7f", min_size=1, max_size=100) | st.text(min_size=1, max_size=100)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param("numpy-2.x", "condabot/numpy-2.x", id="a plain key is the name"),
        pytest.param(
            "sub/non-major", "condabot/sub-non-major-", id="a folder becomes a dash, and a digest tells it apart"
        ),
        pytest.param("x.lock", "condabot/x.lock-", id="git keeps names that end in .lock to itself"),
        pytest.param("a..b", "condabot/a-b-", id="and two dots"),
    ],
)
def test_branch_name(key: str, expected: str) -> None:
    name = branch_name("condabot/", key)

    assert name.startswith(expected)
    assert (name == expected) == (not expected.endswith("-"))


@settings(max_examples=40)
@given(ODD)
@example("a" * 79 + ".b")
@example("///")
@example("@{1}")
def test_git_takes_every_branch_name(key: str) -> None:
    name = branch_name("condabot/", key)

    assert (
        subprocess.run(["git", "check-ref-format", "--branch", name], check=False, capture_output=True).returncode == 0
    )
    assert len(name) <= len("condabot/") + LONGEST_SLUG + len("-abcdef")


@given(ODD, ODD)
def test_two_keys_never_share_a_branch(one: str, other: str) -> None:
    assert (branch_name("condabot/", one) == branch_name("condabot/", other)) == (one == other)


CLICK, RICH, TQDM = update("click", "8.1", "8.2"), update("rich", "13", "14"), update("tqdm", "1", "2")
MAJOR = change("pandas", "2.3.3", "3.0.5", direct=True)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(proposal(CLICK), "Update click from 8.1 to 8.2", id="merge bots read from and to"),
        pytest.param(proposal(lifting(CLICK)), "Lift click's cap", id="a cap that is a decision of its own is lifted"),
        pytest.param(proposal(lifting(CLICK), RICH), "Update click to 8.2 and rich to 14", id="but not beside others"),
        pytest.param(proposal(CLICK, RICH), "Update click to 8.2 and rich to 14", id="two are named"),
        pytest.param(
            proposal(CLICK, RICH, TQDM), "Update click to 8.2 and 2 more in pixi.lock", id="of three one is named"
        ),
        pytest.param(
            proposal(CLICK, RICH, TQDM, files={"app/pixi.lock": "", "app/pixi.toml": ""}),
            "Update click to 8.2 and 2 more in app/pixi.lock",
            id="the lock is named with its folder",
        ),
        pytest.param(
            proposal(CLICK, RICH, TQDM, files={"@me/#1/pixi.lock": ""}),
            "Update click to 8.2 and 2 more",
            id="a folder whose name could be more than a name is not",
        ),
        pytest.param(
            proposal(CLICK, diffs=everywhere(MAJOR, change("abc", "1", "2", direct=True))),
            "Update click from 8.1 to 8.2 (forces abc 2, pandas 3.0.5)",
            id="direct dependencies that are forced over a major are named, each once",
        ),
        pytest.param(
            proposal(
                RICH,
                diffs=everywhere(
                    change("rich", "13", "14", direct=True),
                    change("six", "1.0", "1.1", direct=True),
                    change("libx", "1", "2"),
                    change("old", "2", "1", direct=True, kind=ChangeKind.DOWNGRADED),
                    change("new", None, "1", direct=True),
                ),
            ),
            "Update rich from 13 to 14",
            id="what was planned, is minor, indirect, lowered or new is not",
        ),
    ],
)
def test_title(one: Proposal, expected: str) -> None:
    assert title(one) == expected
