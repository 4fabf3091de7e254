"""How people write commits, told by the latest ones."""

import pytest

from bot.github.model import CommitWords
from bot.jobs.commit_style import DCO_PATH, is_semantic, wants_sign_off
from tests.jobs.test_decide import BOT

OURS = "7+condabot[bot]@users.noreply.github.com"
OTHER_BOT = "9+renovate[bot]@users.noreply.github.com"
SIGNED = "Why.\n\nSigned-off-by: Octo Cat <octo@files.example>\n"


def said(headline: str, body: str = "", *, by: str = "octo@files.example", merges: bool = False) -> CommitWords:
    return CommitWords(headline=headline, body=body, author_email=by, is_merge=merges)


PLAIN, SEMANTIC = said("Fix the build"), said("fix(build)!: a word")


@pytest.mark.parametrize(
    ("latest", "expected"),
    [
        pytest.param([], False, id="nothing was written"),
        pytest.param([SEMANTIC], True, id="one that is"),
        pytest.param([SEMANTIC, PLAIN], False, id="half of them"),
        pytest.param([SEMANTIC, SEMANTIC, PLAIN], True, id="most of them"),
        pytest.param([SEMANTIC, said("Merge branch 'a'", merges=True)], True, id="merges do not count"),
        pytest.param([PLAIN, said("chore(deps): a", by=OURS), said("chore: b", by=OURS)], False, id="nor do ours"),
        pytest.param([PLAIN, said("chore(deps): a", by=OTHER_BOT), said("ci: b", by=OTHER_BOT)], True, id="others' do"),
        pytest.param([said("numpy: fix it")], False, id="a type that nobody agreed on"),
        pytest.param([said("fix:")], False, id="without words"),
        pytest.param([said("feature: x")], False, id="a longer word"),
    ],
)
def test_whether_titles_are_semantic(latest: list[CommitWords], *, expected: bool) -> None:
    assert is_semantic(latest, BOT) is expected


@pytest.mark.parametrize(
    ("latest", "paths", "expected"),
    [
        pytest.param([], [], False, id="nothing was written"),
        pytest.param([PLAIN], [], False, id="nobody signs off"),
        pytest.param([PLAIN], [DCO_PATH], True, id="the App that asks for it is configured"),
        pytest.param([said("a", SIGNED), said("b", SIGNED), PLAIN], [], True, id="most do"),
        pytest.param([said("a", SIGNED), PLAIN], [], False, id="half do"),
        pytest.param([said("a", SIGNED), said("Bump b", by=OTHER_BOT)], [], True, id="other bots need not"),
        pytest.param([PLAIN, said("b", SIGNED, by=OURS)], [], False, id="we say nothing about it"),
        pytest.param([said("a", "about Signed-off-by: lines")], [], False, id="who only writes of it"),
    ],
)
def test_whether_commits_are_signed_off(latest: list[CommitWords], paths: list[str], *, expected: bool) -> None:
    assert wants_sign_off(latest, BOT, paths) is expected


def test_the_bot_signs_as_github_names_it() -> None:
    assert BOT.signature == f"condabot[bot] <{OURS}>"
    assert BOT.wrote(OURS)
