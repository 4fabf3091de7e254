"""Where else the packages of a proposal are named: lines that are left alone on purpose, and recipes.

A reviewer knows best whether those are to follow; nothing is changed there.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from packaging.utils import NormalizedName, canonicalize_name

from bot.errors import SpecError
from bot.manifests.recipes import RecipeLine, RecipeSection
from bot.model.report import DependencyStatus, Standing
from bot.model.update import BranchPlan, Mention
from bot.planning.holds import HoldRule, rule_in
from bot.versioning.conda import satisfies

Targets: TypeAlias = Mapping[NormalizedName, str]
"""The version that each package goes to, by its name as PyPI normalises it."""


def mentions_of(
    plan: BranchPlan, statuses: Iterable[DependencyStatus], recipes: Iterable[RecipeLine]
) -> tuple[Mention, ...]:
    """Return the lines that name packages of *plan* and are not changed by it, in order of packages and files.

    Conda and PyPI packages of one name count as one, however the name is spelled.
    """
    targets = {canonicalize_name(update.name): update.target.version for update in plan.updates}
    changed = {(change.manifest, change.line) for update in plan.updates for change in update.changes}
    found = {
        (each.path, each.line): each
        for each in (*_in_manifests(statuses, targets), *_in_recipes(recipes, targets))
        if (each.path, each.line) not in changed
    }
    order = list(targets)
    return tuple(
        sorted(found.values(), key=lambda each: (order.index(canonicalize_name(each.name)), each.path, each.line))
    )


def _in_manifests(statuses: Iterable[DependencyStatus], targets: Targets) -> Iterator[Mention]:
    """Yield the lines that no update moves; where no version is written there is nothing that could have followed."""
    for each in statuses:
        target = targets.get(canonicalize_name(each.name))
        rule = rule_in(each.reason)
        if target and each.spec and each.standing is Standing.LEFT_ALONE and rule is not HoldRule.UNCONSTRAINED:
            yield Mention(
                name=each.name,
                path=each.manifest,
                line=each.line,
                spec=each.spec,
                reason=each.reason if rule else "",
                excludes="" if rule or _admits(each.spec, target) else target,
            )


def _in_recipes(recipes: Iterable[RecipeLine], targets: Targets) -> Iterator[Mention]:
    """Yield the lines of recipes. A variant is what a package is built with, and keeps nothing out."""
    for each in recipes:
        if target := targets.get(canonicalize_name(each.name)):
            is_open = each.section is RecipeSection.VARIANT or _admits(each.spec, target)
            yield Mention(
                name=each.name, path=each.path, line=each.line, spec=each.spec, excludes="" if is_open else target
            )


def _admits(spec: str, version: str) -> bool:
    """Tell whether *spec* admits *version*; so does what cannot be judged, as a template.

    A bare version in a recipe or under a comment stands for all that begin with it.
    """
    meant = f"={spec}" if spec[:1].isdigit() and " " not in spec else spec
    try:
        return satisfies(meant, version)
    except SpecError:
        return True
