"""Which archives are looked into: those of direct packages or of all, in the order of what a proposal is for."""

from collections.abc import Sequence

import pytest

from bot.model.manifest import PackageName
from bot.model.provenance import MovedArchive, Provenance
from bot.updating.origins import MOST, Origins
from bot.updating.propose.archives import moved_archives
from tests.planning.toy import record

ALPHA, CORE = PackageName("alpha"), PackageName("core")
BEFORE = (record("alpha", "1.0"), record("core", "1.0"))
AFTER = (record("alpha", "1.1"), record("core", "1.1"), record("new", "1.0"))


class Archives:
    """Have a recipe, and remember who asked for which."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def provenances(self, archives: Sequence[str]) -> Sequence[Provenance | None]:
        self.asked += archives
        return [Provenance(recipe="meta.yaml") for _ in archives]


@pytest.mark.parametrize(
    ("asked", "names"), [([ALPHA], [ALPHA]), ([], []), (None, [ALPHA, CORE])], ids=["direct", "nothing", "all"]
)
def test_of_which_packages_it_is_told(asked: list[PackageName] | None, names: list[PackageName]) -> None:
    assert [each.name for each in moved_archives([], [(BEFORE, AFTER, asked)])] == names


def test_what_a_proposal_is_for_comes_first() -> None:
    assert [each.name for each in moved_archives([CORE], [(BEFORE, AFTER, None)])] == [CORE, ALPHA]


async def test_of_many_the_first_are_looked_into_and_the_others_named() -> None:
    archives = Archives()
    moves = tuple(
        MovedArchive(name=PackageName(f"p{n:02}"), old_version="1", new_version="2", old_url=f"{n}/1", new_url=f"{n}/2")
        for n in range(MOST + 2)
    )

    found = await Origins(provenances=archives).of(moves)

    assert len(archives.asked) == 2 * MOST
    assert [each.after is not None for each in found] == [True] * MOST + [False] * 2


async def test_without_moves_nobody_is_asked() -> None:
    archives = Archives()

    assert await Origins(provenances=archives).of(()) == ()
    assert archives.asked == []
