"""Faults planted in a demo lock, and in the channel that it was locked from, are found; nothing else is."""

import re
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from pathlib import Path

import msgspec
import pytest

from bot import lockfiles
from bot.composition.channels import channel_resolver
from bot.datasources.conda import CondaDatasource
from bot.demo.channel import CONDA_FORGE, ChannelData, DemoChannel, Record, ServedChannel, record
from bot.demo.channel.repodata import Mode
from bot.demo.samples import NAMES, sample_files
from bot.egress import EgressPolicy
from bot.model.audit import FindingRule, LockAudit, Severity
from bot.model.package import Lock
from bot.updating.audit import Auditor
from tests.audits import BZIP2, PATH, bzip2, demo_lock, is_bzip2, locked_data
from tests.channels import settings_for

FILE = BZIP2.rpartition("/")[2]
ELSEWHERE = "https://files.example/conda-forge/linux-64/"
HERE = f"{CONDA_FORGE}/linux-64/"
Change = Callable[[str], str]


@pytest.fixture
async def server() -> AsyncIterator[DemoChannel]:
    forge = ServedChannel.of("conda-forge", locked_data(), modes=[Mode.ZST])
    broken = ServedChannel(path="broken", data=ChannelData.of(), canonical=f"{CONDA_FORGE}/label/broken")
    async with DemoChannel(forge, broken) as server:
        yield server


@pytest.fixture
def auditor(server: DemoChannel, tmp_path: Path) -> Auditor:
    settings = settings_for(server, tmp_path)
    return Auditor(index=CondaDatasource(settings), resolve=channel_resolver(settings, EgressPolicy()))


async def audited(auditor: Auditor, text: str, base: str | None = None) -> LockAudit:
    return await auditor.audit(parsed(text), text, None if base is None else parsed(base))


def parsed(text: str) -> Lock:
    return lockfiles.parse(PATH, text.encode())


def moved(url: str) -> Change:
    """Give bzip2 another URL wherever the lock names it."""
    return lambda text: text.replace(BZIP2, url)


def entry(pattern: str, replacement: str) -> Change:
    """Change the entry of bzip2."""

    def change(text: str) -> str:
        start = text.rindex(BZIP2)
        end = text.index("\n- conda:", start)
        changed, count = re.subn(pattern, replacement, text[start:end], count=1)
        assert count == 1
        return text[:start] + changed + text[end:]

    return change


@pytest.mark.parametrize("name", [name for name in NAMES if PATH in sample_files(name)])
async def test_the_demo_locks_are_clean_on_the_demo_channel(name: str, tmp_path: Path) -> None:
    text = sample_files(name)[PATH].decode()
    async with DemoChannel() as server:
        settings = settings_for(server, tmp_path)
        auditor = Auditor(index=CondaDatasource(settings), resolve=channel_resolver(settings, EgressPolicy()))

        audit = await audited(auditor, text)

    assert (audit.findings, audit.not_judged) == ((), ())
    assert audit.records > 100


