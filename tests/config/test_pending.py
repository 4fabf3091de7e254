"""Keys that nothing is done about yet are named where somebody sets one."""

import pytest

from bot.config import PATHS, Configuration, read_configuration
from bot.config.pending import PENDING, pending
from bot.config.rows import rows_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("dependencyDashboard: true", ("dependencyDashboard",)),
        ("dependencyDashboard: false", ()),
        (
            "packageRules: [{matchPackageNames: [numpy], dependencyDashboardApproval: true}]",
            ("dependencyDashboardApproval",),
        ),
        (
            "dependencyDashboardApproval: true\ndependencyDashboard: true",
            ("dependencyDashboard", "dependencyDashboardApproval"),
        ),
    ],
)
def test_what_is_set_is_named(text: str, expected: tuple[str, ...]) -> None:
    assert pending(read_configuration({PATHS[0]: text.encode()})) == expected


def test_each_is_a_key_whose_meaning_says_so() -> None:
    rows = rows_of(Configuration)

    assert {name: rows[name].key for name in PENDING} == PENDING
    assert [name for name in PENDING if "not acted on yet" not in rows[name].meaning] == []
