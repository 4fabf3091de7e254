"""What a pull request says fits into one, together with what it says to the bot."""

from typing import cast

import pytest

from bot.github import pulls
from bot.github.checks import Conclusion
from bot.github.client import Client
from bot.github.model import Branch, RepositoryReference
from bot.github.ours import MarkerPlace, read_marker
from bot.jobs.decide import decide
from bot.jobs.publish import Publisher, check_result
from bot.model.audit import Finding, FindingRule, LockAudit
from bot.model.manifest import PackageName, Subdir
from bot.model.update import BranchName, Proposal
from bot.rendering.pull_request import Told, body
from bot.rendering.room import CUT
from bot.updating.answering import check_words, draft
from bot.updating.inspection import CheckWords, Inspection, Prepared, Words
from tests.jobs.test_decide import HEAD, KEYS, OURS, TIP, commit, repository
from tests.rendering.proposals import NOW, change, everywhere, proposal, update


class Connected:
    """A client, as far as it is asked where it is."""

    repository = RepositoryReference(id=70, node_id="R_70", owner="acme", name="app")


def publisher(proposed: Proposal) -> Publisher:
    return Publisher(
        client=cast("Client", Connected()),
        base=Branch(name=BranchName("main"), head=commit(OURS)),
        tree=(),
        keys=KEYS,
        inspection=cast("Inspection", Telling(proposed)),
    )


class Telling:
    """An inspection, as far as it tells of its one proposal."""

    def __init__(self, proposed: Proposal) -> None:
        self._proposed = proposed

    async def body(self, key: str, words: Words) -> str:
        assert key == self._proposed.plan.key
        return body(self._proposed, Told(base=words.base, now=NOW), words.longest)


async def test_a_body_with_hundreds_of_updates_is_cut_and_its_marker_is_whole() -> None:
    names = [f"a-package-with-a-long-name-{number}" for number in range(350)]
    updates = [update(name, "1.0.0", "1.1.0", spec=("1.0.*", "1.1.*")) for name in names]
    large = proposal(*updates, diffs=everywhere(*(change(name, "1.0.0", "1.1.0") for name in names)))

    prepared = Prepared(message="", check=CheckWords(headline="", summary=""), paths=tuple(large.files))
    text = await publisher(large)._body(decide(repository(), draft(large)), TIP, prepared)

    assert len(text) <= pulls.LONGEST_BODY
    assert CUT in text
    marker = read_marker(text, MarkerPlace(repository_id=70, branch=HEAD), KEYS)
    assert marker is not None
    assert [each.name for each in marker.versions] == names
    assert (marker.base, marker.commit, marker.digest) == (OURS, TIP, large.fingerprint)


def audited(*rules: FindingRule) -> LockAudit:
    """Return the audit of a lock in which every one of *rules* is broken by `zlib`."""
    findings = tuple(
        Finding(
            rule=rule,
            name=PackageName("zlib"),
            version="1.3",
            url="https://files.example/zlib-1.3-h0_0.conda",
            environments=("default",),
            subdirs=(Subdir("linux-64"),),
            sentence="It is @not what `it` was.",
        )
        for rule in rules
    )
    return LockAudit(path="pixi.lock", records=12, others=0, findings=findings, not_judged=())


def test_the_check_run_says_where_it_was_solved() -> None:
    numpy = update("numpy", "1", "2")

    solved = check_result(check_words(proposal(numpy, diffs=everywhere()), (audited(),)))

    assert (solved.title, solved.conclusion) == ("solved on linux-64, osx-arm64, win-64", Conclusion.SUCCESS)
    assert "`pixi.lock`: 12 records compared with their channels, nothing is wrong with them." in solved.summary
    assert check_result(check_words(proposal(numpy), ())).title == "nothing in it is solved"


@pytest.mark.parametrize(
    ("rules", "conclusion"),
    [
        pytest.param([FindingRule.RECORD_GONE], Conclusion.NEUTRAL, id="a record that is gone is only said"),
        pytest.param(
            [FindingRule.RECORD_GONE, FindingRule.HASH_DIFFERS], Conclusion.FAILURE, id="another hash is a failure"
        ),
    ],
)
def test_the_check_run_tells_what_the_audit_found(rules: list[FindingRule], conclusion: Conclusion) -> None:
    result = check_result(check_words(proposal(update("numpy", "1", "2"), diffs=everywhere()), (audited(*rules),)))

    assert result.conclusion is conclusion
    assert f"{len(rules)} finding" in result.title
    assert "`zlib` `1.3`" in result.summary
    assert "@not" not in result.summary.replace("\\@\u200b", "")