@pytest.mark.parametrize(
    ("change", "rule", "sentence"),
    [
        pytest.param(
            entry("sha256: c", "sha256: d"), FindingRule.HASH_DIFFERS, "the sha256 c30d", id="one digit of the sha256"
        ),
        pytest.param(entry("md5: 5", "md5: 6"), FindingRule.HASH_DIFFERS, "the md5 51a1", id="one digit of the md5"),
        pytest.param(
            entry("\n  sha256: .*", ""),
            FindingRule.HASH_MISSING,
            "states one: only its md5 would be checked",
            id="no sha256",
        ),
        pytest.param(entry("size: 2", "size: 1"), FindingRule.SIZE_DIFFERS, "but 160341 in the lock", id="the size"),
        pytest.param(
            entry("libgcc >=14", "libgcc"),
            FindingRule.DEPENDENCIES_DIFFER,
            "depends only in the channel: libgcc >=14; depends only in the lock: libgcc.",
            id="a dependency",
        ),
        pytest.param(
            entry("\n  sha256", "\n  version: 9.9\n  sha256"),
            FindingRule.IDENTITY_DIFFERS,
            "the version 1.0.8 in its channel, but 9.9 in the lock",
            id="the version",
        ),
        pytest.param(
            entry("\n  sha256", "\n  name: numpy\n  sha256"),
            FindingRule.IDENTITY_DIFFERS,
            "the name bzip2 in its channel, but numpy in the lock",
            id="the name",
        ),
        pytest.param(moved(ELSEWHERE + FILE), FindingRule.FOREIGN_HOST, "the host files.example", id="the host"),
        pytest.param(
            moved(f"https://conda.anaconda.org/evil/linux-64/{FILE}"),
            FindingRule.FOREIGN_CHANNEL,
            "in none of the channels of its environment",
            id="the channel",
        ),
        pytest.param(
            moved(f"{CONDA_FORGE}/label/broken/linux-64/{FILE}"), FindingRule.FOREIGN_CHANNEL, FILE, id="a label"
        ),
        pytest.param(
            moved(f"{CONDA_FORGE}/../evil/linux-64/{FILE}"), FindingRule.FOREIGN_CHANNEL, FILE, id="a path that climbs"
        ),
        pytest.param(moved(f"/tmp/linux-64/{FILE}"), FindingRule.FOREIGN_CHANNEL, FILE, id="a file here"),  # noqa: S108
        pytest.param(
            moved(BZIP2.replace("_8", "_9")), FindingRule.RECORD_GONE, "lock again", id="a build there is not"
        ),
        pytest.param(
            moved(BZIP2.replace("bzip2-", "evil-")),
            FindingRule.RECORD_UNKNOWN,
            "no package called evil",
            id="a package there is not",
        ),
        pytest.param(
            moved(BZIP2.replace("linux-64/", "no subdir/")), FindingRule.RECORD_GONE, FILE, id="a subdir that is none"
        ),
    ],
)
async def test_a_fault_in_the_lock_is_found_on_the_line_of_its_entry(
    auditor: Auditor, change: Change, rule: FindingRule, sentence: str
) -> None:
    text = _with_subdir(change(demo_lock()))

    audit = await audited(auditor, text)

    [finding] = audit.findings
    assert (finding.rule, finding.environments, finding.subdirs) == (rule, ("default",), ("linux-64",))
    assert sentence in finding.sentence
    assert audit.not_judged == ()
    if finding.line is not None:
        assert text.split("\n")[finding.line - 1] == f"- conda: {finding.url}"


def _with_subdir(text: str) -> str:
    """A path has no subdir that could be told from it: pixi writes it."""
    return text.replace(
        f"- conda: /tmp/linux-64/{FILE}\n  s", f"- conda: /tmp/linux-64/{FILE}\n  subdir: linux-64\n  s"
    )


async def test_the_word_of_a_finding_does_not_repeat_credentials(auditor: Auditor) -> None:
    text = moved(f"https://user:password@files.example/t/token/x/linux-64/{FILE}")(demo_lock())

    [finding] = (await audited(auditor, text)).findings

    assert finding.url == f"https://files.example/x/linux-64/{FILE}"
    assert not any(secret in finding.sentence for secret in ("user", "password", "token"))


