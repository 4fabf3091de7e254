"""A lock is judged environment by environment, and what is wrong in the same way in several is one finding."""

from dataclasses import replace

import pytest

from bot.lockfiles.conda_lock import CONDA_LOCK
from bot.lockfiles.explicit import EXPLICIT
from bot.lockfiles.pixi_lock import PIXI_LOCK
from bot.model.audit import ChannelAnswers, Finding, FindingRule, LockAudit, NotJudged, Offered, Unanswered
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Channel, Lock, LockedEnvironment, LockFormat, PypiPackage, Record
from bot.planning.audit import audit_lock, channel_names, questions

A, B = (Channel(name=name, url=f"https://conda.anaconda.org/{name}") for name in "ab")
LINUX, MAC = Subdir("linux-64"), Subdir("osx-arm64")
CHANNELS = {"a": (A,), "b": (B,)}


def record(name: str = "tool", channel: Channel = A) -> Record:
    return Record(
        name=PackageName(name),
        version="1.0",
        build="0",
        build_number=0,
        subdir="noarch",
        url=f"{channel.url}/noarch/{name}-1.0-0.conda",
        sha256="ab" * 32,
        md5="cd" * 16,
        depends=("python",),
        license="MIT",
        size=1,
    )


TOOL, OTHER = record(), record("other", B)


def environment(name: str, *records: Record, channels: tuple[str, ...] = ("a",)) -> LockedEnvironment:
    return LockedEnvironment(name=name, channels=channels, conda={LINUX: records, MAC: records}, pypi={})


def lock(*environments: LockedEnvironment, lock_format: LockFormat = PIXI_LOCK) -> Lock:
    return Lock(path="pixi.lock", format=lock_format, version=6, environments=environments)


def offered(*records: Record) -> Offered:
    return Offered(records={each.url: each for each in records}, names=frozenset(each.name for each in records))


def answers(**by_name: Offered | Unanswered) -> ChannelAnswers:
    return ChannelAnswers(
        channels={name: CHANNELS[name] for name in by_name},
        answers={CHANNELS[name][0].url: answer for name, answer in by_name.items()},
    )


def audited(given: Lock, said: ChannelAnswers, base: Lock | None = None) -> LockAudit:
    return audit_lock(given, said, {TOOL.url: 12}, base)


class TestQuestions:
    def test_each_channel_is_asked_once_about_the_records_that_lie_in_it(self) -> None:
        given = lock(environment("x", TOOL), environment("y", TOOL, OTHER, channels=("a", "b")))

        asked = questions(given, CHANNELS)

        assert [(each.channel, each.urls, each.names) for each in asked] == [
            (A, frozenset({TOOL.url}), frozenset({TOOL.name})),
            (B, frozenset({OTHER.url}), frozenset({OTHER.name})),
        ]
        assert {each.subdirs for each in asked} == {frozenset({"noarch"})}
        assert channel_names(given) == ("a", "b")

    def test_a_channel_is_not_asked_about_records_of_environments_that_do_not_name_it(self) -> None:
        assert questions(lock(environment("x", OTHER)), CHANNELS) == ()

    def test_a_record_is_looked_up_by_the_name_of_its_file_too(self) -> None:
        forged = replace(TOOL, name=PackageName("numpy"))

        [question] = questions(lock(environment("x", forged)), CHANNELS)

        assert question.names == {"numpy", "tool"}

    def test_a_file_name_without_a_package_name_is_looked_up_by_the_records_name(self) -> None:
        odd = replace(TOOL, url=f"{A.url}/noarch/??-1.0-0.conda")

        [question] = questions(lock(environment("x", odd)), CHANNELS)

        assert question.names == {"tool"}


def test_what_is_wrong_everywhere_is_one_finding_with_all_its_places() -> None:
    forged = replace(TOOL, size=2)

    audit = audited(lock(environment("x", forged), environment("y", forged)), answers(a=offered(TOOL)))

    assert audit.findings == (
        Finding(
            rule=FindingRule.SIZE_DIFFERS,
            name=TOOL.name,
            version="1.0",
            url=TOOL.url,
            environments=("x", "y"),
            subdirs=(LINUX, MAC),
            sentence="tool-1.0-0.conda has 1 bytes in its channel, but 2 in the lock.",
            line=12,
        ),
    )
    assert (audit.records, audit.others, audit.not_judged) == (1, 0, ())


def test_a_record_may_be_foreign_in_one_environment_and_at_home_in_another() -> None:
    given = lock(environment("x", OTHER), environment("y", OTHER, channels=("a", "b")))

    audit = audited(given, answers(a=offered(TOOL), b=offered(OTHER)))

    assert [(each.rule, each.environments) for each in audit.findings] == [(FindingRule.FOREIGN_CHANNEL, ("x",))]


def test_an_environment_without_channels_has_only_foreign_records() -> None:
    audit = audited(lock(environment("x", TOOL, channels=())), answers())

    [finding] = audit.findings
    assert (finding.rule, finding.sentence.endswith("are: none.")) == (FindingRule.FOREIGN_HOST, True)


