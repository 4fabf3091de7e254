"""Which files of a repository a scan reads, and which pushes are worth one; told by paths and sizes alone."""

import posixpath
from collections.abc import Container, Iterable, Mapping

from bot import lockfiles, manifests
from bot.config import PATHS, Configuration
from bot.lockfiles.exports import export_of
from bot.manifests.paths import first_match, ignored_by
from bot.manifests.recipes import LONGEST as LONGEST_RECIPE
from bot.manifests.recipes import is_recipe_path
from bot.model.report import Recognised
from bot.updating.read.statements import is_vex_path, vex_paths

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
MOST_SCRIPTS = 100
LARGEST_SCRIPT = 100_000
"""Bytes. Python files that may bring an environment along are read up to this size and number."""
MOST_ENVIRONMENTS = 200
LARGEST_ENVIRONMENT = 100_000
"""Bytes. YAML that may be an environment by the folder that it lies in is read up to this size and number."""
MOST_LOCKS = 100
LARGEST_LOCK = 1_000_000
"""Bytes. Files that only their content can tell to be locks are read up to this size and number."""
LARGEST_COMPARISON = 5_000_000
"""Characters of patterns, times characters of paths: a fifth of a second for the worst that were thought of."""
LARGEST_DOCUMENT = 8_000_000
"""Bytes. OpenVEX documents are fetched up to this size, so that one too large to be read is told of."""
MOST_SPEC_LISTS = 50
LARGEST_SPEC_LIST = 100_000
"""Bytes. Text files that may be lists of specs for conda are read up to this size and number."""
MOST_RECIPES = 20
"""Recipes, and files of their variants, that are read for what they name."""

DEFAULTS = Configuration()


def relevant_paths(sizes: Mapping[str, int], configuration: Configuration = DEFAULTS) -> tuple[str, ...]:
    """Return the managed manifests among the paths of *sizes*, their lockfiles, and files with facts about them.

    *sizes* are the bytes of every file. The facts are who writes manifests, what recipes name, and what is configured.
    Files that may have annotations are among them up to a size and a number, unless a configuration of Renovate, which
    is then among them, says that they are Renovate's.
    """
    if not configuration.enabled:
        return ()
    every = frozenset(sizes)
    managed = _managed(every, configuration)
    annotated = _annotated(sizes, configuration)[:MOST_ANNOTATED_FILES]
    scripts = _scripts(sizes, configuration)
    environments = _environments(sizes, managed, configuration)
    lists = _within(filter(manifests.may_be_spec_list, sizes), sizes, configuration, LARGEST_SPEC_LIST)[
        :MOST_SPEC_LISTS
    ]
    looked_into = {*managed, *annotated, *scripts, *environments, *lists}
    if not looked_into and not any(map(manifests.is_conda_project, every)):
        return ()
    unnamed = _unnamed_locks(sizes, (*managed, *environments), configuration)
    locks = (lockfiles.lock_for(every, path) for path in (*managed, *scripts))
    foreign = (lock for path in managed for lock in manifests.foreign_locks_of(every, path))
    alone = (path for path in every if _is_read_alone(path, configuration))
    facts = (*_facts(every), *_recipes(sizes, configuration), *_vex(sizes, configuration))
    exported = (path for path in every if export_of(path, configuration.exports))
    found = {*looked_into, *unnamed, *facts, *alone, *foreign, *exported, *(lock for lock in locks if lock)}
    return tuple(sorted(found))


def recognised_paths(sizes: Mapping[str, int], configuration: Configuration = DEFAULTS) -> tuple[Recognised, ...]:
    """Return what paths and *sizes* alone tell of files that are seen and not managed.

    Lockfiles are among them only if their manifests are not there: else they follow them.
    """
    shown = (path for path in sorted(sizes) if not _is_aside(path, configuration))
    found = ((path, manifests.recognise(path, "")) for path in shown)
    recognised = (Recognised(path=path, sentence=sentence) for path, sentence in found if sentence)
    sentence = "a lockfile whose manifest is not there"
    orphans = (Recognised(path=path, sentence=sentence) for path in orphan_paths(sizes, configuration))
    ignored = _ignored_manifests(sizes, configuration)
    return (*recognised, *ignored, *orphans, *left_out(sizes, configuration))


