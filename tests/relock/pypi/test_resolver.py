"""Real uv against the demo's index on localhost: what is chosen, what stays, what is refused, and who is called."""

import hashlib
import io
import os
import select
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.children.bounds import MEBIBYTE
from bot.demo.index import DemoIndex, IndexFile, sdist, wheel
from bot.egress import EgressPolicy, EgressProxy
from bot.errors import SpecError
from bot.model.manifest import PackageName, Subdir, VirtualPackage
from bot.model.package import PypiPackage
from bot.model.pypi_solve import Provided, PypiRequest, PypiResult, PypiSolution
from bot.model.solve import NotSolved, Unsolvable
from bot.relock.pypi import UvLimits, UvResolver
from bot.settings import Mirror, PypiSettings

LINUX = Subdir("linux-64")
FILES, INDEX = "https://files.example", "https://index.example/simple"
JANUARY, APRIL, MAY, JUNE, JULY = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 4, 5, 6, 7))

PROJECTS = (
    wheel("app", "1.0", requires_dist=("NumPy >=1.20", "lib[fast] >= 1, <3; python_version >= '3.8'")),
    wheel("app", "2.0", requires_dist=("numpy>=2", "lib")),
    wheel("lib", "1.0", requires_python=">=3.8, <4", requires_dist=("speed ; extra == 'fast'",)),
    wheel("lib", "1.1", uploaded=APRIL, requires_dist=("speed ; extra == 'fast'", "absent ; sys_platform == 'win32'")),
    wheel("lib", "1.2", uploaded=JUNE),
    wheel("lib", "1.3", uploaded=JULY),
    wheel("speed", "0.9"),
    wheel("speed", "1.0rc1"),
    wheel("numpy", "2.9", requires_dist=("absent",)),
    wheel("native", "1.0", tags="cp312-cp312-manylinux_2_28_x86_64"),
    wheel("native", "1.0", tags="cp312-cp312-manylinux_2_17_x86_64"),
    wheel("native", "1.0", tags="cp312-abi3-manylinux_2_17_x86_64"),
    wheel("native", "1.0", tags="cp312-cp312-manylinux_2_34_x86_64"),
    wheel("native", "1.0", tags="cp312-cp312-macosx_12_0_arm64"),
    wheel("native", "1.0", tags="cp312-cp312-macosx_14_0_arm64"),
    wheel("native", "1.0", tags="cp312-cp312-win_amd64"),
    sdist("native", "1.0"),
    sdist("source", "1.0"),
    wheel("old", "1.0", yanked="broken"),
    wheel("old", "2.0"),
)


@pytest.fixture
async def index() -> AsyncIterator[DemoIndex]:
    async with DemoIndex(*PROJECTS, files_url="../../files") as started:
        yield started


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolving:
    """A resolver whose indexes are mirrored on this machine, so that locks name what is canonical."""

    folder: Path
    http: httpx.AsyncClient
    environment: dict[str, str]

    def resolver(self, *mirrors: Mirror, **changes: Any) -> UvResolver:
        settings = PypiSettings(mirrors=mirrors, cache_dir=self.folder / "cache", offline=changes.pop("offline", False))
        options: dict[str, Any] = {
            "egress": EgressPolicy(hosts=frozenset({"index.example", "files.example", "second.example"})),
            "environment": self.environment,
            "limits": UvLimits(again=0),
        }
        return UvResolver(self.http, settings, **(options | changes))

    async def __call__(self, index: DemoIndex, *requirements: str, **fields: Any) -> PypiResult:
        return await self.resolver(*mirrors_of(index)).resolve(ask(*requirements, **fields))


@pytest.fixture
async def resolve(tmp_path: Path) -> AsyncIterator[Resolving]:
    async with httpx.AsyncClient(trust_env=False) as http:
        yield Resolving(folder=tmp_path, http=http, environment={})


def mirrors_of(index: DemoIndex, name: str = "index", files: str = FILES) -> tuple[Mirror, Mirror]:
    root = index.url.removesuffix("/simple")
    return (
        Mirror(canonical=f"https://{name}.example/simple", url=index.url),
        Mirror(canonical=files, url=f"{root}/files"),
    )


