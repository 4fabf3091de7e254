"""From a lock of conda-lock nothing goes that something asks for: the closure against planted faults."""

import pytest

from tests.conda_locks import entry, lock_text, package
from tests.oracle.conda_locked import still_asked_for
from tests.planning.toy import LINUX

ENVIRONMENT = b"dependencies:\n  - conda-forge::asked >=1\n  - pip:\n    - wheel[x]==1.0\n"
ASKED, NEEDED, SPARE = package("asked", "1.0", "needed"), package("needed", "1.0"), package("spare", "1.0")
ENTRIES = {"asked": entry(ASKED), "needed": entry(NEEDED), "spare": entry(SPARE)}


def lock(*left_out: str) -> str:
    entries = (text for name, text in ENTRIES.items() if name not in left_out)
    return lock_text(*entries, sources=("../environment.yml",), hashes={LINUX: "0" * 64})


@pytest.mark.parametrize("name", ["asked", "needed"])
def test_what_something_asks_for_may_not_go(name: str) -> None:
    found = still_asked_for({"environment.yml": ENVIRONMENT}, "locks/conda-lock.yml", lock(), lock(name))

    assert found == [f"linux-64: {name} is gone, and something asks for it"]


def test_what_nothing_asks_for_may_go() -> None:
    assert still_asked_for({"environment.yml": ENVIRONMENT}, "locks/conda-lock.yml", lock(), lock("spare")) == []
