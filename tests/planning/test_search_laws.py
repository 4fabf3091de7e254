"""What holds of every search, on channels that nobody made up with a result in mind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.model.environment import Requirement, SolveUnit
from bot.model.manifest import Subdir
from bot.model.package import Record
from bot.model.solve import Solution
from bot.model.update import Blocker
from bot.planning.baseline import Baseline, question, specs
from bot.planning.candidates import Candidate, texts
from bot.planning.cooldown import with_cooldown
from bot.planning.groups import Wanted, at_once
from bot.planning.outlook import conda_outlooks
from bot.planning.policy import Policy
from bot.planning.search import Found, search
from bot.versioning.conda import is_newer, sort_versions
from bot.versioning.records import matches, name_in
from tests.planning.toy import LINUX, MACOS, NOW, ToyChannel, asks_for, baseline, lookups, record, run, unit

NAMES = ("a", "b", "c", "d")
VERSIONS = ("1.0", "1.1", "2.0", "2.1")
SPECS = ("", "*", ">=1.0,<2", "1.*", ">=1", "<2.1")
BOTH = (LINUX, MACOS)

depends = st.builds(
    lambda name, operator, version: f"{name} {operator}{version}",
    st.sampled_from(NAMES),
    st.sampled_from((">=", "<", "<=")),
    st.sampled_from(VERSIONS),
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Case:
    """A channel, and a workspace: locked when only some of its records were there, or as it solves today."""

    channel: ToyChannel
    baselines: tuple[Baseline, ...]

    def __repr__(self) -> str:
        records = [f"{each.subdir}/{each.name} {each.version} {[*each.depends]}" for each in self.channel.records]
        units = [
            f"{each.unit.subdir} {specs(each.unit)} locked={each.locked} {in_use(each)}" for each in self.baselines
        ]
        return "\n".join(["", *records, *units])


def in_use(here: Baseline) -> list[str]:
    return [f"{each.name} {each.version}" for each in here.records.values()]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    subdirs = draw(st.sampled_from(((LINUX,), BOTH)))
    records = tuple(each for name in NAMES for version in VERSIONS for each in draw(builds(name, version)))
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    lines = [asks_for(name, draw(st.sampled_from(SPECS)), subdirs=subdirs) for name in names]
    locked = draw(st.booleans())
    seen = ToyChannel(records=tuple(each for each in records if not locked or each.version in VERSIONS[:2]))
    environments = {"default": lines, "fewer": lines[: draw(st.integers(0, len(lines) - 1))]}
    standing = [
        standing_on(seen, unit(*asked, subdir=subdir, name=name), locked=locked)
        for name, asked in environments.items()
        for subdir in (subdirs if asked else ())
    ]
    assume(all(standing))
    channel = ToyChannel(records=records)
    return Case(channel=channel, baselines=cooled(channel, [each for each in standing if each]))


@st.composite
def builds(draw: st.DrawFn, name: str, version: str) -> tuple[Record, ...]:
    """Draw what there is of a version: noarch, or a build for each platform, or for one; some are young."""
    others = [each for each in draw(st.lists(depends, max_size=2)) if name_in(each) != name]
    age = timedelta(days=draw(st.sampled_from((100, 100, 5, 1)))) if version not in VERSIONS[:2] else timedelta(days=99)
    subdirs: tuple[str, ...] = draw(st.sampled_from((("noarch",), ("noarch",), BOTH, (LINUX,))))
    return tuple(record(name, version, *others, subdir=subdir, age=age) for subdir in subdirs)


def standing_on(channel: ToyChannel, here: SolveUnit, *, locked: bool) -> Baseline | None:
    result = channel.solve(question(here, specs=specs(here), newest_record=Policy().newest_transitive(NOW)))
    return baseline(here, *result.records, locked=locked) if isinstance(result, Solution) else None


def cooled(channel: ToyChannel, standing: Sequence[Baseline]) -> tuple[Baseline, ...]:
    offers = lookups(channel, *standing)
    return tuple(with_cooldown(each, offers, Policy(), NOW) for each in standing)


def candidates(case: Case) -> tuple[Candidate, ...]:
    outlooks = conda_outlooks(case.baselines, lookups(case.channel, *case.baselines), Policy(), NOW)
    return tuple(candidate for each in outlooks for candidate in each.candidates)


def searched(case: Case) -> Found:
    return run(search(at_once(candidates(case), "all")), case.channel)


def changed_lines(found: Found, here: Baseline) -> list[Requirement]:
    """Return the lines of the manifest as they are committed."""
    new = texts(change for update in found.plan.updates for change in update.changes)
    return [
        asks_for(
            each.dependency.name,
            new.get((each.manifest, each.dependency.at), each.dependency.version),
            subdirs=tuple(map(Subdir, each.platforms)),
        )
        for each in here.unit.requirements
    ]


def after(found: Found, case: Case) -> Iterable[tuple[Baseline, tuple[Record, ...]]]:
    for each in case.baselines:
        if each.unit in found.solutions:
            yield each, found.solutions[each.unit]


@settings(max_examples=25)
@given(cases())
def test_every_solution_fulfils_every_line_and_every_need_of_its_records(case: Case) -> None:
    found = searched(case)

    for here, records in after(found, case):
        by_name = {each.name: each for each in records}
        asked = [f"{line.dependency.name} {line.dependency.version}".strip() for line in changed_lines(found, here)]
        needed = [depend for each in records for depend in each.depends]
        assert [spec for spec in (*asked, *needed) if not matches(spec, by_name[name_in(spec)])] == []
        assert {each.subdir for each in records} <= {here.unit.subdir, "noarch"}


@settings(max_examples=25)
@given(cases())
def test_no_line_of_the_manifest_goes_down_or_beyond_what_was_wanted(case: Case) -> None:
    wanted = {each.name: each.wanted.version for each in at_once(candidates(case), "all").candidates}

    for here, records in after(searched(case), case):
        direct = {each.dependency.name for each in here.unit.requirements}
        for each in (each for each in records if each.name in direct):
            before = here.version(each.name)
            assert before is not None
            assert not is_newer(before, each.version)
            assert each.name not in wanted or not is_newer(each.version, wanted[each.name])


@settings(max_examples=25)
@given(cases())
def test_a_solution_has_the_releases_that_are_announced_and_nothing_too_young(case: Case) -> None:
    found = searched(case)

    for here, records in after(found, case):
        versions = {each.name: each.version for each in records}
        asked = {each.dependency.name for each in here.unit.requirements}
        announced = {each.name: each.target.version for each in found.plan.updates if each.name in asked}
        kept = {each.url for each in here.records.values()}
        new = [each for each in records if each.url not in kept]
        assert not [name for name, version in announced.items() if is_newer(version, versions[name])]
        assert here.locked or announced.items() <= versions.items()
        assert [each for each in new if each.built and each.built > here.newest_record] == []


@settings(max_examples=25)
@given(cases())
def test_what_stays_behind_has_a_sentence(case: Case) -> None:
    found = searched(case)

    reached = {each.name: each.target.version for each in found.plan.updates}
    wanted = {each.name: each.wanted.version for each in at_once(candidates(case), "all").candidates}
    behind = {name for name, version in wanted.items() if reached.get(name) != version}
    assert {each.name for each in found.held_back} == behind
    assert all(each.sentence and each.release == wanted[each.name] for each in found.held_back)
    assert all(each.current == reached.get(each.name, each.current) for each in found.held_back)


@settings(max_examples=25)
@given(cases())
def test_planning_again_on_the_result_proposes_nothing(case: Case) -> None:
    found = searched(case)
    merged = [committed(found, each) for each in case.baselines]
    done = replace(case, baselines=cooled(case.channel, merged))

    assert [(each.name, each.current, each.target.version) for each in searched(done).plan.updates] == []


def committed(found: Found, here: Baseline) -> Baseline:
    """Return *here* as it stands once what was *found* is merged."""
    records = found.solutions.get(here.unit, tuple(here.records.values()))
    asked = unit(*changed_lines(found, here), subdir=here.unit.subdir, name=here.unit.name)
    return baseline(asked, *records, locked=here.locked)


@settings(max_examples=25)
@given(cases())
def test_in_a_lock_nothing_moves_that_could_have_stayed(case: Case) -> None:
    """A package that is not announced moves only where its old record would break a line or a need."""
    found = searched(case)

    announced = {each.name for each in found.plan.updates}
    for here, records in after(found, case):
        moved = {each.name: each for each in records if here.locked and each.name not in announced}
        for name, record_now in moved.items():
            old = here.records.get(name)
            if old is not None and old != record_now:
                assert broken_by(old, records, changed_lines(found, here)), f"{name} need not have moved"


def broken_by(old: Record, records: Iterable[Record], lines: Iterable[Requirement]) -> list[str]:
    """Return the specs that do not hold once *old* is put back among *records*."""
    by_name = {**{each.name: each for each in records}, old.name: old}
    asked = [f"{line.dependency.name} {line.dependency.version}".strip() for line in lines]
    needed = [depend for each in by_name.values() for depend in each.depends]
    missing = [spec for spec in needed if name_in(spec) not in by_name]
    present = (spec for spec in (*asked, *needed) if name_in(spec) in by_name)
    return [*missing, *(spec for spec in present if not matches(spec, by_name[name_in(spec)]))]


@settings(max_examples=50)
@given(cases())
def test_who_does_what_is_advised_gets_the_release(case: Case) -> None:
    """What a pull request advises lets the release solve where its sentence says, and a search finds it."""
    for held in searched(case).held_back:
        named = [
            each for each in case.baselines if f" in {each.unit.name!r} on {each.unit.platform.name}: " in held.sentence
        ]
        for blocker in held.blockers:
            there = replace(case, baselines=tuple(named))
            assert not is_newer(held.release, reached_when_advised(blocker, held.name, there))


@settings(max_examples=50)
@given(cases())
def test_of_a_line_that_cannot_be_loosened_nobody_advises_it(case: Case) -> None:
    for blocker in (each for held in searched(case).held_back for each in held.blockers):
        assert not blocker.loosens or blocker.spec not in ("", "*")


def reached_when_advised(blocker: Blocker, name: str, case: Case) -> str:
    """Return the version of *name* that a search for it alone finds once the line of *blocker* is as it is advised."""
    [here] = case.baselines
    lines = [
        asks_for(each.dependency.name, "*") if each.dependency.name == blocker.name else each
        for each in here.unit.requirements
        if blocker.loosens or each.dependency.name != blocker.name
    ]
    looser = replace(case, baselines=(replace(here, unit=unit(*lines, subdir=here.unit.subdir, name=here.unit.name)),))
    mine = [each for each in candidates(looser) if each.name == name]
    found = [run(search(Wanted(key="one", candidates=(each,))), case.channel) for each in mine]
    return sort_versions(update.target.version for each in found for update in each.plan.updates)[-1]
