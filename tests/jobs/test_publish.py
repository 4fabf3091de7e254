"""What a pull request says fits into one, together with what it says to the bot."""

from typing import cast

from bot.github import pulls
from bot.github.client import Client
from bot.github.model import Branch, RepositoryReference
from bot.github.ours import Place, read_marker
from bot.jobs.decide import decide
from bot.jobs.publish import Publisher, _check_result
from bot.model.update import BranchName
from bot.rendering.pull_request import CUT
from tests.jobs.test_decide import HEAD, KEYS, OURS, TIP, commit, repository
from tests.rendering.proposals import NOW, change, everywhere, proposal, update


class Connected:
    """A client, as far as it is asked where it is."""

    repository = RepositoryReference(id=70, node_id="R_70", owner="acme", name="app")


PUBLISHER = Publisher(
    client=cast("Client", Connected()),
    base=Branch(name=BranchName("main"), head=commit(OURS)),
    tree=(),
    keys=KEYS,
    now=NOW,
)


def test_a_body_with_hundreds_of_updates_is_cut_and_its_marker_is_whole() -> None:
    names = [f"a-package-with-a-long-name-{number}" for number in range(350)]
    updates = [update(name, "1.0.0", "1.1.0", spec=("1.0.*", "1.1.*")) for name in names]
    large = proposal(*updates, diffs=everywhere(*(change(name, "1.0.0", "1.1.0") for name in names)))

    body = PUBLISHER._body(decide(repository(), large), TIP)

    assert len(body) <= pulls.LONGEST_BODY
    assert CUT in body
    marker = read_marker(body, Place(repository_id=70, branch=HEAD), KEYS)
    assert marker is not None
    assert [each.name for each in marker.versions] == names
    assert (marker.base, marker.commit, marker.digest) == (OURS, TIP, large.fingerprint)


def test_the_check_run_says_where_it_was_solved() -> None:
    numpy = update("numpy", "1", "2")

    assert _check_result(proposal(numpy, diffs=everywhere())).title == "solved on linux-64, osx-arm64, win-64"
    assert _check_result(proposal(numpy)).title == "nothing in it is solved"
