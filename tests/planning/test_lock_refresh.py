"""When a lock is refreshed, what is asked for, and what of the answer is worth a pull request."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.lockfiles.pixi_lock import PIXI_LOCK
from bot.model.audit import Finding, FindingRule
from bot.model.manifest import PackageName
from bot.model.package import Lock, Record
from bot.model.update import Purpose
from bot.planning.baseline import Baseline
from bot.planning.lock_refresh import Occasion, Refresh, refresh, refresh_asked, refresh_due, unusable
from bot.planning.policy import Policy
from bot.planning.search import Found
from tests.planning.toy import FORGE, LINUX, MACOS, NOW, ToyChannel, asks_for, baseline, record, run, unit

FIRST, SECOND = datetime(2026, 11, 1, 23, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
LOCK = Lock(path="app/pixi.lock", format=PIXI_LOCK, version=6, environments=())
KEY = "app/lock-maintenance-pixi-2026-11"
OLD = timedelta(days=40)


def finding(name: str, rule: FindingRule = FindingRule.RECORD_GONE) -> Finding:
    return Finding(
        rule=rule,
        name=PackageName(name),
        version="1.0",
        url=f"{FORGE.url}/noarch/{name}-1.0-h0_0.conda",
        environments=("default",),
        subdirs=(LINUX,),
        sentence=f"{name}-1.0-h0_0.conda is not, or no longer, in its channel: lock again.",
    )


GONE = (finding("alpha"),)
GONE_KEY = refresh_due(LOCK, GONE, SECOND, set(), set())
assert GONE_KEY is not None


@pytest.mark.parametrize(
    ("now", "gone", "open_keys", "declined", "expected"),
    [
        pytest.param(FIRST, (), (), (), (KEY, Occasion.MONTH), id="the first day of a month"),
        pytest.param(SECOND, (), (), (), None, id="no other day"),
        pytest.param(SECOND, (), (KEY,), (), (KEY, Occasion.OPEN), id="a pull request that is open stays"),
        pytest.param(
            datetime(2026, 12, 1, tzinfo=UTC), (), (KEY,), (), (KEY, Occasion.OPEN), id="also into the next month"
        ),
        pytest.param(
            SECOND, (), ("app/lock-maintenance-pixi-lock-2026-11", "non-major"), (), None, id="but not another lock's"
        ),
        pytest.param(FIRST, (), (), (KEY,), None, id="closed: not in this month"),
        pytest.param(
            datetime(2026, 12, 1, tzinfo=UTC),
            (),
            (),
            (KEY,),
            ("app/lock-maintenance-pixi-2026-12", Occasion.MONTH),
            id="but in the next",
        ),
        pytest.param(SECOND, GONE, (), (), (GONE_KEY.key, Occasion.GONE), id="a record is gone: at once"),
        pytest.param(SECOND, GONE, (), (KEY,), (GONE_KEY.key, Occasion.GONE), id="what was closed before it was gone"),
        pytest.param(SECOND, GONE, (), (GONE_KEY.key,), None, id="closed for the same records"),
        pytest.param(SECOND, GONE, (KEY,), (), (KEY, Occasion.GONE), id="in the pull request that is open"),
    ],
)
def test_when_a_lock_is_refreshed(
    now: datetime,
    gone: tuple[Finding, ...],
    open_keys: Iterable[str],
    declined: Iterable[str],
    expected: tuple[str, Occasion] | None,
) -> None:
    found = refresh_due(LOCK, gone, now, set(open_keys), set(declined))

    assert (found and (found.key, found.occasion)) == expected


def test_after_other_records_are_gone_it_is_another_window() -> None:
    other = refresh_due(LOCK, (finding("beta"),), SECOND, set(), {GONE_KEY.key if GONE_KEY else ""})

    assert other is not None
    assert other.window not in {"", GONE[0].url, GONE_KEY.window if GONE_KEY else ""}


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        pytest.param("pixi.lock", "lock-maintenance-pixi", id="at the top"),
        pytest.param("ci/gpu.conda-lock.yml", "ci/lock-maintenance-gpu.conda-lock", id="two locks of a folder differ"),
    ],
)
def test_every_lock_has_a_key_of_its_own(path: str, stem: str) -> None:
    assert refresh_asked(replace(LOCK, path=path)).key == stem


def test_only_what_cannot_or_should_not_be_installed_is_a_reason_to_hurry() -> None:
    every = [finding("alpha", rule) for rule in FindingRule]

    assert {each.rule for each in unusable(every)} == {FindingRule.RECORD_GONE, FindingRule.RECORD_BROKEN}


def refreshed(
    occasion: Occasion, records: Iterable[Record], *baselines: Baseline, gone: tuple[Finding, ...] = ()
) -> Found | None:
    wanted = Refresh(key="k", occasion=occasion, window="2026-11", gone=gone)
    return run(refresh(wanted, baselines, Policy(), NOW), ToyChannel(records=tuple(records)))


def versions(found: Found | None) -> dict[str, str]:
    assert found is not None
    return {each.name: each.version for records in found.solutions.values() for each in records}


ALPHA = tuple(record("alpha", version, "core", age=OLD) for version in ("1.0", "1.1", "2.0"))
CORE = tuple(record("core", version, age=OLD) for version in ("1.0", "1.1"))
HERE = baseline(unit(asks_for("alpha", "<2")), ALPHA[0], CORE[0])
STILL = baseline(unit(asks_for("alpha", "1.0")), ALPHA[0], CORE[0])


def test_everything_moves_as_far_as_the_lines_let_it() -> None:
    found = refreshed(Occasion.MONTH, [*ALPHA, *CORE], HERE)

    assert versions(found) == {"alpha": "1.1", "core": "1.1"}
    assert found is not None
    assert (found.plan.purpose, found.plan.updates, found.plan.window) == (Purpose.MAINTENANCE, (), "2026-11")
    assert found.plan.reasons == ("The manifest lets more in than is locked: alpha.",)


FRESH = tuple(record("core", version, age=timedelta(days=age)) for version, age in (("1.0", 20), ("1.1", 10)))
REBUILT = record("core", "1.0", build="h0_1", age=OLD)


@pytest.mark.parametrize(
    ("occasion", "records", "here", "reason"),
    [
        pytest.param(
            Occasion.MONTH,
            [*ALPHA, *CORE],
            STILL,
            "Its newest record was built on 2026-09-23, 40 days ago.",
            id="the lock is old and something moves",
        ),
        pytest.param(
            Occasion.MONTH,
            [*ALPHA, *FRESH],
            baseline(unit(asks_for("alpha", "1.0")), ALPHA[0], FRESH[0]),
            None,
            id="it is not old, and nothing moves that a line names",
        ),
        pytest.param(
            Occasion.OPEN,
            [*ALPHA, *FRESH],
            baseline(unit(asks_for("alpha", "1.0")), ALPHA[0], FRESH[0]),
            "Its newest record was built on 2026-10-13, 20 days ago.",
            id="what is open stays while anything moves",
        ),
        pytest.param(Occasion.MONTH, [*ALPHA, CORE[0]], STILL, None, id="nothing moves"),
        pytest.param(Occasion.MONTH, [*ALPHA, REBUILT], STILL, None, id="a new build alone is no reason"),
        pytest.param(Occasion.OPEN, [*ALPHA, REBUILT], STILL, None, id="nor to stay open"),
        pytest.param(
            Occasion.ASKED,
            [*ALPHA, REBUILT],
            STILL,
            "Its newest record was built on 2026-09-23, 40 days ago.",
            id="but it is when somebody asks",
        ),
    ],
)
def test_what_is_worth_it(occasion: Occasion, records: list[Record], here: Baseline, reason: str | None) -> None:
    found = refreshed(occasion, records, here)

    assert (found and found.plan.reasons) == (reason and (reason,))


def test_a_lock_of_which_no_record_says_when_it_was_built_stays_as_it_is() -> None:
    timeless = baseline(STILL.unit, replace(ALPHA[0], timestamp=None), replace(CORE[0], timestamp=None))
    gone = replace(CORE[1], timestamp=None)

    assert refreshed(Occasion.MONTH, [*ALPHA, *CORE], timeless) is None
    assert refreshed(Occasion.GONE, [*ALPHA, CORE[0]], replace(STILL, records={each.name: each for each in (
        ALPHA[0], gone
    )}), gone=(finding("core"),)) is not None  # fmt: skip


def test_a_record_that_is_gone_is_replaced_also_by_an_older_one_and_the_body_will_say_so() -> None:
    here = baseline(unit(asks_for("alpha", "*")), ALPHA[1], CORE[0])
    barred = replace(here, barred={PackageName("alpha"): ("2.0",)})

    found = refreshed(Occasion.GONE, [ALPHA[0], ALPHA[2], *CORE], barred, gone=GONE)

    assert versions(found) == {"alpha": "1.0", "core": "1.1"}
    assert found is not None
    assert found.plan.reasons == ("alpha-1.0-h0_0.conda is not, or no longer, in its channel: lock again.",)


def test_no_direct_dependency_goes_down_and_if_that_cannot_be_it_is_said() -> None:
    core = (record("core", "1.0", "alpha <1.1"), record("core", "1.1", "alpha <1.1"))
    here = baseline(unit(asks_for("alpha", "*"), asks_for("core", "*")), ALPHA[1], CORE[0])

    found = refreshed(Occasion.GONE, [*ALPHA, *core], here)

    assert found is not None
    assert found.not_judged == ("nothing solves afresh unless a direct dependency goes down",)
    assert found.solutions == {}


def test_what_is_too_young_is_not_let_in_but_what_is_locked_already_stays() -> None:
    young = [record("core", version, age=timedelta(days=1)) for version in ("1.2", "1.3")]
    locked_young = baseline(HERE.unit, ALPHA[0], young[0])

    assert versions(refreshed(Occasion.MONTH, [*ALPHA, *CORE, *young], HERE))["core"] == "1.1"
    assert versions(refreshed(Occasion.MONTH, [*ALPHA, *CORE, *young], locked_young))["core"] == "1.2"


def test_flavours_and_the_minor_of_python_stay() -> None:
    builds = [replace(each, build="cuda126_h0_0", url=each.url + "c") for each in CORE]
    python = [record("python", version, age=OLD) for version in ("3.13.1", "3.13.2", "3.14.0")]
    asked = unit(asks_for("alpha", "<2"), asks_for("python", ">=3.10"))

    found = refreshed(Occasion.MONTH, [*ALPHA, *CORE, record("core", "1.9"), *builds, *python], baseline(
        asked, ALPHA[0], builds[0], python[0]
    ))  # fmt: skip

    assert versions(found) == {"alpha": "1.1", "core": "1.1", "python": "3.13.2"}


def test_without_a_verdict_on_one_platform_there_is_no_refresh_and_it_is_said() -> None:
    there = baseline(unit(asks_for("alpha", "<2"), subdir=MACOS), ALPHA[0], CORE[0])
    wanted = Refresh(key="k", occasion=Occasion.MONTH)
    channel = ToyChannel(records=(*ALPHA, *CORE), silent_on=frozenset({MACOS}))

    found = run(refresh(wanted, [HERE, there], Policy(), NOW), channel)

    assert found is not None
    assert (found.not_judged, found.solutions) == (("Channel conda-forge answered 500.",), {})


PRE = record("core", "2.0rc1", age=OLD)


@pytest.mark.parametrize(
    ("records", "here", "core"),
    [
        pytest.param([*ALPHA, *CORE, PRE], HERE, "1.1", id="none comes in"),
        pytest.param(
            [*ALPHA, *CORE, PRE],
            baseline(unit(asks_for("alpha", "<2")), ALPHA[0], PRE),
            "2.0rc1",
            id="one that the lock holds stays",
        ),
        pytest.param(
            [ALPHA[0], record("alpha", "1.1", "core >=2.0rc1", age=OLD), PRE, CORE[0]],
            HERE,
            "1.0",
            id="not for anything",
        ),
        pytest.param(
            [record("alpha", "1.1", "core >=2.0rc1", age=OLD), PRE],
            HERE,
            "2.0rc1",
            id="unless nothing else solves",
        ),
    ],
)
def test_pre_releases_are_no_news_for_a_lock(records: list[Record], here: Baseline, core: str) -> None:
    found = refreshed(Occasion.ASKED, records, here)

    assert found is None or versions(found)["core"] == core
    assert found is not None or here.version(PackageName("core")) == core
