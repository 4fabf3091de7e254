"""A repository with conda-lock.yml files: sources and locks move together, or not at all and it is said why."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from bot.errors import EgressRefused, LockError
from bot.lockfiles import Given, LockChange
from bot.lockfiles.conda_lock import CondaLock
from bot.lockfiles.conda_lock.workspace import LayeredWorkspace
from bot.manifests import extract
from bot.model.content_hash import HashRequest, HashResult, NotHashed, SourceFile
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Channel, PypiPackage, Record
from bot.model.report import ScanReport, Standing
from bot.model.update import Purpose
from bot.updating.drive import drive
from bot.updating.ports import ContentHasher
from tests.conda_locks import TextHasher, digest, entry, lock_text, package, pip_entry
from tests.planning.toy import FORGE, LINUX, MACOS, NOW
from tests.updating.toy import Toy, scanner

ALPHA, ALPHA_2 = package("alpha", "1.0.0", "core >=1"), package("alpha", "2.0.0", "core >=1", "extra")
BETA, BETA_2 = package("beta", "1.0.0"), package("beta", "2.0.0")
CORE, EXTRA = package("core", "1.0.0"), package("extra", "1.0.0")
CHANNEL = (ALPHA, ALPHA_2, BETA, BETA_2, CORE, EXTRA)

ENVIRONMENT = """\
channels: [conda-forge]
platforms: [linux-64]
dependencies:
  - alpha=1.0.0
  - core
"""
DEVELOPMENT = """\
category: dev
channels: [conda-forge]
platforms: [linux-64]
dependencies:
  - beta=1.0.0
