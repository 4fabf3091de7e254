"""Packages are put in an order in which they can be installed, and moved as little as that takes."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lockfiles.install_order import in_install_order
from tests.planning.toy import record

DEEP = 3_000


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        pytest.param({"a": "", "b": ""}, "ab", id="what holds stays"),
        pytest.param({"a": "b", "b": ""}, "ba", id="a dependency goes first"),
        pytest.param({"a": "cb", "b": "", "c": ""}, "cba", id="in the order in which they are named"),
        pytest.param({"a": "b", "b": "a"}, "ba", id="a circle is cut where it closes"),
        pytest.param({"a": "az"}, "a", id="neither itself nor what is not given counts"),
    ],
)
def test_order(needs: dict[str, str], expected: str) -> None:
    assert "".join(each.name for each in in_install_order([record(n, "1", *d) for n, d in needs.items()])) == expected


def test_python_comes_before_pip_though_each_names_the_other() -> None:
    ordered = in_install_order([record("pip", "1", "python"), record("python", "1", "pip")])

    assert [each.name for each in ordered] == ["python", "pip"]


def test_a_long_chain_is_no_recursion() -> None:
    chain = [record(f"p{number}", "1", f"p{number + 1}") for number in range(DEEP)]

    assert [each.name for each in in_install_order(chain)][:2] == [f"p{DEEP - 1}", f"p{DEEP - 2}"]


@given(needs=st.lists(st.lists(st.integers(0, 9), max_size=3), min_size=10, max_size=10))
def test_every_package_is_there_once_behind_what_it_needs(needs: Sequence[Sequence[int]]) -> None:
    acyclic = [[each for each in mine if each > number] for number, mine in enumerate(needs)]

    ordered = in_install_order([record(f"p{n}", "1", *(f"p{d}" for d in mine)) for n, mine in enumerate(acyclic)])

    places = {each.name: place for place, each in enumerate(ordered)}
    assert len(places) == len(ordered) == len(needs)
    assert all(places[each.name] > places[depend] for each in ordered for depend in each.depends)  # type: ignore[index]
