"""Where `make verify` finds what the slow proofs need: `python -m pytest -p tests.verify_options -m verify ...`.

A proof asks with `request.config.getoption(name, default=None)`, and without its option it is skipped and says so.
"""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("verify")
    group.addoption("--rattler-0-23", metavar="PYTHON", help="a Python with py-rattler 0.23, which writes pixi.lock 6")
    group.addoption("--lock-corpus", metavar="DIRECTORY", help="a directory of real pixi.lock files")