"""


def resolve(name: str) -> tuple[Channel, ...]:
    if name == "secret":
        raise EgressRefused("secret is no public channel")
    return (replace(FORGE, name=name),)


def hash_of(*texts: str, subdir: Subdir = LINUX, virtual_packages: str | None = None) -> str:
    sources = tuple(SourceFile(path="x", text=text) for text in texts)
    return TextHasher.hash_of(
        HashRequest(sources=sources, platforms=(subdir,), virtual_packages=virtual_packages), subdir
    )


def locked(*entries: str, texts: Sequence[str] = (ENVIRONMENT,), sources: Sequence[str] = ("environment.yml",)) -> str:
    return lock_text(*entries, sources=sources, hashes={LINUX: hash_of(*texts)})


LOCK = locked(entry(ALPHA), entry(CORE))
BOTH = {"environment.yml": ENVIRONMENT, "conda-lock.yml": LOCK}


async def scan(files: Mapping[str, str], hasher: ContentHasher | None = None, *records: Record) -> ScanReport:
    given = replace(scanner(Toy(*(records or CHANNEL))), resolve=resolve, hasher=hasher or TextHasher())
    return await given.scan({path: text.encode() for path, text in files.items()}, {})


def said(report: ScanReport) -> str:
    return "\n".join(map(str, report.problems))


async def test_the_manifest_and_its_lock_move_together() -> None:
    report = await scan(BOTH)

    (proposal,) = report.proposals
    new = ENVIRONMENT.replace("alpha=1.0.0", "alpha=2.0.0")
    assert report.problems == ()
    assert proposal.files == {
        "environment.yml": new,
        "conda-lock.yml": locked(entry(ALPHA_2), entry(CORE), entry(EXTRA), texts=[new]),
    }


async def test_what_was_rendered_from_the_lock_moves_in_the_same_commit() -> None:
    rendered = f"# platform: linux-64\n# input_hash: {hash_of(ENVIRONMENT)}\n@EXPLICIT\n"

    report = await scan(BOTH | {"conda-linux-64.lock": rendered + f"{CORE.url}#{CORE.md5}\n{ALPHA.url}#{ALPHA.md5}\n"})

    (proposal,) = report.proposals
    new = hash_of(ENVIRONMENT.replace("alpha=1.0.0", "alpha=2.0.0"))
    lines = "".join(f"{each.url}#{each.md5}\n" for each in (CORE, EXTRA, ALPHA_2))
    assert proposal.files["conda-linux-64.lock"] == rendered.replace(hash_of(ENVIRONMENT), new) + lines


async def test_what_was_rendered_from_another_lock_keeps_all_back() -> None:
    report = await scan(BOTH | {"conda-linux-64.lock": "@EXPLICIT\n"})

    assert report.proposals == ()
    assert "conda-linux-64.lock: it is not what conda-lock.yml renders to: render it again" in said(report)


LAYERED = {
    "environment.yml": ENVIRONMENT,
    "ci/dev.yml": DEVELOPMENT,
    "ci/conda-lock.yml": locked(
        entry(ALPHA),
        entry(BETA, category="dev"),
        entry(CORE),
        texts=(ENVIRONMENT, DEVELOPMENT),
        sources=("../environment.yml", "dev.yml"),
    ),
}


async def test_sources_are_found_from_the_folder_of_the_lock_and_categories_are_those_of_the_sources() -> None:
    report = await scan(LAYERED)

    files = {str(proposal.plan.updates[0].name): proposal.files for proposal in report.proposals}
    newer = DEVELOPMENT.replace("beta=1.0.0", "beta=2.0.0")
    assert report.problems == ()
    assert set(files) == {"alpha", "beta"}
    assert files["beta"] == {
        "ci/dev.yml": newer,
        "ci/conda-lock.yml": locked(
            entry(ALPHA),
            entry(BETA_2, category="dev"),
            entry(CORE),
            texts=(ENVIRONMENT, newer),
            sources=("../environment.yml", "dev.yml"),
        ),
    }


async def test_two_locks_with_a_common_source_move_together() -> None:
    files = LAYERED | {"conda-lock.yml": LOCK}
    layers = {**files, "ci/conda-lock.yml": swapped(files["ci/conda-lock.yml"])}

    report = await scan(layers)

    moving = {str(proposal.plan.updates[0].name): sorted(proposal.files) for proposal in report.proposals}
    assert moving["alpha"] == ["ci/conda-lock.yml", "conda-lock.yml", "environment.yml"]
    assert moving["beta"] == ["ci/conda-lock.yml", "ci/dev.yml"]


def swapped(lock: str) -> str:
    """The same lock, with the common source last."""
    hashes = hash_of(ENVIRONMENT, DEVELOPMENT), hash_of(DEVELOPMENT, ENVIRONMENT)
    return lock.replace("  - ../environment.yml\n  - dev.yml\n", "  - dev.yml\n  - ../environment.yml\n").replace(
        *hashes
    )


async def test_two_locks_of_the_same_sources_move_together_each_with_what_it_was_solved_with() -> None:
    virtual = "subdirs:\n  linux-64:\n    packages:\n      __cuda: '12.0'\n"
    gpu = lock_text(entry(ALPHA), entry(CORE), sources=["../environment.yml"], hashes={LINUX: gpu_hash(ENVIRONMENT)})
    files = BOTH | {"gpu/conda-lock.yml": gpu, "gpu/virtual-packages.yml": virtual}

    report = await scan(files)

    (proposal,) = report.proposals
    new = proposal.files["environment.yml"]
    assert report.problems == ()
    assert hash_of(new) in proposal.files["conda-lock.yml"]
    assert gpu_hash(new) in proposal.files["gpu/conda-lock.yml"]
    assert [diff.environment for diff in proposal.diffs] == ["default", "default"]


def gpu_hash(text: str) -> str:
    return hash_of(text, virtual_packages="subdirs:\n  linux-64:\n    packages:\n      __cuda: '12.0'\n")


async def test_of_two_locks_in_a_folder_each_has_what_was_rendered_from_it() -> None:
    other = locked(entry(ALPHA), entry(CORE), entry(EXTRA), texts=[TWO], sources=["two.yml"])
    lines = f"# input_hash: {hash_of(TWO)}\n@EXPLICIT\n{CORE.url}#{CORE.md5}\n{ALPHA.url}#{ALPHA.md5}\n"
    files = BOTH | {"two.yml": TWO, "two-conda-lock.yml": other}

    report = await scan(files | {"conda-linux-64.lock": lines + f"{EXTRA.url}#{EXTRA.md5}\n"})

    (proposal,) = report.proposals
    assert set(proposal.files) == set(files) | {"conda-linux-64.lock"}
    assert hash_of(proposal.files["two.yml"]) in proposal.files["conda-linux-64.lock"]


TWO = ENVIRONMENT + "  - extra\n"


async def test_a_lock_that_plainly_does_not_hold_what_its_sources_ask_for_is_brought_in_step() -> None:
    """Somebody asked for extra and did not lock again."""
    report = await scan({"environment.yml": TWO, "conda-lock.yml": LOCK})

    (proposal,) = report.proposals
    assert said(report) == (
        "conda-lock.yml: does not agree with environment.yml in default (default: extra is not locked); "
        "updates go on once it does"
    )
    assert (proposal.plan.key, proposal.plan.purpose) == ("relock-conda-lock.yml", Purpose.RELOCK)
    assert proposal.files == {"conda-lock.yml": locked(entry(ALPHA), entry(CORE), entry(EXTRA), texts=[TWO])}


async def test_before_a_lock_is_brought_in_step_its_sources_do_not_move() -> None:
    files = {"environment.yml": TWO.encode(), "conda-lock.yml": LOCK.encode()}
    manifest = extract("environment.yml", files["environment.yml"])
    assert manifest
    made = CondaLock().read(Given(files=files, manifests=(manifest,), resolve=resolve, now=NOW)).made["conda-lock.yml"]
    assert isinstance(made, LayeredWorkspace)
    layered = await drive(made.verified(), TextHasher().content_hashes)
    assert isinstance(layered, LayeredWorkspace)
    change = LockChange(solutions={}, manifests={"environment.yml": ENVIRONMENT})
    with pytest.raises(LockError, match="it has to be brought in step with them first"):
        await drive(layered.write(change), TextHasher().content_hashes)


TOOL = PypiPackage(
    name=PackageName("tool"), version="1.0.0", url="https://files.example/tool-1.whl", sha256=digest("t")
)
PYTHON, PIP = package("python", "3.12.1"), package("pip", "24.0.0")


async def test_what_pip_installs_stays_when_a_conda_package_moves() -> None:
    text = ENVIRONMENT.replace("  - core\n", "  - python\n  - pip:\n    - -e .\n")
    before = locked(*map(entry, (ALPHA, CORE, PIP, PYTHON)), pip_entry(TOOL), texts=[text])

    report = await scan({"environment.yml": text, "conda-lock.yml": before}, None, *CHANNEL, PYTHON, PIP)

    (proposal,) = report.proposals
    new = text.replace("alpha=1.0.0", "alpha=2.0.0")
    assert proposal.files == {
        "environment.yml": new,
        "conda-lock.yml": locked(*map(entry, (ALPHA_2, CORE, EXTRA, PIP, PYTHON)), pip_entry(TOOL), texts=[new]),
    }


async def test_a_lock_that_cannot_follow_keeps_a_common_source_back() -> None:
    pinned = DEVELOPMENT.replace("beta=1.0.0", "old")
    files = {
        "environment.yml": ENVIRONMENT,
        "conda-lock.yml": LOCK,
        "ci/dev.yml": pinned,
        "ci/conda-lock.yml": locked(
            entry(ALPHA),
            entry(CORE),
            entry(OLD, category="dev"),
            texts=(pinned, ENVIRONMENT),
            sources=("dev.yml", "../environment.yml"),
        ),
    }

    report = await scan(files, None, *CHANNEL, OLD)

    assert report.proposals == ()
    assert report.held_back or "would be left behind" in said(report)


OLD = package("old", "1.0.0", "alpha <2")


async def test_without_conda_lock_its_sources_stay_and_it_is_said() -> None:
    report = await scan(BOTH, Silent())

    assert report.proposals == ()
    assert said(report) == "conda-lock.yml: conda-lock is not here; until then environment.yml stays as it is"


class Silent:
    """No conda-lock."""

    async def content_hashes(self, request: HashRequest) -> HashResult:
        del request
        return NotHashed(reason="conda-lock is not here")


class Forgetful(TextHasher):
    """A conda-lock that answers once."""

    asked: list[HashRequest] = []  # noqa: RUF012 -- emptied by the test

    async def content_hashes(self, request: HashRequest) -> HashResult:
        self.asked.append(request)
        return await (Silent() if len(self.asked) > 1 else TextHasher()).content_hashes(request)


async def test_a_lock_without_a_new_hash_is_not_proposed() -> None:
    Forgetful.asked.clear()

    report = await scan(BOTH, Forgetful())

    assert report.proposals == ()
    assert "conda-lock is not here" in said(report)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        pytest.param(
            {"conda-lock.yml": LOCK.replace(hash_of(ENVIRONMENT), digest("flags"))},
            "it holds what its sources ask for, but conda-lock does not take them for those that it was made from on "
            "linux-64: it was locked with options that are not in the repository",
            id="the hash is of other sources or options",
        ),
        pytest.param({"conda-lock.yml": LOCK + "<<<<<<< ours\n"}, "merge-conflict marker", id="a conflict"),
        pytest.param({"conda-lock.yml": LOCK.replace("version: 1\n", "version: 3\n")}, "version 3", id="its version"),
        pytest.param(
            {"conda-lock.yml": locked(entry(ALPHA), sources=["environment.yml", "../other/env.yml", "/env.yml"])},
            "sources: it is made from ../other/env.yml, a path outside of the repository, and from /env.yml, a",
            id="sources elsewhere",
        ),
        pytest.param(
            {"conda-lock.yml": locked(entry(ALPHA), sources=["environment.yml", "recipe/meta.yaml"])},
            "it is made from recipe/meta.yaml, a template that condabot does not render; until then environment.yml",
            id="a recipe",
        ),
        pytest.param(
            {"conda-lock.yml": locked(entry(ALPHA), sources=["environment.yml", "pyproject.toml"])},
            "it is made from pyproject.toml, whose requirements conda-lock turns into conda packages by a table",
            id="a project",
        ),
        pytest.param(
            {"conda-lock.yml": locked(entry(ALPHA), sources=["environment.yml", "gone.yml", "a.txt"]), "a.txt": ""},
            "it is made from gone.yml, which is not there, and from a.txt, which condabot does not read",
            id="sources that are none",
        ),
        pytest.param(
            {"conda-lock.yml": LOCK.replace("url: conda-forge", "url: https://x.example/t/${TOKEN}/y")},
            "channels: one of its channels takes credentials from environment variables, and condabot fills in none",
            id="a private channel",
        ),
        pytest.param(
            {"conda-lock.yml": LOCK, "environment.yml": ENVIRONMENT.replace("[linux-64]", "[linux-64, osx-arm64]")},
            "it is locked for linux-64, but its sources name linux-64, osx-arm64",
            id="platforms",
        ),
        pytest.param(
            {"conda-lock.yml": LOCK, "environment.yml": ENVIRONMENT.replace("conda-forge", "secret")},
            "secret is no public channel",
            id="a channel that may not be asked",
        ),
        pytest.param(
            {"conda-lock.yml": LOCK.replace("url: conda-forge", "url: bioconda")},
            "it was locked with the channels bioconda, but its sources name conda-forge",
            id="channels by option",
        ),
        pytest.param(
            {"conda-lock.yml": LOCK.replace("url: conda-forge", "url: https://me:secret@x.example/y")},
            "it was locked with the channels https://x.example/y, but its sources name conda-forge",
            id="a channel with credentials",
        ),
        pytest.param(
            {"conda-lock.yml": LOCK, "virtual-packages.yml": "subdirs: []\n"},
            "subdirs: a mapping",
            id="virtual packages",
        ),
    ],
)
async def test_a_lock_that_cannot_be_refreshed_keeps_its_sources_back(files: Mapping[str, str], sentence: str) -> None:
    report = await scan({"environment.yml": ENVIRONMENT, **files})

    assert report.proposals == ()
    assert sentence in said(report)


async def test_a_lock_that_names_no_source_says_so() -> None:
    nameless = locked(sources=[]).replace("sources:", "sources: []")

    report = await scan({"environment.yml": ENVIRONMENT, "ci/conda-lock.yml": nameless})

    assert "sources: it does not say which files it is made from" in said(report)
    assert [sorted(each.files) for each in report.proposals] == [["environment.yml"]]


async def test_a_lock_that_cannot_be_read_keeps_back_what_it_names() -> None:
    report = await scan({"environment.yml": ENVIRONMENT, "ci/conda-lock.yml": "sources: [../environment.yml"})

    assert report.proposals == ()
    assert "until then environment.yml stays as it is" in said(report)


async def test_a_lock_of_another_folder_does_not_matter() -> None:
    report = await scan({"environment.yml": ENVIRONMENT, "ci/conda-lock.yml": "sources: [other.yml"})

    assert [sorted(each.files) for each in report.proposals] == [["environment.yml"]]


async def test_a_lock_that_another_solver_filled_differently_is_in_step_as_conda_lock_sees_it() -> None:
    report = await scan(
        {"environment.yml": ENVIRONMENT, "conda-lock.yml": locked(entry(ALPHA), entry(BETA), entry(CORE))}
    )

    assert Purpose.RELOCK not in {each.plan.purpose for each in report.proposals}
    assert report.problems == ()


async def test_only_the_hashes_of_platforms_whose_sources_change_are_new() -> None:
    text = ENVIRONMENT.replace("[linux-64]", "[linux-64, osx-arm64]").replace("alpha=1.0.0", "alpha=1.0.0  # [linux]")
    text += "  - beta=1.0.0  # [osx]\n"
    hashes = {LINUX: hash_of(text), MACOS: hash_of(text, subdir=MACOS)}
    entries = (entry(ALPHA), entry(BETA, MACOS), entry(CORE), entry(CORE, MACOS))
    files = {"environment.yml": text, "conda-lock.yml": lock_text(*entries, platforms=(LINUX, MACOS), hashes=hashes)}

    report = await scan(files)

    files_of = {str(each.plan.updates[0].name): each.files["conda-lock.yml"] for each in report.proposals}
    assert set(files_of) == {"alpha", "beta"}
    assert hashes[MACOS] in files_of["alpha"]
    assert hashes[LINUX] not in files_of["alpha"]
    assert hashes[LINUX] in files_of["beta"]


async def test_seen_on_some_platforms_only_a_lock_that_would_change_on_others_too_stays() -> None:
    text = ENVIRONMENT.replace("[linux-64]", "[linux-64, osx-arm64]")
    entries = (entry(ALPHA), entry(ALPHA, MACOS), entry(CORE), entry(CORE, MACOS))
    hashes = {LINUX: hash_of(text), MACOS: hash_of(text, subdir=MACOS)}
    lock = lock_text(*entries, platforms=(LINUX, MACOS), hashes=hashes)
    some = replace(scanner(Toy(*CHANNEL)), resolve=resolve, hasher=TextHasher(), platforms=(LINUX,))

    report = await some.scan({"environment.yml": text.encode(), "conda-lock.yml": lock.encode()}, {})

    assert report.proposals == ()
    assert "its sources would change on osx-arm64, where nothing was solved" in said(report)


async def test_virtual_packages_beside_the_lock_are_what_it_is_solved_and_hashed_with() -> None:
    virtual = "subdirs:\n  linux-64:\n    packages:\n      __glibc: '2.17'\n      __archspec: 1 x86_64\n"
    lock = lock_text(entry(ALPHA), entry(CORE), hashes={LINUX: hash_of(ENVIRONMENT, virtual_packages=virtual)})

    report = await scan({"environment.yml": ENVIRONMENT, "conda-lock.yml": lock, "virtual-packages.yml": virtual})

    assert [sorted(each.files) for each in report.proposals] == [["conda-lock.yml", "environment.yml"]]


async def test_a_line_that_is_held_stays_whatever_keeps_its_lock_from_being_judged() -> None:
    held = f"{ENVIRONMENT.replace('  - core', '  - core <2  # crashes')}  - beta=1.0.0\n"
    sources = ("environment.yml", "python-3.14.yml", "pyproject.toml")
    texts = {"environment.yml": held, "python-3.14.yml": ENVIRONMENT.replace("alpha=1.0.0", "python=3.14")}
    lock = locked(entry(ALPHA), entry(CORE), texts=(held,), sources=sources)

    report = await scan({**texts, "conda-lock.yml": lock})

    assert [(each.name, each.standing, each.reason.partition(":")[0]) for each in report.statuses if each.spec] == [
        ("alpha", Standing.UNKNOWN, "sources"),
        ("core", Standing.LEFT_ALONE, "pin-comment"),
        ("beta", Standing.UNKNOWN, "sources"),
        ("python", Standing.LEFT_ALONE, "matrix-axis"),
    ]
    assert said(report).endswith("; until then environment.yml and python-3.14.yml stay as they are")
