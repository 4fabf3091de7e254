"""Rules about a manifest as a whole: who writes it, and whether it is a list of pins at all."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bot.manifests.recognised import generated_header
from bot.model.manifest import Datasource, Dependency, Manifest
from bot.planning.holds.hold import Hold, HoldRule, HoldScope, SpecCounts, Surroundings
from bot.planning.holds.quoting import quoted

_GENERATORS: Final = (
    "pixi workspace export",
    "pixi project export",
    "pyproject2conda",
    "unidep",
    "rapids-dependency-file-generator",
)
_LONGEST_CONFIGURATION: Final = 100_000
_MOST_NAMES: Final = 3
_HOOK: Final = re.compile(r"^[ \t]*- (?=id:|repo:)", re.MULTILINE)
_COMMENT: Final = re.compile(r"(?:^|\s)#.*")
_YAML_FILE: Final = re.compile(r"(?<![\w./-])[\w./-]++(?<=\.yml|yaml)")
_USUAL_OUTPUTS: Final = frozenset({"environment.yml", "environment.yaml"})


def generated(_: Dependency, surroundings: Surroundings) -> Hold | None:
    """A file that a program writes: a change belongs into what it is made from."""
    if not surroundings.generated:
        return None
    return Hold(rule=HoldRule.GENERATED, sentence=surroundings.generated, scope=HoldScope.RANGE)


def foreign_lock(dependency: Dependency, surroundings: Surroundings) -> Hold | None:
    """A line of an environment that is locked in a file of another program: the lock would be left behind."""
    environments = surroundings.locked_in.get(dependency.feature, ())
    if not environments:
        return None
    names = _named(environments)
    sentence = f"{quoted(surroundings.locked_by)} locks {names}, and condabot does not write such locks"
    return Hold(rule=HoldRule.FOREIGN_LOCK, sentence=sentence, scope=HoldScope.ALL)


def unjudged(dependency: Dependency, surroundings: Surroundings) -> Hold | None:
    """A line that an environment has as well which cannot be judged: what its lock holds would not do any more."""
    environments = surroundings.unjudged_in.get(dependency.feature, ())
    if not environments:
        return None
    verb = "is locked with it and cannot" if len(environments) == 1 else "are locked with it and cannot"
    return Hold(rule=HoldRule.UNJUDGED, sentence=f"{_named(environments)} {verb} be judged", scope=HoldScope.RANGE)


def _named(environments: Sequence[str]) -> str:
    names = ", ".join(map(quoted, environments[:_MOST_NAMES]))
    return names + (f" and {len(environments) - _MOST_NAMES} others" if len(environments) > _MOST_NAMES else "")


def export(_: Dependency, surroundings: Surroundings) -> Hold | None:
    """A file made by `conda env export`: it is refreshed as a whole or not at all."""
    counts = surroundings.counts
    if 2 * counts.exact_builds <= counts.conda:
        return None
    verb = "names" if counts.conda == 1 else "name"
    sentence = f"{counts.exact_builds} of {_dependencies(counts.conda)} {verb} an exact build: export it as a whole"
    return Hold(rule=HoldRule.EXPORT, sentence=sentence, scope=HoldScope.ALL)


def unconstrained(dependency: Dependency, surroundings: Surroundings) -> Hold | None:
    """Without a version and without a lock there is nothing to move; a constraint is never added."""
    if surroundings.locked or dependency.version not in ("", "*"):
        return None
    counts = surroundings.counts
    verb = "has" if counts.total == 1 else "have"
    sentence = f"{counts.unversioned} of {_dependencies(counts.total)} {verb} no version"
    return Hold(rule=HoldRule.UNCONSTRAINED, sentence=sentence, scope=HoldScope.ALL)


def made_by(manifest: Manifest, pre_commit_config: str) -> str:
    """Return what says that *manifest* is generated, in words; empty if nothing does.

    Its header says so ("generated", "do not edit", unless it is "manually edited" too), or a pre-commit hook runs one
    of the programs that write environment files, and writes this one.
    """
    if line := generated_header(manifest.header):
        return f"its header says {quoted(line)}"
    if not manifest.format.may_be_exported:
        return ""
    return next(_hooks_that_write(manifest.path, pre_commit_config[:_LONGEST_CONFIGURATION]), "")


def spec_counts(dependencies: Iterable[Dependency]) -> SpecCounts:
    """Count the dependencies that have no reason of their own to be left alone."""
    specs = [each for each in dependencies if each.skip is None]
    return SpecCounts(
        total=len(specs),
        unversioned=sum(each.version in ("", "*") for each in specs),
        conda=sum(each.datasource is Datasource.CONDA for each in specs),
        exact_builds=sum(_has_exact_build(each) for each in specs),
    )


def _has_exact_build(dependency: Dependency) -> bool:
    build = dependency.match_spec.build if dependency.match_spec else None
    return bool(build) and not re.search(r"[*^$]", build or "")


def _hooks_that_write(path: str, configuration: str) -> Iterator[str]:
    for hook in _HOOK.split(_COMMENT.sub("", configuration)):
        generator = next((each for each in _GENERATORS if each in hook), None)
        if generator and path in _written_by(hook):
            yield f"the pre-commit hook {generator} writes it"


def _written_by(hook: str) -> frozenset[str]:
    """Return the YAML files that *hook* names, in patterns too; if it names none, what such programs write unasked."""
    plain = hook.replace("\\.", ".").replace("^", " ").replace("$", " ")
    named = frozenset(posixpath.normpath(each) for each in _YAML_FILE.findall(plain))
    return named or _USUAL_OUTPUTS


def _dependencies(count: int) -> str:
    return "1 dependency" if count == 1 else f"{count} dependencies"
