"""The minimums that manifests write: each is tried, alone and together with the others."""

from hypothesis import given
from hypothesis import strategies as st

from bot.model.minimums import Minimum, MinimumTried
from bot.rendering.minimums import minimum_sentences
from tests.planning.toy import record
from tests.updating.test_scan import encoded
from tests.updating.toy import Toy, scanner

NUMPY = tuple(record("numpy", version) for version in ("1.20", "1.21", "1.26", "2.0"))
PANDAS = (
    record("pandas", "1.5", "numpy"),
    record("pandas", "2.0", "numpy >=1.21"),
    record("pandas", "2.2", "numpy >=1.26"),
)
EVERYWHERE = ("default on linux-64",)


async def tried(toy: Toy, *lines: str) -> tuple[Minimum, ...]:
    head = "name: small\nchannels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n"
    files = {"environment.yml": head + "".join(f"  - {each}\n" for each in lines)}
    return (await scanner(toy).minimums(encoded(files))).minimums


async def said(toy: Toy, *lines: str) -> list[str]:
    return [sentence for each in await tried(toy, *lines) for sentence in minimum_sentences(each)]


async def test_minimums_at_which_everything_solves_are_true() -> None:
    found = await tried(Toy(*NUMPY, *PANDAS), "numpy>=1.21", "pandas>=2.0")

    assert [(each.line, each.name, each.spec, each.is_true) for each in found] == [
        (5, "numpy", ">=1.21", True),
        (6, "pandas", ">=2.0", True),
    ]
    assert found[0].tried == (MinimumTried(where=EVERYWHERE, lowest="1.21", alone="1.21", together="1.21"),)


async def test_a_minimum_that_never_solves_says_the_lowest_that_does() -> None:
    [sentence] = await said(Toy(*NUMPY, *PANDAS), "numpy>=1.20", "pandas=2.2")

    assert sentence == (
        "environment.yml:5 numpy >=1.20 is not true in default on linux-64: "
        "numpy 1.20 does not solve, the lowest that does is 1.26."
    )


async def test_a_minimum_that_is_true_alone_may_not_be_beside_the_others() -> None:
    toy = Toy(*NUMPY, *PANDAS[:2], record("pandas", "1.9", "numpy >=1.26"))

    [sentence] = await said(toy, "numpy>=1.21", "pandas>=1.9")

    assert sentence == (
        "environment.yml:6 pandas >=1.9 is true alone in default on linux-64, "
        "but beside the lines before it, each at its lowest, it is 2.0."
    )


async def test_where_none_solves_that_is_said() -> None:
    toy = Toy(*NUMPY, *(record("pandas", f"1.{minor}", "numpy <0") for minor in range(45)), record("pandas", "2.0"))

    [sentence] = await said(toy, "numpy>=1.20", "pandas>=1.0")

    assert sentence.endswith("none of the releases that it admits does, of which the 40 lowest are tried.")


async def test_what_promises_nothing_is_no_minimum() -> None:
    assert await tried(Toy(*NUMPY, *PANDAS), "numpy", "pandas==2.0") == ()
    assert await tried(Toy(*NUMPY), "numpy<2") == ()
    assert await tried(Toy(*NUMPY), "numpy>=0.0a0") == ()


async def test_prereleases_count_for_who_names_one() -> None:
    toy = Toy(*NUMPY, record("numpy", "1.22rc1"))

    assert [each.tried[0].lowest for each in await tried(toy, "numpy>=1.22rc1")] == ["1.22rc1"]
    assert [each.tried[0].lowest for each in await tried(toy, "numpy>=1.21.5")] == ["1.26"]


NEEDS = {
    "numpy": ("1.20", "1.21", "1.26", "2.0"),
    "numpy >=1.21": ("1.21", "1.26", "2.0"),
    "numpy >=1.26": ("1.26", "2.0"),
    "numpy <1.26": ("1.20", "1.21"),
    "numpy 2.0": ("2.0",),
}


@given(st.lists(st.sampled_from(sorted(NEEDS)), min_size=3, max_size=3))
async def test_what_is_said_to_be_lowest_is_so_among_all_combinations(needs: list[str]) -> None:
    needed = dict(zip(("1.5", "2.0", "2.2"), needs, strict=True))
    pandas = [record("pandas", version, need) for version, need in needed.items()]
    pairs = [(numpy, version) for version, need in needed.items() for numpy in NEEDS[need]]

    found = {each.name: each.tried[0] for each in await tried(Toy(*NUMPY, *pandas), "numpy>=1.20", "pandas>=1.5")}

    assert found[NUMPY[0].name].alone == min(numpy for numpy, _ in pairs)
    assert found[pandas[0].name].alone == min(version for _, version in pairs)
    assert (found[NUMPY[0].name].together, found[pandas[0].name].together) == min(pairs)
