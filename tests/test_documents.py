"""What the documents say is what the code does."""

import ast
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import click
import pytest
import yaml

from bot.cli import COMMANDS, commands
from bot.config import PATHS, Configuration, read_configuration
from bot.config.presets import PRESETS
from bot.config.rows import all_rows
from bot.manifests import DEFAULT_IGNORE_PATHS, Format
from bot.model.manifest import ManifestFormat, SkipReason
from bot.model.report import DependencyStatus, ScanReport, Standing
from bot.planning.holds import HoldRule
from bot.planning.policy import Policy
from bot.rendering.report import report_document
from fixtures.links import broken_links, documents

ROOT = Path(__file__).parents[1]
DOCUMENTS = documents()
VARIABLE = re.compile(r"CONDABOT_[A-Z_]+|DATABASE_URL|RATTLER_AUTH_FILE|GITHUB_[A-Z_]+")


def first_cells(path: str) -> list[str]:
    """Return what stands in backquotes in the first cells of the tables in the document at *path*."""
    return re.findall(r"^\| `([^`]+)`.*\|$", (ROOT / path).read_text(), re.MULTILINE)


def strings(path: str) -> set[str]:
    nodes = ast.walk(ast.parse((ROOT / path).read_text()))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def command(name: str) -> click.Command:
    found = commands.get_command(click.Context(commands), name)
    assert found is not None
    return found


def test_every_setting_is_described_and_nothing_else() -> None:
    read = {text for text in strings("bot/settings.py") | strings("bot/runner.py") if VARIABLE.fullmatch(text)}

    assert sorted(first_cells("docs/settings.md")) == sorted(read)


def test_every_dependency_has_its_reason_and_nothing_else_has() -> None:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = document["project"]
    asked = [
        *project["dependencies"],
        *(
            each
            for extra in ("pypi", "private", "run", "service", "conda-lock", "sbom", "pack", "demo")
            for each in project["optional-dependencies"][extra]
        ),
        *document["dependency-groups"]["dev"],
        *document["dependency-groups"]["docs"],
        *document["dependency-groups"]["mutants"],
    ]

    names = [re.split(r"[\[><=]", each)[0] for each in asked if not each.startswith(f"{project['name']}[")]
    assert first_cells("docs/decisions/0003-dependencies.md") == names


def test_every_field_of_the_json_document_is_described() -> None:
    text = (ROOT / "docs/commands.md").read_text()
    document = report_document(ScanReport(proposals=(), held_back=(), statuses=(), problems=()))

    names = [*document, *(each.name for each in fields(DependencyStatus)), *Standing]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_numbers_of_the_policy_are_the_defaults() -> None:
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \| `(\w+)` \|$", (ROOT / "docs/policy.md").read_text(), re.MULTILINE)
    policy = Policy()

    assert {field: value for value, field in rows} == {
        "minimum_release_age": f"{policy.minimum_release_age.days} days",
        "transitive_release_age": f"{policy.transitive_release_age.days} days",
        "minor_alone": ", ".join(f"`{name}`" for name in sorted(policy.minor_alone)),
        "python_minor_age": f"{policy.python_minor_age.days} days",
        "lock_age": f"{policy.lock_age.days} days",
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_within_the_repository_lead_somewhere(document: Path) -> None:
    assert broken_links(document) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_targets_of_make_that_are_named_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"(?:`|^    )make ([a-z]+)", document.read_text(), re.MULTILINE)) <= targets


def test_every_key_of_the_configuration_is_described_and_nothing_else() -> None:
    assert first_cells("docs/configuration.md") == [*all_rows(Configuration), *PRESETS]


def test_the_paths_that_are_ignored_are_the_default_ones() -> None:
    text = (ROOT / "docs/configuration.md").read_text()

    (listed,) = re.findall(r"^ignorePaths:\n((?:  - .*\n)+)", text, re.MULTILINE)
    assert yaml.safe_load(listed) == list(DEFAULT_IGNORE_PATHS)


def test_the_example_of_a_configuration_is_one() -> None:
    text = (ROOT / "docs/configuration.md").read_text()

    example = text.split("```yaml\n")[1].split("```")[0]
    assert read_configuration({PATHS[0]: example.encode()}) != Configuration()


def test_every_rule_that_holds_is_described_with_what_it_does_not_hold() -> None:
    text = (ROOT / "docs/holds.md").read_text()

    assert sorted(re.findall(r"^## `([a-z-]+)`$", text, re.MULTILINE)) == sorted(HoldRule)
    assert sorted(re.findall(r"^\| \[`([a-z-]+)`\]", text, re.MULTILINE)) == sorted(HoldRule)


def test_every_reason_to_skip_an_item_is_described() -> None:
    text = (ROOT / "docs/manifests.md").read_text()

    assert [reason.value for reason in SkipReason if f"`{reason}`" not in text] == []


def test_everything_that_a_new_format_must_write_and_decide_is_described() -> None:
    members = [name for name in vars(Format) if not name.startswith("_")]

    assert sorted(first_cells("docs/adding-a-manifest-format.md")) == sorted(
        [*members, *(each.name for each in fields(ManifestFormat) if each.name != "name")]
    )


def test_the_readme_is_read_in_a_minute_and_its_commands_are_ones() -> None:
    text = (ROOT / "README.md").read_text()

    assert len(text.splitlines()) <= 60
    for name, options in re.findall(r"^    condabot ([\w-]+)(.*?)(?:#|$)", text, re.MULTILINE):
        known = {option for each in command(name).params for option in each.opts}
        assert set(re.findall(r"--[\w-]+", options)) <= known


def test_the_site_has_its_reading_order_and_every_page_in_it_is_there() -> None:
    index = (ROOT / "docs/index.md").read_text()
    named = re.findall(r"^([a-z-]+)$", index, re.MULTILINE)

    assert named[:4] == ["what-it-does", "a-pull-request", "try-it", "ci"]
    assert [name for name in named if not (ROOT / f"docs/{name}.md").exists()] == []


@pytest.mark.parametrize("name", ["README.md", "docs/try-it.md", "docs/coming-from.md", "docs/what-it-does.md"])
def test_every_command_that_people_are_told_to_type_is_one(name: str) -> None:
    for found, options in re.findall(r"condabot (?!COMMAND)([a-z][\w-]*)([^`#\n]*)", (ROOT / name).read_text()):
        if found in COMMANDS:
            known = {option for each in command(found).params for option in each.opts}
            assert set(re.findall(r"--[\w-]+", options)) <= known, (found, options)
