"""Whether locks are in step is told without solving, by place and line; it agrees with what a scan says."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.cli.egress import local_egress
from bot.composition.channels import channel_resolver
from bot.config import PATHS
from bot.errors import ConfigurationError
from bot.local.checkout import Checkout
from bot.local.locked import locked
from bot.model.lock_verdict import LockStanding, LockVerdict
from bot.model.package import Channel
from bot.settings import Settings
from fixtures.case import Case
from fixtures.surroundings import NOW as CASE_NOW
from tests.cases.outcomes import known_outcome
from tests.cases.test_cases import CASES
from tests.conda_locks import entry, lock_text, package
from tests.planning.toy import FORGE, LINUX, record
from tests.updating.survey.test_in_step import CLICK, DOCS, MANIFEST, lock
from tests.updating.toy import Toy, scanner

LOCK = lock(DOCS, CLICK)
PYPI = MANIFEST + '\n[pypi-dependencies]\nflask = ">=3"\n'
ALPHA, CORE = package("alpha", "1.0.0", "core"), package("core", "1.0.0")
ENVIRONMENT = "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n  - alpha=1.0.0\n  - core\n"
LISTED = f"# platform: linux-64\n@EXPLICIT\n{CORE.url}#{CORE.md5}\n{ALPHA.url}#{ALPHA.md5}\n"
CONDA_LOCK = lock_text(entry(ALPHA), entry(CORE))


def judged(files: Mapping[str, str]) -> tuple[LockVerdict, ...]:
    def resolve(name: str) -> tuple[Channel, ...]:
        return (replace(FORGE, name=name, url=FORGE.url.replace("conda-forge", name.rpartition("/")[2])),)

    given = replace(scanner(Toy()), resolve=resolve)
    return given.locks({path: text.encode() for path, text in files.items()})


def told(verdict: LockVerdict) -> list[tuple[int | None, str, str, str]]:
    return [(each.line, each.environment, each.platform, each.sentence) for each in verdict.reasons]


def test_a_lock_that_holds_what_its_manifest_asks_for_is_in_step() -> None:
    (verdict,) = judged({"pixi.toml": MANIFEST, "pixi.lock": LOCK})

    assert verdict == LockVerdict(
        path="pixi.lock", standing=LockStanding.IN_STEP, reasons=(), judged=(("default", LINUX),)
    )


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        pytest.param(
            MANIFEST.replace('docs = "1.*"', 'docs = ">=1.7"'),
            (6, "default", LINUX, "pixi.toml:6 asks for docs >=1.7, and 1.6 is locked"),
            id="a line asks for something else",
        ),
        pytest.param(
            MANIFEST + 'extra = "*"\n',
            (8, "default", LINUX, "pixi.toml:8 asks for extra *, and it is not locked"),
            id="a line is new",
        ),
        pytest.param(
            MANIFEST.replace('docs = "1.*"\n', ""),
            (None, "default", LINUX, "nothing needs docs"),
            id="a line is gone",
        ),
        pytest.param(
            PYPI,
            (10, "default", LINUX, "pixi.toml:10 needs flask >=3, which is not there"),
            id="a package of PyPI is not locked",
        ),
        pytest.param(
            MANIFEST.replace('["linux-64"]', '["linux-64", "osx-arm64"]'),
            (None, "default", "", "osx-arm64 is not locked"),
            id="a platform is new",
        ),
        pytest.param(
            MANIFEST.replace('["conda-forge"]', '["other", "conda-forge"]'),
            (
                None,
                "default",
                "",
                (
                    "it is locked for the channels https://conda.anaconda.org/conda-forge, not "
                    "https://conda.anaconda.org/other, https://conda.anaconda.org/conda-forge"
                ),
            ),
            id="a channel is new",
        ),
        pytest.param(
            MANIFEST + "[environments]\nmore = []\n",
            (None, "more", "", "it is not locked"),
            id="an environment is new",
        ),
        pytest.param(
            MANIFEST.replace("platforms =", 'solve-strategy = "lowest"\nplatforms ='),
            (None, "default", "", "it was locked with other options"),
            id="another strategy",
        ),
    ],
)
def test_what_is_out_of_step_is_said_with_its_line(manifest: str, reason: tuple[int | None, str, str, str]) -> None:
    (verdict,) = judged({"pixi.toml": manifest, "pixi.lock": LOCK})

    assert verdict.standing is LockStanding.OUT_OF_STEP
    assert reason in told(verdict)


def test_every_platform_is_judged() -> None:
    both = MANIFEST.replace('["linux-64"]', '["linux-64", "osx-arm64"]') + 'extra = "*"\n'

    (verdict,) = judged({"pixi.toml": both, "pixi.lock": lock(DOCS, CLICK, platforms=("linux-64", "osx-arm64"))})

    assert [(each.platform, each.line) for each in verdict.reasons] == [("linux-64", 8), ("osx-arm64", 8)]


CONFLICT = f"<<<<<<< ours\n{LOCK}=======\n{LOCK}>>>>>>> theirs\n"


@pytest.mark.parametrize(
    ("files", "path", "standing", "line"),
    [
        pytest.param(
            {"pixi.toml": MANIFEST, "pixi.lock": CONFLICT}, "pixi.lock", LockStanding.CONFLICTED, 1,
            id="a merge conflict in a lock",
        ),
        pytest.param(
            {"environment.yml": ENVIRONMENT, "conda-lock.yml": f"# x\n<<<<<<< ours\n{CONDA_LOCK}"},
            "conda-lock.yml", LockStanding.CONFLICTED, 2, id="a merge conflict in a conda-lock",
        ),
        pytest.param({"a/pixi.lock": LOCK}, "a/pixi.lock", LockStanding.ORPHANED, None, id="a manifest is gone"),
        pytest.param(
            {"a/pyproject.toml": "[project]\nname = 'x'\n", "a/pixi.lock": LOCK},
            "a/pixi.lock", LockStanding.ORPHANED, None, id="beside it is a manifest of something else",
        ),
        pytest.param(
            {"conda-lock.yml": CONDA_LOCK}, "conda-lock.yml", LockStanding.ORPHANED, None, id="a source is gone"
        ),
        pytest.param(
            {"pixi.toml": MANIFEST, "pixi.lock": "version: 4\n"}, "pixi.lock", LockStanding.UNREADABLE, 1,
            id="a version that nobody reads",
        ),
        pytest.param(
            {"pixi.toml": "[workspace\n", "pixi.lock": LOCK}, "pixi.lock", LockStanding.UNREADABLE, 1,
            id="a manifest that is no TOML",
        ),
        pytest.param(
            {"environment.yml": ENVIRONMENT.replace("[linux-64]", "[win-64]"), "conda-lock.yml": CONDA_LOCK},
            "conda-lock.yml", LockStanding.OUT_OF_STEP, None, id="other platforms than the sources of a conda-lock",
        ),
        pytest.param(
            {"environment.yml": ENVIRONMENT.replace("conda-forge", "other"), "conda-lock.yml": CONDA_LOCK},
            "conda-lock.yml", LockStanding.OUT_OF_STEP, None, id="other channels than the sources of a conda-lock",
        ),
        pytest.param(
            {"environment.yml": ENVIRONMENT.replace("1.0.0", "2.0.0"), "conda-lock.yml": CONDA_LOCK},
            "conda-lock.yml", LockStanding.OUT_OF_STEP, 4, id="a line of a source of a conda-lock",
        ),
        pytest.param(
            {"environment.yml": ENVIRONMENT + "  - pip:\n    - flask\n", "conda-lock.yml": CONDA_LOCK},
            "conda-lock.yml", LockStanding.OUT_OF_STEP, 7, id="a pip line of a source of a conda-lock",
        ),
        pytest.param(
            {"environment.yml": ENVIRONMENT, "conda-lock.yml": CONDA_LOCK},
            "conda-lock.yml", LockStanding.IN_STEP, None, id="a conda-lock in step",
        ),
        pytest.param(
            {"environment.yml": ENVIRONMENT, "environment.linux-64.pin.txt": LISTED},
            "environment.linux-64.pin.txt", LockStanding.IN_STEP, None, id="a list in step",
        ),
        pytest.param(
            {"environment.yml": ENVIRONMENT.replace("=1.0.0", ">=2"), "environment.linux-64.pin.txt": LISTED},
            "environment.linux-64.pin.txt", LockStanding.OUT_OF_STEP, 4, id="a list that is out of step",
        ),
        pytest.param(
            {"conda-osx-64.lock": LISTED.replace("linux-64", "osx-64")},
            "conda-osx-64.lock", LockStanding.NOT_JUDGED, None, id="a list of which nobody says what it is made from",
        ),
    ],
)  # fmt: skip
def test_every_kind_of_lock_has_a_verdict(
    files: Mapping[str, str], path: str, standing: LockStanding, line: int | None
) -> None:
    (verdict,) = judged(files)

    assert (verdict.path, verdict.standing) == (path, standing)
    assert [each.line for each in verdict.reasons[-1:]] == ([] if standing is LockStanding.IN_STEP else [line])


def test_lists_that_are_one_lock_and_what_is_rendered_from_one_have_one_verdict() -> None:
    lists = {f"environment.{each}.pin.txt": LISTED.replace("linux-64", each) for each in ("linux-64", "osx-64")}
    both = ENVIRONMENT.replace("platforms: [linux-64]\n", "")
    rendered = {"environment.yml": ENVIRONMENT, "conda-lock.yml": CONDA_LOCK, "conda-linux-64.lock": LISTED}

    assert [each.path for each in judged({"environment.yml": both, **lists})] == ["environment.linux-64.pin.txt"]
    assert [each.path for each in judged(rendered)] == ["conda-lock.yml"]


def test_what_nobody_can_tell_before_it_is_installed_is_not_judged() -> None:
    unknown = MANIFEST + 'extra = { git = "https://example.com/extra" }\n'

    (verdict,) = judged({"pixi.toml": unknown, "pixi.lock": lock(DOCS, CLICK, record("extra", "1.0"))})

    assert verdict.standing is LockStanding.NOT_JUDGED
    assert [each.sentence[:17] for each in verdict.reasons] == ["it is not judged:"]


BY_HASH = {"conda-lock.yml"}
"""What was only taken out of a source of a conda-lock, its hash tells, which conda-lock makes."""


@pytest.mark.parametrize("case", [pytest.param(each, id=each.name) for each in CASES])
async def test_it_agrees_with_a_scan_of_every_case(case: Case) -> None:
    channels = Settings.from_env({}).channels
    try:
        found = locked(Checkout.at(case.input), channel_resolver(channels, local_egress(channels)), CASE_NOW, None)
    except ConfigurationError:
        assert any((case.input / path).exists() for path in PATHS)
        return

    scanned = (await known_outcome(case)).at_once.report

    stale = {each.path for each in scanned.problems if "does not agree with" in each.sentence}
    assert stale - BY_HASH == {each.path for each in found.verdicts if each.standing is LockStanding.OUT_OF_STEP}
