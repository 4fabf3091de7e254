"""The settings of one repository."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.model.manifest import PackageName


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What stands in `.github/condabot.yml`; docs/configuration.md says what each key means. None is the default.

    `ignore_paths` and `annotation_paths` are patterns of paths, as in `bot.manifests.paths`. The first stand in for the
    default ones, the second come in addition. `lock_sources` maps explicit lists to the manifests they are made from.
    """

    ignore_paths: tuple[str, ...] | None = None
    annotation_paths: tuple[str, ...] = ()
    ignore_deps: frozenset[PackageName] = frozenset()
    minimum_release_age: timedelta | None = None
    transitive_release_age: timedelta | None = None
    minor_alone: frozenset[PackageName] | None = None
    python_minor_age: timedelta | None = None
    lock_age: timedelta | None = None
    lock_sources: Mapping[str, str] = field(default_factory=dict)
