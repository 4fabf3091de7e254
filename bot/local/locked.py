"""Are the locks of a checkout in step with their manifests? Nothing is solved, asked or written."""

from dataclasses import dataclass
from datetime import datetime

from bot import lockfiles
from bot.errors import BadInput
from bot.local.checkout import Checkout
from bot.local.reading import configuration_of, read_files
from bot.model.lock_verdict import LockVerdict
from bot.model.manifest import VirtualPackage
from bot.model.report import Problem
from bot.updating.locked import judge_locks, unreadable
from bot.updating.read import Reader
from bot.updating.read.hashing import NoCondaLock
from bot.updating.read.relevance import orphan_paths
from bot.workspaces import ResolveChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedCheckout:
    """Where each lock of a checkout stands, by path, and what of its other files could not be read."""

    verdicts: tuple[LockVerdict, ...]
    problems: tuple[Problem, ...] = ()


def locked(checkout: Checkout, resolve: ResolveChannel, now: datetime, stand_in: str | None) -> LockedCheckout:
    """Return where each lock of *checkout* stands, also one whose manifest is gone.

    *resolve* turns channels into URLs, spans in manifests are counted from *now*, and *stand_in* is the package index
    in place of PyPI's own.

    Raises:
        ConfigurationError, BadInput: what the checkout asks for is wrong, or cannot be read.

    """
    configuration = configuration_of(checkout)
    files, problems = read_files(checkout, configuration)
    orphans: dict[str, bytes] = {}
    spoiled: list[LockVerdict] = []
    for path in orphan_paths(checkout.sizes(), configuration):
        try:
            orphans[path] = checkout.read(path)
        except BadInput as error:
            spoiled.append(unreadable(error, path))
    reader = Reader(
        resolve=resolve,
        hasher=NoCondaLock(),
        now=now,
        lock_sources=configuration.lock_sources,
        virtual_packages=tuple(
            VirtualPackage(name=name, version=version) for name, version in configuration.virtual_packages.items()
        ),
        stand_in=stand_in,
    )
    spoiled += [unreadable(BadInput(each.sentence), each.path) for each in problems if lockfiles.is_lockfile(each.path)]
    verdicts = (*judge_locks({**files, **orphans}, reader), *spoiled)
    return LockedCheckout(
        verdicts=tuple(sorted(verdicts, key=lambda verdict: verdict.path)),
        problems=tuple(each for each in problems if not lockfiles.is_lockfile(each.path)),
    )
