"""Caps in manifests, and what they cost."""

from dataclasses import dataclass

from bot.model.manifest import PackageName


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfReach:
    """A release that an environment could have on `subdirs` without a cap; `reached` is what it can have with it."""

    name: PackageName
    version: str
    reached: str
    subdirs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """A line that caps a conda package (`<2`), and what the cap costs.

    `releases` (ascending) are those that only the cap keeps out, on `subdirs`; `out_of_reach` what the manifest names
    beside it. `solves` says whether all environments solve without the cap as everything else is written: they get to
    `reached` then, `unsolved` are those that do not; None where there is nothing to solve for, or nobody knows
    (`not_judged`). `comment` is what people remark, in quotes and not rendered; `hold` why the line stays as it is.
    """

    manifest: str
    line: int
    name: PackageName
    spec: str
    environments: tuple[str, ...] = ()
    comment: str = ""
    hold: str = ""
    releases: tuple[str, ...] = ()
    subdirs: tuple[str, ...] = ()
    out_of_reach: tuple[OutOfReach, ...] = ()
    solves: bool | None = None
    reached: str = ""
    unsolved: tuple[str, ...] = ()
    not_judged: str = ""
