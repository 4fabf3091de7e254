"""A line of `[project]` moves, and with it what the lock says that the repository's own package needs.

The lock names PyPI's default index, so this case is written when it is run.
"""

import hashlib
import json
from pathlib import Path

import pytest

from bot.demo.channel import record
from bot.egress import default_index_url
from fixtures.case import Case, outcome_of, read_cases

PYTHON = record("python", "3.14.0", subdir="linux-64", build="h0_0_cpython")
URL = f"https://conda.anaconda.org/conda-forge/linux-64/{PYTHON.fn}"
WHEEL = "widget-1.5.0-py3-none-any.whl"
PYPROJECT = """\
[project]
name = "work"
version = "0.1.0"
dependencies = ["widget>=1.0,<2"]

[tool.pixi.workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]

[tool.pixi.dependencies]
python = "3.14.*"

[tool.pixi.pypi-dependencies]
work = { path = ".", editable = true }
"""
LOCK = f"""\
version: 6
environments:
  default:
    channels:
    - url: https://conda.anaconda.org/conda-forge/
    indexes:
    - {default_index_url().rstrip("/")}
    packages:
      linux-64:
      - conda: {URL}
      - pypi: https://files.example/{WHEEL}
      - pypi: ./
packages:
- conda: {URL}
  sha256: {PYTHON.sha256}
  md5: {PYTHON.md5}
  purls: []
  license: {PYTHON.license}
  size: {PYTHON.size}
  timestamp: {PYTHON.timestamp}
- pypi: ./
  name: work
  version: 0.1.0
  requires_dist:
  - widget>=1.0,<2
  editable: true
- pypi: https://files.example/{WHEEL}
  name: widget
  version: 1.5.0
  sha256: {hashlib.sha256(WHEEL.encode()).hexdigest()}
"""


@pytest.fixture
def case(tmp_path: Path) -> Case:
    folder = tmp_path / "own-package"
    (folder / "input").mkdir(parents=True)
    (folder / "input" / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (folder / "input" / "pixi.lock").write_text(LOCK, encoding="utf-8")
    rows = [["python", "3.14.0", {"subdir": "linux-64", "build": "h0_0_cpython"}]]
    (folder / "channel.json").write_text(json.dumps({"https://conda.anaconda.org/conda-forge": rows}), encoding="utf-8")
    (folder / "index.json").write_text(json.dumps({"widget": [["1.5.0", {}], ["2.0.0", {}]]}), encoding="utf-8")
    [found] = read_cases(tmp_path)
    return found


async def test_the_lock_follows_a_line_of_the_project(case: Case) -> None:
    outcome = await outcome_of(case)

    reports = [outcome.scan, outcome.at_once.report]
    for files in (proposal.files for each in reports for proposal in each.proposals):
        assert files["pyproject.toml"] == PYPROJECT.replace("widget>=1.0,<2", "widget>=1.0,<3")
        assert "  - widget>=1.0,<3\n" in files["pixi.lock"]
        assert "widget-2.0.0-" in files["pixi.lock"]
    assert [len(each.proposals) for each in reports] == [1, 1]
