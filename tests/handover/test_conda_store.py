"""Environments are handed over to a conda-store: once, as who the operator says, and with a sentence if it refuses."""

from collections.abc import AsyncIterator

import pytest

from bot.credentials import Bearer
from bot.errors import HandOverFailed
from bot.handover import HandOver
from bot.model.bundle import TargetKind
from tests.handover.conda_store import TOKEN, FakeCondaStore
from tests.handover.parcels import COMMIT, opened, parcel, target

LOCK = {"conda-lock.yml": "version: 1\npackage: []\n"}
FIRST, SECOND = "1" * 64, "2" * 64


@pytest.fixture
async def store() -> AsyncIterator[FakeCondaStore]:
    async with FakeCondaStore() as store:
        yield store


@pytest.fixture
async def hand_over(store: FakeCondaStore) -> AsyncIterator[HandOver]:
    async with opened(target(TargetKind.CONDA_STORE, f"{store.url}/conda-store", proof=Bearer(TOKEN))) as found:
        yield found


async def test_an_environment_is_registered_as_it_is_locked(hand_over: HandOver, store: FakeCondaStore) -> None:
    assert await hand_over(parcel(LOCK, name="test", digest=FIRST)) == "acme/app-test, build 1"

    [build] = store.builds
    assert build == {
        "namespace": "acme",
        "specification": LOCK["conda-lock.yml"],
        "is_lockfile": True,
        "environment_name": "app-test",
        "environment_description": f"acme/app at {COMMIT}, sha256:{FIRST}",
    }


async def test_what_is_there_already_is_not_sent_again(hand_over: HandOver, store: FakeCondaStore) -> None:
    await hand_over(parcel(LOCK, digest=FIRST))

    assert await hand_over(parcel(LOCK, digest=FIRST)) == "acme/app"
    assert store.requests == ["GET", "POST", "GET"]


async def test_another_one_is_sent_and_so_is_one_of_earlier(hand_over: HandOver) -> None:
    places = [await hand_over(parcel(LOCK, digest=each)) for each in (FIRST, SECOND, FIRST)]

    assert places == [f"acme/app, build {number}" for number in (1, 2, 3)]


async def test_a_namespace_of_the_operator_takes_everything(store: FakeCondaStore) -> None:
    named = target(TargetKind.CONDA_STORE, f"{store.url}/conda-store", proof=Bearer(TOKEN), namespace="science")

    async with opened(named) as hand_over:
        assert await hand_over(parcel(LOCK)) == "science/app, build 1"


async def test_what_it_says_against_it_is_told_in_a_sentence(hand_over: HandOver) -> None:
    with pytest.raises(HandOverFailed) as refused:
        await hand_over(parcel({"conda-lock.yml": "no lock"}))

    assert str(refused.value).startswith("team (conda-store): it answered 400; ")
    assert "Unable to parse" in str(refused.value)


async def test_who_it_does_not_know_is_told_what_to_do_and_nothing_secret(store: FakeCondaStore) -> None:
    wrong = target(TargetKind.CONDA_STORE, f"{store.url}/conda-store", proof=Bearer("another-token"))

    async with opened(wrong) as hand_over:
        with pytest.raises(HandOverFailed, match=r"it answered 403; we may not do that there") as refused:
            await hand_over(parcel(LOCK))

    assert "another-token" not in str(refused.value)
    assert store.builds == []
