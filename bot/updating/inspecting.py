"""Inspections in this process: what `bot.updating.inspection` promises, with nothing in between."""

import hashlib
from collections.abc import AsyncIterator, Generator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol, TypeAlias

from bot import lockfiles
from bot.config import PATHS, Configuration, Elsewhere, code_owners, missing_presets, read_configuration
from bot.config.code_owners import OwnedPattern, owners_of, parse_code_owners
from bot.config.presets import is_of_repository
from bot.config.release_branches import of_release
from bot.errors import BadInput
from bot.model.audit import LockAudit
from bot.model.handling import Handling, together
from bot.model.project import Projects
from bot.model.provenance import MovedProvenance
from bot.model.report import Problem, ScanReport
from bot.model.update import Proposal
from bot.planning.policy import NO_RULES
from bot.planning.rules import Rules, Subject
from bot.planning.usefulness import unblocked
from bot.rendering import onboarding
from bot.rendering.explanation import explanation, spellings
from bot.rendering.names import TitleStyle, commit_message
from bot.rendering.pull_request import Told, body
from bot.updating.answering import (
    check_words,
    draft,
    inherited_faults,
    looked,
    manners,
    report_lines,
    resolved,
    title_style,
)
from bot.updating.change import Changed, change_report
from bot.updating.code_scanning import NOTHING, CodeScanner, alerts_of
from bot.updating.handing_over import Bundles, bundles
from bot.updating.inspection import (
    ALERTS,
    HANDED_OVER,
    ONBOARDING,
    RELOCKED,
    SNAPSHOT,
    Alerts,
    Circumstances,
    Draft,
    Inspected,
    Inspection,
    Introduction,
    Looked,
    Manners,
    Prepared,
    Resolved,
    Submission,
    Words,
)
from bot.updating.origins import Origins
from bot.updating.ports import Progress, ProjectIndex, PurlIndex
from bot.updating.projects import NoProjects, projects_of, upstreams, with_releases
from bot.updating.read.named import named_paths
from bot.updating.read.relevance import DEFAULTS, is_relevant, left_out, relevant_paths
from bot.updating.relocking import Sides, merge_file, relock
from bot.updating.scan import Scanner
from bot.updating.search.naming import NoMapping
from bot.updating.snapshots import LockPlace, lock_places, snapshot_of
from bot.updating.survey.lock_refresh import LockAuditor, NoAuditor
from bot.updating.turns import Places
from bot.workspaces.requirements_files import DEEPEST

GIVEN_AT_ONCE: Final = 32_000_000
"""Bytes of files that are wanted at once, unless a single one is larger: whoever gives them holds as many."""

MOST_OWN_PATHS: Final = 100
"""Patterns of a repository that each push to it is compared with."""

Reading: TypeAlias = Generator[tuple[str, ...], Mapping[str, bytes], None]


