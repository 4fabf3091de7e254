"""A request is answered as the manifest means it: order of channels, locked records, cut-off, broken channels."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from http import HTTPStatus
from pathlib import Path
from typing import cast

import pytest

from bot.datasources.repodata import Repodata
from bot.demo.channel import record
from bot.demo.channel.server import DemoChannel
from bot.model.exclude_newer import CutOff, ExcludeNewer, Exemption
from bot.model.manifest import ChannelPriority, PackageName, SolveStrategy, Subdir, VirtualPackage
from bot.model.package import Record
from bot.model.solve import NotSolved, Solution, SolveRequest, SolveResult, Unsolvable
from bot.relock.protocol import Question, decode, encode
from bot.relock.solver import solve
from bot.settings import ChannelSettings
from tests.channels import ALIAS, served, settings_for

LINUX = Subdir("linux-64")
OLD = datetime(2025, 1, 1, tzinfo=UTC)
YOUNG = datetime(2025, 3, 1, tzinfo=UTC)
CUTOFF = datetime(2025, 2, 1, tzinfo=UTC)
UNSOLVABLE = "unsolvable"
NO_TIME = cast("int", None)  # the demo's own records always say when they were built


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@pytest.fixture
async def server() -> AsyncIterator[DemoChannel]:
    a = (
        record("tool", "1.0", subdir="linux-64", timestamp=milliseconds(OLD)),
        record("app", "1", subdir="linux-64", depends=["tool >=2"], timestamp=milliseconds(OLD)),
        record("held", "1", subdir="linux-64", timestamp=milliseconds(OLD)),
        record("held", "2", subdir="linux-64", timestamp=milliseconds(YOUNG)),
        record("held", "3", subdir="linux-64", timestamp=milliseconds(YOUNG)),
        record("fresh", "1", subdir="linux-64", timestamp=milliseconds(YOUNG)),
        record("undated", "1", subdir="linux-64", timestamp=NO_TIME),
        record("needs-glibc", "1", subdir="linux-64", depends=["__glibc >=2.17"]),
    )
    b = (
        record("tool", "2.0", subdir="linux-64", timestamp=milliseconds(OLD)),
        record("fresh", "0.1", subdir="linux-64", timestamp=milliseconds(OLD)),
        record("only-in-b", "1", timestamp=milliseconds(OLD)),
    )
    async with served(a=a, b=b, empty=()) as demo:
        yield demo


@pytest.fixture
def settings(server: DemoChannel, tmp_path: Path) -> ChannelSettings:
    return settings_for(server, tmp_path)


def ask(*specs: str, channels: tuple[str, ...] = ("a", "b")) -> SolveRequest:
    urls = tuple(f"{ALIAS}/{name}" for name in channels)
    return SolveRequest(channels=urls, subdir=LINUX, specs=specs, virtual_packages=())


async def solved(settings: ChannelSettings, request: SolveRequest) -> tuple[Record, ...]:
    result = await solve(Repodata(settings), request)
    assert isinstance(result, Solution), result
    return result.records


def versions(result: SolveResult) -> str:
    if isinstance(result, Unsolvable):
        return UNSOLVABLE
    assert isinstance(result, Solution), result
    return " ".join(f"{each.name}={each.version}" for each in result.records)


@pytest.mark.parametrize(
    ("specs", "strict", "flexible", "disabled"),
    [
        pytest.param(("tool",), "tool=1.0", "tool=1.0", "tool=2.0", id="a bare name comes from the first channel"),
        pytest.param(
            ("tool >=2",), UNSOLVABLE, "tool=2.0", "tool=2.0", id="a direct spec does not leak to the next channel"
        ),
        pytest.param(
            ("app",), UNSOLVABLE, "app=1 tool=2.0", "app=1 tool=2.0", id="nor does a requirement of a dependency"
        ),
        pytest.param(
            (f"{ALIAS}/b::tool >=2",), "tool=2.0", "tool=2.0", "tool=2.0", id="a spec may name its channel itself"
        ),
        pytest.param(
            ("only-in-b",), *["only-in-b=1"] * 3, id="what the first channel does not have comes from the next"
        ),
    ],
)
@pytest.mark.parametrize("overlaid", [False, True], ids=["plain", "overlaid"])
async def test_order_of_channels(
    settings: ChannelSettings, specs: tuple[str, ...], strict: str, flexible: str, disabled: str, *, overlaid: bool
) -> None:
    request = ask(*specs)
    if overlaid:  # a locked record younger than the cut-off puts overlays in the place of channels
        [young] = await solved(settings, ask("fresh"))
        request = replace(request, locked=(young,), exclude_newer=CUTOFF)

    found = {
        priority: versions(await solve(Repodata(settings), replace(request, channel_priority=priority)))
        for priority in ChannelPriority
    }

    assert found == {
        ChannelPriority.STRICT: strict,
        ChannelPriority.FLEXIBLE: flexible,
        ChannelPriority.DISABLED: disabled,
    }


async def test_records_are_whole_sorted_by_name_and_never_name_the_mirror(
    settings: ChannelSettings, server: DemoChannel
) -> None:
    records = await solved(settings, ask("tool", "only-in-b", "held"))

    assert [each.name for each in records] == ["held", "only-in-b", "tool"]
    expected = record("only-in-b", "1")
    found = records[1]
    assert found.url == f"{ALIAS}/b/noarch/{expected.fn}"
    assert (found.sha256, found.md5, found.size) == (expected.sha256, expected.md5, expected.size)
    assert (found.subdir, found.noarch, found.built) == ("noarch", "python", OLD)
    assert server.url not in repr(records)
    assert "127.0.0.1" not in repr(records)


async def test_the_solvers_own_text_says_why_nothing_fits(settings: ChannelSettings) -> None:
    result = await solve(Repodata(settings), ask("app"))

    assert isinstance(result, Unsolvable)
    assert "app" in result.text
    assert "strict channel priority" in result.text
    assert "127.0.0.1" not in result.text


async def test_a_channel_without_the_platform_is_named_beside_the_solvers_text(settings: ChannelSettings) -> None:
    result = await solve(Repodata(settings), replace(ask("tool", channels=("b",)), subdir=Subdir("win-64")))

    assert isinstance(result, Unsolvable)
    assert result.text.endswith(f"Channel {ALIAS}/b lists no package for this platform.")


async def test_virtual_packages_and_strategies_count(settings: ChannelSettings) -> None:
    bare = await solve(Repodata(settings), ask("needs-glibc"))
    glibc = (VirtualPackage(name="__glibc", version="2.28"),)
    provided = await solve(Repodata(settings), replace(ask("needs-glibc"), virtual_packages=glibc))
    lowest = await solve(Repodata(settings), replace(ask("held"), strategy=SolveStrategy.LOWEST))
    constrained = await solve(Repodata(settings), replace(ask("held"), constraints=("held <3",)))

    assert versions(bare) == UNSOLVABLE
    assert [versions(each) for each in (provided, lowest, constrained)] == ["needs-glibc=1", "held=1", "held=2"]


class TestLocked:
    async def test_a_locked_record_that_its_channel_still_has_is_preferred(self, settings: ChannelSettings) -> None:
        [locked] = await solved(settings, ask("held 1"))

        assert await solved(settings, replace(ask("held"), locked=(locked,))) == (locked,)

    async def test_a_locked_record_without_a_hash_is_found_by_its_url(self, settings: ChannelSettings) -> None:
        [locked] = await solved(settings, ask("held 1"))
        bare = replace(locked, sha256=None, md5=None, depends=())

        assert await solved(settings, replace(ask("held"), locked=(bare,))) == (locked,)

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param({"sha256": "0" * 64}, id="another hash"),
            pytest.param({"md5": "0" * 32}, id="another second hash"),
            pytest.param({"url": f"{ALIAS}/a/linux-64/held-1-h0000000_1.conda"}, id="a file that is gone"),
            pytest.param({"url": "https://files.example/a/linux-64/held-1-h0000000_0.conda"}, id="another host"),
            pytest.param({"name": "*", "sha256": None}, id="a name that is not one"),
        ],
    )
    async def test_what_the_channel_does_not_have_never_comes_back(
        self, settings: ChannelSettings, change: dict[str, str | None]
    ) -> None:
        [locked] = await solved(settings, ask("held 1"))
        forged = replace(locked, **change)  # type: ignore[arg-type]  # a table of fields

        [found] = await solved(settings, replace(ask("held"), locked=(forged,)))

        assert found.version == "3"

    async def test_a_forged_dependency_in_a_lock_has_no_effect(self, settings: ChannelSettings) -> None:
        [locked] = await solved(settings, ask("held 1"))
        forged = replace(locked, depends=("only-in-b",))

        assert await solved(settings, replace(ask("held"), locked=(forged,))) == (locked,)


class TestExcludeNewer:
    async def test_records_built_later_are_not_seen(self, settings: ChannelSettings) -> None:
        [found] = await solved(settings, replace(ask("held"), exclude_newer=CUTOFF))

        assert found.version == "1"

    async def test_a_young_locked_record_is_not_downgraded(self, settings: ChannelSettings) -> None:
        [locked] = await solved(settings, ask("held 2"))

        found = await solved(settings, replace(ask("held"), locked=(locked,), exclude_newer=CUTOFF))

        assert found == (locked,)

    async def test_beside_a_young_locked_record_others_stay_hidden(self, settings: ChannelSettings) -> None:
        [locked] = await solved(settings, ask("fresh"))
        request = replace(ask("held", "fresh", "only-in-b"), locked=(locked,), exclude_newer=CUTOFF)

        assert versions(await solve(Repodata(settings), request)) == "fresh=1 held=1 only-in-b=1"

    @pytest.mark.parametrize("overlaid", [False, True], ids=["plain", "overlaid"])
    async def test_a_name_whose_records_are_all_too_young_does_not_come_from_the_next_channel(
        self, settings: ChannelSettings, *, overlaid: bool
    ) -> None:
        [locked] = await solved(settings, ask("held 2"))
        request = replace(ask("fresh"), locked=(locked,) if overlaid else (), exclude_newer=CUTOFF)

        assert versions(await solve(Repodata(settings), request)) == UNSOLVABLE

    @pytest.mark.parametrize(
        ("cutoff", "version"),
        [
            pytest.param(YOUNG, "3", id="exactly at the cut-off is old enough"),
            pytest.param(YOUNG - timedelta(milliseconds=1), "1", id="a millisecond later is not"),
            pytest.param(
                datetime(2025, 3, 1, 9, tzinfo=timezone(timedelta(hours=9))), "3", id="a zone is converted to UTC"
            ),
            pytest.param(
                datetime(2025, 3, 1, tzinfo=timezone(timedelta(hours=9))), "1", id="its clock face is not taken for UTC"
            ),
            pytest.param(datetime(2025, 3, 1), "3", id="without a zone it is UTC"),  # noqa: DTZ001
        ],
    )
    async def test_the_cutoff_is_a_moment(self, settings: ChannelSettings, cutoff: datetime, version: str) -> None:
        [found] = await solved(settings, replace(ask("held"), exclude_newer=cutoff))

        assert found.version == version


OPEN = CutOff(moment=YOUNG)
SHUT = CutOff(moment=CUTOFF)
HELD = PackageName("held")


class TestCutOffs:
    """pixi's cut-offs for single channels and packages."""

    @pytest.mark.parametrize(
        ("cut_offs", "version"),
        [
            pytest.param(ExcludeNewer(every=SHUT), "1", id="one for everything"),
            pytest.param(ExcludeNewer(every=SHUT, packages={HELD: OPEN}), "3", id="a later one for the package"),
            pytest.param(ExcludeNewer(packages={HELD: SHUT}), "1", id="one for the package alone"),
            pytest.param(ExcludeNewer(packages={PackageName("fresh"): SHUT}), "3", id="one for another package"),
            pytest.param(
                ExcludeNewer(every=SHUT, channels={f"{ALIAS}/a": OPEN}), "3", id="a later one for its channel"
            ),
            pytest.param(ExcludeNewer(channels={f"{ALIAS}/b": SHUT}), "3", id="one for another channel"),
            pytest.param(
                ExcludeNewer(channels={f"{ALIAS}/a": OPEN}, packages={HELD: SHUT}), "1", id="the package's counts first"
            ),
            pytest.param(
                ExcludeNewer(every=SHUT, exemptions=(Exemption(name=HELD, match_spec="held 2.*"),)),
                "2",
                id="an exempt release",
            ),
            pytest.param(
                ExcludeNewer(every=SHUT, exemptions=(Exemption(name=HELD, match_spec="held", channel=f"{ALIAS}/b"),)),
                "1",
                id="exempt of another channel",
            ),
            pytest.param(
                ExcludeNewer(every=SHUT, exemptions=(Exemption(name=HELD, match_spec="held", until=CUTOFF),)),
                "1",
                id="exempt up to a moment before it was built",
            ),
        ],
    )
    async def test_the_most_specific_one_counts(
        self, settings: ChannelSettings, cut_offs: ExcludeNewer, version: str
    ) -> None:
        [found] = await solved(settings, replace(ask("held"), cut_offs=cut_offs))

        assert found.version == version

    async def test_what_is_locked_is_not_rolled_back(self, settings: ChannelSettings) -> None:
        [locked] = await solved(settings, ask("held 2"))
        cut_offs = ExcludeNewer(packages={HELD: SHUT})

        assert await solved(settings, replace(ask("held"), locked=(locked,), cut_offs=cut_offs)) == (locked,)

    async def test_the_stricter_of_both_limits_counts(self, settings: ChannelSettings) -> None:
        request = replace(ask("held"), exclude_newer=CUTOFF, cut_offs=ExcludeNewer(packages={HELD: OPEN}))

        assert [each.version for each in await solved(settings, request)] == ["1"]

    def test_they_cross_the_process_border(self) -> None:
        exemption = Exemption(name=HELD, match_spec="held", until=CUTOFF)
        cut_offs = ExcludeNewer(every=SHUT, channels={"a": OPEN}, packages={HELD: SHUT}, exemptions=(exemption,))
        request = replace(ask("held"), cut_offs=cut_offs)

        assert decode(encode(Question.of(request, generation=1)), Question).whole == request