def ask(*requirements: str, **fields: Any) -> PypiRequest:
    defaults: dict[str, Any] = {"python": "3.12.4", "subdir": LINUX, "virtual_packages": (), "indexes": (INDEX,)}
    return PypiRequest(requirements=requirements, **(defaults | fields))


def provided(name: str, version: str) -> Provided:
    return Provided(name=PackageName(name), version=version)


def locked(file: IndexFile, **fields: Any) -> PypiPackage:
    known: dict[str, Any] = {"requires_dist": ("as the lock has it",)}
    name = PackageName(file.project.lower())
    return PypiPackage(name=name, version=file.version, url=f"{FILES}/{file.name}", **(known | fields))


def versions(result: PypiResult) -> dict[str, str]:
    assert isinstance(result, PypiSolution), result
    return {each.name: each.version for each in result.packages}


def text(result: PypiResult) -> str:
    assert isinstance(result, Unsolvable), result
    return result.text


def reason(result: PypiResult) -> str:
    assert isinstance(result, NotSolved), result
    return result.reason


def only(result: PypiResult) -> PypiPackage:
    assert isinstance(result, PypiSolution), result
    [package] = result.packages
    return package


class TestSolution:
    async def test_a_package_is_as_pixi_locks_it(self, resolve: Resolving, index: DemoIndex) -> None:
        result = await resolve(index, "app<2", provided=(provided("numpy", "1.26"),), constraints=("lib<1.1",))

        assert isinstance(result, PypiSolution)
        app, lib, speed = result.packages
        assert app == PypiPackage(
            name=PackageName("app"),
            version="1.0",
            url=f"{FILES}/app-1.0-py3-none-any.whl",
            sha256=hashlib.sha256(b"app-1.0-py3-none-any.whl").hexdigest(),
            index=INDEX,
            requires_dist=("numpy>=1.20", "lib[fast]>=1,<3 ; python_full_version >= '3.8'"),
        )
        assert (lib.requires_dist, lib.requires_python) == (("speed ; extra == 'fast'",), ">=3.8,<4")
        assert (speed.name, speed.version) == ("speed", "0.9")

    async def test_extras_bring_what_they_need_and_markers_of_other_platforms_nothing(
        self, resolve: Resolving, index: DemoIndex
    ) -> None:
        assert versions(await resolve(index, "lib==1.1")) == {"lib": "1.1"}
        assert versions(await resolve(index, "lib[fast]==1.1")) == {"lib": "1.1", "speed": "0.9"}
        assert "no versions of absent" in text(await resolve(index, "lib==1.1", subdir=Subdir("win-64")))
        assert versions(await resolve(index, "absent; python_version < '3'", "speed")) == {"speed": "0.9"}

    @pytest.mark.parametrize(
        ("subdir", "virtual_packages", "tags"),
        [
            pytest.param("linux-64", {"__glibc": "2.28"}, "cp312-cp312-manylinux_2_28_x86_64", id="the newest glibc"),
            pytest.param("linux-64", {"__glibc": "2.17"}, "cp312-cp312-manylinux_2_17_x86_64", id="an old glibc"),
            pytest.param("linux-64", {"__glibc": "2.36"}, "cp312-cp312-manylinux_2_34_x86_64", id="a new glibc"),
            pytest.param("osx-arm64", {"__osx": "13.0"}, "cp312-cp312-macosx_12_0_arm64", id="macOS 13"),
            pytest.param("osx-arm64", {"__osx": "15.2"}, "cp312-cp312-macosx_14_0_arm64", id="macOS 15"),
            pytest.param("win-64", {}, "cp312-cp312-win_amd64", id="Windows"),
        ],
    )
    async def test_the_wheel_is_the_one_that_an_installer_takes_there(
        self, subdir: str, virtual_packages: dict[str, str], tags: str, resolve: Resolving, index: DemoIndex
    ) -> None:
        machine = tuple(VirtualPackage(name=name, version=version) for name, version in virtual_packages.items())

        package = only(await resolve(index, "native", subdir=Subdir(subdir), virtual_packages=machine))

        assert package.url == f"{FILES}/native-1.0-{tags}.whl"

    @pytest.mark.parametrize(
        ("mode", "requirement", "version"),
        [
            (None, "speed", "0.9"),
            (None, "speed>=1.0rc1", "1.0rc1"),
            ("allow", "speed", "1.0rc1"),
            ("disallow", "speed", "0.9"),
        ],
    )
    async def test_prereleases_count_as_the_mode_says(
        self, mode: str | None, requirement: str, version: str, resolve: Resolving, index: DemoIndex
    ) -> None:
        assert only(await resolve(index, requirement, prereleases=mode)).version == version


