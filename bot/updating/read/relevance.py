"""Which files of a repository a scan reads, and which pushes are worth one; told by paths and sizes alone."""

from collections.abc import Iterable, Mapping

from bot import lockfiles, manifests
from bot.config import PATHS, Configuration
from bot.manifests.paths import first_match
from bot.manifests.recipes import LONGEST as LONGEST_RECIPE
from bot.manifests.recipes import is_recipe_path
from bot.model.report import Recognised

PRE_COMMIT_CONFIG = ".pre-commit-config.yaml"
RENOVATE_CONFIGURATIONS = frozenset(
    {
        *(f"{folder}renovate.{ext}" for folder in ("", ".github/", ".gitlab/") for ext in ("json", "json5")),
        *(".renovaterc", ".renovaterc.json", ".renovaterc.json5"),
    }
)
"""Where Renovate looks for its configuration; a key in `package.json`, which it also knows, is not looked for.

https://docs.renovatebot.com/configuration-options/
"""
WORKFLOWS = ".github/workflows/**"

MOST_ANNOTATED_FILES = 500
"""Files in which annotations are looked for: each is fetched."""
MOST_RECIPES = 20
"""Recipes, and files of their variants, that are read for what they name."""

DEFAULTS = Configuration()


def relevant_paths(sizes: Mapping[str, int], configuration: Configuration = DEFAULTS) -> tuple[str, ...]:
    """Return the managed manifests among the paths of *sizes*, their lockfiles, and files with facts about them.

    *sizes* are the bytes of every file. The facts are who writes manifests, what recipes name, and what is configured.
    Files that may have annotations are among them up to a size and a number, unless a configuration of Renovate, which
    is then among them, says that they are Renovate's.
    """
    every = frozenset(sizes)
    managed = manifests.candidate_paths(sorted(every), ignore_paths=_ignored(configuration)).managed
    annotated = _annotated(sizes, configuration)[:MOST_ANNOTATED_FILES]
    locks = (lockfiles.lock_for(every, path) for path in managed)
    foreign = (lock for path in managed for lock in manifests.foreign_locks_of(every, path))
    alone = (path for path in every if managed and _is_read_alone(path, configuration))
    facts = (*_facts(every), *_recipes(sizes, configuration)) if managed or annotated else ()
    return tuple(sorted({*managed, *annotated, *facts, *alone, *foreign, *(lock for lock in locks if lock)}))


def recognised_paths(sizes: Mapping[str, int], configuration: Configuration = DEFAULTS) -> tuple[Recognised, ...]:
    """Return what paths and *sizes* alone tell of files that are seen and not managed.

    Lockfiles are not among them: they follow their manifests.
    """
    shown = (path for path in sorted(sizes) if not _is_aside(path, configuration))
    found = ((path, manifests.recognise(path, "")) for path in shown)
    recognised = (Recognised(path=path, sentence=sentence) for path, sentence in found if sentence)
    return (*recognised, *left_out(sizes, configuration))


def left_out(sizes: Mapping[str, int], configuration: Configuration = DEFAULTS) -> tuple[Recognised, ...]:
    """Return what is said of files that are too many to look for annotations in."""
    rest = _annotated(sizes, configuration)[MOST_ANNOTATED_FILES:]
    if not rest:
        return ()
    sentence = (
        f"versions under comments are looked for in {MOST_ANNOTATED_FILES} files, the topmost first; this one and "
        f"{len(rest) - 1} more are too many"
    )
    return (Recognised(path=rest[0], sentence=sentence),)


def _facts(every: frozenset[str]) -> frozenset[str]:
    return every & {*PATHS, PRE_COMMIT_CONFIG, *RENOVATE_CONFIGURATIONS}


def _annotated(sizes: Mapping[str, int], configuration: Configuration) -> tuple[str, ...]:
    """Return the files in which annotations are looked for, the topmost first; none where Renovate looks itself."""
    if not RENOVATE_CONFIGURATIONS.isdisjoint(sizes):
        return ()
    small = (path for path, size in sizes.items() if size <= manifests.LONGEST_ANNOTATED)
    return _topmost_first(path for path in small if _may_be_annotated(path, configuration))


def _recipes(sizes: Mapping[str, int], configuration: Configuration) -> tuple[str, ...]:
    found = (path for path, size in sizes.items() if is_recipe_path(path) and size <= LONGEST_RECIPE)
    return _topmost_first(path for path in found if not _is_aside(path, configuration))[:MOST_RECIPES]


def _topmost_first(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(paths, key=lambda path: (path.count("/"), path)))


def _may_be_annotated(path: str, configuration: Configuration) -> bool:
    is_named = first_match(path, configuration.annotation_paths) is not None
    return (is_named or manifests.is_annotated_path(path)) and not _is_aside(path, configuration)


def _is_aside(path: str, configuration: Configuration) -> bool:
    """Tell whether the file at *path* is a lockfile, or ignored."""
    is_lock = lockfiles.is_lockfile(path)
    return is_lock or first_match(path, _ignored(configuration)) is not None


def _ignored(configuration: Configuration) -> tuple[str, ...]:
    """Return the patterns of what is ignored: those that are configured stand in for the default ones."""
    return manifests.DEFAULT_IGNORE_PATHS if configuration.ignore_paths is None else configuration.ignore_paths


def _is_read_alone(path: str, configuration: Configuration) -> bool:
    return lockfiles.is_read_alone(path) and first_match(path, _ignored(configuration)) is None


def is_relevant(path: str) -> bool:
    """Tell whether a change of the file at *path* may change what a scan finds, with the default configuration."""
    is_lock = lockfiles.is_lockfile(path) or lockfiles.is_read_alone(path) or manifests.is_foreign_lock(path)
    is_fact = path in {*PATHS, *RENOVATE_CONFIGURATIONS}
    return is_fact or is_lock or _may_be_annotated(path, DEFAULTS) or bool(manifests.candidate_paths([path]).managed)
