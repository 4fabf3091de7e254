"""What channels offer, told so that unknown is never absent and no name changes its channel."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import pytest

from bot.datasources.conda import CondaDatasource
from bot.datasources.records import to_record
from bot.datasources.repodata import Repodata
from bot.demo.channel import record
from bot.demo.channel.repodata import Mode
from bot.demo.channel.server import DemoChannel
from bot.errors import BadInput
from bot.model.audit import MismatchKind
from bot.model.manifest import ChannelPriority, PackageName, Subdir
from bot.model.package import Record
from bot.model.update import Absent, Release, Releases, Unknown
from bot.settings import ChannelSettings
from tests.channels import ALIAS, channel, served, settings_for

LINUX, MAC, WINDOWS = Subdir("linux-64"), Subdir("osx-arm64"), Subdir("win-64")
PLATFORMS = (LINUX, MAC, WINDOWS)
A, B, C = channel("a"), channel("b"), channel("c")
TOOL, MOVED, TWINS, ONLY_B = map(PackageName, ("tool", "moved", "twins", "only-b"))
PYTORCH = PackageName("pytorch")
JANUARY, MARCH = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 3, 1, tzinfo=UTC)
MIRROR_ADVICE = "the operator of this bot can give them in the URL of its mirror (CONDABOT_MIRRORS)"


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@pytest.fixture
async def server() -> AsyncIterator[DemoChannel]:
    a = [
        record("tool", "1.10", subdir="linux-64", timestamp=milliseconds(MARCH)),
        record("tool", "1.9", subdir="linux-64", build="h1_1", timestamp=milliseconds(MARCH)),
        record("tool", "1.9", subdir="linux-64", build="h0_0", timestamp=milliseconds(JANUARY)),
        record("tool", "1.9.0", subdir="osx-arm64", timestamp=milliseconds(MARCH)),
        record("moved", "1", subdir="linux-64"),
        record("moved", "2"),
        record("twins", "1", build="pyh0_unix_0", depends=["python", "__unix"]),
        record("twins", "1", build="pyh0_win_0", depends=["__win"]),
        record("twins", "2", build="pyh0_0", depends=["__linux >=4", "__glibc >=2"]),
        record("twins", "3", build="pyh0_0", depends=["__osx"]),
    ]
    a += [
        record("pytorch", version, subdir=subdir, build=build, depends=["python_abi 3.12.* *_cp312"])
        for version, subdir, build in (
            ("2.8.0", "linux-64", "cuda129_mkl_py312h1a2b3c4_303"),
            ("2.8.0", "linux-64", "cpu_mkl_py312_h5d6e7f8_103"),
            ("2.8.0", "osx-arm64", "cpu_generic_py312_h9a8b7c6_3"),
            ("2.9.0", "linux-64", "cpu_mkl_py312_h0d1e2f3_100"),
        )
    ]
    b = (record("tool", "9", subdir="linux-64"), record("only-b", "1"))
    async with served(a=tuple(a), b=b, c=(record("tool", "3"),), empty=()) as demo:
        yield demo


@pytest.fixture
def settings(server: DemoChannel, tmp_path: Path) -> ChannelSettings:
    return settings_for(server, tmp_path)


@pytest.fixture
def datasource(settings: ChannelSettings) -> CondaDatasource:
    return CondaDatasource(settings)


def offered(answer: object) -> list[tuple[str, set[str]]]:
    assert isinstance(answer, Releases), answer
    return [(each.version, set(each.subdirs)) for each in answer.releases]


def _without_builds(answer: object) -> Releases:
    assert isinstance(answer, Releases), answer
    return replace(answer, releases=tuple(replace(each, builds={}) for each in answer.releases))


class TestReleases:
    async def test_a_channel_for_one_family_of_platforms_is_not_asked_for_others(
        self, datasource: CondaDatasource
    ) -> None:
        for_windows = replace(A, family="win")

        answers = await datasource.releases([for_windows, C], [LINUX, MAC], [TOOL])

        assert offered(answers[TOOL]) == [("3", {LINUX, MAC})]

    async def test_nor_where_priority_is_disabled(self, datasource: CondaDatasource) -> None:
        never = replace(A, is_asked=False)

        answers = await datasource.releases([never, C], PLATFORMS, [TOOL], ChannelPriority.DISABLED)

        assert offered(answers[TOOL]) == [("3", set(PLATFORMS))]

    async def test_versions_ascend_in_condas_order_and_each_is_there_once(self, datasource: CondaDatasource) -> None:
        answers = await datasource.releases([A], PLATFORMS, [TOOL])

        assert _without_builds(answers[TOOL]) == Releases(
            channel=A,
            releases=(
                Release(version="1.9", subdirs=frozenset({LINUX, MAC}), built=JANUARY),
                Release(version="1.10", subdirs=frozenset({LINUX}), built=MARCH),
            ),
        )

    async def test_what_builds_say_that_they_are_made_for_is_told_by_platform(
        self, datasource: CondaDatasource
    ) -> None:
        answers = await datasource.releases([A], PLATFORMS, [PYTORCH, TOOL])

        assert isinstance(pytorch := answers[PYTORCH], Releases)
        assert [each.flavours for each in pytorch.releases] == [
            {LINUX: {("cuda", "mkl", "gil"), ("cpu", "mkl", "gil")}, MAC: {("cpu", "gil")}},
            {LINUX: {("cpu", "mkl", "gil")}},
        ]
        assert isinstance(tool := answers[TOOL], Releases)
        assert [each.flavours for each in tool.releases] == [{}, {}]

    async def test_a_package_that_moved_to_noarch_goes_on(self, datasource: CondaDatasource) -> None:
        answers = await datasource.releases([A], PLATFORMS, [MOVED])

        assert offered(answers[MOVED]) == [("1", {LINUX}), ("2", {LINUX, MAC, WINDOWS})]

    async def test_noarch_twins_go_where_their_virtual_packages_are(self, datasource: CondaDatasource) -> None:
        answers = await datasource.releases([A], [*PLATFORMS, Subdir("freebsd-64")], [TWINS])

        everywhere = {LINUX, MAC, WINDOWS, Subdir("freebsd-64")}
        assert offered(answers[TWINS]) == [("1", everywhere), ("2", {LINUX}), ("3", {MAC})]

    async def test_a_platform_that_the_channel_does_not_have_has_nothing(self, datasource: CondaDatasource) -> None:
        answers = await datasource.releases([B], [WINDOWS], [TOOL, ONLY_B])

        assert answers[TOOL] == Absent(reason="No package is called tool in b.")
        assert offered(answers[ONLY_B]) == [("1", {WINDOWS})]

    @pytest.mark.parametrize("mode", Mode)
    async def test_every_form_of_repodata_is_read(
        self, datasource: CondaDatasource, server: DemoChannel, mode: Mode
    ) -> None:
        server["a"].modes = frozenset({mode})

        answers = await datasource.releases([A], [LINUX], [TOOL])

        assert offered(answers[TOOL]) == [("1.9", {LINUX}), ("1.10", {LINUX})]

    async def test_what_was_read_stays_and_a_new_session_sees_the_news(
        self, datasource: CondaDatasource, server: DemoChannel
    ) -> None:
        before = await datasource.releases([C], [LINUX], [TOOL])
        server["c"].publish([record("tool", "4")])
        after = await datasource.releases([C], [LINUX], [TOOL])
        news = await datasource.new_session().releases([C], [LINUX], [TOOL])

        assert before == after
        assert offered(news[TOOL]) == [("3", {LINUX}), ("4", {LINUX})]


class TestChannelOrder:
    @pytest.mark.parametrize(
        ("priority", "home", "versions"),
        [
            (ChannelPriority.STRICT, A, ["1.9", "1.10"]),
            (ChannelPriority.FLEXIBLE, A, ["1.9", "1.10"]),
            (ChannelPriority.DISABLED, B, ["1.9", "1.10", "3", "9"]),
        ],
    )
    async def test_the_first_channel_that_has_a_name_answers_for_it(
        self, datasource: CondaDatasource, priority: ChannelPriority, home: object, versions: list[str]
    ) -> None:
        answers = await datasource.releases([A, B, C], [LINUX], [TOOL, ONLY_B, PackageName("none")], priority)

        tool, only_b = answers[TOOL], answers[ONLY_B]
        assert isinstance(tool, Releases)
        assert isinstance(only_b, Releases)
        assert (tool.channel, [each.version for each in tool.releases]) == (home, versions)
        assert only_b.channel == B
        assert answers[PackageName("none")] == Absent(reason="No package is called none in a, b, c.")

    async def test_without_a_channel_everything_is_absent(self, datasource: CondaDatasource) -> None:
        assert await datasource.releases([], [LINUX], [TOOL]) == {TOOL: Absent(reason="There is no channel to ask.")}

    async def test_a_name_that_no_package_can_have_is_absent(self, datasource: CondaDatasource) -> None:
        answers = await datasource.releases([A], [LINUX], [PackageName("*"), TOOL])

        assert answers[PackageName("*")] == Absent(reason="No package is called * in a.")
        assert isinstance(answers[TOOL], Releases)

    async def test_a_platform_that_is_not_one_is_bad_input(self, datasource: CondaDatasource) -> None:
        with pytest.raises(BadInput, match="'a b' is not a conda platform"):
            await datasource.releases([A], [Subdir("a b")], [TOOL])


class TestUnknown:
    @pytest.mark.parametrize(
        ("subdir", "status", "sentence"),
        [
            ("noarch", 404, "answered 404: it has no noarch subdir, so it is no channel: is the name right?"),
            ("linux-64", 500, "answered 500: that is its own trouble; it is asked again next time."),
            ("noarch", 401, f"answered 401: it needs credentials; {MIRROR_ADVICE}."),
            ("", 403, f"answered 403: it needs credentials, or refuses us; {MIRROR_ADVICE}."),
            ("", 429, "answered 429: it asks us to come less often."),
        ],
    )
    @pytest.mark.parametrize("priority", ChannelPriority)
    async def test_a_channel_that_fails_makes_its_names_unknown(
        self,
        datasource: CondaDatasource,
        server: DemoChannel,
        priority: ChannelPriority,
        subdir: str,
        status: int,
        sentence: str,
    ) -> None:
        server["a"].failures[subdir] = status

        answers = await datasource.releases([A, B], [LINUX], [TOOL, ONLY_B], priority)

        unknown = Unknown(reason=f"Channel {ALIAS}/a {sentence}", channel=A)
        assert answers == {TOOL: unknown, ONLY_B: unknown}

    async def test_a_channel_that_lists_nothing_makes_its_names_unknown(self, datasource: CondaDatasource) -> None:
        answers = await datasource.releases([channel("empty"), B], [LINUX], [TOOL])

        reason = f"Channel {ALIAS}/empty lists no package at all in linux-64, noarch."
        assert answers == {TOOL: Unknown(reason=reason, channel=channel("empty"))}

    async def test_a_later_channel_that_fails_leaves_what_was_found_before_it(
        self, datasource: CondaDatasource, server: DemoChannel
    ) -> None:
        server["b"].failures[""] = HTTPStatus.SERVICE_UNAVAILABLE

        answers = await datasource.releases([A, B], [LINUX], [TOOL, ONLY_B])

        assert isinstance(answers[TOOL], Releases)
        assert isinstance(answers[ONLY_B], Unknown)

    async def test_a_server_that_is_down_is_said_without_the_mirrors_address(
        self, datasource: CondaDatasource, server: DemoChannel
    ) -> None:
        await server.stop()

        answers = await datasource.releases([A], [LINUX], [TOOL])

        assert answers == {TOOL: Unknown(reason=f"Channel {ALIAS}/a cannot be reached.", channel=A)}


class TestFind:
    @pytest.fixture
    async def records(self, settings: ChannelSettings) -> tuple[Record, ...]:
        repodata = Repodata(settings)
        found = [
            *await repodata.records(A.url, [LINUX], [str(TOOL), str(TWINS)]),
            *await repodata.records(B.url, [LINUX], [str(ONLY_B)]),
        ]
        return tuple(to_record(each, settings.mirrors) for each in found)

    async def test_records_that_are_as_their_channels_offer_them_pass(
        self, datasource: CondaDatasource, records: tuple[Record, ...]
    ) -> None:
        assert await datasource.find(records, [A, B]) == ()

    @pytest.mark.parametrize(
        ("change", "kind", "sentence"),
        [
            ({"sha256": "0" * 64}, MismatchKind.HASH, "has another hash"),
            ({"sha256": None, "md5": "0" * 32}, MismatchKind.HASH, "has another hash"),
            ({"size": 1}, MismatchKind.SIZE, "but 1 in the lock"),
            ({"url": f"{ALIAS}/a/linux-64/tool-1.11-0.conda"}, MismatchKind.GONE, "no longer in the channel a"),
            ({"url": "https://files.example/a/x.conda"}, MismatchKind.ELSEWHERE, "is in none of the channels a, b"),
            ({"url": f"{ALIAS}/ab/linux-64/x.conda"}, MismatchKind.ELSEWHERE, "is in none of the channels a, b"),
            ({"name": "twins"}, MismatchKind.GONE, "no longer in the channel a"),
        ],
    )
    async def test_a_record_that_was_changed_is_found(
        self, settings: ChannelSettings, datasource: CondaDatasource, change: dict[str, object],
        kind: MismatchKind, sentence: str,
    ) -> None:  # fmt: skip
        [original, *_] = await Repodata(settings).records(A.url, [LINUX], [str(TOOL)])
        forged = replace(to_record(original, settings.mirrors), **change)  # type: ignore[arg-type]  # a table of fields

        [mismatch] = await datasource.find([forged], [A, B])

        assert (mismatch.record, mismatch.kind) == (forged, kind)
        assert sentence in mismatch.sentence

    async def test_a_record_without_hashes_and_size_is_compared_by_its_url(
        self, datasource: CondaDatasource, records: tuple[Record, ...]
    ) -> None:
        bare = [replace(each, sha256=None, md5=None, size=None) for each in records]

        assert await datasource.find(bare, [A, B]) == ()

    @pytest.mark.parametrize("name", ["b", "empty"])
    async def test_records_of_a_channel_that_fails_are_unknown(
        self, datasource: CondaDatasource, server: DemoChannel, records: tuple[Record, ...], name: str
    ) -> None:
        server["b"].failures[""] = HTTPStatus.INTERNAL_SERVER_ERROR
        own = replace(records[-1], url=f"{ALIAS}/{name}/noarch/x.conda")

        mismatches = await datasource.find([records[0], own], [A, channel(name)])

        assert [(each.record, each.kind) for each in mismatches] == [(own, MismatchKind.UNKNOWN)]
        assert mismatches[0].sentence.startswith(f"Channel {ALIAS}/{name} ")
