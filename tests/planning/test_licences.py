"""Which licences keep a proposal from being made."""

import pytest

from bot.planning.licences import is_denied

DENY = frozenset({"gpl-3.0-only", "agpl-3.0-or-later"})


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        pytest.param("GPL-3.0-only", True, id="the one"),
        pytest.param("gpl-3.0-ONLY", True, id="in another case"),
        pytest.param("MIT", False, id="another"),
        pytest.param(None, False, id="none is known"),
        pytest.param("", False, id="none is said"),
        pytest.param("MIT OR GPL-3.0-only", False, id="a choice"),
        pytest.param("AGPL-3.0-or-later OR GPL-3.0-only", True, id="a choice of two that are denied"),
        pytest.param("MIT AND GPL-3.0-only", True, id="both count"),
        pytest.param("(MIT AND GPL-3.0-only) OR BSD-3-Clause", False, id="a choice beside both"),
        pytest.param("GPL-3.0-only WITH GCC-exception-3.1", True, id="an exception is not looked into"),
        pytest.param("GPL-3.0-or-later", False, id="a name that begins so"),
    ],
)
def test_what_is_denied(licence: str | None, *, expected: bool) -> None:
    assert is_denied(licence, DENY) is expected