class Engine(Protocol):
    """Makes scanners. Each sees one state of the channels and indexes."""

    def scanner(self, now: datetime, progress: Progress) -> Scanner:
        """Return a scanner that counts ages from *now* and tells *progress* what it does."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnInspections:
    """Makes inspections that scan in this process."""

    engine: Engine

    @asynccontextmanager
    async def open(self, installation_id: int, repository_id: int) -> AsyncIterator[Inspection]:
        """Give one."""
        del installation_id, repository_id
        yield OwnInspection(self.engine)


class OwnInspection:
    """One look at one repository, by this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._configuration: Configuration = DEFAULTS
        self._sizes: Mapping[str, int] = {}
        self._organisation = ""
        self._faults: tuple[BadInput, ...] = ()
        self._files: dict[str, bytes] = {}
        self._taken: tuple[Mapping[str, bytes], ...] = ()
        self._is_whole = False
        self._reading: Reading = self._read()
        self._proposals: dict[str, Proposal] = {}
        self._projects: dict[str, Projects] = {}
        self._relocked: Mapping[str, bytes] = {}
        self._origins: dict[str, tuple[MovedProvenance, ...]] = {}
        self._auditor: LockAuditor = NoAuditor()
        self._project_index: ProjectIndex = NoProjects()
        self._sources = Origins()
        self._now: datetime | None = None
        self._places: Mapping[str, LockPlace] = {}
        self._purls: PurlIndex = NoMapping()
        self._log = NOTHING
        self._bundles = Bundles()
        self._style = TitleStyle()
        self._signature = ""
        self._rules = NO_RULES
        self._owners: tuple[OwnedPattern, ...] = ()

    async def listed(self, sizes: Mapping[str, int]) -> tuple[str, ...]:
        """Take the sizes of all files, anew for another state; return the paths of those that are wanted first."""
        self._taken = (*self._taken, self._files) if self._is_whole else self._taken
        self._files, self._is_whole = {}, False
        self._organisation = next(filter(is_of_repository, sizes), "")
        self._sizes = {path: size for path, size in sizes.items() if path != self._organisation}
        self._reading = self._read()
        return self._wanted(next(self._reading))

    async def given(self, files: Mapping[str, bytes]) -> tuple[str, ...]:
        """Take *files*; return the paths of those that are wanted next."""
        return self._wanted(self._next(files))

    async def manners(self) -> Manners:
        """Return how the repository wants to be spoken to."""
        return manners(self._configuration)

    async def scan(self, circumstances: Circumstances) -> Inspected:
        """Return what should be proposed, and what is said of everything else."""
        log: list[str] = []
        scanner = self._scanner(circumstances, log.append)
        report = await scanner.scan(
            self._files, circumstances.declined, Places(free=circumstances.free, taken=circumstances.open_keys)
        )
        self._auditor, self._now = scanner.auditor, circumstances.now
        self._project_index, self._projects = scanner.projects, {}
        self._sources, self._origins = scanner.origins, {}
        self._places = self._snapshots(scanner)
        self._purls = scanner.purls
        alerts = await self._alerts(scanner)
        self._bundles = self._handed_over(scanner, circumstances)
        self._style = title_style(self._configuration, semantic=circumstances.semantic)
        self._signature = circumstances.signature
        self._rules = Rules.of(self._counting(circumstances))
        self._proposals = {each.plan.key: each for each in report.proposals}
        lines = (*report_lines(report, circumstances.unwritable), *self._left_out(), *self._not_inherited())
        lines = (*lines, *self._bundles.sentences)
        useful = unblocked(report.proposals, report.held_back)
        return Inspected(
            drafts=tuple(replace(self._draft(each), unblocks=useful[each.plan.key]) for each in report.proposals),
            lines=lines,
            log=tuple(log),
            complete=not report.problems,
            unread=self._unread(report),
            paths=self._own_paths(),
            waiting=report.waiting,
            asked=report.asked,
            held=report.held,
            snapshots=tuple(Submission(key=key, digest=each.digest) for key, each in self._places.items()),
            alerts=alerts,
            bundles=tuple(each.bundle for each in self._bundles.held.values()),
            affected=len({each.url for each in report.advisories.affected}) if report.advisories else 0,
        )

    async def introduce(self, circumstances: Circumstances) -> Introduction:
        """Return what people are told who have not asked for anything yet."""
        report = await self._scanner(circumstances, lambda _: None).scan_at_once(self._files, ())
        style = title_style(self._configuration, semantic=circumstances.semantic)
        configuration = onboarding.starter()
        draft = Draft(
            key=ONBOARDING,
            title=style.titled(onboarding.TITLE),
            moves=(),
            fingerprint=hashlib.sha256(configuration.encode()).hexdigest(),
            handling=Rules.of(self._configuration).effect(Subject()).handling,
        )
        return Introduction(
            draft=draft, path=onboarding.PATH, configuration=configuration, findings=onboarding.findings(report)
        )

    async def look(self, now: datetime, wrong: tuple[Problem, ...]) -> Looked:
        """Return what is said of the change from the files given before to those given last."""
        scanner = self._engine.scanner(now, lambda _: None).configured(self._configuration)
        before = self._taken[-1] if self._taken else {}
        changed = Changed(before=before, after=self._files)
        return looked(await change_report(changed, scanner, wrong))

    async def relock(self, now: datetime) -> Resolved:
        """Return what brings the locks of a pull request in step."""
        scanner = self._engine.scanner(now, lambda _: None).configured(self._configuration)
        *earlier, began, theirs = self._taken
        merging = Sides(began=earlier[0], theirs=earlier[1], ours=earlier[2]) if earlier else None
        found = await relock(Sides(began=began, theirs=theirs, ours=self._files), scanner, merging)
        self._relocked = found.files
        return resolved(found)

    async def explain(self, now: datetime, package: str) -> str:
        """Return in Markdown where *package* stands, and why it is not newer."""
        scanner = self._engine.scanner(now, lambda _: None).configured(self._configuration)
        report = await scanner.scan_at_once(self._files, spellings(package))
        workspaces = scanner.reader.read(self._files).workspaces
        return explanation(package, report, [each.lock for each in workspaces if each.lock])

    async def merged(self, began: bytes, theirs: bytes, ours: bytes) -> bytes | None:
        """Return a text with the changes of both sides."""
        try:
            return merge_file(began, theirs, ours)
        except BadInput:
            return None

    async def prepared(self, key: str) -> Prepared:
        """Return what is published of the proposal with *key*; its locks are audited, its archives looked at."""
        proposal = self._proposals[key]
        self._origins[key] = await self._sources.of(proposal.moves)
        check = check_words(proposal, await self._audits(proposal), self._origins[key])
        message = self._style.titled(commit_message(proposal, signature=self._signature))
        self._projects[key] = await projects_of(proposal, self._project_index)
        return Prepared(
            message=message, check=check, paths=tuple(proposal.files), upstreams=upstreams(self._projects[key])
        )

    async def text(self, key: str, path: str) -> bytes:
        """Return the new content of the file at *path*; what a snapshot or alerts say; a bundle's file."""
        if key == ALERTS:
            return self._log
        if key == HANDED_OVER:
            bundle, _, file = path.rpartition("/")
            return self._bundles.held[bundle].file(file)
        if key == SNAPSHOT:
            return await snapshot_of(self._places[path], self._purls)
        return self._relocked[path] if key == RELOCKED else self._proposals[key].files[path].encode()

    async def body(self, key: str, words: Words) -> str:
        """Return what *words* ask for of the proposal with *key*."""
        if self._now is None:
            raise ValueError("nothing was scanned that could be told of")
        projects = with_releases(self._projects.get(key, {}), words.releases)
        origins = self._origins.get(key, ())
        told = Told(base=words.base, now=self._now, projects=projects, origins=origins, has_box=True)
        return body(self._proposals[key], told, words.longest)

    async def _alerts(self, scanner: Scanner) -> Alerts | None:
        self._log = NOTHING
        if not self._configuration.code_scanning:
            return None
        said = scanner.said(self._files)
        looking = CodeScanner(auditor=scanner.auditor, advisories=scanner.advisories, said=said)
        alerts, self._log = alerts_of(await looking.scanned(self._files))
        return alerts

    def _snapshots(self, scanner: Scanner) -> Mapping[str, LockPlace]:
        if not self._configuration.dependency_snapshots:
            return {}
        return lock_places(self._files, scanner.reader.read(self._files).workspaces)

    def _handed_over(self, scanner: Scanner, circumstances: Circumstances) -> Bundles:
        if circumstances.targets is None or not self._configuration.hand_over:
            return Bundles()
        workspaces = scanner.reader.read(self._files).workspaces
        return bundles(self._files, workspaces, self._configuration.hand_over, circumstances.targets)

    def _scanner(self, circumstances: Circumstances, progress: Progress) -> Scanner:
        scanner = replace(
            self._engine.scanner(circumstances.now, progress),
            unwritable=circumstances.unwritable,
            facts=circumstances.facts,
        )
        return scanner.configured(self._counting(circumstances))

    def _counting(self, circumstances: Circumstances) -> Configuration:
        return of_release(self._configuration) if circumstances.only_patches else self._configuration

    def _draft(self, proposal: Proposal) -> Draft:
        found = draft(proposal, self._rules)
        owners = Handling(reviewers=owners_of(self._owners, proposal.files))
        handled = replace(found.handling, reviewers=together((found.handling, owners)).reviewers)
        message = commit_message(proposal, signature=self._signature).partition("\n\n")[2].strip()
        return replace(found, title=self._style.titled(found.title), handling=handled, message=message)

    def _read(self) -> Reading:
        """Yield the paths of files that are wanted, and take them."""
        organisation = (self._organisation,) if self._organisation else ()
        given = yield (*(path for path in PATHS if path in self._sizes), *organisation)
        configured = {path: content for path, content in given.items() if path in PATHS}
        elsewhere = Elsewhere(inherited=given.get(self._organisation), inherited_from=self._organisation)
        while self._organisation and (names := missing_presets(configured, elsewhere)):
            found = yield names
            elsewhere = replace(elsewhere, presets={**elsewhere.presets, **{each: found.get(each) for each in names}})
        self._faults = inherited_faults(elsewhere)
        if self._faults:  # the organisation's mistake is not to take the repository away
            elsewhere = replace(elsewhere, inherited=None)
        self._configuration = read_configuration(configured, elsewhere)
        self._owners = yield from self._read_owners()
        for paths in self._portions(relevant_paths(self._sizes, self._configuration)):
            self._files |= yield paths
        for _ in range(DEEPEST):
            named = named_paths(self._files, self._sizes)
            if not named:
                break
            for paths in self._portions(named):
                self._files |= yield paths

    def _read_owners(self) -> Generator[tuple[str, ...], Mapping[str, bytes], tuple[OwnedPattern, ...]]:
        """Yield the path of what says whose files are whose, if somebody wants to know it, and return what it says."""
        path = next(filter(self._sizes.__contains__, code_owners.PATHS), "")
        if not (path and self._configuration.reviewers_from_code_owners and self._sizes[path] <= code_owners.LARGEST):
            return ()
        given = yield (path,)
        return parse_code_owners(given.get(path, b""))

    def _next(self, files: Mapping[str, bytes]) -> tuple[str, ...]:
        try:
            return self._reading.send(files)
        except StopIteration:
            self._is_whole = True
            return ()

    def _wanted(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        """Return *paths* if there are any; for nothing nobody need be asked."""
        return paths or self._next({})

    def _portions(self, paths: Iterable[str]) -> Iterable[tuple[str, ...]]:
        portion, size = list[str](), 0
        for path in paths:
            if portion and size + self._sizes[path] > GIVEN_AT_ONCE:
                yield tuple(portion)
                portion, size = [], 0
            portion.append(path)
            size += self._sizes[path]
        if portion:
            yield tuple(portion)

    def _own_paths(self) -> tuple[str, ...]:
        """Return what is read here and would not be read by its path elsewhere: files, and patterns that name files."""
        read = (path for path in self._files if not is_relevant(path))
        return (*self._configuration.annotation_paths, *read)[:MOST_OWN_PATHS]

    def _unread(self, report: ScanReport) -> frozenset[str]:
        locks = (path for path, content in self._files.items() if lockfiles.is_lock(path, content))
        return frozenset(self._files).difference(report.manifests, locks)

    def _not_inherited(self) -> Iterable[str]:
        return (f"the organisation's configuration does not count: {each}" for each in self._faults)

    def _left_out(self) -> Iterable[str]:
        found = left_out(self._sizes, self._configuration)
        return (f"left alone {each.path}: {each.sentence}" for each in found)

    async def _audits(self, proposal: Proposal) -> tuple[LockAudit, ...]:
        locks = {path: text for path, text in proposal.files.items() if lockfiles.is_lock(path, text.encode())}
        parsed = {path: lockfiles.parse(path, text.encode()) for path, text in locks.items()}
        judged = {path: lockfiles.with_channels_of_lines(each, self._files.get) for path, each in parsed.items()}
        return tuple([await self._auditor.audit(judged[path], text) for path, text in locks.items()])
