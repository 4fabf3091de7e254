"""A lock is in step with lines that are left alone, as far as it can be told by its own records."""

import pytest

from bot.model.package import Record
from bot.planning.in_step import disagreements
from tests.planning.toy import MACHINE, record
from tests.workspaces.pixi import WORKSPACE, environment, workspace

TOOL = record("tool", "1.0")
LINES = f"""{WORKSPACE}
[dependencies]
tool = {{ url = "{TOOL.url}" }}
quoted = '''1.*'''
sometimes = {{ version = "1.*", when = "__win" }}
__glibc = ">=2.17"

[constraints]
limited = '''<2'''
never = {{ version = "<2", when = "__win" }}
"""
QUOTED, NEEDS = record("quoted", "1.2"), record("sometimes", "1.0", "limited", "never")


@pytest.mark.parametrize(
    ("records", "sentences"),
    [
        pytest.param((TOOL, QUOTED), (), id="what they ask for is locked"),
        pytest.param(
            (QUOTED,), (f"pixi.toml:7 asks for {TOOL.url}, and it is not locked",), id="a file that is not locked"
        ),
        pytest.param(
            (record("tool", "2.0"), QUOTED),
            (f"pixi.toml:7 asks for {TOOL.url}, and tool-2.0-h0_0.conda is locked",),
            id="another file of the package",
        ),
        pytest.param(
            (TOOL, record("quoted", "2.0")),
            ("pixi.toml:8 asks for quoted 1.*, and 2.0 is locked",),
            id="another version than is written",
        ),
        pytest.param((TOOL, QUOTED, record("sometimes", "3.0")), (), id="a condition is not judged"),
        pytest.param(
            (
                TOOL,
                QUOTED,
                record("sometimes", "1.0", "limited", "never"),
                record("limited", "2"),
                record("never", "2"),
            ),
            ("pixi.toml:13 limits limited to <2",),
            id="a limit counts, one with a condition is not judged",
        ),
    ],
)
def test_a_lock_is_judged_by_lines_that_are_left_alone(records: tuple[Record, ...], sentences: tuple[str, ...]) -> None:
    assert disagreements(environment(workspace(LINES)), MACHINE, records) == sentences
