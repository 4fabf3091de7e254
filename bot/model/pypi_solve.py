"""A question to the resolver of PyPI packages and its answer; both hold plain data only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from bot.model.manifest import PackageName, Subdir, VirtualPackage
from bot.model.package import PypiPackage
from bot.model.solve import NotSolved, Unsolvable


@dataclass(frozen=True, slots=True, kw_only=True)
class Provided:
    """A PyPI package that a conda package brings (its `purls` say so): it is there in this version, and stays."""

    name: PackageName
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiRequest:
    """Resolve `requirements` (PEP 508) for one platform beside the conda packages of an environment.

    `python` is the full version of the conda python. What is `provided` is never resolved, and its own requirements
    are conda's matter; what asks for another version of it does not fit. `locked` packages are preferred and pass the
    age limit. Files uploaded after `exclude_newer` are not seen, of some packages after a moment of their own.
    `indexes` are URLs, the first one with a name wins. `prereleases` is uv's word for which ones count, None for its
    default. Nothing is ever built: a package without a wheel for the platform does not fit.
    """

    requirements: tuple[str, ...]
    python: str
    subdir: Subdir
    virtual_packages: tuple[VirtualPackage, ...]
    indexes: tuple[str, ...]
    provided: tuple[Provided, ...] = ()
    locked: tuple[PypiPackage, ...] = ()
    constraints: tuple[str, ...] = ()
    exclude_newer: datetime | None = None
    package_exclude_newer: Mapping[PackageName, datetime] = field(default_factory=dict)
    prereleases: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiSolution:
    """The packages that fulfil a request, sorted by name: one wheel each, with what it says that it needs.

    A locked package that stays is the very one of the request.
    """

    packages: tuple[PypiPackage, ...]


PypiResult: TypeAlias = PypiSolution | Unsolvable | NotSolved
