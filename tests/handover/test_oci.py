"""A manifest of pixi and its lock are pushed to a registry: as one artifact, once, by whom the registry knows."""

import json

import pytest

from bot.credentials import Basic, Bearer
from bot.errors import HandOverFailed
from bot.handover.oci import repository_name
from bot.handover.parcel import Parcel
from bot.model.bundle import TargetKind
from bot.targets import Target
from tests.handover.parcels import opened, parcel, target
from tests.handover.registry import BASIC, PASSWORD, TOKEN, USER, FakeRegistry

FILES = {"pixi.toml": '[workspace]\nname = "app"\n', "pixi.lock": "version: 6\n"}
DIGEST = "1" * 64
PUSHED = ["HEAD blobs", "POST uploads", "PUT uploads"]


def at(registry: FakeRegistry, proof: Basic | Bearer | None = None) -> Target:
    return target(TargetKind.OCI, registry.url, proof=proof or Basic(USER, PASSWORD), namespace="Science")


async def handed(registry: FakeRegistry, sent: Parcel, proof: Basic | Bearer | None = None) -> str:
    async with opened(at(registry, proof)) as hand_over:
        return await hand_over(sent)


async def test_what_is_pushed_is_an_artifact_with_the_media_types_of_pixi() -> None:
    async with FakeRegistry() as registry:
        place = await handed(registry, parcel(FILES, digest=DIGEST))

    latest = registry.manifests["science/app", "latest"]
    assert registry.manifests == {("science/app", tag): latest for tag in ("latest", f"sha-{'1' * 12}")}
    document = json.loads(latest)
    assert document["mediaType"] == "application/vnd.oci.image.manifest.v1+json"
    assert document["config"]["mediaType"] == "application/vnd.pixi.config.v1+toml"
    assert registry.blobs[document["config"]["digest"]] == b"{}"
    assert [
        (each["mediaType"], each["annotations"], registry.blobs[each["digest"]]) for each in document["layers"]
    ] == [
        (kind, {"org.opencontainers.image.title": name}, FILES[name].encode())
        for name, kind in (
            ("pixi.toml", "application/vnd.pixi.toml.v1+toml"),
            ("pixi.lock", "application/vnd.pixi.lock.v1+yaml"),
        )
    ]
    assert place.startswith("science/app@sha256:")


async def test_what_is_there_is_not_pushed_again_and_of_another_one_only_what_is_new() -> None:
    async with FakeRegistry() as registry:
        await handed(registry, parcel(FILES, digest=DIGEST))
        registry.asked.clear()

        await handed(registry, parcel(FILES, digest=DIGEST))
        assert registry.asked == ["GET v2", "GET manifests"]

        await handed(registry, parcel({**FILES, "pixi.lock": "version: 7\n"}, digest="2" * 64))
        assert registry.asked[4:] == ["HEAD blobs", "HEAD blobs", *PUSHED, "PUT manifests", "PUT manifests"]
        assert len({each for (_, tag), each in registry.manifests.items() if tag != "latest"}) == 2


async def test_a_registry_that_wants_a_token_is_asked_for_one_for_that_repository() -> None:
    async with FakeRegistry(tokens=True) as registry:
        await handed(registry, parcel(FILES))

    assert registry.scopes == ["repository:science/app:pull,push"]
    assert ("science/app", "latest") in registry.manifests


@pytest.mark.parametrize(
    ("registry", "proof", "sentence"),
    [
        pytest.param(FakeRegistry(), Basic(USER, "wrong"), "it answered 401; it does not know us", id="a stranger"),
        pytest.param(FakeRegistry(tokens=True), Bearer("wrong"), "it answered 401", id="a token that is none"),
        pytest.param(
            FakeRegistry(elsewhere="http://127.0.0.1:1"), None, "has uploads go elsewhere", id="an upload to elsewhere"
        ),
        pytest.param(FakeRegistry(elsewhere="http://["), None, "has uploads go elsewhere", id="an upload to nowhere"),
        pytest.param(
            FakeRegistry(tokens=True, realm="http://127.0.0.1:1/token"), None, "may not be said", id="a token from afar"
        ),
    ],
)
async def test_what_it_refuses_or_does_wrong_is_told(
    registry: FakeRegistry, proof: Basic | Bearer | None, sentence: str
) -> None:
    async with registry:
        with pytest.raises(HandOverFailed, match=sentence) as failed:
            await handed(registry, parcel(FILES), proof)

    assert str(failed.value).startswith("team (oci): ")
    assert not [each for each in (PASSWORD, TOKEN, BASIC) if each in str(failed.value)]
    assert registry.manifests == {}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("acme", "app"), "acme/app"),
        (("Acme/Science", "App.Py"), "acme/science/app.py"),
        (("acme", ".github"), "acme/github"),
        (("acme", "a_-b..c"), "acme/a-b-c"),
    ],
)
def test_a_repository_is_called_as_registries_let_it_be(words: tuple[str, ...], name: str) -> None:
    assert repository_name(*words) == name
