"""Clauses are found where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SpecError
from bot.versioning.clauses import Role, read_alternatives


@pytest.mark.parametrize(
    ("version_spec", "clauses"),
    [
        ("", []),
        ("  ", []),
        ("1.26", [[("", "1.26", "")]]),
        ("= 1.26.*", [[("=", "1.26", ".*")]]),
        ("1.26*", [[("", "1.26", "*")]]),
        ("*", [[("", "", "*")]]),
        (">=*", [[(">=", "", "*")]]),
        (">=1!2 , < 3.0a0", [[(">=", "1!2", ""), ("<", "3.0a0", "")]]),
        ("1.2 | ( >=1.3_1,<1.4+cu1 )", [[("", "1.2", "")], [(">=", "1.3_1", ""), ("<", "1.4+cu1", "")]]),
        ("===1.2", [[("===", "1.2", "")]]),
    ],
)
def test_a_version_spec_is_alternatives_of_clauses(
    version_spec: str, clauses: list[list[tuple[str, str, str]]]
) -> None:
    found = read_alternatives(version_spec)

    assert [[(c.operator, c.version, c.star) for c in each.clauses] for each in found] == clauses
    for clause in (clause for each in found for clause in each.clauses):
        assert version_spec[clause.at.start : clause.at.end] == clause.version


@pytest.mark.parametrize("version_spec", ["(1.2|1.3),!=1.2.5", ">=1.2,", "a b", "|", "(>=1),(<2)"])
def test_a_clause_that_is_none_is_refused(version_spec: str) -> None:
    with pytest.raises(SpecError, match="is not a single clause"):
        read_alternatives(version_spec)


@pytest.mark.parametrize(
    ("clause", "role"),
    [
        ("*", Role.ANY),
        ("1.2", Role.EXACT),
        ("==1.2", Role.EXACT),
        ("===1.2", Role.EXACT),
        ("=1.2", Role.FUZZY),
        ("1.2.*", Role.FUZZY),
        ("==1.2.*", Role.FUZZY),
        ("~=1.2", Role.COMPATIBLE),
        (">1.2", Role.FLOOR),
        (">=1.2", Role.FLOOR),
        ("<1.2", Role.CAP),
        ("<=1.2", Role.CAP),
        ("!=1.2.*", Role.EXCLUSION),
    ],
)
def test_an_operator_has_its_role(clause: str, role: Role) -> None:
    assert read_alternatives(clause)[0].clauses[0].role is role


@pytest.mark.parametrize(
    ("clause", "expected"), [(">=0", True), (">=0.0.0a0", True), (">0.0.dev0", True), (">=0.1", False), ("<0", False)]
)
def test_a_floor_of_zero_keeps_nothing_out(clause: str, *, expected: bool) -> None:
    assert read_alternatives(clause)[0].clauses[0].is_open_floor is expected


@given(st.text(st.sampled_from("=<>!~*|,() .1a"), max_size=30))
def test_spans_stay_within_the_text_and_in_order(version_spec: str) -> None:
    try:
        alternatives = read_alternatives(version_spec)
    except SpecError:
        return

    spans = [clause.at for each in alternatives for clause in each.clauses]
    assert spans == sorted(spans)
    assert all(each.span.end <= len(version_spec) for each in alternatives)
