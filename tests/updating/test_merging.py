"""Both sides' moves of a lock are kept: as a table of three states, and as a lock that is in step in the end."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.errors import BadInput
from bot.lockfiles import parse
from bot.model.lock_verdict import LockStanding
from bot.model.manifest import PackageName
from bot.model.package import Channel, Lock, LockedEnvironment, PypiPackage, Record
from bot.updating.lock_merge import LockTexts, merge_lock
from bot.updating.merging import Sides, merge_locks
from tests.conda_locks import TextHasher, digest, entry, lock_text, package
from tests.planning.toy import FORGE, LINUX, record
from tests.updating.survey.test_in_step import lock
from tests.updating.toy import Toy, scanner

A1, A2, A3 = record("a", "1"), record("a", "2"), record("a", "3")
B1, B2 = record("b", "1"), record("b", "2")
OLD_C = record("c", "1", "a <2")
PAIR = ("default", LINUX)
MANIFEST = '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n\n[dependencies]\na = "*"\nb = "*"\n'


def read(text: str) -> Lock:
    return parse("pixi.lock", text.encode())


def held(base: str | None, ours: str, theirs: str, groups: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """Return what the merged lock holds by environment, as name and version."""
    sides = Sides(base=read(base) if base else None, ours=read(ours), theirs=read(theirs))
    merged = merge_locks(sides, groups or {})
    environments = sides.carrier.environments
    records = {each.name: merged.solutions.get((each.name, LINUX), each.conda.get(LINUX, ())) for each in environments}
    return {name: sorted(f"{each.name} {each.version}" for each in of) for name, of in records.items()}


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        pytest.param([A1, B1], [A2, B1], [A1, B2], ["a 2", "b 2"], id="each moved another package"),
        pytest.param([A1, B1], [A2, B1], [A3, B1], ["a 3", "b 1"], id="both moved one: the newer"),
        pytest.param([A1, B1], [A3, B1], [A2, B1], ["a 3", "b 1"], id="both moved one: the newer, whose it is"),
        pytest.param([A2, B1], [A1, B1], [A2, B2], ["a 1", "b 2"], id="one side went down on purpose"),
        pytest.param([A1, B1], [A1, B1], [A1], ["a 1"], id="theirs took one out"),
        pytest.param([A1, B1], [A1], [A2, B1], ["a 2"], id="ours took one out"),
        pytest.param([A1, B1], [A1], [A1, B2], ["a 1", "b 2"], id="one took out what the other moved: the solver sees"),
        pytest.param([A1], [A1, B1], [A1, B2], ["a 1", "b 2"], id="both added it"),
        pytest.param([A1], [A1, B1], [A2], ["a 2", "b 1"], id="ours added one, theirs moved one"),
        pytest.param(None, [A1], [A2, B1], ["a 2", "b 1"], id="there was no lock before"),
        pytest.param([A1, B1], [A2, B1], [A2, B1], ["a 2", "b 1"], id="both did the same"),
    ],
)
def test_three_states(base: list[Record] | None, ours: list[Record], theirs: list[Record], merged: list[str]) -> None:
    assert held(lock(*base) if base else None, lock(*ours), lock(*theirs)) == {"default": merged}


def test_of_two_builds_of_a_version_the_later_one_counts() -> None:
    later = replace(B2, build="h0_1", build_number=1, url=B2.url.replace("h0_0", "h0_1"))
    ours, theirs = (replace(read(lock(A1, each)), environments=(held_by(each),)) for each in (B2, later))

    found = [
        merge_locks(Sides(base=None, ours=one, theirs=other), {}) for one, other in ((ours, theirs), (theirs, ours))
    ]

    assert [each.solutions.get(PAIR) for each in found] == [(later,), None]


def wheel(name: str, version: str) -> PypiPackage:
    url = f"https://files.example/{name}-{version}-py3-none-any.whl"
    return PypiPackage(name=PackageName(name), version=version, url=url)


def test_packages_of_pypi_are_merged_beside_by_their_own_order_of_versions() -> None:
    """To conda 1.0.post1 would come after 1.0.1."""
    old, moved, newer = wheel("x", "1.0"), wheel("x", "1.0.post1"), wheel("x", "1.0.1")
    base, ours, theirs = (
        replace(read(lock(A1)), environments=(replace(held_by(A1), pypi={LINUX: packages}),))
        for packages in ((old, wheel("y", "1")), (moved, wheel("y", "1")), (newer, wheel("y", "2")))
    )

    found = merge_locks(Sides(base=base, ours=ours, theirs=theirs), {})

    assert found.solutions == {}
    assert found.packages == {PAIR: (newer, wheel("y", "2"))}


def built(*urls: str) -> Lock:
    """Return a lock with packages that are built from source at *urls*."""
    sources = tuple(replace(B1, name=PackageName(url), url=url, is_source=True) for url in urls)
    return replace(read(lock(A1)), environments=(replace(held_by(A1), sources={LINUX: sources}),))


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "carrier"),
    [
        pytest.param(("x@1",), ("x@1",), ("x@2",), "theirs", id="theirs changed it"),
        pytest.param(("x@1",), ("x@2",), ("x@1",), "ours", id="ours changed it"),
        pytest.param(("x@1",), ("x@2",), ("x@2",), "ours", id="both changed it alike"),
        pytest.param((), (), ("x@1",), "theirs", id="theirs added it"),
        pytest.param(("x@1",), (), ("x@1",), "ours", id="ours took it out"),
    ],
)
def test_who_changed_what_is_built_from_source_carries_the_result(
    base: tuple[str, ...], ours: tuple[str, ...], theirs: tuple[str, ...], carrier: str
) -> None:
    sides = Sides(base=built(*base), ours=built(*ours), theirs=built(*theirs))

    assert sides.carrier is getattr(sides, carrier)


def test_what_both_sides_build_otherwise_is_left_to_people() -> None:
    with pytest.raises(BadInput, match="both sides changed packages that are built from source"):
        merge_locks(Sides(base=built("x@1"), ours=built("x@2"), theirs=built("x@3")), {})


def test_what_is_built_from_source_stays_beside_what_moves() -> None:
    moved = replace(built("x@1"), environments=(replace(held_by(A2), sources=built("x@1").environments[0].sources),))

    found = merge_locks(Sides(base=built("x@1"), ours=built("x@1"), theirs=moved), {})

    assert [each.url for each in found.solutions[PAIR]] == [A2.url, "x@1"]


def held_by(given: Record) -> LockedEnvironment:
    return LockedEnvironment(name="default", channels=(), conda={LINUX: (given,)}, pypi={LINUX: ()})


def environments(**locked: tuple[Record, ...]) -> str:
    """Return a lock of version 6 with several environments."""
    known = {each.url: each for records in locked.values() for each in records}
    listed = "".join(
        f"  {name}:\n    channels:\n    - url: {FORGE.url}/\n    packages:\n      linux-64:\n"
        + "".join(f"      - conda: {url}\n" for url in sorted(each.url for each in records))
        for name, records in locked.items()
    )
    entries = "".join(f"- conda: {each.url}\n" for each in sorted(known.values(), key=lambda each: each.name))
    return f"version: 6\nenvironments:\n{listed}packages:\n{entries}"


def test_environments_of_one_solve_group_hold_the_same_record() -> None:
    """Theirs added `a` to docs at the version that both had; ours moved it in default."""
    base = environments(default=(A1,), docs=(B1,))
    ours, theirs = environments(default=(A2,), docs=(B1,)), environments(default=(A1,), docs=(A1, B1))

    together = {"default": "all", "docs": "all"}
    assert held(base, ours, theirs, together) == {"default": ["a 2"], "docs": ["a 2", "b 1"]}
    assert held(base, ours, theirs) == {"default": ["a 2"], "docs": ["a 1", "b 1"]}


def test_the_side_with_all_environments_and_platforms_carries_the_result() -> None:
    both = lock(A1, B2, platforms=("linux-64", "osx-arm64"))
    sides = Sides(base=read(lock(A1, B1)), ours=read(lock(A2, B1)), theirs=read(both))

    merged = merge_locks(sides, {})

    assert merged.carrier is sides.theirs
    assert sorted(each.version for each in merged.solutions[PAIR]) == ["2", "2"]
    assert ("default", "osx-arm64") not in merged.solutions


async def merged(
    base: str, ours: str, theirs: str, *records: Record, path: str = "pixi.lock", **manifest: str
) -> tuple[str, Toy]:
    def resolve(name: str) -> tuple[Channel, ...]:
        return (replace(FORGE, name=name),)

    toy = Toy(*records)
    files = {name.replace("_", "."): text.encode() for name, text in (manifest or {"pixi_toml": MANIFEST}).items()}
    made = replace(scanner(toy), resolve=resolve, hasher=TextHasher())
    texts = LockTexts(base=base.encode(), ours=ours.encode(), theirs=theirs.encode())

    found = await merge_lock(made, {**files, path: ours.encode()}, path, texts)

    verdicts = made.locks({**files, **{at: text.encode() for at, text in found.items()}})
    assert [each.standing for each in verdicts] == [LockStanding.IN_STEP]
    return found[path], toy


def titles(text: str) -> list[str]:
    return sorted(each.title for each in read(text).environments[0].conda[LINUX])


async def test_what_fits_together_is_not_solved() -> None:
    text, toy = await merged(lock(A1, B1), lock(A2, B1), lock(A1, B2))

    assert text == lock(A2, B2)
    assert toy.solved == []


async def test_what_does_not_fit_together_is_solved_with_both_sides_preferred() -> None:
    """Ours moved `a` to 2; theirs added `c`, which goes with `a` below 2 unless it is newer."""
    new_c, newer_b = record("c", "2", "a >=2"), record("b", "3")
    manifest = MANIFEST + 'c = "*"\n'

    text, _ = await merged(
        lock(A1, B1),
        lock(A2, B1),
        lock(A1, B2, OLD_C),
        *(A1, A2, A3, B1, B2, newer_b, OLD_C, new_c),
        pixi_toml=manifest,
    )

    assert titles(text) == ["a 2", "b 2", "c 2"]


async def test_what_nothing_needs_any_more_goes() -> None:
    text, _ = await merged(
        lock(A1, B1), lock(A1), lock(A1, B2), A1, A2, B1, B2, pixi_toml=MANIFEST.replace('b = "*"\n', "")
    )

    assert text == lock(A1)


async def test_what_the_merged_manifest_has_besides_is_solved() -> None:
    """Both sides moved the spec: the manifest of the merge asks for what neither lock holds."""
    text, _ = await merged(
        lock(A1, B1), lock(A2, B1), lock(A1, B2), A1, A2, A3, B1, B2, pixi_toml=MANIFEST.replace('a = "*"', 'a = ">=3"')
    )

    assert titles(text) == ["a 3", "b 2"]


@pytest.mark.parametrize(
    ("manifest", "records", "sentence"),
    [
        pytest.param(
            MANIFEST.replace("a = ", "<<<<<<< x\na = "), (), "merge-conflict marker", id="manifest in conflict"
        ),
        pytest.param(
            MANIFEST + 'd = "*"\n',
            (A1, A2, B1, B2),
            "that solves is in step with the merged manifest",
            id="nothing solves",
        ),
    ],
)
async def test_what_cannot_be_merged_is_said(manifest: str, records: tuple[Record, ...], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        await merged(lock(A1, B1), lock(A2, B1), lock(A1, B2), *records, pixi_toml=manifest)


async def test_a_side_in_conflict_is_an_error_and_such_a_base_is_none() -> None:
    with pytest.raises(BadInput, match="merge-conflict marker"):
        await merged(lock(A1), f"<<<<<<< x\n{lock(A1)}", lock(A1))

    text, _ = await merged("<<<<<<< x\n", lock(A2, B1), lock(A1, B2))

    assert text == lock(A2, B2)


ALPHA, ALPHA_2 = package("alpha", "1.0.0", "core"), package("alpha", "2.0.0", "core")
CORE, CORE_2 = package("core", "1.0.0"), package("core", "2.0.0")
ENVIRONMENT = "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n  - alpha\n"


async def test_a_conda_lock_gets_the_hash_of_the_merged_sources() -> None:
    base, ours, theirs = (
        lock_text(entry(alpha), entry(core), hashes={LINUX: digest(of)})
        for alpha, core, of in ((ALPHA, CORE, "base"), (ALPHA_2, CORE, "ours"), (ALPHA, CORE_2, "theirs"))
    )

    text, _ = await merged(base, ours, theirs, path="conda-lock.yml", environment_yml=ENVIRONMENT)

    assert text == lock_text(entry(ALPHA_2), entry(CORE_2), hashes={LINUX: digest(f"{ENVIRONMENT.rstrip()}\n")})


async def test_an_explicit_list_is_left_to_people() -> None:
    text = f"# platform: linux-64\n@EXPLICIT\n{CORE.url}#{CORE.md5}\n"

    with pytest.raises(BadInput, match="keeps no dependencies"):
        await merged(text, text, text, path="environment.linux-64.pin.txt", environment_yml=ENVIRONMENT)
