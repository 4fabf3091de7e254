"""Are the locks of a checkout in step with their manifests? Nothing is solved, asked or written."""

from dataclasses import dataclass
from datetime import datetime

from bot import lockfiles
from bot.local.checkout import Checkout
from bot.local.reading import configuration_of, local_reader, read_locks_too
from bot.model.lock_verdict import LockVerdict
from bot.model.report import Problem
from bot.updating.locked import judge_locks, unreadable
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
    files, problems = read_locks_too(checkout, configuration)
    reader = local_reader(configuration, resolve, now, stand_in)
    spoiled = (unreadable(each) for each in problems if lockfiles.is_lockfile(each.path))
    verdicts = (*judge_locks(files, reader), *spoiled)
    return LockedCheckout(
        verdicts=tuple(sorted(verdicts, key=lambda verdict: verdict.path)),
        problems=tuple(each for each in problems if not lockfiles.is_lockfile(each.path)),
    )