class TestChannels:
    @pytest.fixture
    def forge(self, server: DemoChannel) -> ServedChannel:
        return server["conda-forge"]

    @pytest.mark.parametrize(
        ("patched", "rule", "severity"),
        [
            pytest.param(
                msgspec.structs.replace(bzip2(), depends=(*bzip2().depends, "libgcc <99")),
                FindingRule.DEPENDENCIES_DIFFER,
                Severity.WARNING,
                id="patched dependencies",
            ),
            pytest.param(
                msgspec.structs.replace(bzip2(), constrains=("other <2",)),
                FindingRule.DEPENDENCIES_DIFFER,
                Severity.WARNING,
                id="patched constraints",
            ),
            pytest.param(
                msgspec.structs.replace(bzip2(), depends=(*bzip2().depends, "package_has_been_revoked")),
                FindingRule.RECORD_BROKEN,
                Severity.ERROR,
                id="revoked",
            ),
            pytest.param(
                msgspec.structs.replace(bzip2(), sha256="0" * 64),
                FindingRule.HASH_DIFFERS,
                Severity.ERROR,
                id="other bytes under the same name",
            ),
        ],
    )
    async def test_what_a_channel_changed_since_is_found(
        self, auditor: Auditor, forge: ServedChannel, patched: Record, rule: FindingRule, severity: Severity
    ) -> None:
        forge.publish([patched])

        [finding] = (await audited(auditor, demo_lock())).findings

        assert (finding.rule, finding.severity, finding.url) == (rule, severity, BZIP2)

    async def test_a_record_that_left_is_gone(self, auditor: Auditor, forge: ServedChannel) -> None:
        forge.publish([record("bzip2", "2.0", subdir="linux-64")])
        forge.replace(forge.data.without(is_bzip2))

        [finding] = (await audited(auditor, demo_lock())).findings

        assert (finding.rule, finding.url) == (FindingRule.RECORD_GONE, BZIP2)

    async def test_a_record_that_left_to_the_label_for_broken_packages_is_broken(
        self, auditor: Auditor, server: DemoChannel, forge: ServedChannel
    ) -> None:
        forge.replace(forge.data.without(is_bzip2))
        server["broken"].publish([bzip2()])

        [finding] = (await audited(auditor, demo_lock())).findings

        assert (finding.rule, finding.url) == (FindingRule.RECORD_BROKEN, BZIP2)
        assert "marked broken" in finding.sentence

    async def test_the_label_is_asked_only_about_records_that_left(self, auditor: Auditor, server: DemoChannel) -> None:
        await audited(auditor, demo_lock())

        assert server["broken"].requests == []

    async def test_a_channel_is_asked_once_for_everything(self, auditor: Auditor, forge: ServedChannel) -> None:
        forge.modes = frozenset({Mode.SHARDED})

        await audited(auditor, demo_lock())

        paths = [request.path for request in forge.requests]
        assert len(paths) == len(set(paths))

    @pytest.mark.parametrize("status", [HTTPStatus.UNAUTHORIZED, HTTPStatus.INTERNAL_SERVER_ERROR])
    async def test_records_of_a_channel_that_does_not_answer_are_not_judged(
        self, auditor: Auditor, forge: ServedChannel, status: HTTPStatus
    ) -> None:
        forge.failures[""] = status
        text = moved(ELSEWHERE + FILE)(demo_lock())

        audit = await audited(auditor, text)

        assert [each.rule for each in audit.findings] == [FindingRule.FOREIGN_HOST]
        [unjudged] = audit.not_judged
        assert unjudged.records == audit.records - 1
        assert str(status.value) in unjudged.reason

    async def test_a_channel_that_lists_nothing_has_lost_nothing(self, auditor: Auditor, forge: ServedChannel) -> None:
        forge.replace(ChannelData.of())

        audit = await audited(auditor, demo_lock())

        assert audit.findings == ()
        assert [each.records for each in audit.not_judged] == [audit.records]

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            pytest.param(
                "https://files.example/conda-forge/", "files.example is not one that", id="a host not allowed"
            ),
            pytest.param("https://u:p@conda.anaconda.org/x/", "holds a user name or password", id="credentials"),
            pytest.param("local", "what was built on the reader's own machine", id="local"),
        ],
    )
    async def test_records_of_a_channel_that_is_not_asked_are_not_judged(
        self, auditor: Auditor, name: str, reason: str
    ) -> None:
        own = f"{name}linux-64/{FILE}" if "://" in name else f"https://repo.example/pkgs/main/linux-64/{FILE}"
        text = moved(own)(demo_lock()).replace("    packages:", f"    - url: {name}\n    packages:")

        audit = await audited(auditor, text)

        assert audit.findings == ()
        [unjudged] = audit.not_judged
        assert (unjudged.records, reason in unjudged.reason) == (1, True)

    async def test_a_channel_that_is_not_asked_hides_nothing_that_lies_elsewhere(self, auditor: Auditor) -> None:
        text = moved(f"https://evil.example/x/linux-64/{FILE}")(demo_lock())
        refused = text.replace("    packages:", "    - url: https://files.example/x/\n    packages:")

        audit = await audited(auditor, refused)

        assert [each.rule for each in audit.findings] == [FindingRule.FOREIGN_HOST]
        assert audit.not_judged == ()


async def test_a_license_that_changed_is_a_warning_only_against_a_base(auditor: Auditor) -> None:
    before = entry("license: bzip2-1.0.6", "license: MIT")(demo_lock())

    assert (await audited(auditor, demo_lock())).findings == ()
    [finding] = (await audited(auditor, demo_lock(), before)).findings

    assert (finding.rule, finding.severity) == (FindingRule.LICENSE_CHANGED, Severity.WARNING)
    assert finding.sentence == "bzip2 1.0.8 states the license bzip2-1.0.6; 1.0.8 stated MIT."
