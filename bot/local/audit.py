"""Audit the locks of a checkout. Nothing is written."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from bot import lockfiles
from bot.errors import BadInput, ConfigurationError
from bot.local.checkout import Checkout
from bot.local.git import Revision
from bot.local.reading import configuration_of, read_paths
from bot.manifests.paths import DEFAULT_IGNORE_PATHS, first_match
from bot.model.audit import AuditReport, LockAudit
from bot.model.package import Lock
from bot.model.report import Problem
from bot.planning.statements import Statements
from bot.updating.audit import Auditor
from bot.updating.read.relevance import DEFAULTS
from bot.updating.read.statements import statements_of, vex_paths


async def audit(checkout: Checkout, auditor: Auditor, now: datetime, base: Revision | None = None) -> AuditReport:
    """Return what is wrong with every lock of *checkout*; with *base*, license changes since then as well.

    What the checkout itself says of advisories counts as of *now*.

    Locks below folders of tests, examples and the like are named as ignored, unless *checkout* is such a folder itself.

    Raises:
        BadInput: there is no lock.

    """
    ignored = _ignored(checkout)
    audits: list[LockAudit] = []
    read = _reader(checkout)
    problems = [_problem(closed.path, closed) for closed in checkout.closed_folders()]
    if auditor.advisories is not None:
        said = _said(checkout, now)
        auditor, problems = replace(auditor, said=said), [*problems, *said.problems]
    for path in _lock_paths(checkout):
        if path in ignored:
            continue
        try:
            content = checkout.read(path)
            lock, text = lockfiles.parse(path, content), lockfiles.text_of(path, content)
        except BadInput as error:
            problems.append(_problem(path, error))
            continue
        before = _before(path, base, problems) if base else None
        audits.append(await auditor.audit(lockfiles.with_channels_of_lines(lock, read), text, before))
    return AuditReport(locks=tuple(audits), problems=tuple(problems), ignored=ignored)


def _said(checkout: Checkout, now: datetime) -> Statements:
    """Return what *checkout* says of vulnerabilities; nothing, where its configuration is wrong, and that."""
    problems: list[Problem] = []
    try:
        configuration = configuration_of(checkout)
    except ConfigurationError as error:
        configuration, problems = DEFAULTS, [_problem(each.path or "", each) for each in error.problems]
    files, unread = read_paths(checkout, vex_paths(checkout.paths(), configuration))
    said = statements_of(files, configuration, now)
    return replace(said, problems=(*problems, *unread, *said.problems))


def _reader(checkout: Checkout) -> lockfiles.ReadFile:
    """Return what reads manifests: one that is not of *checkout*, or cannot be read, is none."""
    paths = frozenset(checkout.paths())

    def read(path: str) -> bytes | None:
        with suppress(BadInput):
            return checkout.read(path) if path in paths else None
        return None

    return read


def _lock_paths(checkout: Checkout) -> tuple[str, ...]:
    paths = tuple(path for path in checkout.paths() if lockfiles.is_lockfile(path) or _is_lock(checkout, path))
    if not paths:
        raise BadInput("no lockfile that condabot reads is in this folder", path=str(checkout.root))
    return paths


def _is_lock(checkout: Checkout, path: str) -> bool:
    """Tell whether the file at *path*, not called like a lock, is one."""
    return lockfiles.may_be_lock(path) and lockfiles.is_lock(path, checkout.read(path))


def _ignored(checkout: Checkout) -> Mapping[str, str]:
    found = ((path, first_match(path, DEFAULT_IGNORE_PATHS)) for path in _lock_paths(checkout))
    return {path: pattern for path, pattern in found if pattern is not None}


def _before(path: str, base: Revision, problems: list[Problem]) -> Lock | None:
    """Return the lock at *path* as *base* has it; None if it has none, or one that becomes a problem."""
    try:
        content = base.read(path)
        return None if content is None else lockfiles.parse(path, content)
    except BadInput as error:
        sentence = f"its licenses are not compared with {base.ref}: {error.message}"
        problems.append(Problem(path=path, sentence=sentence))
        return None


def _problem(path: str, error: BadInput) -> Problem:
    return Problem(path=error.path or path, line=error.line, sentence=error.sentence)