class TestLocked:
    async def test_what_still_fits_stays_as_it_is_and_nothing_is_read_of_it(
        self, resolve: Resolving, index: DemoIndex
    ) -> None:
        mine = locked(wheel("lib", "1.0"))

        result = await resolve(index, "lib", "speed", locked=(mine,))

        assert isinstance(result, PypiSolution)
        assert result.packages[0] is mine
        assert result.packages[1].requires_dist == ()

    async def test_a_wheel_that_was_yanked_since_stays(self, resolve: Resolving, index: DemoIndex) -> None:
        mine = locked(wheel("old", "1.0"))

        assert only(await resolve(index, "old", locked=(mine,))) is mine

    async def test_a_wheel_stays_though_there_is_a_better_one(self, resolve: Resolving, index: DemoIndex) -> None:
        mine = locked(wheel("native", "1.0", tags="cp312-abi3-manylinux_2_17_x86_64"))

        assert only(await resolve(index, "native", locked=(mine,))) is mine

    async def test_only_what_must_move_does(self, resolve: Resolving, index: DemoIndex) -> None:
        before = locked(wheel("lib", "1.0")), locked(wheel("speed", "0.9"))

        result = await resolve(index, "lib[fast]>=1.1,<1.2", locked=before)

        assert versions(result) == {"lib": "1.1", "speed": "0.9"}
        assert isinstance(result, PypiSolution)
        assert result.packages[1] is before[1]

    async def test_what_cannot_be_preferred_is_no_trouble(self, resolve: Resolving, index: DemoIndex) -> None:
        tree = PypiPackage(name=PackageName("tree"), version="", url="./tree")

        assert versions(await resolve(index, "speed", locked=(tree,))) == {"speed": "0.9"}


class TestAge:
    async def test_what_is_younger_is_not_seen(self, resolve: Resolving, index: DemoIndex) -> None:
        assert only(await resolve(index, "lib", exclude_newer=MAY)).version == "1.1"

    async def test_a_young_locked_package_is_not_rolled_back(self, resolve: Resolving, index: DemoIndex) -> None:
        mine = locked(wheel("lib", "1.2"))

        assert only(await resolve(index, "lib", locked=(mine,), exclude_newer=MAY)) is mine

    async def test_a_locked_package_that_must_move_does_not_move_to_something_younger(
        self, resolve: Resolving, index: DemoIndex
    ) -> None:
        old, young = locked(wheel("lib", "1.0")), locked(wheel("lib", "1.2"))

        assert only(await resolve(index, "lib!=1.0", locked=(old,), exclude_newer=MAY)).version == "1.1"
        assert only(await resolve(index, "lib!=1.2", locked=(young,), exclude_newer=MAY)).version == "1.1"
        assert "lib" in text(await resolve(index, "lib>1.2", locked=(young,), exclude_newer=MAY))

    async def test_a_package_may_have_a_limit_of_its_own(self, resolve: Resolving, index: DemoIndex) -> None:
        own = {PackageName("lib"): datetime(2026, 6, 2, tzinfo=UTC)}
        mine = locked(wheel("lib", "1.0"))

        assert only(await resolve(index, "lib", package_exclude_newer=own)).version == "1.2"
        assert only(await resolve(index, "lib", exclude_newer=MAY, package_exclude_newer=own)).version == "1.2"
        moved = await resolve(index, "lib!=1.0", locked=(mine,), exclude_newer=MAY, package_exclude_newer=own)
        assert only(moved).version == "1.2"

    async def test_of_an_old_release_the_old_files_are_seen(self, resolve: Resolving, index: DemoIndex) -> None:
        index.publish([replace(each, uploaded=JUNE) for each in PROJECTS if "2_28_x86" in each.name])
        gone = locked(wheel("native", "0.9"))

        package = only(await resolve(index, "native", locked=(gone,), exclude_newer=MAY))

        assert "manylinux_2_17" in package.url

    async def test_provided_packages_have_no_age(self, resolve: Resolving, index: DemoIndex) -> None:
        result = await resolve(index, "app", provided=(provided("numpy", "2.1"),), exclude_newer=MAY)

        assert versions(result) == {"app": "2.0", "lib": "1.1"}


