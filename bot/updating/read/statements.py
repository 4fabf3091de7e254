"""What the files of a repository say of vulnerabilities: its configuration, and OpenVEX documents."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from bot.config import Configuration
from bot.errors import BadInput
from bot.manifests.paths import first_match
from bot.model.advisory import Statement
from bot.model.report import Problem
from bot.planning.statements import Statements, configured_statements
from bot.vex import read_vex

USUAL_VEX: Final = ".openvex/*.json"
"""Where OpenVEX documents are looked for whatever is configured."""

MOST_VEX: Final = 50
"""OpenVEX documents that are read."""


def vex_paths(paths: Iterable[str], configuration: Configuration) -> tuple[str, ...]:
    """Return those of *paths* that are read as OpenVEX documents."""
    patterns = (USUAL_VEX, *configuration.advisories.vex)
    return tuple(sorted(path for path in paths if first_match(path, patterns) is not None))[:MOST_VEX]


def is_vex_path(path: str) -> bool:
    """Tell whether *path* is that of an OpenVEX document by itself."""
    return first_match(path, (USUAL_VEX,)) is not None


def statements_of(files: Mapping[str, bytes], configuration: Configuration, now: datetime) -> Statements:
    """Return what *files* and *configuration* say of vulnerabilities, as it counts *now*."""
    said: list[Statement] = []
    problems: list[Problem] = []
    for path in vex_paths(files, configuration):
        try:
            document = read_vex(path, files[path])
        except BadInput as error:
            problems.append(Problem(path=path, sentence=error.message))
            continue
        said += document.statements
        problems += (Problem(path=path, sentence=each) for each in document.faults)
    every = (*said, *configured_statements(configuration))
    return Statements(every=every, today=now.astimezone(UTC).date(), problems=tuple(problems))
