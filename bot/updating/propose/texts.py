"""A plan that solved becomes a proposal: the texts of its files, written, read back and compared with the channel."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot import manifests
from bot.errors import BadInput, EditError, RewriteRefused
from bot.lockfiles import LockChange, Pair
from bot.lockfiles.diff import diff_environment
from bot.lockfiles.floors import floor_changes
from bot.model.environment import Environment, SolveUnit, Workspace
from bot.model.manifest import Datasource, KeyPath, PackageName
from bot.model.package import PypiPackage, Record
from bot.model.report import Problem
from bot.model.update import FloorChange, LockDiff, Proposal, Purpose
from bot.planning.baseline import Baseline
from bot.planning.provided import named_like
from bot.planning.pypi_needs import pypi_needs
from bot.planning.search import Found
from bot.updating.drive import drive
from bot.updating.exports import export_texts
from bot.updating.ports import ChannelIndex, ContentHasher
from bot.updating.propose.archives import moved_archives
from bot.updating.read import Reading
from bot.updating.survey import Survey
from bot.updating.survey.baselines import locked_packages, records_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    """One environment on one platform, before and after; `resolved` says whether PyPI packages were resolved anew."""

    workspace: Workspace
    environment: Environment
    unit: SolveUnit
    before: tuple[Record, ...]
    after: tuple[Record, ...]
    packages_before: tuple[PypiPackage, ...] = ()
    packages_after: tuple[PypiPackage, ...] = ()
    resolved: bool = False


async def propose(
    found: Found, survey: Survey, index: ChannelIndex, hasher: ContentHasher, *, all_origins: bool
) -> Proposal | Problem:
    """Return the proposal for *found*, or why there is none: nothing that did not read back as planned is proposed.

    Of packages that no manifest names it tells that they move only if *all_origins* are asked for.
    """
    reading = survey.reading
    moves = tuple(_moves(found, reading, survey.all_baselines))
    if obstacles := await _mismatches(moves, index):
        return Problem(path=moves[0].workspace.path, sentence="; ".join(obstacles))
    try:
        written = _manifest_texts(found, reading)
        texts = {**written, **await _lock_texts(moves, reading, written, hasher)}
    except (BadInput, EditError, RewriteRefused) as error:
        return Problem(path=place_of(found), sentence=str(error))
    if lock := reading.left_behind(texts):
        return Problem(
            path=place_of(found), sentence=f"{_called(found)} waits: {lock} is made from it and would be left behind"
        )
    return Proposal(
        plan=found.plan,
        files=texts,
        diffs=tuple(_diff(move) for move in moves),
        held_back=found.held_back,
        solved=len(moves),
        environments=len({(move.workspace.path, move.environment.name) for move in moves}),
        platforms=tuple(sorted({move.unit.platform.name for move in moves})),
        fingerprint=_fingerprint(found, moves),
        developed=tuple(sorted({each.dependency.name for move in moves for each in move.unit.developed})),
        floors=tuple(change for move in moves for change in _floor_changes(move)),
        archives=_archives(found, moves),
        moves=moved_archives(
            [each.name for each in found.plan.updates],
            [(each.before, each.after, None if all_origins else _asked(each)) for each in moves],
        ),
    )


def _asked(move: _Move) -> list[PackageName]:
    return [line.dependency.name for line in move.unit.asked]


def _floor_changes(move: _Move) -> Iterator[FloorChange]:
    lock = move.workspace.lock
    return floor_changes(
        move.before,
        move.after,
        lock=lock.path if lock else "",
        environment=move.environment.name,
        platform=move.unit.platform.name,
    )


def _archives(found: Found, moves: Iterable[_Move]) -> Mapping[PackageName, str]:
    """Return where the packages are that the plan is for; of those that differ by platform, the first; in its order."""
    wanted = {each.name: each.target.version for each in found.plan.updates if each.datasource is Datasource.CONDA}
    urls: dict[PackageName, str] = {}
    for record in (record for move in moves for record in move.after):
        if wanted.get(record.name) == record.version and not record.is_source:
            urls.setdefault(record.name, record.url)
    return {name: urls[name] for name in wanted if name in urls}


def _called(found: Found) -> str:
    names = ", ".join(dict.fromkeys(each.name for each in found.plan.updates))
    return f"the update of {names}" if names else found.plan.key


def place_of(found: Found) -> str:
    """Return the path of a workspace that *found* is about."""
    return found.plan.updates[0].workspaces[0] if found.plan.updates else next(iter(found.solutions)).workspace


def _moves(found: Found, reading: Reading, baselines: Sequence[Baseline]) -> Iterable[_Move]:
    workspaces = {workspace.path: workspace for workspace in reading.workspaces}
    for baseline in baselines:
        unit = baseline.unit
        if unit not in found.solutions:
            continue
        for environment in unit.environments:
            packages = locked_packages(workspaces[unit.workspace], environment, unit.platform.name)
            resolved = found.packages.get(unit, packages)
            # What was locked before says what it is called on PyPI, and a solve does not.
            solved = named_like(found.solutions[unit], baseline.before)
            after = records_of(environment, unit, solved, resolved)
            yield _Move(
                workspace=workspaces[unit.workspace],
                environment=environment,
                unit=unit,
                before=records_of(environment, unit, baseline.before, packages),
                after=after,
                packages_before=packages,
                packages_after=_needed(resolved, environment, unit, after) if unit in found.packages else packages,
                resolved=unit in found.packages,
            )


def _needed(
    packages: Sequence[PypiPackage], environment: Environment, unit: SolveUnit, records: Sequence[Record]
) -> tuple[PypiPackage, ...]:
    """Return what of *packages*, resolved for *unit*, belongs to *environment*."""
    if not unit.is_shared:
        return tuple(packages)
    names = pypi_needs((environment,), unit.platform, records, packages).names
    return tuple(each for each in packages if each.name in names)


async def _mismatches(moves: Iterable[_Move], index: ChannelIndex) -> tuple[str, ...]:
    """Compare every record that a lock would gain with the channel once more."""
    sentences: list[str] = []
    for move in moves:
        if move.workspace.lock is None:
            continue
        known = {record.url for record in move.before}
        new = tuple(record for record in move.after if record.url not in known)
        sentences += [each.sentence for each in await index.find(new, move.environment.channels_on(move.unit.subdir))]
    return tuple(dict.fromkeys(sentences))


def _manifest_texts(found: Found, reading: Reading) -> Mapping[str, str]:
    changes: dict[str, dict[KeyPath, str]] = {}
    for update in found.plan.updates:
        for change in update.changes:
            changes.setdefault(change.manifest, {})[change.at] = change.new
    by_path = {manifest.path: manifest for manifest in reading.manifests}
    return {
        path: manifests.rewrite(by_path[path], manifests.decode(path, reading.files[path]), changes[path])
        for path in sorted(changes)
    }


async def _lock_texts(
    moves: Iterable[_Move], reading: Reading, written: Mapping[str, str], hasher: ContentHasher
) -> Mapping[str, str]:
    """Return the texts of all locks that *moves* change, and of what is exported from them.

    *written* are the manifests as they will be.
    """
    solutions: dict[str, dict[Pair, tuple[Record, ...]]] = {}
    packages: dict[str, dict[Pair, tuple[PypiPackage, ...]]] = {}
    for move in moves:
        if lock := move.workspace.lock:
            pair = (move.environment.name, move.unit.platform.name)
            solutions.setdefault(lock.path, {})[pair] = move.after
            if move.resolved:
                packages.setdefault(lock.path, {})[pair] = move.packages_after
    texts: dict[str, str] = {}
    for path, solved in solutions.items():
        change = LockChange(solutions=solved, packages=packages.get(path, {}), manifests=written)
        texts |= await drive(reading.locked[path].write(change), hasher.content_hashes)
    for path, locked in reading.locked.items():
        if path not in solutions and any(map(locked.restates, written)):
            restated = await drive(locked.write(LockChange(solutions={}, manifests=written)), hasher.content_hashes)
            texts |= {at: text for at, text in restated.items() if text.encode() != reading.files[at]}
    return {**texts, **export_texts(reading.files, reading.exports, texts)}


def _fingerprint(found: Found, moves: Iterable[_Move]) -> str:
    """Digest what is committed: the new specs, and the packages that a lock will hold.

    What solves today without a lock is not among it: a new release of anything would push the same files again. For
    that reason a refresh goes by what it refreshes and for which window.
    """
    if found.plan.purpose is Purpose.MAINTENANCE:
        return _digest([found.plan.key, found.plan.window, sorted(map(_as_it_stands, moves))])
    specs = sorted(
        (change.manifest, *map(str, change.at), change.old, change.new)
        for update in found.plan.updates
        for change in update.changes
    )
    packages = sorted(
        (
            *(move.workspace.path, move.environment.name, move.unit.platform.name),
            *(record.url for record in move.after),
            *(package.url for package in move.packages_after),
        )
        for move in moves
        if move.workspace.lock
    )
    return _digest([specs, packages])


def _as_it_stands(move: _Move) -> list[str]:
    """Return what the manifest asks for and the lock holds in one place."""
    asked = (
        f"{each.manifest} {each.dependency.at} {each.dependency.version}"
        for datasource in Datasource
        for each in move.environment.requires(move.unit.platform.name, datasource)
    )
    locked = [each.url for each in move.before] + [each.url for each in move.packages_before]
    return [move.workspace.path, move.environment.name, move.unit.platform.name, *asked, *locked]


def _digest(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _diff(move: _Move) -> LockDiff:
    lock = move.workspace.lock
    diff = diff_environment(
        move.before,
        move.after,
        environment=move.environment.name,
        platform=move.unit.platform.name,
        direct={
            each.dependency.name
            for datasource in Datasource
            for each in move.environment.requires(move.unit.platform.name, datasource)
        },
        packages=(move.packages_before, move.packages_after),
    )
    return replace(diff, lock=lock.path if lock else "")
