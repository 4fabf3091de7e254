"""The README says nothing that no test proves: each of its sentences has one here, and numbers are compared."""

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

from bot.cli.extras import EXTRAS
from bot.cli.version import PIXI_LOCK
from bot.lockfiles import FORMATS
from bot.planning.holds import HoldRule
from fixtures.write_body import BEGIN, END

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

SHOWN: Final = "tests/cases/test_written_body.py::test_the_documents_show_what_is_made_today"
LINKS: Final = "tests/test_documents.py::test_links_within_the_repository_lead_somewhere"
PROOFS: Final = {
    "Dependency updates for conda and pixi repositories, **solved on every platform before they are proposed**, with "
    "the lock refreshed in the same commit and the reason why a newer version has to wait:": SHOWN,
    "[The whole of it](docs/a-pull-request.md), and [how to read one](docs/for-reviewers.md).": SHOWN,
    "`make demo` opens more on your machine.": (
        "tests/demo/test_demo_command.py::test_it_is_told_in_a_screen_and_a_half_with_one_pull_request_in_full"
    ),
    "Comments, quotes and spacing stay as you wrote them.": (
        "tests/manifests/test_golden.py::test_a_rewrite_gives_exactly_the_bytes_of_after"
    ),
    "A conda environment is a *solution*: a version is an update only if everything still solves with it.": (
        "tests/updating/test_repair.py::test_every_proposal_is_written_as_it_was_solved"
    ),
    "**Solved as committed**, on every platform that is locked; no code of the repository runs for it.": (
        "tests/local/test_git.py::test_nothing_that_a_repository_configures_is_run"
    ),
    "**Why not more**: which line, which package and which platform keep a release out, and what to loosen.": (
        "tests/cases/test_laws.py::test_whoever_does_what_a_sentence_advises_gets_the_release"
    ),
    "**Locks that only move where they must**: `pixi.lock` 6 and 7, `conda-lock.yml` and explicit lists.": (
        "tests/cases/test_laws.py::test_a_lock_in_step_is_left_as_it_is_and_loses_nothing_that_is_asked_for"
    ),
    "**What is meant stays**: pins with a reason, flavours and neighbours ([docs/holds.md](docs/holds.md)).": (
        "tests/test_documents.py::test_every_rule_that_holds_is_described_with_what_it_does_not_hold"
    ),
    "[What it does](docs/what-it-does.md) on a page; [in CI](docs/ci.md) an Action, a hook and workflows to copy; [all "
    "commands](docs/commands.md); [coming from another bot](docs/coming-from.md); [for maintainers]"
    "(docs/for-maintainers.md) and [all that they may ask for](docs/configuration.md).": LINKS,
    "The GitHub App is `condabot all`: [operating](docs/operating.md), and `Dockerfile` for an image.": (
        "tests/test_deploying.py::test_the_image_has_every_package_that_condabot_asks_for"
    ),
    "It is young: [CHANGELOG.md](CHANGELOG.md).": LINKS,
    "These need Python 3.11 or newer, make and git.": (
        "tests/test_readme.py::test_what_it_counts_and_names_is_what_there_is"
    ),
    "[CONTRIBUTING.md](CONTRIBUTING.md) says how, and [docs/architecture.md](docs/architecture.md) how it is built, "
    "and why.": LINKS,
    "MIT licence.": "tests/test_readme.py::test_what_it_counts_and_names_is_what_there_is",
}
"""The test that each sentence is proven by."""


def sentences() -> list[str]:
    """Return what stands in the README beside headings, commands and the pull request, sentence by sentence."""
    beginning, _, rest = TEXT.partition(BEGIN)
    text = beginning + rest.partition(END)[2]
    prose = [each for each in text.splitlines() if not each.startswith(("#", "    "))]
    blocks = re.split(r"\n\n+|\n(?=- )|(?<=\.)\s+(?=[A-Z`\[*])", "\n".join(prose))
    return [" ".join(each.removeprefix("- ").split()) for each in blocks if each.strip()]


def test_every_sentence_is_proven_by_a_test() -> None:
    assert sentences() == list(PROOFS)


@pytest.mark.parametrize("proof", sorted(set(PROOFS.values())))
def test_what_proves_it_is_there(proof: str) -> None:
    path, _, name = proof.partition("::")

    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


def test_what_it_counts_and_names_is_what_there_is() -> None:
    assert f"`pixi.lock` {' and '.join(map(str, PIXI_LOCK))}" in TEXT
    assert {each.kind.name for each in FORMATS} == {"pixi.lock", "conda-lock.yml", "explicit"}
    assert f"Python {PROJECT['requires-python'].removeprefix('>=')} or newer" in TEXT
    assert (PROJECT["license"], (ROOT / "LICENSE").read_text(encoding="utf-8").split("\n")[0]) == ("MIT", "MIT License")
    assert {HoldRule.PIN_COMMENT, HoldRule.FLAVOUR} <= set(HoldRule)


def test_the_installs_that_it_names_are_ones_and_there_is_no_release_yet() -> None:
    named = set(re.findall(r"\.\[([a-z-]+)\]", TEXT))

    assert named == {"pypi", EXTRAS["run"]}
    assert named <= PROJECT["optional-dependencies"].keys()
    assert re.findall(r"^## \[(.*)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE) == [
        "Unreleased"
    ]
