"""What rules of a configuration make of a scan: of the same repository without them, and with them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.config import PATHS, Configuration, read_configuration
from bot.config.release_branches import of_release
from bot.model.package import Record
from bot.model.report import ScanReport
from bot.model.update import Proposal, Purpose
from bot.planning.rules import Rules
from bot.updating.answering import draft
from bot.updating.inspection import Draft
from tests.planning.toy import NOW, record
from tests.updating.test_scan import encoded, pixi_lock
from tests.updating.toy import Toy, scanner

ALPHA = (record("alpha", "1.0"), record("alpha", "1.1"), record("alpha", "2.0"))
BETA = (record("beta", "1.0"), record("beta", "1.1"))
PULLING = (record("gamma", "1.0"), record("gamma", "1.1", "alpha >=2"))


def environment(*lines: str) -> str:
    items = "".join(f"  - {each}\n" for each in lines)
    return f"channels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n{items}"


def locked(*records: Record) -> Mapping[str, str]:
    lines = "".join(f'{each.name} = "*"\n' for each in records)
    workspace = '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'
    groups = '[environments]\ndefault = { solve-group = "all" }\ntest = { solve-group = "all" }\n'
    return {"pixi.toml": f"{workspace}\n[dependencies]\n{lines}\n{groups}", "pixi.lock": pixi_lock(records, records)}


def configured(*rules: str) -> Configuration:
    items = "".join(f"  - {{{each}}}\n" for each in rules)
    return read_configuration({PATHS[0]: f"packageRules:\n{items}".encode() if rules else b""})


async def scanned(files: Mapping[str, str], records: tuple[Record, ...], configuration: Configuration) -> ScanReport:
    return await scanner(Toy(*records)).configured(configuration).scan(encoded(files), {})


def moves(report: ScanReport) -> dict[str, list[str]]:
    """Return what is proposed, by the key of its pull request."""
    return {
        each.plan.key: [f"{update.name} {update.target.version}" for update in each.plan.updates]
        for each in report.proposals
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    files: Mapping[str, str]
    records: tuple[Record, ...] = (*ALPHA, *BETA)
    rules: tuple[str, ...]
    usually: Mapping[str, list[str]]
    then: Mapping[str, list[str]]
    said: tuple[str, ...] = ()


ONE = {"environment.yml": environment("alpha=1.0")}
TWO = {"environment.yml": environment("alpha=1.0", "beta=1.0")}
YOUNG = (ALPHA[0], record("alpha", "1.1", age=timedelta(days=10)))
YOUNGER = (ALPHA[0], record("alpha", "1.1", age=timedelta(days=5)))
WHOLE = {"alpha-2.x": ["alpha 2.0"], "non-major": ["alpha 1.1", "beta 1.1"]}

CASES = {
    "versions that are allowed": Case(
        files=ONE,
        rules=("matchPackageNames: [alpha], allowedVersions: '<2'",),
        usually={"alpha-2.x": ["alpha 2.0"], "non-major-without-lock": ["alpha 1.1"]},
        then={"non-major-without-lock": ["alpha 1.1"]},
        said=("`packageRules[0]` in .github/condabot.yml:2 allows alpha `<2`, which 2.0 is not",),
    ),
    "what is not allowed does not come in with another either": Case(
        files=locked(ALPHA[0], PULLING[0]),
        records=(*ALPHA, *PULLING),
        rules=("matchPackageNames: [alpha], allowedVersions: '<2'",),
        usually={"alpha-2.x": ["alpha 2.0"], "non-major": ["alpha 1.1", "gamma 1.1"]},
        then={"non-major": ["alpha 1.1"]},
    ),
    "a package that is switched off": Case(
        files=TWO,
        rules=("matchPackageNames: [alpha], enabled: false",),
        usually={"alpha-2.x": ["alpha 2.0"], "non-major-without-lock": ["alpha 1.1", "beta 1.1"]},
        then={"non-major-without-lock": ["beta 1.1"]},
    ),
    "majors that are switched off": Case(
        files=ONE,
        rules=("matchPackageNames: ['*'], matchUpdateTypes: [major], enabled: false",),
        usually={"alpha-2.x": ["alpha 2.0"], "non-major-without-lock": ["alpha 1.1"]},
        then={"non-major-without-lock": ["alpha 1.1"]},
        said=("`packageRules[0]` in .github/condabot.yml:2 says `enabled: false` of alpha 2.0",),
    ),
    "everything but one": Case(
        files=TWO,
        rules=("matchPackageNames: ['*'], enabled: false", "matchPackageNames: [beta], enabled: true"),
        usually={"alpha-2.x": ["alpha 2.0"], "non-major-without-lock": ["alpha 1.1", "beta 1.1"]},
        then={"non-major-without-lock": ["beta 1.1"]},
    ),
    "a file that is switched off": Case(
        files={"environment.yml": environment("beta=1.0"), "docs/environment.yml": environment("beta=1.0")},
        rules=("matchFileNames: ['docs/**'], enabled: false",),
        usually={"docs/non-major-without-lock": ["beta 1.1"], "non-major-without-lock": ["beta 1.1"]},
        then={"non-major-without-lock": ["beta 1.1"]},
    ),
    "a longer age": Case(
        files=ONE,
        records=YOUNG,
        rules=("matchPackageNames: [alpha], minimumReleaseAge: 14 days",),
        usually={"non-major-without-lock": ["alpha 1.1"]},
        then={},
        said=("alpha 1.1 is 10 days old: due 2026-11-06",),
    ),
    "a shorter age of a channel": Case(
        files=ONE,
        records=YOUNGER,
        rules=("matchChannels: [conda-forge], minimumReleaseAge: 4 days",),
        usually={},
        then={"non-major-without-lock": ["alpha 1.1"]},
    ),
    "the age of another channel": Case(
        files=ONE,
        records=YOUNGER,
        rules=("matchChannels: [acme], minimumReleaseAge: 4 days",),
        usually={},
        then={},
    ),
    "a group": Case(
        files=locked(ALPHA[0], BETA[0]),
        rules=("matchPackageNames: [alpha], groupName: 'Our own: tools'",),
        usually=WHOLE,
        then={"major-our-own-tools": ["alpha 2.0"], "non-major": ["beta 1.1"], "our-own-tools": ["alpha 1.1"]},
    ),
    "a group with its majors": Case(
        files=locked(ALPHA[0], BETA[0]),
        rules=("matchPackageNames: ['*'], groupName: all, separateMajorMinor: false",),
        usually=WHOLE,
        then={"all": ["alpha 2.0", "beta 1.1"]},
    ),
    "majors beside the rest": Case(
        files=locked(ALPHA[0], BETA[0]),
        rules=("matchPackageNames: [alpha], separateMajorMinor: false",),
        usually=WHOLE,
        then={"non-major": ["alpha 2.0", "beta 1.1"]},
    ),
    "manifests that stay as they are": Case(
        files=ONE,
        rules=("matchManagers: [conda-environment], rangeStrategy: in-range-only",),
        usually={"alpha-2.x": ["alpha 2.0"], "non-major-without-lock": ["alpha 1.1"]},
        then={},
        said=("`rangeStrategy: in-range-only` touches no manifest, and none asks for alpha 2.0",),
    ),
    "the rule of another platform": Case(
        files=ONE,
        rules=("matchPlatforms: [win-64], enabled: false",),
        usually={"alpha-2.x": ["alpha 2.0"], "non-major-without-lock": ["alpha 1.1"]},
        then={"alpha-2.x": ["alpha 2.0"], "non-major-without-lock": ["alpha 1.1"]},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_a_rule_changes_what_is_proposed(case: Case) -> None:
    usually = await scanned(case.files, case.records, configured())
    then = await scanned(case.files, case.records, configured(*case.rules))

    assert moves(usually) == case.usually
    assert moves(then) == case.then
    assert set(case.said) <= {each.sentence for each in then.held_back}


async def test_what_would_bring_in_a_denied_licence_is_not_proposed_and_says_so() -> None:
    records = (ALPHA[0], replace(ALPHA[1], license="AGPL-3.0-only"), *BETA)
    text = b"licenses: {deny: [AGPL-3.0-only]}\npackageRules: [{matchPackageNames: [alpha], groupName: apart}]"

    report = await scanned(TWO, records, read_configuration({PATHS[0]: text}))

    assert moves(report) == {"non-major-without-lock": ["beta 1.1"]}
    assert [each.sentence for each in report.held_back if each.name == "alpha"] == [
        "alpha 1.1 is under `AGPL-3.0-only`, which `licenses.deny` keeps out"
    ]


async def test_no_update_needs_a_newer_system_than_the_floor() -> None:
    workspace = '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'
    files = {"pixi.toml": f"{workspace}[system-requirements]\nlibc = '2.34'\n[dependencies]\nalpha = '1.0.*'\n"}
    needs = (ALPHA[0], record("alpha", "1.1", "__glibc >=2.28"), record("alpha", "1.2", "__glibc >=2.34"))

    usually = await scanned(files, needs, Configuration())
    floored = await scanned(files, needs, read_configuration({PATHS[0]: b"systemFloor: {glibc: '2.28'}"}))

    assert moves(usually) == {"non-major-without-lock": ["alpha 1.2"]}
    assert moves(floored) == {"non-major-without-lock": ["alpha 1.1"]}


GLIBC = (record("alpha", "1.0", "__glibc >=2.34"), record("alpha", "1.1", "__glibc >=2.35"), *BETA)
LEVELS = (record("alpha", "1.0"), record("alpha", "1.1", "__archspec 1.* x86_64_v3"), *BETA)


def on(machine: str, *records: Record) -> Mapping[str, str]:
    files = locked(*records)
    return {
        **files,
        "pixi.toml": files["pixi.toml"].replace('platforms = ["linux-64"]', f"platforms = [{{{machine}}}]"),
    }


@pytest.mark.parametrize(
    ("machine", "records", "floor", "expected"),
    [
        pytest.param("", GLIBC, "glibc: '2.28'", ["beta 1.1"], id="what is in use needs more already"),
        pytest.param("", GLIBC, "glibc: '2.35'", ["alpha 1.1", "beta 1.1"], id="as new as it needs"),
        pytest.param(", archspec = 'x86_64_v3'", LEVELS, "archspec: x86_64_v2", ["beta 1.1"], id="a lower level"),
        pytest.param(", archspec = 'x86_64_v3'", LEVELS, "archspec: x86_64_v3", ["alpha 1.1", "beta 1.1"], id="that"),
    ],
)
async def test_a_floor_holds_back_what_needs_more_and_nothing_else(
    machine: str, records: tuple[Record, ...], floor: str, expected: list[str]
) -> None:
    files = on(f"platform = 'linux-64'{machine}, glibc = '2.35'", records[0], BETA[0])

    report = await scanned(files, records, read_configuration({PATHS[0]: f"systemFloor: {{{floor}}}".encode()}))

    assert moves(report) == {"non-major": expected}
    said = [each.sentence for each in report.held_back if "__glibc" in each.sentence]
    assert ["`systemFloor` of the configuration" in each for each in said] == [True] * ("2.28" in floor)


WRITTEN = {
    "as usual": ("", "alpha=2.0"),
    "auto": ("rangeStrategy: auto", "alpha=2.0"),
    "pinned": ("rangeStrategy: pin", "alpha==2.0"),
    "in range only": ("rangeStrategy: in-range-only", ""),
    "locks alone": ("rangeStrategy: update-lockfile", ""),
    "a rule goes before": (
        "rangeStrategy: pin\npackageRules: [{matchPackageNames: [alpha], rangeStrategy: auto}]",
        "alpha=2.0",
    ),
}


@pytest.mark.parametrize(("text", "line"), WRITTEN.values(), ids=WRITTEN)
async def test_how_a_line_is_rewritten(text: str, line: str) -> None:
    report = await scanned(ONE, (ALPHA[0], ALPHA[2]), read_configuration({PATHS[0]: text.encode()}))

    written = [each.files["environment.yml"].splitlines()[-1].removeprefix("  - ") for each in report.proposals]
    assert written == ([line] if line else [])


async def test_a_lock_moves_within_the_range_where_no_manifest_is_touched() -> None:
    found = await scanned(locked(ALPHA[0]), ALPHA, read_configuration({PATHS[0]: b"rangeStrategy: update-lockfile"}))

    assert moves(found) == {"alpha-2.x": ["alpha 2.0"], "non-major": ["alpha 1.1"]}
    assert {path for each in found.proposals for path in each.files} == {"pixi.lock"}


async def test_what_is_switched_off_says_by_which_rule() -> None:
    rule = "matchPackageNames: [alpha], enabled: false"

    report = await scanned(ONE, ALPHA, configured(rule))

    assert [each.reason for each in report.statuses] == [
        "disabled: `packageRules[0]` in .github/condabot.yml:2 says `enabled: false`"
    ]


PATCHED = (record("alpha", "1.0.0"), record("alpha", "1.0.1"), record("alpha", "1.2.0"), record("alpha", "2.0.0"))


async def test_a_release_gets_patches_alone() -> None:
    files = {"environment.yml": environment("alpha=1.0.0")}

    usually, then = [await scanned(files, PATCHED, each) for each in (Configuration(), of_release(Configuration()))]

    assert sorted(moves(usually).values()) == [["alpha 1.2.0"], ["alpha 2.0.0"]]
    assert sorted(moves(then).values()) == [["alpha 1.0.1"]]


async def drafts(configuration: Configuration) -> dict[str, Draft]:
    report = await scanned(locked(ALPHA[0], BETA[0]), (*ALPHA, *BETA), configuration)
    return {each.plan.key: draft(each, Rules.of(configuration)) for each in report.proposals}


async def test_a_pull_request_is_handled_as_all_that_is_in_it() -> None:
    found = await drafts(
        configured(
            "matchUpdateTypes: [minor], automerge: true, labels: [minor]",
            "matchPackageNames: [beta], labels: [beta], reviewers: [octocat]",
        )
    )

    assert found["non-major"].handling.automerge
    assert not found["alpha-2.x"].handling.automerge
    assert found["non-major"].handling.labels == ("minor", "beta")
    assert found["non-major"].handling.reviewers == ("octocat",)
    assert found["alpha-2.x"].handling.labels == ()
    assert not found["non-major"].rewrites


async def refreshed(configuration: Configuration, day: int) -> list[Proposal]:
    toy = Toy(record("alpha", "1.0", age=timedelta(days=90)), *ALPHA[1:])
    asked = replace(scanner(toy), now=NOW.replace(day=day)).configured(configuration)
    report = await asked.scan(encoded(locked(record("alpha", "1.0", age=timedelta(days=90)))), {})
    return [each for each in report.proposals if each.plan.purpose is Purpose.MAINTENANCE]


REFRESHED = {
    "usually on the first": ("", 1, ["lock-maintenance-pixi-2026-11"]),
    "usually not on a Monday": ("", 9, []),
    "not at all": ("lockFileMaintenance: {enabled: false}", 1, []),
    "on Mondays": ("lockFileMaintenance: {schedule: [on monday]}", 9, ["lock-maintenance-pixi-2026-w46"]),
    "on Mondays only": ("lockFileMaintenance: {schedule: [on monday]}", 1, []),
    "switched off by a rule": (
        "packageRules: [{matchUpdateTypes: [lockFileMaintenance], enabled: false}]",
        1,
        [],
    ),
    "switched off for another file": (
        "packageRules: [{matchUpdateTypes: [lockFileMaintenance], matchFileNames: [a/pixi.lock], enabled: false}]",
        1,
        ["lock-maintenance-pixi-2026-11"],
    ),
    "on the days of a rule": (
        "packageRules: [{matchUpdateTypes: [lockFileMaintenance], schedule: [on monday]}]",
        9,
        ["lock-maintenance-pixi-2026-w46"],
    ),
}


@pytest.mark.parametrize(("text", "day", "keys"), REFRESHED.values(), ids=REFRESHED)
async def test_when_locks_are_refreshed(text: str, day: int, keys: list[str]) -> None:
    found = await refreshed(read_configuration({PATHS[0]: text.encode()}), day)

    assert [each.plan.key for each in found] == keys


async def test_a_refresh_is_handled_as_rules_say_of_locks() -> None:
    text = b"labels: [deps]\npackageRules: [{matchUpdateTypes: [lockFileMaintenance], labels: [lock], automerge: true}]"
    configuration = read_configuration({PATHS[0]: text})

    [proposal] = await refreshed(configuration, 1)

    found = draft(proposal, Rules.of(configuration)).handling
    assert (found.labels, found.automerge) == (("lock",), True)
