"""Files in, proposals out, on a toy channel."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config import Configuration
from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.model.pull_request import OpenPullRequest
from bot.model.report import ScanReport, Standing
from bot.planning.holds import RepositoryFacts
from bot.planning.policy import Policy
from tests.planning.toy import FORGE, record
from tests.updating.toy import Toy, scanner

ALPHA = tuple(record("alpha", version) for version in ("1.0", "1.1", "2.0"))
CORE = tuple(record("core", version) for version in ("1.0", "1.1"))
BETA = record("beta", "1.0", "core <1.1")
YOUNG = record("alpha", "2.1", age=timedelta(days=2))

ENVIRONMENT_YML = """\
name: small
channels: [conda-forge]
platforms: [linux-64]
dependencies:
  - alpha=1.0  # first
"""
PIXI_TOML = """\
[workspace]
name = "x"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
alpha = "1.0.*"
beta = "*"

[feature.test.dependencies]
core = "*"

[environments]
default = { solve-group = "all" }
test = { features = ["test"], solve-group = "all" }
"""


def pixi_lock(default: tuple[Record, ...], test: tuple[Record, ...]) -> str:
    """Return a pixi.lock of version 6 with *default* and *test* as its environments."""
    urls = sorted({each.url for each in (*default, *test)})
    environments = "".join(
        f"  {name}:\n    channels:\n    - url: {FORGE.url}/\n    packages:\n      linux-64:\n"
        + "".join(f"      - conda: {url}\n" for url in sorted(each.url for each in records))
        for name, records in (("default", default), ("test", test))
    )
    packages = "".join(f"- conda: {url}\n{depends_of(url, (*default, *test))}" for url in urls)
    return f"version: 6\nenvironments:\n{environments}packages:\n{packages}"


def depends_of(url: str, records: tuple[Record, ...]) -> str:
    [found] = {each.url: each for each in records if each.url == url}.values()
    lines = "".join(f"  - {depend}\n" for depend in found.depends)
    return (f"  depends:\n{lines}" if lines else "") + f"  timestamp: {found.timestamp}\n"


LOCKED = {
    "pixi.toml": PIXI_TOML,
    "pixi.lock": pixi_lock((ALPHA[0], BETA, CORE[0]), (ALPHA[0], BETA, CORE[0])),
}


async def scanned(files: Mapping[str, str], toy: Toy) -> ScanReport:
    return await scanner(toy).scan(encoded(files), {})


def encoded(files: Mapping[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}


def keys(report: ScanReport) -> list[str]:
    return [each.plan.key for each in report.proposals]


async def test_without_a_lock_each_direction_is_a_proposal_of_its_own() -> None:
    report = await scanned({"environment.yml": ENVIRONMENT_YML}, Toy(*ALPHA))

    assert {each.plan.key: dict(each.files) for each in report.proposals} == {
        "alpha-1.x": {"environment.yml": ENVIRONMENT_YML.replace("=1.0", "=1.1")},
        "alpha-2.x": {"environment.yml": ENVIRONMENT_YML.replace("=1.0", "=2.0")},
    }
    [status] = report.statuses
    assert (status.standing, status.current, status.newest, status.reachable) == (Standing.UPDATE, "1.0", "2.0", "2.0")


async def test_with_a_lock_manifest_and_lock_change_together_and_only_where_something_moves() -> None:
    report = await scanned(LOCKED, Toy(*ALPHA, *CORE, BETA))

    assert report.problems == ()
    minor = report.proposals[keys(report).index("non-major")]
    assert minor.files.keys() == {"pixi.toml", "pixi.lock"}
    assert 'alpha = ">=1.1,<2"' in minor.files["pixi.toml"] or 'alpha = "1.1.*"' in minor.files["pixi.toml"]
    assert "alpha-1.1" in minor.files["pixi.lock"]
    assert "alpha-1.0" not in minor.files["pixi.lock"]
    assert (minor.solved, minor.platforms) == (2, ("linux-64",))
    assert [change.name for diff in minor.diffs for change in diff.changes] == ["alpha", "alpha"]


async def test_a_proposal_says_where_its_packages_are_and_what_machines_must_have() -> None:
    newer = record("alpha", "2.0", "__glibc >=2.28,<3.0.a0")

    [proposal] = (await scanned({"environment.yml": ENVIRONMENT_YML}, Toy(ALPHA[0], newer))).proposals

    assert proposal.archives == {PackageName("alpha"): newer.url}
    assert [(each.name, each.old, each.new) for each in proposal.floors] == [("__glibc", None, "2.28")]


@pytest.mark.parametrize("files", [LOCKED, {"environment.yml": ENVIRONMENT_YML}])
async def test_after_everything_at_once_there_is_nothing_left(files: dict[str, str]) -> None:
    toy = Toy(*ALPHA, *CORE, BETA)
    [proposal] = (await scanner(toy).scan_at_once(encoded(files), [])).proposals

    report = await scanner(toy).scan_at_once(encoded({**files, **proposal.files}), [])

    assert report.proposals == ()
    assert report.problems == ()


async def test_only_the_named_packages_are_tried() -> None:
    report = await scanner(Toy(*ALPHA)).scan_at_once(
        {"environment.yml": ENVIRONMENT_YML.encode()}, [PackageName("beta")]
    )

    assert report.proposals == ()


async def test_a_record_that_its_channel_has_differently_stops_the_proposal() -> None:
    report = await scanned(LOCKED, Toy(*ALPHA, *CORE, BETA, tampered=frozenset({"alpha"})))

    assert report.proposals == ()
    assert all("alpha-" in each.sentence and "another hash" in each.sentence for each in report.problems)
    assert {each.path for each in report.problems} == {"pixi.toml"}


async def test_a_proposal_says_why_its_own_packages_do_not_go_further() -> None:
    report = await scanned({"environment.yml": ENVIRONMENT_YML}, Toy(*ALPHA, YOUNG))

    for proposal in report.proposals:
        assert [each.sentence for each in proposal.held_back] == ["alpha 2.1 is 2 days old: due 2026-11-07"]
    assert [each.release for each in report.held_back] == ["2.1"]


async def test_what_waits_in_another_package_is_not_said_there() -> None:
    text = ENVIRONMENT_YML + "  - gamma=1.0\n"
    gamma = (record("gamma", "1.0"), record("gamma", "1.1", age=timedelta(days=2)))

    report = await scanned({"environment.yml": text}, Toy(*ALPHA, *gamma))

    assert [each.held_back for each in report.proposals] == [(), ()]
    assert [each.name for each in report.held_back] == ["gamma"]


async def test_new_releases_that_no_lock_holds_do_not_make_the_proposal_another_one() -> None:
    needing = tuple(replace(each, depends=("core",)) for each in ALPHA)

    before = await scanned({"environment.yml": ENVIRONMENT_YML}, Toy(*needing, CORE[0]))
    after = await scanned({"environment.yml": ENVIRONMENT_YML}, Toy(*needing, *CORE))

    assert [each.fingerprint for each in before.proposals] == [each.fingerprint for each in after.proposals]


async def test_new_releases_that_a_lock_would_hold_do() -> None:
    before = await scanned(LOCKED, Toy(*ALPHA[:2], *CORE, BETA))
    after = await scanned(LOCKED, Toy(*ALPHA[:2], record("alpha", "1.2"), *CORE, BETA))

    assert keys(before) == keys(after) == ["non-major"]
    assert before.proposals[0].fingerprint != after.proposals[0].fingerprint


async def test_one_bad_file_spoils_only_itself() -> None:
    report = await scanned({"environment.yml": ENVIRONMENT_YML, "docs/environment.yml": "dependencies: ["}, Toy(*ALPHA))

    assert keys(report) == ["alpha-1.x", "alpha-2.x"]
    assert [each.path for each in report.problems] == ["docs/environment.yml"]


async def test_what_does_not_solve_as_it_stands_is_said_with_the_solvers_words() -> None:
    text = ENVIRONMENT_YML.replace("alpha=1.0", "alpha>=9.9")

    report = await scanned({"environment.yml": text}, Toy(*ALPHA))

    assert report.proposals == ()
    [problem] = [each for each in report.problems if not each.line]
    assert str(problem) == ("environment.yml: default on linux-64 does not solve as it stands: nothing provides it all")


async def test_platforms_that_do_not_solve_for_the_same_reason_are_one_sentence() -> None:
    text = ENVIRONMENT_YML.replace("alpha=1.0", "alpha>=9.9").replace("[linux-64]", "[linux-64, win-64]")

    report = await scanned({"environment.yml": text}, Toy(*ALPHA))

    assert [each.sentence for each in report.problems if not each.line] == [
        "default on linux-64, win-64 does not solve as it stands: nothing provides it all"
    ]
    assert [each.reason for each in report.statuses] == [each.sentence for each in report.problems if each.line]


async def test_a_line_for_a_platform_that_nobody_named_says_why_it_is_not_judged() -> None:
    text = ENVIRONMENT_YML.replace("platforms: [linux-64]\n", "") + "  - nowhere=1.0  # [win]\n"

    report = await scanned({"environment.yml": text}, Toy(*ALPHA, *CORE))

    assert report.statuses[-1].reason == "default on win-64 could not be solved, and no file names that platform"


async def test_assumed_platforms_count_only_where_the_file_solves() -> None:
    text = ENVIRONMENT_YML.replace("platforms: [linux-64]\n", "")
    builds = tuple(replace(each, subdir="osx-arm64", url=each.url.replace("noarch", "osx-arm64")) for each in ALPHA)

    report = await scanned({"environment.yml": text}, Toy(*builds))

    assert report.problems == ()
    assert {platform for each in report.proposals for platform in each.platforms} == {"osx-arm64"}


async def test_what_was_asked_is_said_while_it_happens() -> None:
    said: list[str] = []
    working = replace(scanner(Toy(*ALPHA)), progress=said.append)

    await working.scan({"environment.yml": ENVIRONMENT_YML.encode()}, {})

    assert said == [
        "repodata of conda-forge",
        "environment.yml: default on linux-64 as it stands",
        "alpha-1.x: alpha",
        "alpha-2.x: alpha",
    ]


async def test_nothing_younger_than_allowed_is_let_in_at_all() -> None:
    toy = Toy(*ALPHA)

    await scanned({"environment.yml": ENVIRONMENT_YML}, toy)

    limit = Policy().newest_transitive(scanner(toy).now)
    assert {each.exclude_newer for each in toy.solved} == {limit}


RECIPE = "requirements:\n  run:\n    - alpha <2\n    - core\n"


async def test_a_proposal_says_where_else_its_packages_are_named() -> None:
    minimum = ENVIRONMENT_YML.replace("alpha=1.0", "alpha=1.0,<2")
    files = {"environment.yml": ENVIRONMENT_YML, "ci/env-oldest.yml": minimum, "recipe/meta.yaml": RECIPE}

    report = await scanned(files, Toy(*ALPHA))

    told = {each.plan.key: [(m.path, m.line, m.reason, m.excludes) for m in each.mentions] for each in report.proposals}
    oldest = ("ci/env-oldest.yml", 5, 'minimum: "env-oldest.yml" tests the oldest versions', "")
    assert told == {
        "alpha-1.x": [oldest, ("recipe/meta.yaml", 3, "", "")],
        "alpha-2.x": [oldest, ("recipe/meta.yaml", 3, "", "2.0")],
    }
    assert report.problems == ()


async def test_what_another_bot_proposes_is_left_to_it_until_its_pull_request_is_closed() -> None:
    toy = Toy(*ALPHA)
    files = encoded({"environment.yml": ENVIRONMENT_YML})
    theirs = OpenPullRequest(number=7, author="renovate", title="Update alpha to v2", files=("environment.yml",))
    idle = scanner(toy)
    busy = replace(idle, facts=RepositoryFacts(open_pull_requests=(theirs,)))

    while_open = await busy.scan(files, {})
    afterwards = await idle.scan(files, {})

    assert while_open.proposals == ()
    assert [each.sentence for each in while_open.held_back] == [
        "already-proposed: pull request 7 of renovate is open for it"
    ]
    assert keys(afterwards) == ["alpha-1.x", "alpha-2.x"]


async def test_a_configuration_says_how_old_and_which_not() -> None:
    files = encoded({"environment.yml": ENVIRONMENT_YML})
    young = Toy(*ALPHA, YOUNG)

    eager = await scanner(young).configured(Configuration(minimum_release_age=timedelta(days=1))).scan(files, {})
    ignoring = (
        await scanner(young).configured(Configuration(ignore_deps=frozenset({PackageName("alpha")}))).scan(files, {})
    )

    assert [each.plan.updates[0].target.version for each in eager.proposals] == ["1.1", "2.1"]
    assert ignoring.proposals == ()
    assert [each.reason for each in ignoring.statuses] == ["ignore: `ignoreDeps` in the configuration names it"]


async def test_the_same_release_is_kept_out_of_each_workspace_for_its_own_reason() -> None:
    """The newest alpha needs a core that only one of the two files admits."""
    records = (*ALPHA[:2], record("alpha", "2.0", "core >=1.1"), *CORE)
    other = ENVIRONMENT_YML + "  - core=1.0\n"
    files = {"a/environment.yml": other, "b/environment.yml": ENVIRONMENT_YML.replace("linux-64", "win-64")}
    windows = tuple(replace(each, subdir="linux-64") if each.version == "2.0" else each for each in records)

    report = await scanned(files, Toy(*windows))

    reasons = {each.manifest: each.reason for each in report.statuses if each.name == "alpha"}
    assert "core" in reasons["a/environment.yml"]
    assert reasons["b/environment.yml"] == "alpha 2.0 is not (yet) built for win-64"


async def test_a_bare_second_line_does_not_hold_the_one_with_a_version() -> None:
    text = ENVIRONMENT_YML.replace("alpha=1.0  # first", "alpha=1.0").replace(
        "dependencies:\n", "dependencies:\n  - alpha\n"
    )

    report = await scanned({"environment.yml": text}, Toy(*ALPHA))

    assert {each.plan.key for each in report.proposals} == {"non-major-without-lock", "alpha-2.x"}
    assert [(each.spec, each.standing) for each in report.statuses] == [
        ("", Standing.LEFT_ALONE),
        ("=1.0", Standing.UPDATE),
    ]


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        pytest.param("h0_0", "", id="the build is there for the newest"),
        pytest.param("h0_7", "the line's own build h0_7 exists only for 1.0", id="only for the one in use"),
        pytest.param("h0_8", "the line's own build h0_8 does not exist for 2.0", id="not for the newest"),
    ],
)
async def test_a_lines_own_build_is_named_as_what_holds(build: str, reason: str) -> None:
    others = (
        record("alpha", "1.0", build="h0_7"),
        *(record("alpha", each, build="h0_8") for each in ("0.8", "0.9", "1.0")),
    )
    text = ENVIRONMENT_YML.replace("alpha=1.0  # first", f"alpha=1.0={build}\n  - beta=1.0\n  - core=1.0")

    report = await scanned({"environment.yml": text}, Toy(*ALPHA, *others, BETA, CORE[0]))

    assert [each.reason for each in report.statuses if each.name == "alpha"] == [reason]


async def test_a_solver_that_comes_to_a_pre_release_does_not_use_one() -> None:
    text = ENVIRONMENT_YML.replace("alpha=1.0", "alpha>=1.0,<2")

    report = await scanned(
        {"environment.yml": text}, Toy(ALPHA[0], record("alpha", "2.0rc1"), record("alpha", "3.0b1"))
    )

    [status] = report.statuses
    assert (status.standing, status.current, status.newest) == (Standing.UP_TO_DATE, "1.0", "1.0")
    assert report.proposals == ()
