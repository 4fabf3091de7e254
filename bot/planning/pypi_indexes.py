"""In which indexes each PyPI package of a workspace is looked for, by the options of pip or of pixi.

pip has options among its lines (`bot.planning.pip_indexes`). pixi asks the extra indexes before the main one; a line
may name the index that alone is asked for it. In both the first index that has a name answers for it; only where a
pixi workspace says `unsafe-best-match` do all of them together.
https://pixi.sh/latest/reference/pixi_manifest/#the-pypi-options-table
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.model.environment import Environment, Workspace
from bot.model.manifest import Datasource, PackageName, PypiOptions
from bot.planning.pip_indexes import pip_indexes

_POOLED: Final = "unsafe-best-match"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexOrder:
    """URLs of indexes as written, the one that counts first in front; None is the default one.

    `is_pooled` says that all of them answer together. `problem` says in a sentence why none can be asked.
    """

    urls: tuple[str | None, ...] = ()
    is_pooled: bool = False
    problem: str = ""


def index_order(workspace: Workspace, environment: Environment) -> IndexOrder:
    """Return where *environment* of *workspace* looks for its PyPI packages, lines with an index of their own aside."""
    if environment.pypi_options is None:
        return _pips(workspace)
    return _pixis(environment.pypi_options)


def index_orders(workspace: Workspace) -> Mapping[PackageName, IndexOrder]:
    """Return where each PyPI package that *workspace* asks for is looked for."""
    found: dict[PackageName, IndexOrder] = {}
    for environment in workspace.environments:
        general = index_order(workspace, environment)
        for each in environment.requirements:
            if each.dependency.datasource is Datasource.PYPI:
                order = _own(each.dependency.index) if each.dependency.index else general
                found[each.dependency.name] = _agreed(found.get(each.dependency.name), order)
    lines = (each.dependency for each in workspace.library_requirements)
    general = index_order(workspace, workspace.environments[0]) if workspace.environments else IndexOrder()
    return {**{each.name: general for each in lines if each.datasource is Datasource.PYPI}, **found}


def _pips(workspace: Workspace) -> IndexOrder:
    included = (each.dependency for environment in workspace.environments for each in environment.included)
    named = pip_indexes((*workspace.manifests[0].dependencies, *included))
    if named.elsewhere:
        return IndexOrder(
            problem=f"pip is told to look elsewhere than in an index ({named.elsewhere}); that is not read."
        )
    return IndexOrder(urls=tuple(dict.fromkeys((named.main, *named.extra))))


def _pixis(options: PypiOptions) -> IndexOrder:
    if options.has_find_links:
        return IndexOrder(problem="pixi is told to look elsewhere than in an index (find-links); that is not read.")
    urls = tuple(dict.fromkeys((*options.extra_index_urls, options.index_url)))
    return IndexOrder(urls=urls, is_pooled=options.index_strategy == _POOLED)


def _own(url: str) -> IndexOrder:
    return IndexOrder(urls=(url,))


def _agreed(known: IndexOrder | None, order: IndexOrder) -> IndexOrder:
    if known is None or known == order:
        return order
    return replace(known, problem=known.problem or "its environments look for it in different indexes.")
