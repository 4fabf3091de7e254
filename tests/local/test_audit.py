"""Which locks of a checkout are audited, and what becomes of those that cannot be read."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot.composition.channels import channel_resolver
from bot.datasources.conda import CondaDatasource
from bot.demo.channel import DemoChannel, ServedChannel
from bot.demo.channel.records import record
from bot.demo.channel.repodata import Mode
from bot.egress import EgressPolicy
from bot.errors import BadInput
from bot.local.audit import audit
from bot.local.checkout import Checkout
from bot.local.git import Revision
from bot.model.audit import FindingRule
from bot.model.package import Record
from bot.updating.audit import Auditor
from tests.audits import demo_lock, locked_data
from tests.channels import ALIAS, served, settings_for
from tests.conda_locks import entry, lock_text, package
from tests.local.conftest import Git
from tests.planning.toy import NOW

LICENSE = "license: bzip2-1.0.6"


@pytest.fixture
async def auditor(tmp_path: Path) -> AsyncIterator[Auditor]:
    async with DemoChannel(ServedChannel.of("conda-forge", locked_data(), modes=[Mode.ZST])) as server:
        settings = settings_for(server, tmp_path / "cache")
        yield Auditor(index=CondaDatasource(settings), resolve=channel_resolver(settings, EgressPolicy()))


def write(root: Path, **files: str) -> Checkout:
    """Write a lock into each folder; `_` stands for the top."""
    for folder, text in files.items():
        path = root / folder.strip("_") / "pixi.lock"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return Checkout.at(root)


async def test_every_lock_is_audited_with_or_without_a_manifest(auditor: Auditor, root: Path) -> None:
    report = await audit(write(root, _=demo_lock(), sub=demo_lock()), auditor, NOW)

    assert [each.path for each in report.locks] == ["pixi.lock", "sub/pixi.lock"]
    assert (report.findings, report.problems, report.not_judged, report.ignored) == ((), (), (), {})


async def test_a_lock_that_cannot_be_read_is_a_problem_and_the_others_are_audited(auditor: Auditor, root: Path) -> None:
    report = await audit(write(root, _=demo_lock(), bad="version: 1\n"), auditor, NOW)

    assert [each.path for each in report.locks] == ["pixi.lock"]
    [problem] = report.problems
    assert str(problem).startswith("bad/pixi.lock:1: version: version 1 comes from an old pixi")


async def test_locks_of_tests_and_examples_are_named_and_left_out(auditor: Auditor, root: Path) -> None:
    checkout = write(root, _=demo_lock(), tests="version: 1\n")

    report = await audit(checkout, auditor, NOW)

    assert [each.path for each in report.locks] == ["pixi.lock"]
    assert list(report.ignored) == ["tests/pixi.lock"]
    assert (await audit(Checkout.at(root / "tests"), auditor, NOW)).problems


async def test_a_folder_without_a_lock_is_bad_input(auditor: Auditor, root: Path) -> None:
    (root / "pixi.toml").write_text("[workspace]\n")

    with pytest.raises(BadInput, match="no lockfile"):
        await audit(Checkout.at(root), auditor, NOW)


async def test_a_channel_that_only_a_line_names_is_none_of_strangers(tmp_path: Path, root: Path) -> None:
    tool, anvil = record("tool", "1.0"), record("anvil", "1.0")
    entries = [
        entry(locked(each.name, f"{ALIAS}/{channel}/noarch/{each.fn}", each.md5, each.sha256))
        for channel, each in (("conda-forge", tool), ("acme", anvil))
    ]
    (root / "conda-lock.yml").write_text(lock_text(*entries))
    lines = "dependencies:\n- tool\n- {}anvil\n"
    async with served(**{"conda-forge": (tool,), "acme": (anvil,)}) as server:
        settings = settings_for(server, tmp_path / "cache")
        auditor = Auditor(index=CondaDatasource(settings), resolve=channel_resolver(settings, EgressPolicy()))

        found = {}
        for channel in ("acme::", ""):
            (root / "environment.yml").write_text(lines.format(channel))
            found[channel] = [each.rule for each in (await audit(Checkout.at(root), auditor, NOW)).findings]

    assert found == {"acme::": [], "": [FindingRule.FOREIGN_CHANNEL]}


def locked(name: str, url: str, md5: str, sha256: str) -> Record:
    return replace(package(name, "1.0"), build="pyhd8ed1ab_0", url=url, md5=md5, sha256=sha256)


class TestBase:
    def commit(self, git: Git, root: Path, text: str) -> None:
        write(root, _=text)
        git("add", ".")
        git("commit", "--quiet", "--message", "x")

    async def test_a_license_that_changed_since_the_base_is_found(
        self, auditor: Auditor, git: Git, root: Path, environment: Mapping[str, str]
    ) -> None:
        self.commit(git, root, demo_lock().replace(LICENSE, "license: MIT"))
        self.commit(git, root, demo_lock())

        report = await audit(Checkout.at(root), auditor, NOW, Revision.at(root, "HEAD~1", environment))

        assert {each.rule for each in report.findings} == {FindingRule.LICENSE_CHANGED}

    async def test_a_lock_that_the_base_does_not_have_has_no_changes(
        self, auditor: Auditor, git: Git, root: Path, environment: Mapping[str, str]
    ) -> None:
        self.commit(git, root, demo_lock())
        checkout = write(root, sub=demo_lock())

        report = await audit(checkout, auditor, NOW, Revision.at(root, "main", environment))

        assert (report.findings, report.problems, len(report.locks)) == ((), (), 2)

    async def test_a_base_that_cannot_be_read_is_a_problem_and_the_lock_is_audited(
        self, auditor: Auditor, git: Git, root: Path, environment: Mapping[str, str]
    ) -> None:
        self.commit(git, root, "version: 5\n")
        checkout = write(root, _=demo_lock())

        report = await audit(checkout, auditor, NOW, Revision.at(root, "main", environment))

        assert [each.path for each in report.locks] == ["pixi.lock"]
        [problem] = report.problems
        assert problem.sentence.startswith("its licenses are not compared with main: version 5 comes from an old pixi")