def test_a_url_that_is_none_is_foreign() -> None:
    audit = audited(lock(environment("x", replace(TOOL, url="https://[/a/tool-1.0-0.conda"))), answers(a=offered(TOOL)))

    assert [each.rule for each in audit.findings] == [FindingRule.FOREIGN_CHANNEL]


def test_several_faults_of_a_record_are_findings_of_their_own_in_the_order_of_the_rules() -> None:
    forged = replace(TOOL, sha256="00" * 32, md5="00" * 16, size=2, depends=("evil",), constrains=("x",))

    audit = audited(lock(environment("x", forged)), answers(a=offered(TOOL)))

    assert [each.rule for each in audit.findings] == [
        FindingRule.HASH_DIFFERS,
        FindingRule.HASH_DIFFERS,
        FindingRule.SIZE_DIFFERS,
        FindingRule.DEPENDENCIES_DIFFER,
    ]
    assert audit.findings[-1].sentence == (
        "tool-1.0-0.conda has other dependencies in its channel than in the lock: depends only in the channel: python;"
        " depends only in the lock: evil; constrains only in the lock: x."
    )


@pytest.mark.parametrize("lock_format", [CONDA_LOCK, EXPLICIT])
def test_what_a_format_does_not_keep_is_not_missing(lock_format: LockFormat) -> None:
    bare = replace(TOOL, sha256=None, md5=None, size=None, depends=(), build_number=7)

    said = ChannelAnswers(channels={"a": (A,), A.url: (A,)}, answers={A.url: offered(TOOL)})

    assert audited(lock(environment("x", bare), lock_format=lock_format), said).findings == ()


def test_an_explicit_file_is_judged_by_the_channels_that_its_records_lie_in() -> None:
    given = lock(environment("x", replace(TOOL, md5="00" * 16), OTHER, channels=()), lock_format=EXPLICIT)
    said = ChannelAnswers(
        channels={A.url: (A,), B.url: (B,)}, answers={A.url: offered(TOOL), B.url: Unanswered(reason="B is down.")}
    )

    audit = audited(given, said)

    assert channel_names(given) == (A.url, B.url)
    assert [each.channel for each in questions(given, {A.url: (A,), B.url: (B,)})] == [A, B]
    assert [each.rule for each in audit.findings] == [FindingRule.HASH_DIFFERS]
    assert audit.not_judged == (NotJudged(reason="B is down.", records=1),)


def test_hashes_are_compared_whatever_their_case() -> None:
    upper = replace(TOOL, sha256="AB" * 32)

    assert audited(lock(environment("x", upper)), answers(a=offered(TOOL))).findings == ()


def test_records_are_counted_by_the_reason_why_they_are_not_judged() -> None:
    given = lock(environment("x", TOOL, record("more")), environment("y", TOOL, OTHER, channels=("a", "b")))

    audit = audited(given, answers(a=Unanswered(reason="A is down."), b=Unanswered(reason="B is down.")))

    assert audit.findings == ()
    assert audit.not_judged == (NotJudged(reason="A is down.", records=2), NotJudged(reason="B is down.", records=1))


def test_what_is_not_judged_since_its_channel_may_not_be_asked_lasts() -> None:
    refused = ChannelAnswers(channels={}, answers={}, refused={"a": "A is not asked."})

    audit = audited(lock(environment("x", TOOL, channels=("a",))), refused)

    assert audit.not_judged == (NotJudged(reason="A is not asked.", records=1, lasts=True),)


def test_what_no_channel_lists_is_counted() -> None:
    wheel = PypiPackage(name=PackageName("p"), version="1", url="https://files.example/p-1-py3-none-any.whl")
    recipe = replace(TOOL, url="./recipe", is_source=True)
    mixed = replace(environment("x", TOOL), pypi={LINUX: (wheel,), MAC: (wheel,)}, sources={LINUX: (recipe,)})

    assert audited(lock(mixed), answers(a=offered(TOOL))).others == 2


def test_long_texts_are_shortened() -> None:
    long = replace(TOOL, version="1" * 5_000)

    [finding] = audited(lock(environment("x", long)), answers(a=offered(TOOL))).findings

    assert len(finding.sentence) < 300


class TestLicenses:
    @pytest.mark.parametrize(
        ("old", "new", "sentence"),
        [
            ("MIT", "GPL-3.0-only", "tool 1.0 states the license GPL-3.0-only; 0.9 stated MIT."),
            (None, "MIT", "tool 1.0 states the license MIT; 0.9 stated none."),
            ("MIT", None, "tool 1.0 states the license none; 0.9 stated MIT."),
        ],
    )
    def test_a_package_that_states_another_license_is_found(
        self, old: str | None, new: str | None, sentence: str
    ) -> None:
        now = replace(TOOL, license=new)
        base = lock(environment("x", replace(TOOL, version="0.9", license=old)))

        [finding] = audited(lock(environment("x", now)), answers(a=offered(TOOL)), base).findings

        assert (finding.rule, finding.sentence) == (FindingRule.LICENSE_CHANGED, sentence)

    def test_packages_that_are_new_and_environments_that_are_new_have_not_changed(self) -> None:
        base = lock(environment("x", OTHER))

        audit = audited(lock(environment("x", TOOL), environment("y", TOOL)), answers(a=offered(TOOL)), base)

        assert audit.findings == ()
