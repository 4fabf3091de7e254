"""What new conda packages are called on PyPI, when a lock is to say it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from bot.egress import default_index_url, resolve_index
from bot.errors import EgressRefused
from bot.model.environment import SolveUnit, Workspace
from bot.model.manifest import MappingMode, PackageName
from bot.model.package import Channel, Record
from bot.model.pypi_names import ChannelRule, FoundPurls
from bot.model.update import BranchPlan
from bot.planning.search import Found
from bot.updating.read import Reader
from bot.updating.read.hashing import NoCondaLock
from bot.updating.read.purl_maps import OwnNames, named_maps, own_names
from bot.updating.search.naming import Naming, NoMapping
from bot.workspaces import solve_units
from tests.planning.toy import FORGE, NOW, record
from tests.updating.toy import Toy, scanner

TORCH = ("pkg:pypi/torch?source=hash-mapping",)
OLD = replace(record("pytorch", "2.5"), purls=TORCH)
NEW = record("pytorch", "2.6")
FRESH = record("fresh", "1.0")
PYTHON = record("python", "3.12.4")
TOOL = "https://files.example/tool-1.0-py3-none-any.whl"
PIXI_TOML = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
pytorch = ">=2,<3"
python = "*"
"""
WITH_PYPI = f'{PIXI_TOML}\n[pypi-dependencies]\ntool = "*"\n'
LOCK = f"""\
version: 6
environments:
  default:
    channels:
    - url: {FORGE.url}/
    indexes:
    - {resolve_index(default_index_url()).url}
    packages:
      linux-64:
      - conda: {PYTHON.url}
      - conda: {OLD.url}
      - pypi: {TOOL}
packages:
- conda: {PYTHON.url}
  purls: []
  timestamp: {PYTHON.timestamp}
- pypi: {TOOL}
  name: tool
  version: '1.0'
- conda: {OLD.url}
  purls:
  - pkg:pypi/torch?source=hash-mapping
  timestamp: {OLD.timestamp}
"""


