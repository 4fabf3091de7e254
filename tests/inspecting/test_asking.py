"""What a child asks its parent for, without processes around it."""

import asyncio

from bot.egress import EgressPolicy
from bot.inspecting.asking import LARGEST_REPORT, Parent
from bot.inspecting.pool import _Attending
from bot.inspecting.protocol import Answered, Learned, Recall, Remember, Solve, from_child
from bot.model.report import Problem, ScanReport
from bot.model.update import BranchPlan, Proposal
from bot.settings import ChannelSettings
from bot.updating.memory import MOST_REPORTS, Shelf
from tests.inspecting.world import Unanswering, supplies


def proposed(text: str) -> ScanReport:
    plan = BranchPlan(key="a", updates=())
    proposal = Proposal(
        plan=plan, files={"pixi.lock": text}, diffs=(), held_back=(), solved=1, platforms=(), fingerprint="f"
    )
    return ScanReport(proposals=(proposal,), held_back=(), statuses=(), problems=())


async def test_answers_go_to_whoever_asked_in_whatever_order_they_come() -> None:
    said: list[bytes] = []
    parent = Parent(said.append)
    asking = asyncio.gather(parent.answer(b"one"), parent.answer(b"two"), parent.learned("https://files.example/a"))
    await asyncio.wait([asking], timeout=0)

    one, two, url = map(from_child, said)
    assert (one, two) == (Solve(0, b"one"), Solve(1, b"two"))
    assert url == Learned(2, "https://files.example/a")
    for number, content in ((2, None), (1, b"TWO"), (0, b"ONE"), (7, b"for nobody")):
        parent.answered(Answered(number, content))

    assert list(await asking) == [b"ONE", b"TWO", None]


async def test_a_report_comes_back_as_it_was() -> None:
    said: list[bytes] = []
    parent = Parent(said.append)
    await parent.remember(b"key", proposed("a lock"))
    kept = from_child(said.pop())
    assert isinstance(kept, Remember)
    recalling = asyncio.ensure_future(parent.recall(b"key"))
    await asyncio.wait([recalling], timeout=0)
    assert from_child(said.pop()) == Recall(0, b"key")
    parent.answered(Answered(0, kept.report))

    assert await recalling == proposed("a lock")


async def test_what_went_wrong_or_is_too_large_is_not_kept() -> None:
    said: list[bytes] = []
    parent = Parent(said.append)
    await parent.remember(b"key", _with_problem())
    await parent.remember(b"key", proposed("x" * (LARGEST_REPORT + 1)))

    assert said == []


def _with_problem() -> ScanReport:
    return ScanReport(proposals=(), held_back=(), statuses=(), problems=(Problem(path="a", sentence="b"),))


class TestShelf:
    def test_one_repository_is_never_given_what_was_kept_for_another(self) -> None:
        shelf = Shelf()
        shelf.put(1, b"key", b"mine")

        assert (shelf.take(1, b"key"), shelf.take(2, b"key"), shelf.take(1, b"other")) == (b"mine", None, None)

    def test_what_was_not_asked_for_longest_goes_first(self) -> None:
        shelf = Shelf(limit=10)
        shelf.put(1, b"a", b"1234")
        shelf.put(1, b"b", b"1234")
        shelf.take(1, b"a")
        shelf.put(1, b"c", b"1234")

        assert [shelf.take(1, key) for key in (b"a", b"b", b"c")] == [b"1234", None, b"1234"]

    def test_what_alone_is_too_large_drives_out_nothing(self) -> None:
        shelf = Shelf(limit=10)
        shelf.put(1, b"a", b"1234")
        shelf.put(1, b"b", b"x" * 11)

        assert (shelf.take(1, b"a"), shelf.take(1, b"b")) == (b"1234", None)

    def test_there_are_only_so_many(self) -> None:
        shelf = Shelf()
        for number in range(MOST_REPORTS + 1):
            shelf.put(number, b"a", b"1")

        assert (shelf.take(0, b"a"), shelf.take(1, b"a")) == (None, b"1")


def test_hosts_of_files_are_opened_in_the_parent_as_far_as_its_policy_goes() -> None:
    egress = EgressPolicy()
    supplied = supplies(ChannelSettings(), Unanswering(), egress)
    attending = _Attending(supplied, supplied.sources(7), 1)

    for url in ("https://files.example/a.whl", "https://127.0.0.1/a.whl", "http://plain.example/a.whl"):
        attending.learn(url)

    assert egress.file_hosts == {"files.example"}
