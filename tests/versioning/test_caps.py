"""What is a cap, and what is left of a version spec without it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.versioning.caps import has_cap, without_caps
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
