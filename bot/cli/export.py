"""`condabot export`: a lock as files for programs that do not read it."""

from collections.abc import Iterator
from pathlib import Path

import click

from bot import lockfiles
from bot.cli.output import Terminal, print_words
from bot.config.tables import Export, ExportFormat
from bot.errors import BadInput
from bot.lockfiles.exports import exported
from bot.model.package import Lock
from bot.rendering.sizes import counted
from bot.rendering.terminal_lines import Tone

FORMATS = tuple(each.value for each in ExportFormat)


@click.command("export")
@click.argument("lock", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--format", "form", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True)
@click.option("--environment", "environments", metavar="NAME", multiple=True, help="Of these alone (repeatable).")
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), help="Where (default: beside LOCK).")
def command(lock: Path, form: str, environments: tuple[str, ...], folder: Path | None) -> None:
    """Write what the lockfile LOCK holds as files for programs that do not read it."""
    parsed = lockfiles.parse(lock.as_posix(), lock.read_bytes())
    texts = exported(parsed, Export(lock=lock.name, format=ExportFormat(form), environments=environments))
    target = folder or lock.parent
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            (target / path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise BadInput(
            f"cannot be written: {error.strerror}", path=str(error.filename or target), key="--to"
        ) from error
    for words in _left_out(parsed, ExportFormat(form), environments):
        print_words(Terminal(stderr=True), words, Tone.HELD)
    print_words(Terminal(), f"exported {counted(len(texts), 'file')} to {target}")


def _left_out(lock: Lock, form: ExportFormat, environments: tuple[str, ...]) -> Iterator[str]:
    """Yield what the format has no place for."""
    for each in lock.environments:
        if environments and each.name not in environments:
            continue
        packages = {package for found in each.pypi.values() for package in found}
        if form is ExportFormat.CONDA_LOCK:
            packages = {package for package in packages if "://" not in package.url or not package.version}
        names = {str(package.name) for package in packages}
        names |= {str(record.name) for found in each.sources.values() for record in found}
        if names:
            yield f"not exported of {each.name}: {', '.join(sorted(names))}"
