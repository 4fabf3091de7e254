"""What a checkout asks for, those of its files that matter, and what could not be read."""

from collections.abc import Iterable

from bot.config import PATHS, Configuration, read_configuration
from bot.errors import BadInput
from bot.local.checkout import Checkout
from bot.model.report import Problem
from bot.updating.read.named import named_paths
from bot.updating.read.relevance import DEFAULTS, relevant_paths


def configuration_of(checkout: Checkout) -> Configuration:
    """Return what *checkout* asks for.

    Raises:
        ConfigurationError: it is wrong.
        BadInput: it cannot be read.

    """
    there = checkout.sizes().keys() & set(PATHS)
    return read_configuration({path: checkout.read(path) for path in there})


def read_files(
    checkout: Checkout, configuration: Configuration = DEFAULTS
) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    """Return the manifests and locks of *checkout*, and what could not be read."""
    sizes = checkout.sizes()
    files, problems = _read(checkout, relevant_paths(sizes, configuration))
    named, more_problems = _read(checkout, named_paths(files, sizes))
    closed = tuple(Problem(path=each.path, sentence=each.message) for each in checkout.closed_folders())
    return {**files, **named}, (*problems, *more_problems, *closed)


def _read(checkout: Checkout, paths: Iterable[str]) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            files[path] = checkout.read(path)
        except BadInput as error:
            problems.append(Problem(path=path, sentence=error.message))
    return files, tuple(problems)