class TestNoVerdict:
    @pytest.mark.parametrize(
        ("subdir", "status", "sentence"),
        [
            ("noarch", HTTPStatus.NOT_FOUND, "answered 404: it has no noarch subdir"),
            ("linux-64", HTTPStatus.INTERNAL_SERVER_ERROR, "answered 500: that is its own trouble"),
            ("noarch", HTTPStatus.UNAUTHORIZED, "answered 401: it needs credentials"),
            ("", HTTPStatus.FORBIDDEN, "answered 403: it needs credentials"),
        ],
    )
    async def test_a_channel_that_fails_is_named_with_its_status(
        self, settings: ChannelSettings, server: DemoChannel, subdir: str, status: HTTPStatus, sentence: str
    ) -> None:
        server["b"].failures[subdir] = status

        result = await solve(Repodata(settings), ask("tool"))

        assert isinstance(result, NotSolved)
        assert result.reason.startswith(f"Channel {ALIAS}/b {sentence}")

    async def test_a_channel_that_lists_nothing_does_not_lend_its_names_to_the_next(
        self, settings: ChannelSettings
    ) -> None:
        result = await solve(Repodata(settings), ask("tool", channels=("empty", "b")))

        assert result == NotSolved(reason=f"Channel {ALIAS}/empty lists no package at all in linux-64, noarch.")

    async def test_a_channel_that_breaks_after_its_index_was_read_gives_no_verdict(
        self, settings: ChannelSettings, server: DemoChannel
    ) -> None:
        repodata = Repodata(settings)
        await repodata.require_content(f"{ALIAS}/a", [LINUX])
        await repodata.require_content(f"{ALIAS}/b", [LINUX])
        server["b"].failures[""] = HTTPStatus.BAD_GATEWAY

        result = await solve(repodata, ask("only-in-b"))

        assert isinstance(result, NotSolved)
        assert result.reason.startswith(f"Channel {ALIAS}/b answered 502")

    async def test_an_overlaid_channel_that_breaks_gives_no_verdict(
        self, settings: ChannelSettings, server: DemoChannel
    ) -> None:
        [locked] = await solved(settings, ask("fresh"))
        repodata = Repodata(settings)
        await solve(repodata, ask("fresh"))
        server["b"].failures[""] = HTTPStatus.BAD_GATEWAY

        result = await solve(repodata, replace(ask("only-in-b"), locked=(locked,), exclude_newer=CUTOFF))

        assert isinstance(result, NotSolved)
        assert result.reason.startswith(f"Channel {ALIAS}/b answered 502")

    @pytest.mark.parametrize(
        ("request_", "sentence"),
        [
            pytest.param(ask("tool >>=1"), ">>=1", id="a spec that is not one"),
            pytest.param(ask("tool", channels=()), "names no channel", id="no channel"),
            pytest.param(replace(ask("tool"), subdir=Subdir("a b")), "'a b' is not a conda platform", id="no platform"),
            pytest.param(
                replace(ask("tool"), virtual_packages=(VirtualPackage(name="__x", version="1 2"),)),
                "1 2",
                id="a virtual package that is not one",
            ),
        ],
    )
    async def test_a_request_that_makes_no_sense_is_told_so(
        self, settings: ChannelSettings, request_: SolveRequest, sentence: str
    ) -> None:
        result = await solve(Repodata(settings), request_)

        assert isinstance(result, NotSolved)
        assert sentence in result.reason

    async def test_offline_what_is_in_the_cache_solves_and_the_rest_is_said(
        self, settings: ChannelSettings, server: DemoChannel, tmp_path: Path
    ) -> None:
        await solved(settings, ask("tool", channels=("a",)))
        offline = settings_for(server, tmp_path, offline=True)
        requests = len(server["a"].requests)

        known = await solve(Repodata(offline), ask("tool", channels=("a",)))
        unknown = await solve(Repodata(offline), ask("tool", channels=("b",)))

        assert versions(known) == "tool=1.0"
        assert unknown == NotSolved(reason=f"Channel {ALIAS}/b is not in the cache, and condabot is offline.")
        assert len(server["a"].requests) == requests


@pytest.mark.parametrize(
    ("undated", "cut_offs", "expected"),
    [
        pytest.param("", ExcludeNewer(), UNSOLVABLE, id="a record of unknown age is too young"),
        pytest.param("will do", ExcludeNewer(), "undated=1", id="unless such records will do"),
        pytest.param(
            "will do", ExcludeNewer(every=CutOff(moment=CUTOFF)), UNSOLVABLE, id="but not where a manifest limits ages"
        ),
    ],
)
async def test_records_of_unknown_age_count_where_they_will_do(
    settings: ChannelSettings, undated: str, cut_offs: ExcludeNewer, expected: str
) -> None:
    request = replace(ask("undated"), exclude_newer=CUTOFF, cut_offs=cut_offs)

    assert versions(await solve(Repodata(settings), replace(request, undated=bool(undated)))) == expected
