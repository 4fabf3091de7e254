"""What contradicts itself has no solution: proven over small worlds, by trying everything."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import rattler
from hypothesis import event, given
from hypothesis import strategies as st

from bot.relock.contradiction import Asked, refuting
from bot.relock.offers import Offer, Seen

NAMES = ("app", "lib", "tool", "data")
VERSIONS = ("1", "2", "3.0a1")
RANGES = ("", "", " >=2", " <2", " ==1", " 1.*|3.*", "[when='app']", " 2 *_1")

World = Mapping[str, Sequence[rattler.PackageRecord]]

specs = st.builds(str.__add__, st.sampled_from((*NAMES, "__glibc")), st.sampled_from(RANGES))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw up to four records of each package, and a machine that may have no glibc."""
    drawn = st.lists(
        st.tuples(st.sampled_from(VERSIONS), st.lists(specs, max_size=2), st.lists(specs, max_size=1)),
        min_size=2,
        max_size=4,
    )
    found = {name: [_record(name, place, *each) for place, each in enumerate(draw(drawn))] for name in NAMES}
    machine = draw(st.lists(st.sampled_from(VERSIONS), max_size=1))
    return {**found, "__glibc": [_record("__glibc", 0, each, (), ()) for each in machine]}


def _record(
    name: str, number: int, version: str, depends: Iterable[str], constrains: Iterable[str]
) -> rattler.PackageRecord:
    return rattler.PackageRecord(
        name,
        version,
        rattler.BuildString(f"h_{number}"),
        number,
        "noarch",
        depends=list(depends),
        constrains=list(constrains),
    )


asked = st.tuples(
    st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(RANGES), max_size=2), min_size=1, max_size=3),
    st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(RANGES), min_size=1, max_size=1), max_size=2),
)


def _asked(drawn: tuple[Mapping[str, Sequence[str]], Mapping[str, Sequence[str]]]) -> Asked:
    ranges, limits = drawn
    return Asked(
        specs={name: [f"{name}{each}" for each in found] for name, found in ranges.items()},
        limits={name: [f"{name}{each}" for each in found] for name, found in limits.items()},
    )


def refuted(asked: Asked, world: World) -> tuple[str, ...]:
    """Return what is found, each package being sent once it is asked for."""
    steps = refuting(asked)
    try:
        names = next(steps)
        while True:
            names = steps.send({name: _seen(world.get(name, ())) for name in names})
    except StopIteration as stop:
        found: tuple[str, ...] = stop.value
        return found


def _seen(records: Sequence[rattler.PackageRecord]) -> Seen:
    offer = Offer(records)
    return Seen(offer, offer.every)


@dataclass(frozen=True)
class _Everything:
    """Tries all sets of records that have at most one of each package."""

    world: World

    def fulfils(self, asked: Asked) -> bool:
        every = [[None, *records] for records in self.world.values()]
        return any(_is_solution([each for each in chosen if each is not None], asked) for chosen in product(*every))


def _is_solution(records: Sequence[rattler.PackageRecord], asked: Asked) -> bool:
    there = {each.name.normalized: each for each in records}
    needs = [text for found in asked.specs.values() for text in found] + [
        text for each in records for text in each.depends
    ]
    limits = [text for found in asked.limits.values() for text in found]
    limits += [text for each in records for text in each.constrains]
    return (
        asked.specs.keys() <= there.keys()
        and all(_is_met(text, there, otherwise=False) for text in needs)
        and all(_is_met(text, there, otherwise=True) for text in limits)
    )


def _is_met(text: str, there: Mapping[str, rattler.PackageRecord], *, otherwise: bool) -> bool:
    """Tell whether *text* is met; what counts on a condition is taken for met, for then most is a solution."""
    spec = rattler.MatchSpec(text)
    assert spec.name is not None
    if spec.condition:
        return True
    record = there.get(spec.name.normalized)
    return otherwise if record is None else bool(spec.matches(record))


@given(worlds(), asked)
def test_what_is_refuted_nothing_fulfils_and_what_it_is_because_of_suffices(
    world: World, drawn: tuple[Mapping[str, Sequence[str]], Mapping[str, Sequence[str]]]
) -> None:
    question = _asked(drawn)
    solver = _Everything(world)

    because = refuted(question, world)

    event(f"refuted: {bool(because)}, solvable: {solver.fulfils(question)}")
    if because:
        assert not solver.fulfils(question)
        less = Asked(
            specs={name: found for name, found in question.specs.items() if name in because},
            limits={name: found for name, found in question.limits.items() if name in because},
        )
        assert not solver.fulfils(less)
