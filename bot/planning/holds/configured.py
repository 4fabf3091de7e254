"""What a rule of the configuration switches off."""

from bot.model.manifest import Dependency
from bot.planning.holds.hold import Hold, HoldRule, HoldScope, Surroundings
from bot.planning.subjects import subject_of_line


def disabled(dependency: Dependency, surroundings: Surroundings) -> Hold | None:
    """A rule of the configuration says `enabled: false` of the line, whatever the update would be."""
    names = surroundings.environments.get(dependency.feature)
    environments = None if names is None else frozenset(names)
    subject = subject_of_line(
        surroundings.path, surroundings.format, dependency.name, dependency.datasource, environments
    )
    rule = surroundings.rules.disabling(subject)
    if rule is None:
        return None
    return Hold(rule=HoldRule.DISABLED, sentence=f"{rule} says `enabled: false`", scope=HoldScope.ALL)
