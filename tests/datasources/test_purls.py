"""What conda packages are called on PyPI, asked over real HTTP, as pixi derives it."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest

from bot.datasources import purls
from bot.datasources.purls import PurlDatasource
from bot.demo.mapping import DemoMapping, Names
from bot.errors import EgressRefused
from bot.model.manifest import MappingMode, PackageName
from bot.model.package import Record
from bot.model.pypi_names import ChannelRule
from bot.settings import PypiSettings
from tests.planning.toy import FORGE, record

BIOCONDA = "https://conda.anaconda.org/bioconda"
HASH = "a" * 64
COMPRESSED = "compressed-v0/compressed_mapping.json"
OVERLAY, REPLACE, NONE = MappingMode.OVERLAY, MappingMode.REPLACE, MappingMode.NONE
TORCH = {PackageName("pytorch"): ("torch",)}
NO_PYTORCH: dict[PackageName, tuple[str, ...]] = {PackageName("pytorch"): ()}
Open: TypeAlias = Callable[..., PurlDatasource]
Answer: TypeAlias = tuple[str, ...] | None


@pytest.fixture
async def mapping() -> AsyncIterator[DemoMapping]:
    async with DemoMapping() as started:
        yield started


@pytest.fixture
async def datasource(tmp_path: Path, mapping: DemoMapping) -> AsyncIterator[Open]:
    async with httpx.AsyncClient(trust_env=False) as http:

        def make(*, has_mapping: bool = True, offline: bool = False) -> PurlDatasource:
            url = mapping.url if has_mapping else None
            settings = PypiSettings(mapping_url=url, cache_dir=tmp_path, offline=offline)
            return PurlDatasource(http, settings, check_url=only_this_machine)

        yield make


def only_this_machine(url: str) -> None:
    if not url.startswith("http://127.0.0.1:"):
        raise EgressRefused("The host is not one that this bot may call.")


def package(name: str = "pytorch", version: str = "2.5.1", channel: str = FORGE.url) -> Record:
    found = record(name, version)
    return replace(found, sha256=HASH, url=found.url.replace(FORGE.url, channel))


async def ask(source: PurlDatasource, wanted: Record, rules: Mapping[str, ChannelRule] | None = None) -> Answer:
    found = await source.purls([wanted], rules or {})
    assert not found.unknown
    return found.purls.get(wanted.url)


@pytest.mark.parametrize(
    ("by_hash", "by_name", "expected"),
    [
        pytest.param(["torch"], None, ("pkg:pypi/torch?source=hash-mapping",), id="by the hash of the package"),
        pytest.param(["b", "a"], None, ("pkg:pypi/a?source=hash-mapping", "pkg:pypi/b?source=hash-mapping"), id="many"),
        pytest.param([], {"pytorch": "torch"}, (), id="by its hash it is none of PyPI"),
        pytest.param(None, {"pytorch": "torch"}, ("pkg:pypi/torch?source=compressed-mapping",), id="else by its name"),
        pytest.param(None, {"pytorch": None}, (), id="by its name it is none of PyPI"),
        pytest.param(None, {"other": "x"}, ("pkg:pypi/pytorch",), id="else it has its own name"),
        pytest.param(["../x\n", "torch"], None, ("pkg:pypi/torch?source=hash-mapping",), id="what is no name is left"),
    ],
)
async def test_a_package_of_conda_forge_is_found(
    datasource: Open,
    mapping: DemoMapping,
    by_hash: list[str] | None,
    by_name: dict[str, Names] | None,
    expected: Answer,
) -> None:
    mapping.by_hash = {} if by_hash is None else {HASH: by_hash or None}
    mapping.by_name = by_name or {}

    assert await ask(datasource(), package()) == expected


@pytest.mark.parametrize(
    ("known", "rule", "expected"),
    [
        pytest.param(["x"], None, ("pkg:pypi/x?source=hash-mapping",), id="by its hash"),
        pytest.param(None, None, None, id="nothing is stated of what nobody knows"),
        pytest.param(
            None, ChannelRule(same_name=True), ("pkg:pypi/pytorch",), id="its own name if the manifest says so"
        ),
    ],
)
async def test_a_package_of_another_channel_is_found(
    datasource: Open, mapping: DemoMapping, known: list[str] | None, rule: ChannelRule | None, expected: Answer
) -> None:
    mapping.by_hash = {HASH: known} if known else {}
    mapping.by_name = {"pytorch": ["torch"]}

    assert await ask(datasource(), package(channel=BIOCONDA), {BIOCONDA: rule} if rule else None) == expected
    assert COMPRESSED not in mapping.requests


@pytest.mark.parametrize(
    ("rule", "expected", "asked"),
    [
        pytest.param(ChannelRule(names=TORCH), ("pkg:pypi/torch?source=project-defined-mapping",), [], id="a name"),
        pytest.param(ChannelRule(names=NO_PYTORCH), (), [], id="a package that is none of PyPI"),
        pytest.param(ChannelRule(mode=NONE, names=TORCH), (), [], id="a channel that has nothing of PyPI"),
        pytest.param(ChannelRule(mode=REPLACE), ("pkg:pypi/pytorch",), [], id="no mapping but what it says itself"),
        pytest.param(ChannelRule(mode=REPLACE, same_name=False), (), [], id="nor the package's own name"),
        pytest.param(
            ChannelRule(same_name=False), None, [f"hash-v0/{HASH}", COMPRESSED], id="the mapping, but not its own name"
        ),
    ],
)
async def test_the_manifest_speaks_first(
    datasource: Open, mapping: DemoMapping, rule: ChannelRule, expected: Answer, asked: list[str]
) -> None:
    assert await ask(datasource(), package(), {FORGE.url: rule}) == expected
    assert mapping.requests == asked


async def test_a_map_that_the_manifest_names_is_read_once_and_its_own_names_go_before(
    datasource: Open, mapping: DemoMapping
) -> None:
    mapping.files["own.json"] = b'{"PyTorch": "torch", "mine": ["a", "b"], "none": null}'
    rule = ChannelRule(url=f"{mapping.url}/own.json", names={PackageName("none"): ("after-all",)})
    source = datasource()

    found = await source.purls(map(package, ("pytorch", "mine", "none")), {FORGE.url: rule})

    assert [*found.purls.values()] == [
        ("pkg:pypi/torch?source=project-defined-mapping",),
        ("pkg:pypi/a?source=project-defined-mapping", "pkg:pypi/b?source=project-defined-mapping"),
        ("pkg:pypi/after-all?source=project-defined-mapping",),
    ]
    assert mapping.requests == ["own.json"]


@pytest.mark.parametrize(
    ("name", "version"), [("_libgcc_mutex", "0.1"), ("jpeg", "9e")], ids=["the name", "the version"]
)
async def test_what_pypi_could_not_have_is_none_of_it(datasource: Open, name: str, version: str) -> None:
    assert await ask(datasource(), package(name, version)) == ()


@pytest.mark.parametrize("sha256", [None, "../../secret"])
async def test_a_package_without_a_hash_is_found_by_its_name(
    datasource: Open, mapping: DemoMapping, sha256: str | None
) -> None:
    mapping.by_name = {"pytorch": ["torch"]}

    found = await ask(datasource(), replace(package(), sha256=sha256))

    assert found == ("pkg:pypi/torch?source=compressed-mapping",)
    assert mapping.requests == [COMPRESSED]


async def test_without_a_mapping_only_the_manifest_can_tell(datasource: Open, mapping: DemoMapping) -> None:
    source = datasource(has_mapping=False)

    assert await ask(source, package()) is None
    assert await ask(source, package(), {FORGE.url: ChannelRule(names=TORCH)}) is not None
    assert mapping.requests == []


async def test_what_was_heard_stays_in_a_session_and_is_asked_again_by_the_next(
    datasource: Open, mapping: DemoMapping
) -> None:
    mapping.by_hash = {HASH: ["torch"]}
    session = datasource()
    before = await ask(session, package())
    mapping.by_hash = {HASH: ["pytorch"]}

    assert await ask(session, package()) == before
    assert await ask(session.new_session(), package()) == ("pkg:pypi/pytorch?source=hash-mapping",)


async def test_offline_the_cache_answers(datasource: Open, mapping: DemoMapping) -> None:
    mapping.by_hash = {HASH: ["torch"]}
    known = await ask(datasource(), package())
    mapping.failure = 500

    found = await datasource(offline=True).purls([package(), replace(package("new"), sha256="b" * 64)], {})

    assert [*found.purls.values()] == [known]
    [reason] = found.unknown.values()
    assert reason.endswith(" is not asked, as condabot is offline, and the cache has no answer for new.")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(
            b'{"pypi_normalized_names": 3}', "answered with something else than the names of pytorch.", id="no"
        ),
        pytest.param(b"x" * 2_000_000, "answered with more than 1 MB.", id="too large"),
    ],
)
async def test_an_answer_that_makes_no_sense_leaves_the_package_unknown(
    datasource: Open, mapping: DemoMapping, content: bytes, sentence: str
) -> None:
    mapping.files[f"hash-v0/{HASH}"] = content

    found = await datasource().purls([package()], {})

    assert not found.purls
    assert [*found.unknown.values()] == [f"The map of PyPI names at {mapping.url} {sentence}"]


async def test_a_mapping_that_fails_leaves_packages_unknown(datasource: Open, mapping: DemoMapping) -> None:
    mapping.failure = 503

    found = await datasource().purls([package()], {})

    assert [*found.unknown.values()] == [
        f"The map of PyPI names at {mapping.url} answered 503: that is its own trouble; it is asked again next time."
    ]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        pytest.param("none.json", "is not there.", id="no such file"),
        pytest.param("page.html", "is no JSON object of PyPI names by the names of conda packages.", id="no map"),
    ],
)
async def test_a_map_of_the_manifest_that_cannot_be_read_is_asked_for_once(
    datasource: Open, mapping: DemoMapping, path: str, sentence: str
) -> None:
    mapping.files["page.html"] = b"<!DOCTYPE html>"
    url = f"{mapping.url}/{path}"

    found = await datasource().purls(map(package, ("a", "b")), {FORGE.url: ChannelRule(url=url)})

    assert [*found.unknown.values()] == [f"The map of PyPI names at {url} {sentence}"] * 2
    assert mapping.requests == [path]


async def test_a_map_at_a_host_that_may_not_be_called_is_not_read(datasource: Open) -> None:
    rules = {FORGE.url: ChannelRule(url="https://elsewhere.example/names.json")}

    found = await datasource().purls([package()], rules)

    [reason] = found.unknown.values()
    assert reason.startswith("The map of PyPI names at https://elsewhere.example/names.json leads where condabot must")
    assert reason.endswith("not go: The host is not one that this bot may call.")


async def test_the_mapping_is_not_asked_for_more_than_it_can_bear(
    datasource: Open, mapping: DemoMapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purls, "MOST_PACKAGES", 1)
    mapping.by_hash = {HASH: ["a"], "b" * 64: ["b"]}

    found = await datasource().purls([package("a"), replace(package("b"), sha256="b" * 64)], {})

    assert (len(found.purls), len(found.unknown)) == (1, 1)
    assert mapping.requests == [f"hash-v0/{HASH}"]