def linked(
    links: Mapping[str, str], read: Container[str], configuration: Configuration = DEFAULTS
) -> tuple[Recognised, ...]:
    """Return what is said of *links*, symbolic links by their paths, that lead to a manifest or are called as one is.

    Each has what it names, as it is written there; *read* are the paths of manifests. Locks are as manifests.
    """
    ignored = _ignored(configuration)
    shown = ((path, _target(path, name)) for path, name in links.items() if ignored_by(path, ignored) is None)
    return tuple(
        Recognised(path=path, sentence=f"a symbolic link to {target}, which is read there")
        if target in read
        else Recognised(path=path, sentence="a symbolic link; what it leads to is read where it lies")
        for path, target in shown
        if target in read or manifests.has_manifest_name(path) or lockfiles.is_lockfile(path)
    )


def _target(path: str, named: str) -> str:
    """Return the path that the link at *path* leads to if it names *named*; one that leads out of here is none."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), named))


def orphan_paths(sizes: Mapping[str, int], configuration: Configuration = DEFAULTS) -> tuple[str, ...]:
    """Return the lockfiles that are not read, for nothing that they could belong to is there."""
    ignored = _ignored(configuration)
    locks = [path for path in sorted(filter(lockfiles.is_lockfile, sizes)) if ignored_by(path, ignored) is None]
    read = frozenset(relevant_paths(sizes, configuration)) if locks else frozenset()
    return tuple(path for path in locks if path not in read)


def _ignored_manifests(sizes: Mapping[str, int], configuration: Configuration) -> Iterable[Recognised]:
    """Yield the manifests that are ignored, as far as a name alone tells one."""
    ignored = manifests.candidate_paths(sorted(sizes), ignore_paths=_ignored(configuration)).ignored
    for path, pattern in ignored.items():
        if manifests.has_manifest_name(path):
            yield Recognised(path=path, sentence=f"not looked into, for `ignorePaths` has `{pattern}`")
    for path in sizes if configuration.include_paths else ():
        if manifests.has_manifest_name(path) and path not in ignored and not _is_wanted(path, configuration):
            yield Recognised(path=path, sentence="not looked into, for `includePaths` does not name it")


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
    return every & {*PATHS, PRE_COMMIT_CONFIG, *RENOVATE_CONFIGURATIONS, *filter(manifests.is_conda_project, every)}


def _annotated(sizes: Mapping[str, int], configuration: Configuration) -> tuple[str, ...]:
    """Return the files in which annotations are looked for, the topmost first; none where Renovate looks itself."""
    if not RENOVATE_CONFIGURATIONS.isdisjoint(sizes):
        return ()
    small = (path for path, size in sizes.items() if size <= manifests.LONGEST_ANNOTATED)
    return _topmost_first(path for path in small if _may_be_annotated(path, configuration))


def _scripts(sizes: Mapping[str, int], configuration: Configuration) -> tuple[str, ...]:
    """Return the Python files that may be manifests: by their places, or because pixi locked them."""
    named = (path for path in sizes if manifests.is_script_path(path) or _is_locked_script(path, sizes))
    return _within(named, sizes, configuration, LARGEST_SCRIPT)[:MOST_SCRIPTS]


def _is_locked_script(path: str, paths: Container[str]) -> bool:
    return path.lower().endswith((".py", ".pyw")) and lockfiles.lock_for(paths, path) is not None


def _environments(sizes: Mapping[str, int], managed: Iterable[str], configuration: Configuration) -> tuple[str, ...]:
    """Return the YAML files that may be environments by their places alone: in such a folder, or beside a manifest."""
    folders = {posixpath.dirname(path) for path in managed}
    yaml = (path for path in sizes if path.endswith((".yml", ".yaml")))
    placed = (path for path in yaml if manifests.is_environment_path(path) or posixpath.dirname(path) in folders)
    return _within(placed, sizes, configuration, LARGEST_ENVIRONMENT)[:MOST_ENVIRONMENTS]


def _unnamed_locks(sizes: Mapping[str, int], beside: Iterable[str], configuration: Configuration) -> tuple[str, ...]:
    """Return the files that may be locks though they are not called so, near the paths *beside* and elsewhere."""
    folders = {posixpath.dirname(path) for path in beside}
    found = (path for path in sizes if lockfiles.may_be_lock(path, beside=posixpath.dirname(path) in folders))
    return _within(found, sizes, configuration, LARGEST_LOCK)[:MOST_LOCKS]


def _within(
    paths: Iterable[str], sizes: Mapping[str, int], configuration: Configuration, largest: int
) -> tuple[str, ...]:
    """Return those of *paths* that are not set aside and have up to *largest* bytes, the topmost first."""
    return _topmost_first(path for path in paths if sizes[path] <= largest and not _is_aside(path, configuration))


def _recipes(sizes: Mapping[str, int], configuration: Configuration) -> tuple[str, ...]:
    return _within(filter(is_recipe_path, sizes), sizes, configuration, LONGEST_RECIPE)[:MOST_RECIPES]


def _vex(sizes: Mapping[str, int], configuration: Configuration) -> tuple[str, ...]:
    """Return the OpenVEX documents."""
    return tuple(path for path in vex_paths(sizes, configuration) if sizes[path] <= LARGEST_DOCUMENT)


def _topmost_first(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(paths, key=lambda path: (path.count("/"), path)))


def _may_be_annotated(path: str, configuration: Configuration) -> bool:
    is_named = first_match(path, configuration.annotation_paths) is not None
    return (is_named or manifests.is_annotated_path(path)) and not _is_aside(path, configuration)


def _is_aside(path: str, configuration: Configuration) -> bool:
    """Tell whether the file at *path* is a lockfile, or ignored."""
    return lockfiles.is_lockfile(path) or not _is_wanted(path, configuration)


def _is_wanted(path: str, configuration: Configuration) -> bool:
    """Tell whether the configuration leaves the file at *path* to condabot."""
    included = configuration.include_paths
    is_included = not included or first_match(path, included) is not None
    return is_included and ignored_by(path, _ignored(configuration)) is None


def _managed(paths: Iterable[str], configuration: Configuration) -> tuple[str, ...]:
    """Return the manifests among *paths* that are managed, as far as their paths tell."""
    found = manifests.candidate_paths(sorted(paths), ignore_paths=_ignored(configuration)).managed
    return tuple(each for each in found if _is_wanted(each, configuration))


def _ignored(configuration: Configuration) -> tuple[str, ...]:
    """Return the patterns of what is ignored: the default ones, and those that are configured."""
    return (*manifests.DEFAULT_IGNORE_PATHS, *configuration.ignore_paths)


def _is_read_alone(path: str, configuration: Configuration) -> bool:
    return lockfiles.is_read_alone(path) and _is_wanted(path, configuration)


def is_lockfile(path: str) -> bool:
    """Tell whether the file at *path* is a lock, by its name."""
    return lockfiles.is_lockfile(path)


def is_configured(paths: Iterable[str]) -> bool:
    """Tell whether one of *paths* is condabot's configuration: somebody asked for it here."""
    return not frozenset(PATHS).isdisjoint(paths)


def names_any(patterns: Iterable[str], paths: Iterable[str]) -> bool:
    """Tell whether one of *patterns* stands for one of *paths*; yes where telling would take long.

    The patterns are a repository's, and the time is that of everybody's deliveries.
    """
    every, asked = tuple(patterns), tuple(paths)
    if sum(map(len, every)) * sum(map(len, asked)) > LARGEST_COMPARISON:
        return True
    return any(first_match(path, every) is not None for path in asked)


def is_relevant(path: str) -> bool:
    """Tell whether a change of the file at *path* may change what a scan finds, with the default configuration."""
    is_lock = lockfiles.is_lockfile(path) or lockfiles.is_read_alone(path) or manifests.is_foreign_lock(path)
    may_be_lock = lockfiles.may_be_lock(path) and not _is_aside(path, DEFAULTS)
    is_fact = path in {*PATHS, *RENOVATE_CONFIGURATIONS} or is_vex_path(path)
    is_script = manifests.is_script_path(path) and not _is_aside(path, DEFAULTS)
    is_manifest = is_script or bool(manifests.candidate_paths([path]).managed)
    return is_fact or is_lock or may_be_lock or is_manifest or _may_be_annotated(path, DEFAULTS)
