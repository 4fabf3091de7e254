"""What brings the locks of a pull request in step, on a channel that is a table."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.errors import BadInput
from bot.model.manifest import Subdir
from bot.model.package import Channel
from bot.updating.relocking import NOT_TOLD, Relocked, Sides, _patch, merge_file, relock
from tests.planning.toy import FORGE, record
from tests.updating.survey.test_in_step import lock
from tests.updating.test_merging import A1, A2, B1, B2, MANIFEST, titles
from tests.updating.toy import Toy, scanner

C1 = record("c", "1")
WANTS_A2 = MANIFEST.replace('a = "*"', 'a = "2.*"')
WANTS_C = f'{MANIFEST}c = "*"\n'
MARKED = "<<<<<<< HEAD\n{}=======\n{}>>>>>>> main\n"


def files(manifest: str = MANIFEST, *, locked: str | None = lock(A1, B1), **others: str) -> Mapping[str, bytes]:
    found = {"pixi.toml": manifest, **({"pixi.lock": locked} if locked is not None else {}), **others}
    return {path: text.encode() for path, text in found.items()}


async def relocked(
    began: Mapping[str, bytes],
    theirs: Mapping[str, bytes],
    ours: Mapping[str, bytes],
    committed: Sides | None = None,
    toy: Toy | None = None,
) -> Relocked:
    def resolve(name: str) -> tuple[Channel, ...]:
        return (replace(FORGE, name=name),)

    made = replace(scanner(toy or Toy(A1, A2, B1, B2, C1)), resolve=resolve)
    return await relock(Sides(began=began, theirs=theirs, ours=ours), made, committed)


def held(found: Relocked, path: str = "pixi.lock") -> list[str]:
    return titles(found.files[path].decode())


async def test_a_stale_lock_is_brought_in_step_as_little_as_it_can() -> None:
    found = await relocked(files(), files(), files(WANTS_A2))

    assert (held(found), found.locks, found.needs_merge, found.problems) == (["a 2", "b 1"], ("pixi.lock",), False, ())
    assert found.patch.startswith("diff --git a/pixi.lock b/pixi.lock\n")
    assert [(each.name, each.old_version, each.new_version) for diff in found.diff.locks for each in diff.changes] == [
        ("a", "1", "2")
    ]


async def test_what_both_sides_moved_is_kept_and_goes_with_the_merge_alone() -> None:
    found = await relocked(files(), files(locked=lock(A1, B2)), files(locked=lock(A2, B1)))

    assert (held(found), found.needs_merge) == (["a 2", "b 2"], True)


async def test_a_manifest_that_both_sides_changed_is_merged_too() -> None:
    theirs = files(MANIFEST.replace('["conda-forge"]', '["conda-forge"]  # ours'), locked=lock(A1, B2))
    found = await relocked(files(), theirs, files(WANTS_C, locked=lock(A1, B1, C1)))

    assert held(found) == ["a 1", "b 2", "c 1"]
    assert found.files["pixi.toml"].decode() == f'{theirs["pixi.toml"].decode()}c = "*"\n'


async def test_a_lock_that_the_branch_moved_and_a_manifest_that_ours_changed_go_with_the_merge() -> None:
    found = await relocked(files(), files(locked=lock(A1, B2)), files(WANTS_A2))

    assert (held(found), found.needs_merge) == (["a 2", "b 2"], True)
    assert found.files.keys() == {"pixi.lock"}


async def test_what_the_branch_changed_elsewhere_needs_no_merge() -> None:
    theirs = files(**{"other/pixi.toml": MANIFEST, "other/pixi.lock": lock(A1, B2)})
    found = await relocked(files(), theirs, files(WANTS_A2))

    assert (found.locks, found.needs_merge) == (("pixi.lock",), False)


async def test_markers_in_a_lock_are_resolved_by_what_was_merged() -> None:
    committed = Sides(began=files(), theirs=files(locked=lock(A1, B2)), ours=files(locked=lock(A2, B1)))
    marked = files(locked=MARKED.format("x\n", "y\n"))
    found = await relocked(committed.theirs, committed.theirs, marked, committed)

    assert (held(found), found.needs_merge, found.problems) == (["a 2", "b 2"], False, ())


async def test_or_else_by_the_markers_themselves() -> None:
    began = files(locked=lock(A1, B2))
    found = await relocked(began, began, files(locked=MARKED.format(lock(A2, B1), lock(A1, B2))))

    assert held(found) == ["a 2", "b 2"]


async def test_markers_and_a_branch_that_has_moved_on() -> None:
    began, theirs = files(locked=lock(A1, B1)), files(locked=lock(A1, B2))
    committed = Sides(began=began, theirs=began, ours=files(locked=lock(A2, B1)))
    marked = files(locked=MARKED.format(lock(A2, B1), lock(A1, B1)))

    for merge in (None, committed):
        found = await relocked(began, theirs, marked, merge)
        assert (held(found), found.needs_merge) == (["a 2", "b 2"], True)


async def test_a_lock_that_is_in_step_stays() -> None:
    assert await relocked(files(), files(), files(**{"README.md": "x"})) == Relocked()


async def test_what_was_stale_before_is_solved_only_if_there_is_nothing_else() -> None:
    stale = {"old/pixi.toml": WANTS_A2, "old/pixi.lock": lock(A1, B1)}

    alone = await relocked(files(**stale), files(**stale), files(**stale))
    beside = await relocked(files(**stale), files(**stale), files(WANTS_A2, **stale))

    assert (alone.locks, beside.locks) == (("old/pixi.lock",), ("pixi.lock",))


@pytest.mark.parametrize(
    ("theirs", "ours", "sentence"),
    [
        pytest.param(
            files(MANIFEST.replace('a = "*"', 'a = ">1"')), files(WANTS_A2), "is in conflict itself", id="a manifest"
        ),
        pytest.param(files(), files(MANIFEST.replace('a = "*"', 'a = "9.*"')), "nothing that solves", id="unsolvable"),
        pytest.param(files(), files(locked="<<<<<<< x\nno end\n"), "are not whole", id="half a marker"),
        pytest.param(
            files(locked=lock(A1, B2)), files(locked="version: 6\nx: ["), "pixi.lock", id="a lock that cannot be read"
        ),
    ],
)
async def test_what_cannot_be_done_is_said(
    theirs: Mapping[str, bytes], ours: Mapping[str, bytes], sentence: str
) -> None:
    found = await relocked(files(), theirs, ours)

    assert sentence in str(found.problems[0])
    assert found.files == {}


TWO = MANIFEST.replace('platforms = ["linux-64"]', 'platforms = ["linux-64", "osx-arm64"]')
ON_LINUX = "[target.linux-64.dependencies]\n"
LOCKED_FOR_TWO = lock(A1, B1, platforms=("linux-64", "osx-arm64"))


async def test_what_is_in_step_is_not_solved_whatever_became_of_its_channel() -> None:
    toy = Toy(A1, A2, B1, B2, C1, silent_on=frozenset({Subdir("osx-arm64")}))
    before = files(TWO, locked=LOCKED_FOR_TWO)
    found = await relocked(before, before, files(f'{TWO}{ON_LINUX}c = "*"\n', locked=LOCKED_FOR_TWO), toy=toy)

    assert (found.locks, found.problems) == (("pixi.lock",), ())
    assert {each.subdir for each in toy.solved} == {"linux-64"}
    assert [(each.platform, [change.name for change in each.changes]) for each in found.diff.locks if each.changes] == [
        ("linux-64", ["c"])
    ]


@pytest.mark.parametrize(
    ("line", "toy", "cause"),
    [
        (
            'nosuch = "*"',
            Toy(A1, B1),
            "default on linux-64, osx-arm64 does not solve as it stands: nothing provides it all",
        ),
        (
            'a = "2.*"',
            Toy(A1, A2, B1, silent_on=frozenset({Subdir("osx-arm64")})),
            "default on osx-arm64 is not judged: Channel conda-forge answered 500.",
        ),
    ],
)
async def test_why_nothing_solves_is_told_by_environment_and_nothing_else(line: str, toy: Toy, cause: str) -> None:
    before = files(TWO, locked=LOCKED_FOR_TWO)
    manifest = TWO.replace('a = "*"', line) if line.startswith("a ") else f"{TWO}{line}\n"
    found = await relocked(before, before, files(manifest, locked=LOCKED_FOR_TWO), toy=toy)

    sentence = f"nothing that solves is in step with the merged manifest: {cause}"
    assert [each.sentence for each in found.problems] == [sentence]


@pytest.mark.parametrize(
    ("ours", "why"),
    [
        pytest.param(files("[workspace\n"), "is not TOML", id="a manifest that cannot be read"),
        pytest.param(files(f'{MANIFEST}c = ">=>1"\n'), "`>=>1` is not a match spec", id="a line that is none"),
        pytest.param(files(f'{MANIFEST}c = {{ path = "c" }}\n'), "nobody can say before it is installed", id="sources"),
        pytest.param(files(locked="version: 6\nx: ["), "is not YAML", id="a lock that cannot be read"),
        pytest.param(files(f'{MANIFEST}[environments]\nx = ["y"]\n'), "names the feature 'y'", id="no such feature"),
        pytest.param({"pixi.lock": lock(A1, B1).encode()}, "no manifest is there", id="no manifest any more"),
    ],
)
async def test_what_nobody_can_tell_is_not_called_in_step(ours: Mapping[str, bytes], why: str) -> None:
    for began in (files(), ours):
        found = await relocked(began, began, ours)
        told = [str(each) for each in found.problems]
        is_own = began is not ours
        assert [NOT_TOLD in each and why in each for each in told] == ([True] if is_own or len(ours) > 1 else [])


BROKEN = {"old/pixi.toml": "[workspace\n", "old/pixi.lock": lock(A1, B1)}


@pytest.mark.parametrize(
    ("ours", "told", "unjudged"),
    [
        pytest.param(files(**BROKEN, **{"README.md": "x"}), [], ("old/pixi.lock",), id="nothing of the two"),
        pytest.param(files(f"{MANIFEST}\n", locked=lock(A1, B2), **BROKEN), [], ("old/pixi.lock",), id="the other"),
        pytest.param(
            files(**{**BROKEN, "old/pixi.toml": "[workspace\n# x\n"}), ["old/pixi.lock"], (), id="its manifest"
        ),
        pytest.param(files(**{**BROKEN, "old/pixi.lock": lock(A2, B1)}), ["old/pixi.lock"], (), id="itself"),
        pytest.param(
            files(MANIFEST.replace('a = "*"', 'a = "9.*"'), **BROKEN),
            ["pixi.lock"],
            ("old/pixi.lock",),
            id="the other does not solve",
        ),
        pytest.param(
            files(f'{MANIFEST}c = ">=>1"\n', **BROKEN), ["pixi.lock"], (), id="nor can anybody judge the other"
        ),
    ],
)
async def test_what_nobody_can_tell_elsewhere_is_no_problem(
    ours: Mapping[str, bytes], told: list[str], unjudged: tuple[str, ...]
) -> None:
    found = await relocked(files(**BROKEN), files(**BROKEN), ours)

    assert ([each.path for each in found.problems], found.unjudged) == (told, unjudged)


@pytest.mark.parametrize(
    ("began", "theirs", "ours", "merged"),
    [
        (b"a", b"a", b"b", b"b"),
        (b"a", b"b", b"a", b"b"),
        (None, b"b", None, b"b"),
        (b"a", None, b"a", None),
        (b"a", b"a", None, None),
        (b"\xff", b"\xff", b"\xfe", b"\xfe"),
        (b"a\nb\nc\n", b"A\nb\nc\n", b"a\nb\nC\n", b"A\nb\nC\n"),
    ],
)
def test_a_file_is_merged(began: bytes | None, theirs: bytes | None, ours: bytes | None, merged: bytes | None) -> None:
    assert merge_file(began, theirs, ours) == merged


@pytest.mark.parametrize(("theirs", "ours"), [(b"b", b"c"), (None, b"c"), (b"\xff", b"c"), (b"b", None)])
def test_what_is_in_conflict_is_not(theirs: bytes | None, ours: bytes | None) -> None:
    with pytest.raises(BadInput, match="in conflict"):
        merge_file(b"a", theirs, ours)


@pytest.mark.parametrize(
    ("text", "is_shown"),
    [("b", True), ("é", True), ("b\r", False), ("\u202eb", False), ("\u200b", False), ("\x1b", False)],
)
def test_what_a_comment_could_not_show_is_no_patch(text: str, *, is_shown: bool) -> None:
    patch = _patch({"pixi.lock": b"a\n"}, {"pixi.lock": f"{text}\n".encode()})

    assert (f"-a\n+{text}\n" in patch) is is_shown
    assert bool(patch) is is_shown
