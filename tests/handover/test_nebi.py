"""A workspace is pushed to a Nebi server: made once, and no sooner than it is ready."""

from collections.abc import AsyncIterator

import pytest

from bot.credentials import Basic, Bearer
from bot.errors import HandOverFailed
from bot.handover import Parcel
from bot.model.bundle import TargetKind
from tests.handover.nebi import PASSWORD, TOKEN, USER, FakeNebi
from tests.handover.parcels import opened, parcel, target

FILES = {"pixi.toml": '[workspace]\nname = "other"\n', "pixi.lock": "version: 6\n"}
ANOTHER = {**FILES, "pixi.lock": "version: 7\n"}


@pytest.fixture
async def nebi() -> AsyncIterator[FakeNebi]:
    async with FakeNebi() as nebi:
        yield nebi


async def handed(nebi: FakeNebi, sent: Parcel, proof: Basic | Bearer | None = None, namespace: str = "") -> str:
    found = target(TargetKind.NEBI, nebi.url, proof=proof or Bearer(TOKEN), namespace=namespace)
    async with opened(found) as hand_over:
        return await hand_over(sent)


@pytest.mark.parametrize("proof", [Bearer(TOKEN), Basic(USER, PASSWORD)], ids=["a token", "a user and a password"])
async def test_a_workspace_is_made_and_pushed_to(nebi: FakeNebi, proof: Basic | Bearer) -> None:
    assert await handed(nebi, parcel(FILES, name="tools"), proof) == "acme-app-tools, version 1"

    assert [each["name"] for each in nebi.workspaces] == ["acme-app-tools"]
    assert nebi.pushed == {"0": [(FILES["pixi.toml"], FILES["pixi.lock"])]}


async def test_another_lock_is_another_version_of_the_same_workspace(nebi: FakeNebi) -> None:
    places = [await handed(nebi, parcel(each), namespace="science/x") for each in (FILES, ANOTHER, ANOTHER)]

    assert places == [f"science-x-app, version {number}" for number in (1, 2, 2)]
    assert len(nebi.workspaces) == 1


@pytest.mark.parametrize(
    ("status", "sentence"),
    [("creating", "the workspace acme-app is being made there"), ("failed", "acme-app could not be made there")],
)
async def test_one_that_is_not_ready_is_pushed_to_later(status: str, sentence: str) -> None:
    async with FakeNebi(status) as nebi:
        for _ in range(2):
            with pytest.raises(HandOverFailed, match=sentence):
                await handed(nebi, parcel(FILES))
        nebi.workspaces[0]["status"] = "ready"

        assert await handed(nebi, parcel(FILES)) == "acme-app, version 1"
        assert len(nebi.workspaces) == 1


@pytest.mark.parametrize("proof", [Bearer("wrong"), Basic(USER, "wrong")])
async def test_whom_it_does_not_know_is_told_what_to_do(nebi: FakeNebi, proof: Basic | Bearer) -> None:
    with pytest.raises(HandOverFailed, match=r"team \(nebi\): it answered 401; it does not know us"):
        await handed(nebi, parcel(FILES), proof)

    assert nebi.workspaces == []
