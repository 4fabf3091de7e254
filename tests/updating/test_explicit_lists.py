"""A repository with @EXPLICIT files: they move with the manifest that they name, or not at all and it is said why."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.lockfiles import Given, LockChange
from bot.lockfiles.explicit import Explicit
from bot.lockfiles.explicit.lists import ListedWorkspace
from bot.manifests import extract
from bot.model.report import ScanReport
from bot.updating.drive import drive
from bot.updating.read.hashing import NoCondaLock
from tests.conda_locks import TextHasher, digest, entry, lock_text, package
from tests.planning.toy import FORGE, LINUX, NOW
from tests.updating.test_conda_locks import hash_of
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


async def test_the_lists_of_a_manifest_for_several_platforms_move_together() -> None:
    macos = PINNED.replace("linux-64", "osx-arm64")
    files = {"environment.yml": ENVIRONMENT, "environment.linux-64.pin.txt": PINNED}

    report = await scan(files | {"environment.osx-arm64.pin.txt": macos})

    (proposal,) = report.proposals
    assert report.problems == ()
    assert sorted(proposal.files) == [
        "environment.linux-64.pin.txt",
        "environment.osx-arm64.pin.txt",
        "environment.yml",
    ]
    assert proposal.files["environment.osx-arm64.pin.txt"] == proposal.files["environment.linux-64.pin.txt"].replace(
        "linux-64", "osx-arm64"
    )
    assert proposal.platforms == ("linux-64", "osx-arm64")


async def test_a_list_for_a_platform_that_was_not_solved_stays() -> None:
    macos = PINNED.replace("linux-64", "osx-arm64")
    files = {"x.yaml": ENVIRONMENT.encode(), "x.linux-64.pin.txt": PINNED.encode()}
    files["x.osx-arm64.pin.txt"] = macos.encode()
    manifest = extract("x.yaml", files["x.yaml"])
    assert manifest
    given = Given(files=files, manifests=(manifest,), resolve=lambda _: (FORGE,), now=NOW)
    listed = Explicit().read(given).made["x.yaml"]
    assert isinstance(listed, ListedWorkspace)

    change = LockChange(solutions={("default", LINUX): (ALPHA_2, CORE, EXTRA)})
    found = await drive(listed.write(change), NoCondaLock().content_hashes)

    assert list(found) == ["x.linux-64.pin.txt"]
    assert ALPHA_2.url in found["x.linux-64.pin.txt"]


async def test_two_lists_of_the_same_packages_for_a_platform_move_together() -> None:
    rendered = "# made from environment.yml\n" + PINNED

    report = await scan(
        {"environment.yml": ENVIRONMENT, "environment.linux-64.pin.txt": PINNED, "conda-linux-64.lock": rendered}
    )

    (proposal,) = report.proposals
    assert proposal.files["conda-linux-64.lock"].endswith(proposal.files["environment.linux-64.pin.txt"])


async def test_a_comment_may_name_the_source() -> None:
    pinned = "# made from environment.yml\n" + PINNED

    report = await scan({"environment.yml": ENVIRONMENT, "conda-linux-64.lock": pinned})

    assert [sorted(each.files) for each in report.proposals] == [["conda-linux-64.lock", "environment.yml"]]


OF_NOBODY = {
    "it lacks what the file beside it asks for": (
        {"environment.yml": ENVIRONMENT},
        PINNED.replace("alpha-1", "beta-1"),
    ),
    "two files beside it ask for what it lists": ({"environment.yml": ENVIRONMENT, "dev.yml": ENVIRONMENT}, PINNED),
    "the file lies elsewhere": ({"ci/environment.yml": ENVIRONMENT}, PINNED),
    "the file asks for nothing": ({"environment.yml": "dependencies: []\nchannels: [conda-forge]\n"}, PINNED),
}


@pytest.mark.parametrize("why", OF_NOBODY)
async def test_a_list_of_which_nobody_knows_the_source_is_reported_and_left_alone(why: str) -> None:
    environments, text = OF_NOBODY[why]

    report = await scan({**environments, "conda-linux-64.lock": text})

    assert not any("conda-linux-64.lock" in each.files for each in report.proposals)
    assert "conda-linux-64.lock: says neither by its name nor in a comment which manifest it is made from" in said(
        report
    )


async def test_a_list_of_all_that_the_only_file_beside_it_asks_for_moves_with_it() -> None:
    other_platforms = ENVIRONMENT + "  - gone=1  # [win]\n"

    report = await scan({"environment.yml": other_platforms, "spec.txt": PINNED, "a/environment.yml": ENVIRONMENT})

    assert report.problems == ()
    assert {"environment.yml", "spec.txt"} <= {path for each in report.proposals for path in each.files}


async def test_a_list_in_a_folder_of_locks_is_of_the_only_file_around_it() -> None:
    report = await scan({"ci/environment.yml": ENVIRONMENT, "ci/locks/conda-linux-64.lock": PINNED})

    assert report.problems == ()
    assert [sorted(each.files) for each in report.proposals] == [["ci/environment.yml", "ci/locks/conda-linux-64.lock"]]


async def test_what_pixi_exported_is_of_no_file_beside_it() -> None:
    exported = f"# Generated by `pixi workspace export`\n{PINNED}"

    report = await scan({"environment.yml": ENVIRONMENT, "default_linux-64_conda_spec.txt": exported})

    assert [sorted(each.files) for each in report.proposals] == [["environment.yml"]]
    assert "default_linux-64_conda_spec.txt: is what `pixi workspace export` made" in said(report)


HASHES = {
    "that of its source": (hash_of(ENVIRONMENT), hash_of(ENVIRONMENT.replace("1.0.0", "2.0.0"))),
    "another": (digest("x"), digest("x")),
}


@pytest.mark.parametrize("quoted", HASHES)
async def test_a_hash_that_a_list_quotes_moves_with_it_if_it_is_that_of_the_source(quoted: str) -> None:
    before, after = HASHES[quoted]
    head = f"# Generated by conda-lock.\n# input_hash: {before}\n"
    files = {"environment.yml": ENVIRONMENT.encode(), "conda-linux-64.lock": f"{head}{PINNED}".encode()}
    given = replace(scanner(Toy(ALPHA, ALPHA_2, CORE, EXTRA)), hasher=TextHasher())

    (proposal,) = (await given.scan(files, {})).proposals

    assert proposal.files["conda-linux-64.lock"].startswith(head.replace(before, after))
    assert ALPHA_2.url in proposal.files["conda-linux-64.lock"]


async def test_a_list_that_names_no_source_leaves_its_manifest_free() -> None:
    report = await scan({"environment.yml": ENVIRONMENT, "conda-linux-64.lock": OF_NOBODY[next(iter(OF_NOBODY))][1]})

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
            {
                "environment.linux-64.pin.txt": PINNED,
                "conda-linux-64.lock": f"# environment.yml\n@EXPLICIT\n{CORE.url}\n",
            },
            "environment.linux-64.pin.txt: it does not list the same packages as conda-linux-64.lock, which is for "
            "linux-64 too; until then environment.yml stays as it is",
            id="two lists for a platform that differ",
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


CONFIGURED = {"locks/py312-linux-64.lock": "envs/environment.yml"}


async def configured(files: Mapping[str, str]) -> ScanReport:
    encoded = {path: text.encode() for path, text in files.items()}
    here = replace(scanner(Toy(ALPHA, ALPHA_2, CORE, EXTRA)), lock_sources=CONFIGURED)
    return await here.scan(encoded, {})


async def test_a_list_whose_source_is_configured_moves_with_it() -> None:
    report = await configured({"envs/environment.yml": ENVIRONMENT, "locks/py312-linux-64.lock": PINNED})

    (proposal,) = report.proposals
    assert report.problems == ()
    assert sorted(proposal.files) == ["envs/environment.yml", "locks/py312-linux-64.lock"]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        pytest.param(
            {"locks/py312-linux-64.lock": PINNED},
            "`lockSources` says it is made from envs/environment.yml, which is no manifest here",
            id="the source is not there",
        ),
        pytest.param(
            {"envs/environment.yml": ENVIRONMENT, "locks/py312-linux-64.lock": "a: 1"},
            "locks/py312-linux-64.lock: `lockSources` names this, but no explicit list of that name",
            id="it is no list",
        ),
    ],
)
async def test_what_is_configured_and_not_there_is_said(files: dict[str, str], sentence: str) -> None:
    assert sentence in said(await configured(files))
