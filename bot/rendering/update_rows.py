"""The updates of a pull request: a row for each, and each line of a manifest before and after."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from bot.model.project import Project, Projects
from bot.model.update import SpecChange, Update
from bot.rendering.links import change_link, link
from bot.rendering.markdown import code, plain, table
from bot.rendering.sizes import counted
from bot.versioning.tags import tag_of

HEADER: Final = ("package", "change", "kind", "where", "age")
OWN_REQUIREMENTS: Final = "the package's own requirements"
FEW_FILES: Final = 2
FEW_ENVIRONMENTS: Final = 6
DEFAULT: Final = ("default",)
NOTHING_KNOWN: Final = Project()


def update_table(updates: Iterable[Update], now: datetime, projects: Projects) -> str:
    """Return a table of *updates*, with links to what *projects* know of their packages."""
    return table(
        HEADER, [_row(each, now, projects.get((each.datasource, each.name), NOTHING_KNOWN)) for each in updates]
    )


def spec_lines(updates: Iterable[Update]) -> str:
    """Return a list of the lines that are rewritten for *updates*, each with its own comment; empty without any."""
    changes = dict.fromkeys((update.name, change) for update in updates for change in update.changes)
    return "\n".join(f"- {_spec_change(name, change)}" for name, change in changes)


def _row(update: Update, now: datetime, project: Project) -> tuple[str, ...]:
    change = f"{code(update.current)} -> {code(update.target.version)}"
    names = (update.name, project.repository.rpartition("/")[2])
    before, after = (tag_of(version, project.releases, names) for version in (update.current, update.target.version))
    return (
        link(code(update.name), project.page or project.repository),
        change_link(change, project.repository, before, after),
        update.kind,
        _where(update),
        _age(update.target.built, now),
    )


def _where(update: Update) -> str:
    """Return the manifests, and their environments where those say more than that there is one."""
    files = _few([code(each) for each in update.workspaces], FEW_FILES, "file")
    if not update.environments:
        return f"{files}: {OWN_REQUIREMENTS}" if files else OWN_REQUIREMENTS
    environments = _few([plain(each) for each in update.environments], FEW_ENVIRONMENTS, "environment")
    if not files:
        return environments
    return files if update.environments == DEFAULT else f"{files}: {environments}"


def _few(words: Sequence[str], most: int, noun: str) -> str:
    more = len(words) - most
    shown = [*words[:most], f"{counted(more, f'other {noun}')}"] if more > 0 else words
    return ", ".join(shown)


def _age(built: datetime | None, now: datetime) -> str:
    return f"built {built.date().isoformat()}, {counted(max((now - built).days, 0), 'day')}" if built else "unknown"


def _spec_change(name: str, change: SpecChange) -> str:
    comment = f", its comment says {plain(change.comment)}" if change.comment else ""
    place = code(f"{change.manifest}:{change.line}")
    return f"{place} {plain(name)} {code(change.old)} -> {code(change.new)}{comment}"
