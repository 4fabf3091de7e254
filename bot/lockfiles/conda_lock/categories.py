"""Which packages of an environment are installed for what: conda-lock's categories.

A source file names one for all that it asks for (`category: dev`), `main` if it names none. A package is in the
category of everything that needs it, directly or not; what is in `main` is always installed, and in no other.
A pip package may need what conda brings. Source: `apply_categories` of conda-lock 4.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bot.lockfiles.conda_lock.document import CONDA, MAIN, PIP
from bot.lockfiles.conda_lock.requirements import Needs
from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.versioning.purls import pypi_purl, read_pypi_purl
from bot.versioning.records import name_in

Node: TypeAlias = tuple[str, PackageName]
"""The manager and the name of a package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A package that a source asks for on some platform, from `conda` or `pip`, and for what."""

    name: PackageName
    category: str = MAIN
    manager: str = CONDA
    extras: frozenset[str] = frozenset()


def categorise(records: Iterable[Record], needs: Needs, roots: Iterable[Root]) -> Mapping[Node, frozenset[str]]:
    """Return the categories of each of *records*, and of the pip packages whose *needs* are given, from *roots*."""
    graph = _Graph.of(records, needs)
    found: dict[Node, set[str]] = {}
    waiting = [(node, root.category) for root in roots for node in graph.nodes(root.manager, root.name)]
    while waiting:
        node, category = waiting.pop()
        if category in found.setdefault(node, set()):
            continue
        found[node].add(category)
        waiting += [(needed, category) for needed in graph.edges(node)]
    return {node: frozenset({MAIN} if MAIN in each else each) for node, each in found.items()}


def pypi_names(record: Record) -> frozenset[PackageName]:
    """Return the names by which pip packages ask for *record*: what its purls say, else its own."""
    purls = (pypi_purl(record.name, None),) if record.purls is None else record.purls
    return frozenset(found.name for purl in purls if (found := read_pypi_purl(purl)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Graph:
    """What needs what. `brought` maps PyPI's names to the conda packages that go by them."""

    records: Mapping[PackageName, Record]
    needs: Needs
    brought: Mapping[PackageName, list[PackageName]]

    @classmethod
    def of(cls, records: Iterable[Record], needs: Needs) -> "_Graph":
        by_name = {record.name: record for record in records}
        brought: dict[PackageName, list[PackageName]] = {}
        for record in by_name.values():
            for name in pypi_names(record):
                brought.setdefault(name, []).append(record.name)
        return cls(records=by_name, needs=needs, brought=brought)

    def nodes(self, manager: str, name: PackageName) -> list[Node]:
        """Return the packages that *name* of *manager* stands for; what pip does not bring, conda may."""
        if manager == CONDA:
            return [(CONDA, name)] if name in self.records else []
        return [(PIP, name)] if name in self.needs else [(CONDA, each) for each in self.brought.get(name, [])]

    def edges(self, node: Node) -> list[Node]:
        """Return the packages that *node* needs."""
        manager, name = node
        needed = map(name_in, self.records[name].depends) if manager == CONDA else self.needs[name]
        return [found for each in needed for found in self.nodes(manager, each)]
