"""The JSON of `condabot check --json`."""

import json
from datetime import date

from bot.model.manifest import PackageName
from bot.model.report import DependencyStatus, Migration, Problem, Recognised, ScanReport, Standing
from bot.model.update import Blocker, HeldBack
from bot.rendering.report import report_document

REPORT = ScanReport(
    proposals=(),
    held_back=(HeldBack(name=PackageName("numpy"), current="2.4.6", release="2.5.2", sentence="numba forbids it"),),
    statuses=(
        DependencyStatus(
            manifest="pixi.toml",
            line=7,
            environments=("default",),
            name=PackageName("numpy"),
            spec=">=2.3",
            standing=Standing.HELD_BACK,
            current="2.4.6",
            newest="2.5.2",
            reachable="2.4.6",
            reason="numba forbids it",
        ),
    ),
    problems=(Problem(path="environment.yml", sentence="is empty", line=3),),
    recognised=(Recognised(path="recipe/meta.yaml", sentence="a recipe"),),
    migrations=(
        Migration(
            workspace="pixi.toml",
            name=PackageName("python"),
            current="3.13.9",
            release="3.14.2",
            minor="3.14",
            ready=1,
            total=2,
            blocked_by=(Blocker(name=PackageName("numba"), spec="0.63.*", manifest="pixi.toml", line=9),),
            due=date(2026, 1, 5),
            offered=False,
            sentence="python 3.14: 1 of 2 ready, blocked by numba 0.63.* (pixi.toml:9)",
        ),
    ),
)


def test_a_report_is_a_document_of_json_types() -> None:
    assert json.loads(json.dumps(report_document(REPORT))) == {
        "version": 1,
        "dependencies": [
            {
                "manifest": "pixi.toml",
                "line": 7,
                "environments": ["default"],
                "name": "numpy",
                "spec": ">=2.3",
                "standing": "held-back",
                "current": "2.4.6",
                "newest": "2.5.2",
                "reachable": "2.4.6",
                "reason": "numba forbids it",
                "forced": "",
            }
        ],
        "held_back": [{"name": "numpy", "current": "2.4.6", "release": "2.5.2", "reason": "numba forbids it"}],
        "migrations": [
            {
                "manifest": "pixi.toml",
                "name": "python",
                "minor": "3.14",
                "current": "3.13.9",
                "release": "3.14.2",
                "ready": 1,
                "total": 2,
                "blocked_by": [{"manifest": "pixi.toml", "line": 9, "name": "numba", "spec": "0.63.*"}],
                "due": "2026-01-05",
                "offered": False,
                "reason": "python 3.14: 1 of 2 ready, blocked by numba 0.63.* (pixi.toml:9)",
            }
        ],
        "caps": [],
        "minimums": [],
        "problems": [{"path": "environment.yml", "line": 3, "reason": "is empty"}],
        "recognised": [{"path": "recipe/meta.yaml", "reason": "a recipe"}],
    }
