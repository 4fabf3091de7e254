"""Advisories in a scan: the lowest release that is fixed and solves, past everything that makes updates wait."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.advisory import Advisory, Affected, EventKind, FoundAdvisories, RangeEvent
from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.model.pypi_names import FoundPurls
from bot.model.report import ScanReport
from bot.model.update import Purpose
from bot.planning.security import LEFT_BEHIND
from bot.rendering.names import title
from bot.updating.advisories import AdvisoryAuditor, AskedOnce
from bot.updating.scan import Scanner
from tests.planning.toy import record
from tests.updating.test_scan import encoded, pixi_lock
from tests.updating.toy import Toy, scanner

VERSIONS = ("3.1.2", "3.1.3", "3.1.4", "3.2.0")
JINJA2 = tuple(record("jinja2", version) for version in VERSIONS)
KEY = "security-jinja2"


class Database:
    """Advisories, and the mapping: every conda package is called on PyPI as here, unless it is one of C."""

    def __init__(self, *advisories: Advisory) -> None:
        self._advisories = advisories
        self.asked: list[frozenset[PackageName]] = []

    async def about(self, names: Iterable[PackageName]) -> FoundAdvisories:
        self.asked.append(frozenset(names))
        found = {each.affected[0].name: each for each in self._advisories}
        return FoundAdvisories(by_name={name: (found[name],) for name in self.asked[-1] if name in found})

    async def purls(self, records: Iterable[Record], rules: object) -> FoundPurls:
        del rules
        return FoundPurls(purls={each.url: (f"pkg:pypi/{each.name}?source=hash-mapping",) for each in records})


def advisory(fixed: str, name: str = "jinja2") -> Advisory:
    events = (
        RangeEvent(kind=EventKind.INTRODUCED, version="0"),
        RangeEvent(kind=EventKind.FIXED, version=fixed),
    )
    affected = (Affected(name=PackageName(name), ranges=(events,)),)
    return Advisory(id="GHSA-1", summary="Templates escape.", severity="high", affected=affected)


def guarded(toy: Toy, *advisories: Advisory) -> Scanner:
    database = Database(*advisories)
    return replace(scanner(toy), advisories=AdvisoryAuditor(index=AskedOnce(database), purls=database))


def environment(*lines: str) -> dict[str, bytes]:
    head = "name: small\nchannels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n"
    return encoded({"environment.yml": head + "".join(f"  - {each}\n" for each in lines)})


async def scanned(toy: Toy, *lines: str, fixed: str = "3.1.4", declined: str = "") -> ScanReport:
    refused = {KEY: {JINJA2[0].name: declined}} if declined else {}
    return await guarded(toy, advisory(fixed)).scan(environment(*lines), refused)


def mended(report: ScanReport) -> list[tuple[str, str]]:
    found = [each for each in report.proposals if each.plan.purpose is Purpose.SECURITY]
    return [(each.plan.key, each.plan.updates[0].target.version) for each in found]


def held(report: ScanReport) -> list[str]:
    return [each.sentence for each in report.held_back if "is affected by" in each.sentence]


async def test_the_lowest_fixed_release_is_proposed_alone_beside_the_newest() -> None:
    report = await scanned(Toy(*JINJA2), "jinja2=3.1.2")

    [fix, update] = sorted(report.proposals, key=lambda each: each.plan.purpose)
    assert (title(fix), fix.files["environment.yml"].splitlines()[-1]) == (
        "[security] Update jinja2 from 3.1.2 to 3.1.4",
        "  - jinja2=3.1.4",
    )
    assert title(update) == "Update jinja2 from 3.1.2 to 3.2.0"
    assert fix.plan.reasons == ("jinja2 3.1.2 is affected by GHSA-1 (high): Templates escape. Fixed in 3.1.4",)


async def test_it_is_solved_and_the_next_that_solves_is_taken() -> None:
    blocked = replace(JINJA2[2], depends=("nothing",))

    report = await scanned(Toy(*JINJA2[:2], blocked, JINJA2[3]), "jinja2=3.1.2")

    assert mended(report) == [(KEY, "3.2.0")]
    [fix] = [each for each in report.proposals if each.plan.key == KEY]
    assert "jinja2 3.1.4 would do, but does not solve" in fix.plan.reasons


async def test_where_none_solves_it_is_held_back_with_what_is_in_the_way() -> None:
    core = (record("core", "1.0"), record("core", "2.0"))
    needy = tuple(replace(each, depends=("core >=2",)) for each in JINJA2[2:])

    report = await scanned(Toy(*JINJA2[:2], *needy, *core), "jinja2=3.1.2", "core=1.0")

    assert mended(report) == []
    [sentence] = held(report)
    assert "Fixed in 3.1.4; jinja2 3.1.4 does not solve" in sentence
    assert "environment.yml:6 asks for core =1.0" in sentence


async def test_no_age_is_waited_for_and_that_is_said() -> None:
    young = record("jinja2", "3.1.4", age=timedelta(days=1))

    report = await scanned(Toy(*JINJA2[:2], young), "jinja2=3.1.2")

    assert mended(report) == [(KEY, "3.1.4")]
    [fix] = [each for each in report.proposals if each.plan.key == KEY]
    assert "is 1 day old" in fix.plan.reasons[-1]
    assert fix.plan.reasons[-1].endswith("what mends a vulnerability does not wait")


async def test_a_line_that_is_held_is_left_alone_and_says_so() -> None:
    report = await scanned(Toy(*JINJA2), "jinja2=3.1.2  # condabot: ignore")

    assert mended(report) == []
    [sentence] = held(report)
    assert "its line stays as it is: ignore" in sentence


async def test_without_a_fix_that_is_said() -> None:
    [sentence] = held(await scanned(Toy(*JINJA2), "jinja2=3.1.2", fixed="4.0"))

    assert sentence.endswith("its channels have no release that is not affected")


async def test_what_people_declined_is_not_repeated_but_the_next_one_is_offered() -> None:
    report = await scanned(Toy(*JINJA2), "jinja2=3.1.2", declined="3.1.4")
    last = await scanned(Toy(*JINJA2), "jinja2=3.1.2", declined="3.2.0")

    assert mended(report) == [(KEY, "3.2.0")]
    assert mended(last) == []


async def test_what_is_fixed_already_is_not_spoken_of() -> None:
    report = await scanned(Toy(*JINJA2), "jinja2=3.1.4")

    assert (mended(report), held(report)) == ([], [])


async def test_the_database_is_asked_once_for_each_name() -> None:
    database = Database(advisory("3.1.4"))
    auditor = AdvisoryAuditor(index=AskedOnce(database), purls=database)

    await replace(scanner(Toy(*JINJA2)), advisories=auditor).scan(environment("jinja2=3.1.2"), {})

    assert database.asked == [frozenset({"jinja2"})]


async def test_advisories_that_cannot_be_had_are_a_problem_and_updates_go_on() -> None:
    class Broken(Database):
        async def about(self, names: Iterable[PackageName]) -> FoundAdvisories:
            raise AssertionError(names)

    database = Broken()
    auditor = AdvisoryAuditor(index=AskedOnce(database), purls=database)

    report = await replace(scanner(Toy(*JINJA2)), advisories=auditor).scan(environment("jinja2=3.1.2"), {})

    assert [each.path for each in report.problems] == ["advisories"]
    assert len(report.proposals) == 1


NEEDS = st.sampled_from(["", "core >=2", "core <2", "nothing"])


@given(st.lists(NEEDS, min_size=3, max_size=3), st.sampled_from(VERSIONS[1:]))
async def test_it_is_the_lowest_of_all_that_are_fixed_and_solve(needs: list[str], fixed: str) -> None:
    newer = [replace(each, depends=tuple(filter(None, [need]))) for each, need in zip(JINJA2[1:], needs, strict=True)]
    solving = [each.version for each in newer if each.version >= fixed and each.depends in ((), ("core <2",))]

    report = await scanned(Toy(JINJA2[0], *newer, record("core", "1.0")), "jinja2=3.1.2", "core=1.0", fixed=fixed)

    assert mended(report) == ([(KEY, solving[0])] if solving else [])
    assert bool(held(report)) == (not solving)


def locked(line: str, *records: Record) -> dict[str, bytes]:
    head = (
        '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n[environments]\ntest = []\n[dependencies]\n'
    )
    return encoded({"pixi.toml": f"{head}{line}\n", "pixi.lock": pixi_lock(records, records)})


async def test_what_no_line_asks_for_moves_in_the_lock_and_nothing_else_does() -> None:
    app, other = record("app", "1.0", "jinja2 >=3.1"), record("other", "1.0")
    toy = Toy(*JINJA2, app, replace(app, version="1.0", depends=("jinja2 >=3.1", "other")), other)

    report = await guarded(toy, advisory("3.1.4")).scan(locked('app = "1.0.*"', app, JINJA2[0]), {})

    [fix] = report.proposals
    assert (title(fix), list(fix.files)) == ("[security] Update jinja2 from 3.1.2 to 3.1.4", ["pixi.lock"])
    assert {(each.name, each.new_version) for diff in fix.diffs for each in diff.changes} == {("jinja2", "3.1.4")}


async def test_what_needs_the_vulnerable_version_is_named() -> None:
    app = record("app", "1.0", "jinja2 <3.1.4")

    report = await guarded(Toy(*JINJA2, app), advisory("3.1.4")).scan(locked('app = "1.0.*"', app, JINJA2[0]), {})

    [sentence] = held(report)
    assert "app 1.0 needs jinja2 <3.1.4" in sentence


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(">=3,<3.1.4", [(KEY, "3.1.4")], id="a line that still admits it"),
        pytest.param("3.*", [], id="a line that would not"),
    ],
)
async def test_what_other_environments_have_and_is_not_affected_is_not_left_behind(
    line: str, expected: list[tuple[str, str]]
) -> None:
    old, bad, good = record("jinja2", "3.0.6"), record("jinja2", "3.1.2"), record("jinja2", "3.1.4")
    good = good if expected else record("jinja2", "4.0.0")
    versions = (("introduced", "0"), ("fixed", "3.0.5"), ("introduced", "3.1.0"), ("fixed", "3.1.4"))
    events = tuple(RangeEvent(kind=EventKind(kind), version=version) for kind, version in versions)
    two_lines = replace(advisory("3.1.4"), affected=(Affected(name=PackageName("jinja2"), ranges=(events,)),))
    files = locked(f'jinja2 = "{line}"', bad) | encoded({"pixi.lock": pixi_lock((bad,), (old,))})

    report = await guarded(Toy(old, bad, good), two_lines).scan(files, {})

    assert mended(report) == expected
    assert [each.endswith(LEFT_BEHIND) for each in held(report)] == [True] * (not expected)


async def test_exclude_newer_of_the_manifest_still_counts_and_is_named() -> None:
    young = record("jinja2", "3.1.4", age=timedelta(days=1))
    app = record("app", "1.0", "jinja2 >=3.1")
    files = locked('app = "1.0.*"', app, JINJA2[0])
    files["pixi.toml"] = files["pixi.toml"].replace(b"[workspace]\n", b'[workspace]\nexclude-newer = "2026-10-01"\n')
    lock = files["pixi.lock"].replace(
        b"    packages:\n", b"    options:\n      exclude-newer: 2026-10-01T00:00:00Z\n    packages:\n"
    )

    report = await guarded(Toy(*JINJA2[:2], young, app), advisory("3.1.4")).scan({**files, "pixi.lock": lock}, {})

    [sentence] = held(report)
    assert "`exclude-newer` in pixi.toml keeps jinja2 3.1.4 out" in sentence