class TestProvided:
    async def test_it_is_neither_resolved_nor_followed(self, resolve: Resolving, index: DemoIndex) -> None:
        result = await resolve(index, "app", "numpy[any]>=2", provided=(provided("numpy", "2.1"),))

        assert versions(result) == {"app": "2.0", "lib": "1.3"}
        assert "/simple/numpy/" not in {each.path for each in index.requests}

    async def test_who_asks_for_another_version_gives_way(self, resolve: Resolving, index: DemoIndex) -> None:
        result = await resolve(index, "app", provided=(provided("numpy", "1.26.5"),))

        assert versions(result)["app"] == "1.0"

    async def test_who_cannot_give_way_does_not_fit(self, resolve: Resolving, index: DemoIndex) -> None:
        result = await resolve(index, "app>=2", provided=(provided("numpy", "1.26.5"),))

        assert "only numpy==1.26.5 is available" in text(result)

    @pytest.mark.parametrize("version", ["2.1rc1", "2.1+conda", "2.1.post1", "1!2.1"])
    async def test_every_version_of_python_s_is_known(self, version: str, resolve: Resolving, index: DemoIndex) -> None:
        given = (provided("numpy", version), provided("Typing_Extensions", version))

        result = await resolve(index, "app", provided=given, prereleases="disallow")

        assert versions(result)["app"] == "2.0"

    @pytest.mark.parametrize("version", ["", "9e", "2025b"])
    async def test_with_another_version_whoever_asks_is_believed(
        self, version: str, resolve: Resolving, index: DemoIndex
    ) -> None:
        result = await resolve(index, "app", "numpy>=99", provided=(provided("numpy", version),))

        assert versions(result) == {"app": "2.0", "lib": "1.3"}


