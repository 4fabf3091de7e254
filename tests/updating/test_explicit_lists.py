"""A repository with @EXPLICIT files: they move with the manifest that they name, or not at all and it is said why."""

from collections.abc import Mapping

import pytest

from bot.model.report import ScanReport
from tests.conda_locks import digest, entry, lock_text, package
from tests.planning.toy import LINUX
from tests.updating.toy import Toy, scanner

ALPHA, ALPHA_2 = package("alpha", "1.0.0", "core"), package("alpha", "2.0.0", "core", "extra")
CORE, EXTRA = package("core", "1.0.0"), package("extra", "1.0.0")
ENVIRONMENT = "channels: [conda-forge]\ndependencies:\n  - alpha=1.0.0\n"
PINNED = f"# platform: linux-64\n@EXPLICIT\n{CORE.url}#{CORE.md5}\n{ALPHA.url}#{ALPHA.md5}\n"


async def scan(files: Mapping[str, str]) -> ScanReport:
    encoded = {path: text.encode() for path, text in files.items()}
    return await scanner(Toy(ALPHA, ALPHA_2, CORE, EXTRA)).scan(encoded, {})


def said(report: ScanReport) -> str:
    return "\n".join(map(str, report.problems))


async def test_a_pin_file_of_snakemake_moves_with_its_environment() -> None:
    report = await scan({"envs/environment.yaml": ENVIRONMENT, "envs/environment.linux-64.pin.txt": PINNED})

    (proposal,) = report.proposals
    assert report.problems == ()
    assert proposal.files == {
        "envs/environment.yaml": ENVIRONMENT.replace("1.0.0", "2.0.0"),
        "envs/environment.linux-64.pin.txt": (
            "# platform: linux-64\n@EXPLICIT\n"
            f"{CORE.url}#{CORE.md5}\n{EXTRA.url}#{EXTRA.md5}\n{ALPHA_2.url}#{ALPHA_2.md5}\n"
        ),
    }


async def test_a_comment_may_name_the_source() -> None:
    pinned = "# made from environment.yml\n" + PINNED

    report = await scan({"environment.yml": ENVIRONMENT, "conda-linux-64.lock": pinned})

    assert [sorted(each.files) for each in report.proposals] == [["conda-linux-64.lock", "environment.yml"]]


async def test_a_list_that_names_no_source_is_reported_and_left_alone() -> None:
    report = await scan({"environment.yml": ENVIRONMENT, "conda-linux-64.lock": PINNED})

    assert [sorted(each.files) for each in report.proposals] == [["environment.yml"]]
    assert "conda-linux-64.lock: says neither by its name nor in a comment which manifest it is made from" in said(
        report
    )


async def test_what_only_has_such_a_name_is_nothing_of_the_kind() -> None:
    report = await scan({"environment.yml": ENVIRONMENT, "other-linux-64.lock": "{}"})

    assert report.problems == ()


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        pytest.param(
            {"environment.linux-64.pin.txt": PINNED, "environment.osx-64.pin.txt": "@EXPLICIT\n"},
            "environment.yml: has explicit lists for several platforms",
            id="several platforms",
        ),
        pytest.param(
            {"environment.linux-64.pin.txt": PINNED + "numpy\n"},
            "numpy is not the URL of a built conda",
            id="unreadable",
        ),
        pytest.param(
            {"environment.linux-64.pin.txt": PINNED.replace(CORE.url, EXTRA.url)}, "does not agree with", id="stale"
        ),
        pytest.param(
            {
                "environment.linux-64.pin.txt": PINNED,
                "conda-lock.yml": lock_text(entry(ALPHA), entry(CORE), hashes={LINUX: digest("x")}),
            },
            "there is no conda-lock to ask for its content hash; until then environment.yml stays as it is",
            id="beside a conda-lock.yml that cannot move",
        ),
    ],
)
async def test_a_list_that_cannot_move_keeps_its_source_back(files: Mapping[str, str], sentence: str) -> None:
    report = await scan({"environment.yml": ENVIRONMENT, **files})

    assert report.proposals == ()
    assert sentence in said(report)
