"""A lock format that nobody knows but its own class and a line of FORMATS: all that a scan does works for it."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from bot import lockfiles
from bot.errors import LockError
from bot.lockfiles import FORMATS, NO_PACKAGES, Given, LockChange, LockedWorkspace, Locks, Packages, Solutions
from bot.lockfiles.archives import read_archive_url
from bot.lockfiles.base import HashProgram, at_once, problem_of
from bot.model.environment import Workspace
from bot.model.package import Lock, LockedEnvironment, LockedPypi, LockFormat, Record, Relocking
from bot.model.report import Problem
from bot.model.update import Purpose
from bot.rendering.pull_request import Told, body
from bot.updating.read.relevance import is_relevant, relevant_paths
from bot.workspaces import compose
from tests.conda_locks import package
from tests.planning.toy import LINUX, NOW
from tests.updating.toy import Toy, scanner

URLS = LockFormat(
    name="urls.txt",
    names_channels=False,
    is_complete=False,
    pypi=LockedPypi.NOTHING,
    relocking=Relocking.ALWAYS,
    check="diff urls.txt",
)
PAIR = ("default", LINUX)


class Urls:
    """`urls.txt` beside an `environment.yml`: a URL a line, for linux-64."""

    kind = URLS

    def matches(self, path: str) -> bool:
        return posixpath.basename(path) == self.kind.name

    def paths_beside(self, manifest_path: str) -> tuple[str, ...]:
        folder, name = posixpath.split(manifest_path)
        return (posixpath.join(folder, self.kind.name),) if name == "environment.yml" else ()

    def is_read_alone(self, path: str) -> bool:
        del path
        return False

    def may_be(self, path: str, *, beside: bool) -> bool:
        del path, beside
        return False

    def is_content(self, path: str, content: bytes) -> bool:
        del path, content
        return False

    def parse(self, path: str, text: str) -> Lock:
        records = tuple(_record(path, url) for url in text.splitlines())
        environment = LockedEnvironment(name="default", channels=(), conda={LINUX: records}, pypi={LINUX: ()})
        return Lock(path=path, format=self.kind, version=1, environments=(environment,))

    def read(self, given: Given) -> Locks:
        made: dict[str, LockedWorkspace | Problem] = {}
        for manifest in given.manifests:
            for path in self.paths_beside(manifest.path):
                try:
                    lock = self.parse(path, given.files[path].decode())
                    workspace = compose(manifest, lock, given.resolve, now=given.now)
                    made[manifest.path] = UrlsWorkspace(workspace=workspace, lock=lock)
                except LockError as error:
                    made[manifest.path] = problem_of(manifest.path, error)
        return Locks(made=made)

    def rewrite(self, lock: Lock, text: str, solutions: Solutions, packages: Packages = NO_PACKAGES) -> str:
        del lock, text, packages
        return "".join(f"{each.url}\n" for each in solutions[PAIR])

    def upgraded(self, lock: Lock, text: str) -> str:
        del lock
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlsWorkspace:
    """An `environment.yml` with the `urls.txt` beside it."""

    workspace: Workspace
    lock: Lock

    def verified(self) -> HashProgram[LockedWorkspace | Problem]:
        return at_once(self)

    def restates(self, manifest: str) -> bool:
        del manifest
        return False

    def write(self, change: LockChange) -> HashProgram[Mapping[str, str]]:
        return at_once({self.lock.path: Urls().rewrite(self.lock, "", change.solutions)})


def _record(path: str, url: str) -> Record:
    archive = read_archive_url(url, path=path, line=1)
    return Record(
        name=archive.name,
        version=archive.version,
        build=archive.build,
        build_number=archive.build_number,
        subdir=archive.subdir,
        url=url,
    )


ALPHA, ALPHA_2, CORE = package("alpha", "1.0.0", "core"), package("alpha", "2.0.0", "core"), package("core", "1.0.0")
ENVIRONMENT = "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n  - alpha=1.0.0\n"
FILES = {"environment.yml": ENVIRONMENT.encode(), "urls.txt": f"{ALPHA.url}\n{CORE.url}\n".encode()}


@pytest.fixture(autouse=True)
def _with_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockfiles, "FORMATS", (*FORMATS, Urls()))


async def test_its_lock_moves_with_the_manifest_and_the_pull_request_says_how_to_check_it() -> None:
    report = await scanner(Toy(ALPHA, ALPHA_2, CORE)).scan(FILES, {})

    (proposal,) = report.proposals
    assert report.problems == ()
    assert proposal.files == {
        "environment.yml": ENVIRONMENT.replace("1.0.0", "2.0.0"),
        "urls.txt": f"{ALPHA_2.url}\n{CORE.url}\n",
    }
    assert "Check it: `diff urls.txt`." in body(proposal, Told(base="0" * 40, now=NOW), 10_000)


async def test_its_lock_is_brought_in_step() -> None:
    report = await scanner(Toy(ALPHA, CORE)).scan({**FILES, "urls.txt": f"{ALPHA.url}\n".encode()}, {})

    (proposal,) = report.proposals
    assert (proposal.plan.key, proposal.plan.purpose) == ("relock", Purpose.RELOCK)
    assert proposal.files == {"urls.txt": f"{ALPHA.url}\n{CORE.url}\n"}


async def test_its_bad_lock_spoils_its_own_workspace() -> None:
    other = {"x/environment.yml": FILES["environment.yml"], "x/urls.txt": b"junk\n"}

    report = await scanner(Toy(ALPHA, ALPHA_2, CORE)).scan({**FILES, **other}, {})

    assert [sorted(each.files) for each in report.proposals] == [["environment.yml", "urls.txt"]]
    assert [each.path for each in report.problems] == ["x/urls.txt"]


def test_its_files_are_read_and_a_push_of_one_is_worth_a_scan() -> None:
    assert is_relevant("a/urls.txt")
    assert relevant_paths({"environment.yml": 1, "urls.txt": 1, "b/urls.txt": 1}) == ("environment.yml", "urls.txt")