class TestIndexes:
    @pytest.fixture
    async def second(self) -> AsyncIterator[DemoIndex]:
        async with DemoIndex(wheel("speed", "99"), wheel("only", "1"), files_url="../../files") as started:
            yield started

    async def test_the_first_index_with_a_name_wins_and_each_package_names_its_own(
        self, resolve: Resolving, index: DemoIndex, second: DemoIndex
    ) -> None:
        both = ("https://second.example/simple/", INDEX)
        mirrors = (*mirrors_of(index), *mirrors_of(second, "second", "https://files.example/second"))

        result = await resolve.resolver(*mirrors).resolve(ask("speed", "only", "lib==1.0", indexes=(INDEX, both[0])))

        assert isinstance(result, PypiSolution)
        assert [(each.name, each.version, each.index) for each in result.packages] == [
            ("lib", "1.0", INDEX),
            ("only", "1", both[0]),
            ("speed", "0.9", INDEX),
        ]
        turned = await resolve.resolver(*mirrors).resolve(ask("speed", indexes=both))
        assert only(turned).version == "99"

    async def test_each_package_names_its_own_whoever_else_asks_for_it(
        self, resolve: Resolving, index: DemoIndex, second: DemoIndex
    ) -> None:
        mirrors = (*mirrors_of(index), *mirrors_of(second, "second", "https://files.example/second"))
        asked = ask("lib", indexes=("https://second.example/simple", INDEX), constraints=("lib==1.0",))

        assert only(await resolve.resolver(*mirrors).resolve(asked)).index == INDEX

    async def test_a_choice_is_read_once(
        self, resolve: Resolving, index: DemoIndex, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.relock.pypi.needs.MOST_REMEMBERED", 1)
        resolver = resolve.resolver(*mirrors_of(index))
        first = await resolver.resolve(ask("speed"))
        pages = len(index.requests)

        assert await resolver.resolve(ask("speed")) == first
        assert await resolver.resolve(ask("lib==1.0")) != first
        assert {each.path for each in index.requests[pages:]} <= {"/simple/lib/", "/simple/speed/"}

    async def test_requirements_that_no_lock_could_hold_are_said(
        self, resolve: Resolving, index: DemoIndex, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unreadable(_: object) -> None:
            raise SpecError("no")

        monkeypatch.setattr("bot.relock.pypi.needs.as_locked", unreadable)

        assert reason(await resolve(index, "speed")) == "speed 0.9 says that it needs something that nobody can read."

    async def test_the_default_index_is_not_named(
        self, resolve: Resolving, index: DemoIndex, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.relock.pypi.needs.default_index_url", lambda: f"{INDEX}/")

        assert only(await resolve(index, "speed")).index is None

    @pytest.mark.parametrize("status", [401, 403, 429, 500])
    async def test_an_index_that_does_not_answer_is_never_one_without_the_package(
        self, status: int, resolve: Resolving, index: DemoIndex
    ) -> None:
        index.failures["speed"] = status

        assert str(status) in reason(await resolve(index, "lib[fast]==1.0"))

    async def test_offline_it_is_said_so(self, resolve: Resolving, index: DemoIndex) -> None:
        resolver = resolve.resolver(*mirrors_of(index), offline=True)

        assert "network was disabled" in reason(await resolver.resolve(ask("speed")))


class TestNothingIsBuilt:
    async def test_a_package_without_wheels_is_named(self, resolve: Resolving, index: DemoIndex) -> None:
        sentence, *_ = text(await resolve(index, "source")).splitlines()

        assert sentence == "source has no wheel that fits for linux-64 and python 3.12.4, and condabot builds nothing."

    async def test_nor_one_whose_wheels_are_for_another_python(self, resolve: Resolving, index: DemoIndex) -> None:
        assert "native has no wheel that fits" in text(await resolve(index, "native", python="3.11.9"))


class TestHostile:
    @pytest.mark.parametrize(
        "requirement",
        [
            "-r /etc/passwd",
            "--index-url https://evil.example/simple",
            "speed --index-url https://evil.example",
            "speed\n--index-url https://evil.example/simple",
            "speed; os_name != 'x\n--index-url https://evil.example/simple\n'",
            "speed; os_name != '\r-r /etc/passwd'",
            "speed @ file:///etc/passwd",
            "speed @ https://evil.example/speed-1-py3-none-any.whl",
            "speed @ git+https://evil.example/x",
            "./speed",
            "-e .",
            "",
            "# speed",
            "${HOME}",
            f"speed; {'(' * 5000}",
        ],
    )
    async def test_what_is_no_plain_requirement_is_refused_and_nobody_is_called(
        self, requirement: str, resolve: Resolving, index: DemoIndex
    ) -> None:
        for request in (ask(requirement), ask("speed", constraints=(requirement,))):
            assert reason(await resolve.resolver(*mirrors_of(index)).resolve(request))
        assert index.requests == []

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"provided": (provided("../../x", "1"),)}, "no name of a PyPI package"),
            ({"provided": (provided("x\n", "1"),)}, "no name of a PyPI package"),
            ({"python": "3.12 --index-url"}, "not for python 3.12 --index-url"),
            ({"python": ""}, "not for python of no version"),
            ({"python": "2.7.18"}, "not for python 2.7.18"),
            ({"subdir": Subdir("linux-ppc64le")}, "does not know the platform linux-ppc64le"),
            ({"prereleases": "--no-config"}, "no prerelease mode '--no-config'"),
            ({"indexes": ()}, "no index to ask"),
            ({"indexes": ("https://user:secret@index.example/simple",)}, "holds a user name or password"),
            ({"indexes": ("file:///etc",)}, "must be an https URL"),
            ({"indexes": ("https://169.254.169.254/simple",)}, "is an IP address"),
            ({"indexes": ("https://elsewhere.example/simple",)}, "not one that this bot may call"),
        ],
    )
    async def test_what_is_not_what_it_should_be_is_said(
        self, fields: dict[str, Any], sentence: str, resolve: Resolving, index: DemoIndex
    ) -> None:
        assert sentence in reason(await resolve(index, "speed", **fields))
        assert index.requests == []

    async def test_names_that_look_like_options_stay_in_files(self, resolve: Resolving, index: DemoIndex) -> None:
        """uv is told nothing by the command line: a strange name is a name, or none."""
        odd = PypiPackage(name=PackageName("speed"), version="1 --index-url", url="x")

        assert versions(await resolve(index, "speed", locked=(odd,))) == {"speed": "0.9"}

    async def test_a_wheel_that_asks_for_a_url_is_not_followed(self, resolve: Resolving, index: DemoIndex) -> None:
        index.publish([wheel("lure", "1", requires_dist=("x @ https://evil.example/x-1-py3-none-any.whl",))])

        assert "URL dependencies" in text(await resolve(index, "lure"))


