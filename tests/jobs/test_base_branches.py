"""Further branches that are kept up: which they are, and how what is done for them is told apart."""

import pytest

from bot.jobs.base_branches import _beginning as beginning
from bot.jobs.base_branches import said_with_branch, with_branch
from bot.jobs.bases import is_base, keyed, of_branch
from bot.jobs.report import RunReport
from bot.rendering.repository_report import RepositoryReport
from bot.store.proposals import FailedProposal


@pytest.mark.parametrize(
    ("patterns", "name", "expected"),
    [
        (["release/*"], "release/1.x", True),
        (["release/*"], "release/1/2", False),
        (["release/**"], "release/1/2", True),
        (["v1"], "v1", True),
        (["v1"], "v10", False),
        (["/^v[0-9]+$/"], "v10", True),
        (["/^v[0-9]+$/", "!v1"], "v1", False),
        (["*"], "v1", True),
        (["**"], "gh-readonly-queue/main/pr-1-abc", False),
        ([], "v1", False),
    ],
)
def test_which_branches_are_meant(patterns: list[str], name: str, *, expected: bool) -> None:
    assert is_base(patterns, name) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("release/*", "release/"),
        ("release/1.*", "release/1."),
        ("v{1,2}", "v"),
        ("v1", "v1"),
        ("*", ""),
        ("/^v1/", ""),
        ("a/b/c", "a/b/c"),
        ("a/**/b", "a/"),
    ],
)
def test_what_the_names_begin_with(pattern: str, expected: str) -> None:
    assert beginning(pattern) == expected


def test_keys_of_a_branch_are_its_own() -> None:
    assert keyed("", "non-major") == "non-major"
    assert keyed("v1", "non-major") == "v1@non-major"
    assert of_branch("v1", {"v1@a": "why", "b": "not", "v10@c": "nor"}) == {"a": "why"}


def test_reports_are_put_together() -> None:
    first = RunReport(outcomes=("opened",), head="1", published=("a",), opened=1, again_after=60)
    failed = FailedProposal(key="b", sentence="no")
    other = RunReport(outcomes=("up to date",), head="2", published=("a",), failed=(failed,), again_after=30)

    assert with_branch(first, other, "v1") == RunReport(
        outcomes=("opened", "v1: up to date"),
        head="1",
        published=("a", "v1@a"),
        failed=(FailedProposal(key="v1@b", sentence="no"),),
        opened=1,
        again_after=30,
    )


def test_what_is_said_is_put_together() -> None:
    first = RepositoryReport(open=("#2: b",), waits=("c",), else_=("d",))
    other = RepositoryReport(open=("#1: a",), waits=("e",), else_=("f",))

    assert said_with_branch(first, other, "v1") == RepositoryReport(
        open=("#1: a", "#2: b"), waits=("c", "v1: e"), else_=("d", "v1: f")
    )
