"""Only what is other than before is handed over; what is not taken waits, longer each time, and the rest goes on."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import HandOverFailed, InspectionStopped
from bot.github.model import Oid, RepositoryReference
from bot.handover import Parcel, Targets
from bot.jobs.handing_over import MOST_AT_ONCE, Courier, Handed, next_try
from bot.model.bundle import Bundle, HandedOver
from bot.store.wants import JITTER, LONGEST_WAIT

NOW = datetime(2026, 6, 16, 12, tzinfo=UTC)
ACME = RepositoryReference(id=70, node_id="R_70", owner="acme", name="app")


def bundle(name: str = "", digest: str = "1", *without: str) -> Bundle:
    return Bundle(target="team", name=name, digest=digest, files=("conda-lock.yml",), without=without)


class Inspection:
    """What an inspection has of each bundle is its own path; after `most` texts it is stopped."""

    def __init__(self, most: int = 1000) -> None:
        self._left = most

    async def text(self, key: str, path: str) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise InspectionStopped("time-limit", "it took too long")
        return f"{key} {path}".encode()

    async def prepared(self, key: str) -> Any:
        raise NotImplementedError(key)

    async def body(self, key: str, words: Any) -> str:
        raise NotImplementedError(key, words)


class Team:
    """A target that takes everything but what is called as in `refused`."""

    def __init__(self, *refused: str) -> None:
        self._refused = refused
        self.taken: list[Parcel] = []

    async def __call__(self, parcel: Parcel) -> str:
        if parcel.name in self._refused:
            raise HandOverFailed("team (conda-store): it does not want this")
        self.taken.append(parcel)
        return f"there/{parcel.title}"


async def handed(
    team: Team,
    *bundles: Bundle,
    before: Mapping[str, HandedOver] | None = None,
    now: datetime = NOW,
    most: int = 1000,
    forgets: bool = True,
) -> Handed:
    courier = Courier(
        targets=Targets(hand_over={"team": team}),
        inspection=Inspection(most),
        repository=ACME,
        commit=Oid("c" * 40),
        now=now,
    )
    return await courier.handed(bundles, before or {}, forgets=forgets)


async def test_what_is_new_is_sent_with_its_files_and_where_it_comes_from() -> None:
    team = Team()

    found = await handed(team, bundle("test", "1", "app"))

    [sent] = team.taken
    assert (sent.title, sent.origin) == ("app-test", f"acme/app at {'c' * 40}")
    assert sent.files == {"conda-lock.yml": b"-handed-over team test/conda-lock.yml"}
    assert found == Handed(
        state={"team test": HandedOver(digest="1", at=NOW, place="there/app-test")},
        done=("handed over to team: there/app-test (it has no place for app)",),
    )


TAKEN = HandedOver(digest="1", at=NOW, place="there")
WAITS = HandedOver(digest="1", failures=2, sentence="no", next_try=NOW + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("before", "digest", "sent"),
    [
        pytest.param(TAKEN, "1", 0, id="the same"),
        pytest.param(TAKEN, "2", 1, id="another one"),
        pytest.param(WAITS, "1", 0, id="not taken, and its time has not come"),
        pytest.param(WAITS, "2", 1, id="not taken, and another one"),
    ],
)
async def test_only_what_is_other_than_before_is_sent(before: HandedOver, digest: str, sent: int) -> None:
    team = Team()

    await handed(team, bundle(digest=digest), before={"team": before})

    assert len(team.taken) == sent


async def test_what_is_not_taken_is_tried_again_later_each_time_and_the_rest_is_sent() -> None:
    team, now, state = Team(""), NOW, dict[str, HandedOver]({"team": HandedOver(digest="0", at=NOW, place="old")})
    for failures in range(1, 16):
        found = await handed(team, bundle(), bundle("test"), before=state, now=now)

        state, again = dict(found.state), next_try(found.state)
        assert again is not None
        assert now < again <= now + LONGEST_WAIT * (1 + JITTER)
        assert found.problems == ("not handed over to team (conda-store): it does not want this",)
        assert (state["team"].failures, state["team"].at, state["team"].place) == (failures, NOW, "old")
        now = again

    assert [each.name for each in team.taken] == ["test"]
    assert (await handed(Team(), bundle(), before=state, now=now)).state == {
        "team": HandedOver(digest="1", at=now, place="there/app")
    }


@pytest.mark.parametrize(("forgets", "known"), [(True, ["team"]), (False, ["team gone", "team"])])
async def test_what_is_there_no_more_is_forgotten_if_all_was_read(known: list[str], *, forgets: bool) -> None:
    found = await handed(Team(), bundle(), before={"team gone": TAKEN}, forgets=forgets)

    assert list(found.state) == known


async def test_what_is_not_there_now_is_not_tried_until_it_is_again() -> None:
    late = HandedOver(digest="1", failures=3, sentence="no", next_try=NOW)

    found = await handed(Team(), before={"team": late}, forgets=False)

    assert next_try(found.state) is None
    assert (await handed(Team(), bundle(), before=found.state)).state["team"].place == "there/app"


async def test_what_was_done_stays_done_where_the_inspection_ends() -> None:
    late = HandedOver(digest="1", failures=1, next_try=NOW)

    found = await handed(Team(), bundle("a"), bundle("b"), before={"team b": late}, most=1)

    assert found.state["team a"].place == "there/app-a"
    assert found.problems == ("not handed over: time-limit: it took too long",)
    assert (found.state["team b"].failures, found.state["team b"].sentence) == (2, "time-limit: it took too long")
    again = next_try(found.state)
    assert again is not None
    assert again > NOW


async def test_one_run_hands_over_so_much_and_says_that_there_is_more() -> None:
    many = [bundle(f"n{number}") for number in range(MOST_AT_ONCE + 3)]

    found = await handed(Team(), *many)

    assert len(found.done) == MOST_AT_ONCE
    assert found.problems == ("3 more are handed over at the next look",)
    assert next_try(found.state) == NOW
    assert len((await handed(Team(), *many, before=found.state)).done) == len(many) - MOST_AT_ONCE