def resolve(name: str) -> tuple[Channel, ...]:
    """Return a channel by its name; one of them may not be asked."""
    if name == "refused":
        raise EgressRefused("The channel refused may not be asked.")
    return (Channel(name=name, url=f"https://conda.anaconda.org/{name}"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNames:
    """Knows the names of `known`, and does not answer for `silent`; `asked` is what it was asked for."""

    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)

    async def purls(self, records: Iterable[Record], rules: Mapping[str, ChannelRule]) -> FoundPurls:
        del rules
        wanted = tuple(records)
        self.asked.extend(each.name for each in wanted)
        return FoundPurls(
            purls={each.url: self.known[each.name] for each in wanted if each.name in self.known},
            unknown={each.url: "The map did not answer." for each in wanted if each.name in self.silent},
        )


READER = Reader(resolve=resolve, hasher=NoCondaLock(), now=NOW)


def files(manifest: str = WITH_PYPI) -> dict[str, bytes]:
    return {"pixi.toml": manifest.encode(), "pixi.lock": LOCK.encode()}


def workspace(manifest: str = WITH_PYPI) -> Workspace:
    reading = READER.read(files(manifest))
    assert not reading.problems
    return reading.workspaces[0]


async def named(mapping: KnownNames | NoMapping, manifest: str = WITH_PYPI, *records: Record) -> Found:
    found = workspace(manifest)
    [unit] = solve_units(found)
    naming = Naming(index=mapping, workspaces=[found], files=files(manifest), resolve=resolve)
    solutions: Mapping[SolveUnit, tuple[Record, ...]] = {unit: records or (NEW, FRESH)}
    return await naming.named(Found(plan=BranchPlan(key="x", updates=()), solutions=solutions, held_back=()))


def purls(found: Found) -> list[tuple[str, ...] | None]:
    [records] = found.solutions.values()
    return [record.purls for record in records]


async def test_new_records_are_named_where_there_are_pypi_dependencies() -> None:
    mapping = KnownNames(known={"pytorch": ("pkg:pypi/torch",), "fresh": ()})

    assert purls(await named(mapping, WITH_PYPI, NEW, FRESH, replace(OLD, purls=None))) == [
        ("pkg:pypi/torch",),
        (),
        None,
    ]
    assert mapping.asked == ["pytorch", "fresh"]


async def test_what_is_built_from_source_is_called_what_its_lock_says() -> None:
    mapping = KnownNames(known={"fresh": ("pkg:pypi/fresh",)})

    assert purls(await named(mapping, WITH_PYPI, replace(FRESH, url="./fresh", is_source=True))) == [None]
    assert mapping.asked == []


async def test_without_pypi_dependencies_nobody_is_asked() -> None:
    mapping = KnownNames(known={"fresh": ()})

    assert purls(await named(mapping, PIXI_TOML)) == [None, None]
    assert mapping.asked == []


async def test_without_a_lock_nobody_is_asked() -> None:
    mapping = KnownNames(known={"fresh": ()})
    unlocked = replace(workspace(), lock=None)
    [unit] = solve_units(unlocked)
    nothing = Found(plan=BranchPlan(key="x", updates=()), solutions={unit: (FRESH,)}, held_back=())

    assert await Naming(index=mapping, workspaces=[unlocked], files={}, resolve=resolve).named(nothing) == nothing
    assert mapping.asked == []


async def test_where_nobody_knows_a_package_nothing_is_stated_of_it() -> None:
    assert purls(await named(NoMapping())) == [None, None]


async def test_a_package_that_the_lock_knows_does_not_wait_for_an_answer() -> None:
    silent = KnownNames(silent=frozenset({"pytorch", "python"}))

    assert purls(await named(silent)) == [None, None]
    assert purls(await named(silent, WITH_PYPI, record("python", "3.13.1"))) == [None]


async def test_a_package_that_is_new_to_the_lock_waits_for_an_answer() -> None:
    found = await named(KnownNames(silent=frozenset({"pytorch", "fresh"})))

    assert (found.solutions, found.plan.updates, found.about) == ({}, (), "pixi.toml")
    assert found.not_judged == ("what fresh is called on PyPI is unknown, so it waits: The map did not answer.",)


async def test_a_map_that_cannot_be_read_leaves_its_channels_packages_unknown() -> None:
    mapping = KnownNames(known={"fresh": ()})
    found = await named(mapping, WITH_PYPI.replace('"]\n', '"]\nconda-pypi-map = {conda-forge = "map.json"}\n', 1))

    assert mapping.asked == []
    [reason] = found.not_judged
    assert reason.startswith("what fresh is called on PyPI is unknown, so it waits: map.json: this map of")
    assert reason.endswith(" PyPI names is not among the files of the repository that are read")


MAPS = """\
[workspace]
channels = ["conda-forge", "robostack", "internal", "broken", "remote"]
platforms = ["linux-64"]

[workspace.conda-pypi-map]
conda-forge = { location = "../names/forge.json", mapping = { a = "inline" }, mapping-mode = "replace" }
robostack = { location = "gone.json", same-name-heuristic = true }
internal = false
refused = "../names/forge.json"
broken = "broken.json"
remote = "https://names.example/map.json"
outside = "../../outside.json"
"""


def test_what_a_manifest_says_of_names_is_read_from_it_and_from_files_of_the_repository() -> None:
    known = {"w/pixi.toml": MAPS.encode(), "names/forge.json": b'{"a": "x", "B": "y"}', "w/broken.json": b"[]"}
    [found] = READER.read(known).workspaces

    own = own_names(found, known, resolve)

    forge, internal, remote = (f"https://conda.anaconda.org/{each}" for each in ("conda-forge", "internal", "remote"))
    names = {PackageName("a"): ("inline",), PackageName("b"): ("y",)}
    assert own.rules == {
        forge: ChannelRule(mode=MappingMode.REPLACE, names=names),
        internal: ChannelRule(mode=MappingMode.NONE),
        remote: ChannelRule(url="https://names.example/map.json"),
    }
    missing = "this map of PyPI names is not among the files of the repository that are read"
    assert {url.rpartition("/")[2]: why for url, why in own.unreadable.items()} == {
        "robostack": f"w/gone.json: {missing}",
        "broken": "w/broken.json: is no JSON object of PyPI names by the names of conda packages",
        "outside": f"../outside.json: {missing}",
    }


def test_a_manifest_may_say_that_no_package_is_one_of_pypi() -> None:
    found = workspace(WITH_PYPI.replace('"]\n', '"]\nconda-pypi-map = false\n', 1))

    assert own_names(found, {}, resolve) == OwnNames(
        rules={FORGE.url: ChannelRule(mode=MappingMode.NONE)}, unreadable={}
    )


def test_maps_are_read_where_a_manifest_names_them() -> None:
    sizes = {"w/pixi.toml": 1, "names/forge.json": 8_000_000, "w/gone.json": 8_000_001, "other.json": 1}
    manifests = {"w/pixi.toml": MAPS.encode(), "pixi.toml": b"[workspace]"}

    assert named_maps(manifests, sizes) == ("names/forge.json",)
    assert named_maps({**manifests, "names/forge.json": b"{}"}, sizes) == ()


@pytest.mark.parametrize("content", [b"conda-pypi-map = [", b"# conda-pypi-map\n[workspace]\nname = 'x'\n"])
def test_a_manifest_that_cannot_be_read_or_has_no_map_names_none(content: bytes) -> None:
    assert named_maps({"pixi.toml": content}, {"x.json": 1}) == ()


async def test_a_lock_says_what_its_new_packages_are_called_on_pypi() -> None:
    toy = Toy(record("pytorch", "2.5"), record("pytorch", "2.6", "fresh"), FRESH, PYTHON)
    mapping = KnownNames(known={"pytorch": ("pkg:pypi/torch?source=hash-mapping",), "fresh": ()})

    report = await replace(scanner(toy), purls=mapping).scan(files(), {})

    [text] = [each.files["pixi.lock"] for each in report.proposals]
    assert f"- conda: {FRESH.url}\n  noarch: false\n  purls: []\n" in text
    entry = "\n  noarch: false\n  depends:\n  - fresh\n  purls:\n  - pkg:pypi/torch?source=hash-mapping\n"
    assert f"pytorch-2.6-h0_0.conda{entry}" in text


async def test_a_package_without_a_name_keeps_back_what_brings_it_and_nothing_else() -> None:
    manifest = WITH_PYPI.replace('python = "*"', 'python = "*"\nclick = ">=8,<9"\nrich = ">=1,<2"')
    click, rich = record("click", "8.1"), record("rich", "1.0")
    locked = "".join(f"      - conda: {each.url}\n" for each in (click, rich))
    lock = LOCK.replace(f"      - pypi: {TOOL}\n", f"{locked}      - pypi: {TOOL}\n")
    lock += "".join(f"- conda: {each.url}\n  purls: []\n  timestamp: {each.timestamp}\n" for each in (click, rich))
    newer = (record("pytorch", "2.6", "fresh"), record("click", "8.2"), record("rich", "1.1", "other"))
    toy = Toy(record("pytorch", "2.5"), click, rich, *newer, FRESH, record("other", "1.0", "fresh"), PYTHON)
    mapping = KnownNames(known={"click": (), "rich": (), "pytorch": ()}, silent=frozenset({"fresh", "other"}))

    report = await replace(scanner(toy), purls=mapping).scan(
        {"pixi.toml": manifest.encode(), "pixi.lock": lock.encode()}, {}
    )

    assert [each.name for proposal in report.proposals for each in proposal.plan.updates] == ["click"]
    assert {each.name: each.sentence for each in report.held_back} == {
        "pytorch": "what fresh is called on PyPI is unknown, so it waits: The map did not answer.",
        "rich": "what fresh, other are called on PyPI is unknown, so it waits: The map did not answer.",
    }


async def test_an_environment_without_pypi_dependencies_needs_no_names() -> None:
    manifest = f'{PIXI_TOML}\n[feature.x.pypi-dependencies]\ntool = "*"\n[environments]\nx = ["x"]\n'
    found = workspace(manifest)
    default, _ = solve_units(found)
    naming = Naming(
        index=KnownNames(silent=frozenset({"fresh"})), workspaces=[found], files=files(manifest), resolve=resolve
    )

    named = await naming.named(
        Found(plan=BranchPlan(key="x", updates=()), solutions={default: (NEW, FRESH)}, held_back=())
    )

    assert purls(named) == [None, None]
    assert not named.not_judged


async def test_a_package_without_a_name_keeps_back_nothing_of_another_manifest() -> None:
    toy = Toy(record("pytorch", "2.5"), record("pytorch", "2.6", "fresh"), FRESH, PYTHON)
    mapping = KnownNames(known={"pytorch": ()}, silent=frozenset({"fresh"}))
    other = "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies: [pytorch=2.5]\n"

    report = await replace(scanner(toy), purls=mapping).scan_at_once({**files(), "environment.yml": other.encode()}, ())

    assert [(each.name, each.workspaces) for proposal in report.proposals for each in proposal.plan.updates] == [
        ("pytorch", ("environment.yml",))
    ]
    assert [(each.name, each.workspace) for each in report.held_back] == [("pytorch", "pixi.toml")]
