"""Lock maintenance in a scan: locks are refreshed when it is time, as pull requests that stay as they are."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.model.audit import Finding, FindingRule, LockAudit
from bot.model.manifest import PackageName
from bot.model.package import Lock, Record
from bot.model.report import ScanReport
from bot.model.update import Proposal, Purpose
from bot.updating.turns import Places
from tests.conda_locks import TextHasher, entry, hashed, lock_text
from tests.planning.toy import FORGE, LINUX, record
from tests.updating.test_conda_locks import hash_of, resolve
from tests.updating.test_scan import encoded, pixi_lock
from tests.updating.toy import Toy, scanner

FIRST, LATER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
KEY = "lock-maintenance-pixi-2026-11"
ALPHA = tuple(record("alpha", version, "core") for version in ("1.0", "1.1"))
CORE = tuple(record("core", version) for version in ("1.0", "1.1"))
PIXI_TOML = """\
[workspace]
name = "x"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
alpha = "*"

[environments]
default = { solve-group = "all" }
test = { solve-group = "all" }
"""
LOCKED = (ALPHA[1], CORE[0])
FILES = {"pixi.toml": PIXI_TOML, "pixi.lock": pixi_lock(LOCKED, LOCKED)}
EVERYTHING = (*ALPHA, *CORE)


class Audit:
    """An audit that finds what it was made with."""

    def __init__(self, *findings: Finding) -> None:
        self._findings = findings
        self.audited: list[str] = []

    async def audit(self, lock: Lock, text: str, base: Lock | None = None) -> LockAudit:
        assert text
        assert base is None
        self.audited.append(lock.path)
        return LockAudit(path=lock.path, records=2, others=0, findings=self._findings, not_judged=())


def finding(rule: FindingRule) -> Finding:
    return Finding(
        rule=rule,
        name=PackageName("alpha"),
        version="1.1",
        url=ALPHA[1].url,
        environments=("default", "test"),
        subdirs=(LINUX,),
        sentence="alpha-1.1-h0_0.conda was marked broken and taken out of its channel: lock again.",
    )


async def scanned(
    *records: Record,
    now: datetime = FIRST,
    open_keys: Collection[str] = (),
    declined: Collection[str] = (),
    audit: Audit | None = None,
    files: dict[str, str] = FILES,
) -> ScanReport:
    given = replace(scanner(Toy(*records)), now=now, auditor=audit or Audit())
    places = Places(taken=frozenset(open_keys))
    return await given.scan(encoded(files), {key: {} for key in declined}, places)


def refreshes(report: ScanReport) -> list[Proposal]:
    return [each for each in report.proposals if each.plan.purpose is Purpose.MAINTENANCE]


async def test_in_the_first_of_a_month_an_old_lock_is_solved_afresh_and_its_manifest_stays() -> None:
    report = await scanned(*EVERYTHING)

    [refresh] = refreshes(report)
    assert (refresh.plan.key, refresh.plan.updates) == (KEY, ())
    assert refresh.files.keys() == {"pixi.lock"}
    assert "core-1.1" in refresh.files["pixi.lock"]
    assert "core-1.0" not in refresh.files["pixi.lock"]
    assert [(each.environment, [change.name for change in each.changes]) for each in refresh.diffs] == [
        ("default", ["core"]),
        ("test", ["core"]),
    ]


@pytest.mark.parametrize(
    ("now", "open_keys", "declined", "expected"),
    [
        pytest.param(LATER, [], [], [], id="on another day it is not"),
        pytest.param(LATER, [KEY], [], [KEY], id="but what is open stays"),
        pytest.param(FIRST, [], [KEY], [], id="what was closed does not come again in this month"),
    ],
)
async def test_when_it_is_proposed(
    now: datetime, open_keys: list[str], declined: list[str], expected: list[str]
) -> None:
    report = await scanned(*EVERYTHING, now=now, open_keys=open_keys, declined=declined)

    assert [each.plan.key for each in refreshes(report)] == expected


async def test_what_is_open_is_the_same_while_the_lock_is_and_another_in_the_next_month() -> None:
    """Otherwise it would be pushed whenever anything deep in the channel moves."""
    [before] = refreshes(await scanned(*EVERYTHING))
    [later] = refreshes(await scanned(*EVERYTHING, record("core", "1.2"), now=LATER, open_keys=[KEY]))
    [next_month] = refreshes(await scanned(*EVERYTHING, now=datetime(2026, 12, 1, tzinfo=UTC), open_keys=[KEY]))
    other_lock = FILES | {"pixi.lock": pixi_lock((ALPHA[0], CORE[0]), (ALPHA[0], CORE[0]))}
    [moved_on] = refreshes(await scanned(*EVERYTHING, now=LATER, open_keys=[KEY], files=other_lock))

    assert "core-1.2" in later.files["pixi.lock"]
    assert before.fingerprint == later.fingerprint
    assert len({before.fingerprint, next_month.fingerprint, moved_on.fingerprint}) == 3


async def test_when_nothing_moves_any_more_what_is_open_goes() -> None:
    assert refreshes(await scanned(*LOCKED, open_keys=[KEY])) == []


async def test_a_lock_with_a_broken_record_is_refreshed_at_once_and_says_why() -> None:
    audit = Audit(finding(FindingRule.RECORD_BROKEN), finding(FindingRule.DEPENDENCIES_DIFFER))

    report = await scanned(ALPHA[0], *CORE, now=LATER, audit=audit)

    [refresh] = report.proposals
    assert refresh.plan.purpose is Purpose.MAINTENANCE
    assert refresh.plan.key.startswith("lock-maintenance-pixi-gone-")
    assert refresh.plan.reasons == ("alpha-1.1-h0_0.conda was marked broken and taken out of its channel: lock again.",)
    assert "alpha-1.0" in refresh.files["pixi.lock"]
    assert "core-1.1" in refresh.files["pixi.lock"]


async def test_a_lock_that_only_disagrees_with_its_manifest_is_brought_in_step_first() -> None:
    text = PIXI_TOML.replace('alpha = "*"', 'alpha = "1.0"')

    report = await scanned(*EVERYTHING, files=FILES | {"pixi.toml": text})

    assert [each.plan.purpose for each in report.proposals] == [Purpose.RELOCK]


async def test_a_lock_that_a_solve_confirms_is_not_audited() -> None:
    audit = Audit()

    await scanned(*EVERYTHING, audit=audit)

    assert audit.audited == []


async def test_what_must_go_down_with_a_record_that_is_gone_does() -> None:
    """What is left of core lowers alpha, which is a direct dependency whose record is not gone."""
    text = PIXI_TOML.replace('alpha = "*"', 'alpha = "*"\ncore = "*"')
    needy = tuple(replace(each, depends=(f"core =={each.version}",)) for each in ALPHA)
    locked = (needy[1], CORE[1])
    gone = replace(finding(FindingRule.RECORD_GONE), name=PackageName("core"), url=CORE[1].url)
    files = {"pixi.toml": text, "pixi.lock": pixi_lock(locked, locked)}

    report = await scanned(*needy, CORE[0], now=LATER, audit=Audit(gone), files=files)
    nowhere = await scanned(*needy, now=LATER, audit=Audit(gone), files=files)

    [refresh] = report.proposals
    assert refresh.plan.purpose is Purpose.MAINTENANCE
    assert "alpha-1.0" in refresh.files["pixi.lock"]
    assert nowhere.proposals == ()
    assert any("nothing solves afresh unless a direct dependency goes down" in str(each) for each in nowhere.problems)


async def test_asked_for_every_lock_is_refreshed_whatever_the_day_and_no_manifest_changes() -> None:
    given = replace(scanner(Toy(*EVERYTHING)), now=LATER)

    report = await given.refresh(encoded(FILES))
    again = await given.refresh(encoded({**FILES, **report.proposals[0].files}))

    assert [dict(each.files).keys() for each in report.proposals] == [{"pixi.lock"}]
    assert again.proposals == ()


async def test_a_lock_of_which_a_unit_could_not_be_judged_is_not_refreshed() -> None:
    text = PIXI_TOML + '\n[feature.bad.dependencies]\nnowhere = "*"\n'
    files = FILES | {"pixi.toml": text.replace("[environments]", '[environments]\nbad = ["bad"]')}

    assert refreshes(await scanned(*EVERYTHING, files=files)) == []


ENVIRONMENT = """\
channels: [conda-forge]
platforms: [linux-64]
dependencies:
  - alpha
"""
FOREST = tuple(map(hashed, EVERYTHING))


async def test_a_conda_lock_is_refreshed_and_keeps_its_content_hash() -> None:
    hashes = {LINUX: hash_of(ENVIRONMENT)}
    files = {
        "environment.yml": ENVIRONMENT,
        "conda-lock.yml": lock_text(entry(FOREST[1]), entry(FOREST[2]), hashes=hashes),
    }
    given = replace(scanner(Toy(*FOREST)), now=FIRST, resolve=resolve, hasher=TextHasher())

    report = await given.scan(encoded(files), {})

    assert FORGE.url in files["conda-lock.yml"]
    [refresh] = refreshes(report)
    assert refresh.plan.key == "lock-maintenance-conda-lock-2026-11"
    assert refresh.files == {"conda-lock.yml": lock_text(entry(FOREST[1]), entry(FOREST[3]), hashes=hashes)}
