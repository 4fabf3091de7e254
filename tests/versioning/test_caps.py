"""What is a cap, what is left of a version spec without it, and what is a minimum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.versioning.caps import has_cap, has_minimum, without_caps
from bot.versioning.conda import satisfies

CLAUSES = st.sampled_from([">=1", ">1.2", "!=1.5", "<2", "<=2.4.1", "<3.0a0"])
SPECS = st.lists(st.lists(CLAUSES, min_size=1, max_size=3).map(",".join), min_size=1, max_size=2).map("|".join)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("<2", ""),
        (">=1,<2", ">=1"),
        (">= 1 , <= 2.4.1 , != 1.5", ">= 1,!= 1.5"),
        ("(>=1,<2)|(>=3,<4)", ">=1|>=3"),
        ("<1|>=2", ""),
        ("=1.26", "=1.26"),
        ("", ""),
        ("(1|2),<3", "(1|2),<3"),
    ],
)
def test_without_caps(spec: str, expected: str) -> None:
    assert without_caps(spec) == expected


@given(SPECS, st.sampled_from(["0.9", "1.0", "1.5", "2.0", "2.4.1", "2.5", "9"]))
def test_without_caps_everything_that_was_admitted_still_is(spec: str, version: str) -> None:
    assert not has_cap(without_caps(spec))
    assert satisfies(without_caps(spec), version) or not satisfies(spec, version)


@pytest.mark.parametrize("spec", [">=1", ">1.2", ">=1,<2", "~=1.4", "=1.21", "1.21.*", ">=1|>=3", ">=1,!=1.5"])
def test_a_lower_bound_is_a_minimum(spec: str) -> None:
    assert has_minimum(spec)


@pytest.mark.parametrize("spec", ["", "*", "<2", "!=1.5", "==1.21", "1.21", ">=0.0.0a0", "(1|2),>=1", "==1|>=3"])
def test_without_a_lower_bound_there_is_none(spec: str) -> None:
    assert not has_minimum(spec)