class TestEgress:
    """uv is behind the proxy of the policy: what the proxy does not let pass is not called."""

    async def test_files_are_read_where_an_allowed_index_says_and_nowhere_else(
        self, resolve: Resolving, index: DemoIndex
    ) -> None:
        async with DemoIndex(files_url="../../files") as other:
            index.publish([wheel("lure", "1")])
            elsewhere = other.url.removesuffix("/simple")
            index._files_url = f"{elsewhere}/files"
            origin = index.url.removesuffix("/simple")
            policy = EgressPolicy(hosts=frozenset({"index.example"}), trusted=frozenset({origin}))
            async with EgressProxy(policy) as proxy:
                address = proxy.url
                environment = {"HTTP_PROXY": address, "HTTPS_PROXY": address, "UV_INDEX_URL": elsewhere}
                resolver = resolve.resolver(*mirrors_of(index), egress=policy, environment=environment)
                result = await resolver.resolve(ask("lure"))

        assert "The resolver of PyPI packages came to no result" in reason(result)
        assert address not in reason(result)
        assert other.requests == []
        assert policy.file_hosts == set()

    async def test_all_of_uv_s_calls_go_through_the_proxy(self, resolve: Resolving, index: DemoIndex) -> None:
        seen: list[str] = []
        inside = EgressPolicy(trusted=frozenset({index.url.removesuffix("/simple")}))

        async def addresses(host: str, port: int) -> Sequence[str]:
            seen.append(f"{host}:{port}")
            return ("127.0.0.1",)

        async with EgressProxy(inside, resolver=addresses) as proxy:
            resolver = resolve.resolver(*mirrors_of(index), environment={"http_proxy": proxy.url})
            assert versions(await resolver.resolve(ask("speed"))) == {"speed": "0.9"}

        assert set(seen) == {httpx.URL(index.url).netloc.decode()}

    async def test_where_files_are_is_learned_from_the_pages_of_an_allowed_index(self, resolve: Resolving) -> None:
        async with DemoIndex(*PROJECTS, files_url="https://far.example/files") as far:
            policy = EgressPolicy(hosts=frozenset({"index.example"}))
            mirror, _ = mirrors_of(far)
            proxy, told = {"HTTPS_PROXY": "http://127.0.0.1:1"}, list[str]()

            async def learned(url: str) -> None:
                told.append(url)

            resolver = resolve.resolver(mirror, egress=policy, environment=proxy, learned=learned)

            result = await resolver.resolve(ask("speed"))

        assert "came to no result" in reason(result)
        assert policy.file_hosts == {"far.example"}
        assert [url.partition("/files")[0] for url in told] == ["https://far.example"]

    async def test_files_that_only_a_mirror_names_are_not_locked(self, resolve: Resolving, index: DemoIndex) -> None:
        mirror, _ = mirrors_of(index)

        result = await resolve.resolver(mirror, egress=EgressPolicy(allow_any_https=True)).resolve(ask("speed"))

        assert "names files of its own, which a lock must not name" in reason(result)


class TestWords:
    async def test_nothing_of_this_machine_is_said(self, resolve: Resolving, index: DemoIndex, tmp_path: Path) -> None:
        told = text(await resolve(index, "app>=2", provided=(provided("numpy", "1"),)))
        index.failures[""] = 500
        failed = reason(await resolve(index, "app", constraints=("lib",)))

        for secret in ("127.0.0.1", str(tmp_path), "condabot-uv-", "/tmp", os.sep + "home"):  # noqa: S108 -- the word
            assert secret not in told + failed


