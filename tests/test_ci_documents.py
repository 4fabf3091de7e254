"""The workflows of docs/ci.md are ones: linted as those of this repository are, and in step with action.yml."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.test_documents import first_cells

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs/ci.md").read_text()
BLOCKS = [
    each.replace("OWNER", "condabot").replace("COMMIT", "0" * 40)
    for each in re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
]
WORKFLOWS = [each for each in BLOCKS if "\njobs:\n" in each]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())


def used(workflow: str) -> list[dict[str, Any]]:
    """Return the steps of *workflow* that use condabot."""
    jobs = yaml.safe_load(workflow)["jobs"].values()
    steps = [step for job in jobs for step in job["steps"]]
    return [step for step in steps if step.get("uses", "").startswith("condabot/")]


def test_the_workflows_that_are_shown_have_nothing_that_zizmor_objects_to(tmp_path: Path) -> None:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for number, each in enumerate(WORKFLOWS):
        (folder / f"{number}.yml").write_text(each)

    zizmor = Path(sys.executable).parent / "zizmor"
    ended = subprocess.run(
        [zizmor, "--offline", "--quiet", "--no-progress", str(folder)], capture_output=True, text=True, check=False
    )

    assert len(WORKFLOWS) == 7
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_a_workflow_says_to_the_action_what_it_knows_and_reads_what_it_says(workflow: str) -> None:
    assert used(workflow)
    assert {name for step in used(workflow) for name in step["with"]} <= set(ACTION["inputs"])
    assert set(re.findall(r"steps\.condabot\.outputs\.(\w+)", workflow)) <= set(ACTION["outputs"])


def test_every_input_and_output_is_described() -> None:
    described = first_cells("docs/ci.md")

    assert {name for name in described if name in ACTION["inputs"]} == set(ACTION["inputs"])
    assert all(f"`{name}`" in TEXT for name in ACTION["outputs"])


def test_the_hooks_that_are_shown_are_there() -> None:
    offered = {each["id"] for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    shown = [yaml.safe_load(each) for each in BLOCKS if each not in WORKFLOWS]

    assert {hook["id"] for each in shown for repo in each["repos"] for hook in repo["hooks"]} == offered