class Program:
    """A program that stands in for uv."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "uv"

    def says(self, body: str) -> Callable[[], str]:
        self._path.write_text(f"#!/bin/sh\n{body}\n")
        self._path.chmod(0o755)
        return lambda: str(self._path)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def ends(pid: str) -> bool:
    """Tell whether the process *pid* is gone or ends within seconds, which the system tells at once when it does."""
    try:
        process = os.pidfd_open(int(pid))
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 30)[0])
    finally:
        os.close(process)


class TestProcess:
    async def test_without_uv_it_is_said(self, resolve: Resolving, index: DemoIndex) -> None:
        def nowhere() -> str:
            raise FileNotFoundError

        resolver = resolve.resolver(*mirrors_of(index), find_uv=nowhere)

        assert "is not installed here: `pip install" in reason(await resolver.resolve(ask("speed")))

    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            pytest.param("exit 0", "gave no answer", id="no answer"),
            pytest.param('echo "x = [" > pylock.toml', "gave an answer that is none", id="not TOML"),
            pytest.param('echo "packages = 1" > pylock.toml', "gave an answer that is none", id="no pylock"),
            pytest.param("kill -KILL $$", "stopped before it was done (signal SIGKILL)", id="killed"),
            pytest.param("echo memory allocation of 9 bytes failed >&2; exit 3", "more than 2048 MB", id="memory"),
            pytest.param("exit 2", "came to no result: it gave no reason.", id="no words"),
            pytest.param(
                "echo 'error: no\n  cause: b\n  cause: c' >&2; exit 2", "came to no result: no: c.", id="causes"
            ),
        ],
    )
    async def test_however_it_ends_there_is_a_sentence(
        self, body: str, sentence: str, resolve: Resolving, index: DemoIndex, program: Program
    ) -> None:
        resolver = resolve.resolver(*mirrors_of(index), find_uv=program.says(body))

        assert sentence in reason(await resolver.resolve(ask("speed")))

    async def test_one_that_takes_too_long_is_killed_with_its_children(
        self, resolve: Resolving, index: DemoIndex, program: Program, tmp_path: Path
    ) -> None:
        body = f"/bin/sleep 600 &\necho $! > {tmp_path}/child\nwait"
        limits = UvLimits(seconds=0.5)

        resolver = resolve.resolver(*mirrors_of(index), find_uv=program.says(body), limits=limits)
        result = await resolver.resolve(ask("speed"))

        assert reason(result) == "The resolver of PyPI packages did not finish within 0.5 seconds."
        assert ends((tmp_path / "child").read_text().strip())

    async def test_its_words_and_its_answer_are_bounded(
        self, resolve: Resolving, index: DemoIndex, program: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        body = "i=0; while [ $i -lt 2000 ]; do echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done"
        monkeypatch.setattr("bot.relock.pypi.process.MOST_WORDS", 100)
        monkeypatch.setattr("bot.relock.pypi.answer.LARGEST_PYLOCK", 100)
        mirrors = mirrors_of(index)

        failing = resolve.resolver(*mirrors, find_uv=program.says(f"{body}; exit 1"))
        assert len(text(await failing.resolve(ask("speed")))) <= 100
        answering = resolve.resolver(*mirrors, find_uv=program.says(f"{body} 2> pylock.toml"))
        assert "too large" in reason(await answering.resolve(ask("speed")))

    async def test_it_inherits_nothing(self, resolve: Resolving, index: DemoIndex, program: Program) -> None:
        environment = {"UV_INDEX": "https://evil.example", "SSL_CERT_FILE": "x.pem", "no_proxy": "a", "TOKEN": "secret"}
        show = '/usr/bin/env | /usr/bin/cut -d= -f1 | /usr/bin/sort | /usr/bin/tr "\\n" " " >&2; exit 1'

        resolver = resolve.resolver(*mirrors_of(index), find_uv=program.says(show), environment=environment)
        seen = set(text(await resolver.resolve(ask("speed"))).split()) - {"_", "PWD", "SHLVL", "OLDPWD"}

        folders = {"HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "XDG_CONFIG_HOME", "XDG_DATA_HOME"}
        own = {"PATH", "UV_HTTP_RETRIES", "UV_PYTHON_DOWNLOADS", "NO_COLOR"}
        assert seen == folders | own | {"SSL_CERT_FILE", "no_proxy"}

    @pytest.mark.skipif("sys.platform != 'linux'", reason="only Linux bounds the memory of another process")
    async def test_real_uv_without_enough_memory_is_no_verdict(self, resolve: Resolving, index: DemoIndex) -> None:
        resolver = resolve.resolver(*mirrors_of(index), limits=UvLimits(memory=4 * MEBIBYTE))

        assert reason(await resolver.resolve(ask("speed")))

    async def test_a_choice_of_what_was_ruled_out_ends_it(
        self, resolve: Resolving, index: DemoIndex, program: Program
    ) -> None:
        body = 'echo \'packages = [{name = "lib", version = "9", wheels = [{url = "x"}]}]\' > pylock.toml'
        resolver = resolve.resolver(*mirrors_of(index), find_uv=program.says(body))

        result = await resolver.resolve(ask("lib", locked=(locked(wheel("lib", "1.0")),), exclude_newer=MAY))

        assert "chose what it was told not to" in reason(result)

    async def test_a_wheel_that_does_not_fit_is_not_taken(
        self, resolve: Resolving, index: DemoIndex, program: Program
    ) -> None:
        body = 'echo \'packages = [{name = "lib", version = "9", wheels = [{url = "lib-9-py2-none-any.whl"}]}]\''
        resolver = resolve.resolver(*mirrors_of(index), find_uv=program.says(f"{body} > pylock.toml"))

        assert reason(await resolver.resolve(ask("lib"))) == "lib 9 has no wheel that fits for linux-64."

    async def test_without_origins_nothing_is_guessed(
        self, resolve: Resolving, index: DemoIndex, program: Program
    ) -> None:
        package = '{name = "lib", version = "9", wheels = [{url = "https://files.example/lib-9-py3-none-any.whl"}]}'
        body = f"[ $3 = requirements.in ] || exit 2\necho 'packages = [{package}]'"
        resolver = resolve.resolver(*mirrors_of(index), find_uv=program.says(f"{body} > pylock.toml"))

        result = await resolver.resolve(ask("lib", indexes=(INDEX, "https://second.example/simple")))

        assert "did not say which index" in reason(result)


async def test_what_nobody_can_read_is_said(resolve: Resolving, index: DemoIndex) -> None:
    """uv mends some requirements of old wheels that no lock could hold."""
    index.publish([wheel("mended", "1", requires_dist=("speed (>=0.9.*)",), requires_python=">=3.6.*")])
    index.publish([wheel("broken", "1", requires_dist=("speed ; extra == 'x' and python_implementation",))])

    mended = await resolve(index, "mended")
    broken = await resolve(index, "broken")

    assert isinstance(mended, PypiSolution)
    assert (mended.packages[0].requires_dist, mended.packages[0].requires_python) == (("speed>=0.9",), ">=3.6")
    assert not isinstance(broken, PypiSolution)


async def test_an_index_without_metadata_has_its_wheels_looked_into(resolve: Resolving) -> None:
    """Neither JSON nor metadata beside the wheels: only pages in HTML, and files that can be read in part."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("plain/__init__.py", "")
        archive.writestr("plain-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: plain\nVersion: 1\n")
        archive.writestr("plain-1.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("plain-1.dist-info/RECORD", "")
    path = resolve.folder / "plain-1-py3-none-any.whl"
    path.write_bytes(buffer.getvalue())

    async def serve_page(_: web.Request) -> web.Response:
        return web.Response(text=f'<a href="../../files/{path.name}">{path.name}</a>', content_type="text/html")

    async def serve_file(_: web.Request) -> web.FileResponse:
        return web.FileResponse(path)

    application = web.Application()
    application.router.add_get("/simple/plain/", serve_page)
    application.router.add_get(f"/files/{path.name}", serve_file)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    root = f"http://127.0.0.1:{runner.addresses[0][1]}"
    mirrors = Mirror(canonical=INDEX, url=f"{root}/simple"), Mirror(canonical=FILES, url=f"{root}/files")
    try:
        package = only(await resolve.resolver(*mirrors).resolve(ask("plain")))
    finally:
        await runner.cleanup()

    sha256 = hashlib.sha256(buffer.getvalue()).hexdigest()
    assert (package.url, package.sha256, package.requires_dist) == (f"{FILES}/{path.name}", sha256, ())
