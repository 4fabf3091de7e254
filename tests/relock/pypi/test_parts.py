"""The parts of the resolver on their own: platforms, wheels, requirements, words."""

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.tags import Tag

from bot.errors import SpecError
from bot.model.manifest import Subdir, VirtualPackage
from bot.model.package import CoreMetadata
from bot.model.pypi_solve import PypiRequest
from bot.model.solve import NotSolved
from bot.relock.pypi.answer import refusal, replacements, shown
from bot.relock.pypi.platforms import target
from bot.relock.pypi.process import Ended
from bot.relock.pypi.question import Question
from bot.relock.pypi.requirements import as_locked, pypi_version, safe_name, safe_requirement
from bot.relock.pypi.wheels import best_first, file_name
from bot.settings import Mirror, PypiSettings


def machine(**versions: str) -> tuple[VirtualPackage, ...]:
    return tuple(VirtualPackage(name=f"__{name}", version=version) for name, version in versions.items())


class TestPlatforms:
    @pytest.mark.parametrize(
        ("subdir", "virtual_packages", "platform", "best"),
        [
            ("linux-64", {}, "x86_64-manylinux_2_28", "manylinux_2_28_x86_64"),
            ("linux-64", {"glibc": "2.17"}, "x86_64-manylinux_2_17", "manylinux_2_17_x86_64"),
            ("linux-64", {"glibc": "2.30"}, "x86_64-manylinux_2_28", "manylinux_2_28_x86_64"),
            ("linux-64", {"glibc": "2.39.1"}, "x86_64-manylinux_2_39", "manylinux_2_39_x86_64"),
            ("linux-64", {"glibc": "2.99"}, "x86_64-manylinux_2_40", "manylinux_2_40_x86_64"),
            ("linux-64", {"glibc": "3"}, "x86_64-manylinux_2_40", "manylinux_2_40_x86_64"),
            ("linux-aarch64", {"glibc": "2.31"}, "aarch64-manylinux_2_31", "manylinux_2_31_aarch64"),
            ("osx-64", {}, "x86_64-apple-darwin", "macosx_13_0_x86_64"),
            ("osx-64", {"osx": "10.15"}, "x86_64-apple-darwin", "macosx_10_15_x86_64"),
            ("osx-arm64", {"osx": "14"}, "aarch64-apple-darwin", "macosx_14_0_arm64"),
            ("win-32", {}, "i686-pc-windows-msvc", "win32"),
            ("win-64", {"win": "10"}, "x86_64-pc-windows-msvc", "win_amd64"),
            ("win-arm64", {}, "aarch64-pc-windows-msvc", "win_arm64"),
        ],
    )
    def test_a_platform_is_known_to_uv_and_to_wheels(
        self, subdir: str, virtual_packages: dict[str, str], platform: str, best: str
    ) -> None:
        found = target("3.12.4", Subdir(subdir), machine(**virtual_packages))

        assert found.platform == platform
        assert next(found.tags()) == Tag("cp312", "cp312", best)
        assert Tag("py3", "none", "any") in found.tags()

    @pytest.mark.parametrize(("osx", "oldest"), [("13.0", "13.0"), ("11", "11.0"), ("14.5.1", "14.5")])
    def test_wheels_are_for_the_oldest_macos(self, osx: str, oldest: str) -> None:
        assert target("3.12", Subdir("osx-arm64"), machine(osx=osx)).macos == oldest

    @pytest.mark.parametrize(
        ("subdir", "virtual_packages", "sentence"),
        [
            ("linux-ppc64le", {}, "does not know the platform linux-ppc64le."),
            ("emscripten-wasm32", {}, "does not know the platform emscripten-wasm32."),
            ("linux-64", {"musl": "1.2"}, "does not know the platform linux-64 with musl."),
            ("linux-64", {"glibc": "2.12"}, "knows no glibc as old as 2.12."),
            ("linux-64", {"glibc": "two"}, "__glibc has no version that could be told: 'two'."),
            ("osx-64", {"osx": ""}, "__osx has no version that could be told: ''."),
        ],
    )
    def test_others_are_said_in_a_sentence(self, subdir: str, virtual_packages: dict[str, str], sentence: str) -> None:
        with pytest.raises(SpecError) as error:
            target("3.12.4", Subdir(subdir), machine(**virtual_packages))
        assert error.value.message.endswith(sentence)

    @pytest.mark.parametrize("python", ["3.12", "3.12.4", "3.15.0rc1", "3.9.0b2"])
    def test_these_are_pythons(self, python: str) -> None:
        assert target(python, Subdir("win-64"), ()).python == python

    @pytest.mark.parametrize("python", ["", "3", "2.7.18", "3.12.4 --x", "3.12\n", "pypy3.10", "3.1234"])
    def test_these_are_not(self, python: str) -> None:
        with pytest.raises(SpecError):
            target(python, Subdir("win-64"), ())


LINUX = tuple(target("3.12.4", Subdir("linux-64"), ()).tags())


class TestWheels:
    @pytest.mark.parametrize(
        ("best", "others"),
        [
            pytest.param("cp312-cp312-manylinux_2_17_x86_64", ["cp312-abi3-manylinux_2_28_x86_64"], id="abi first"),
            pytest.param("cp39-abi3-manylinux_2_17_x86_64", ["py3-none-any"], id="compiled before pure"),
            pytest.param("cp312-cp312-manylinux_2_28_x86_64", ["cp312-cp312-manylinux_2_17_x86_64"], id="newest glibc"),
            pytest.param("cp312-cp312-manylinux2014_x86_64", ["cp312-cp312-linux_x86_64"], id="legacy names"),
            pytest.param(
                "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
                ["cp312-cp312-manylinux_2_5_x86_64"],
                id="sets",
            ),
            pytest.param(
                "py2.py3-none-any", ["cp311-cp311-manylinux_2_17_x86_64"], id="what does not fit does not count"
            ),
            pytest.param("py3-none-any", ["cp312-cp312-musllinux_1_2_x86_64", "cp313-cp313-win_amd64"], id="musl"),
        ],
    )
    def test_the_best_wheel_is_an_installer_s(self, best: str, others: list[str]) -> None:
        urls = [f"https://files.example/x-1-{tags}.whl" for tags in (*others, best)]

        assert best_first(urls, LINUX)[0] == f"https://files.example/x-1-{best}.whl"

    def test_of_equal_tags_the_highest_build_wins(self) -> None:
        builds = ["", "-1", "-2a", "-10", "-9"]

        found = best_first([f"x-1{build}-py3-none-any.whl" for build in builds], LINUX)

        assert [each.removesuffix("-py3-none-any.whl") for each in found] == [
            "x-1-10",
            "x-1-9",
            "x-1-2a",
            "x-1-1",
            "x-1",
        ]

    @pytest.mark.parametrize("name", ["", "x.whl", "x-1.tar.gz", "x-1-py3-none-any.zip", "a-b-c-d-py3-none-any.whl"])
    def test_what_is_no_wheel_is_none(self, name: str) -> None:
        assert best_first([name], LINUX) == ()

    def test_a_name_with_countless_tags_is_no_burden(self) -> None:
        many = ".".join(f"a{number}" for number in range(2_000))

        assert best_first([f"x-1-{many}-{many}-{many}.whl"] * 10, LINUX) == ()

    @given(st.text())
    def test_any_name_is_read(self, name: str) -> None:
        best_first([quote(name), f"{quote(name)}.whl", f"x-1-{quote(name)}-py3-none-any.whl"], LINUX)

    def test_a_file_is_named_by_the_end_of_its_url(self) -> None:
        assert (
            file_name("https://files.example/a/x-1%2Blocal-py3-none-any.whl#sha256=0") == "x-1+local-py3-none-any.whl"
        )


class TestRequirements:
    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("Foo.Bar[B,a] >= 1.0, <2; python_version < '3.12'", "foo-bar[b,a]>=1.0,<2 ; python_full_version < '3.12'"),
            ("x (>=1) ; extra == 'Test_x'", "x>=1 ; extra == 'test-x'"),
            (
                "x; python_version >= '3' and sys_platform == \"win32\"",
                "x ; python_full_version >= '3' and sys_platform == 'win32'",
            ),
            ("x>=1.0.*", "x>=1.0"),
            ("x @ https://files.example/x.whl", "x @ https://files.example/x.whl"),
            ("x ;\n  os_name == 'nt'", "x ; os_name == 'nt'"),
        ],
    )
    def test_they_are_spelled_as_pixi_spells_them(self, text: str, written: str) -> None:
        assert as_locked(CoreMetadata(requires_dist=(text,), requires_python="")).requires_dist == (written,)

    @pytest.mark.parametrize(
        ("text", "written"),
        [("", ""), (">=3.8", ">=3.8"), (">=3.6.*", ">=3.6"), ("<4, >=3.7,!=3.8.*", ">=3.7,!=3.8.*,<4")],
    )
    def test_so_is_the_python(self, text: str, written: str) -> None:
        assert as_locked(CoreMetadata(requires_dist=(), requires_python=text)).requires_python == written

    @pytest.mark.parametrize("text", ["a b", "a>=", "a; foo == 'x'", "'", "\\", "- a", "a: b", "\x00"])
    def test_what_is_none_is_an_error(self, text: str) -> None:
        with pytest.raises(SpecError):
            as_locked(CoreMetadata(requires_dist=(text,), requires_python=""))
        with pytest.raises(SpecError):
            as_locked(CoreMetadata(requires_dist=(), requires_python=text))

    @given(st.text())
    def test_whatever_passes_is_one_plain_line(self, text: str) -> None:
        for candidate in (text, f"a; os_name == '{text}'", f"a{text}", f"a==={text}"):
            try:
                safe = safe_requirement(candidate)
            except SpecError:
                continue
            assert safe.isprintable()
            assert safe[0].isalnum()

    @pytest.mark.parametrize(
        ("text", "version"),
        [("1.0", "1.0"), ("v1.0-RC1", "1.0rc1"), ("2025b", "2025b0"), ("", None), ("9e", None), ("9" * 5000, None)],
    )
    def test_versions_are_python_s(self, text: str, version: str | None) -> None:
        assert pypi_version(text) == version

    @pytest.mark.parametrize("text", ["", "..", "a/b", "a\n", "-r x", "a b"])
    def test_names_are_checked(self, text: str) -> None:
        with pytest.raises(SpecError):
            safe_name(text)


class TestWords:
    def test_paths_addresses_mirrors_and_credentials_are_replaced(self, tmp_path: Path) -> None:
        mirror = Mirror(canonical="https://index.example/simple", url="http://10.0.0.1:8080/root")
        words = "\n".join(
            [
                f"{tmp_path}/requirements.in, {tmp_path.as_uri()}/uv.toml, {tmp_path.as_uri()}/provided/numpy.whl",
                "http://10.0.0.1:8080/root/numpy/ by http://127.0.0.1:3128 from \x1b[31m/srv/cache\x1b[0m",
                "https://user:pass@index.example/simple and https://token@index.example/x",
            ]
        )

        text = shown(
            words,
            replacements(
                tmp_path, {"http://127.0.0.1:3128": "the proxy", "/srv/cache": "the cache", "": "x"}, [mirror]
            ),
        )

        assert text.splitlines() == [
            "here/requirements.in, here/uv.toml, what conda provides/numpy.whl",
            "https://index.example/simple/numpy/ by the proxy from [31mthe cache[0m",
            "https://index.example/simple and https://index.example/x",
        ]

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (
                (
                    "error: Request failed after 2 retries in 3.5s\n  cause: Failed to fetch: `https://x.example/a`\n"
                    "  cause: error sending request\n  cause: dns error"
                ),
                "Failed to fetch: `https://x.example/a`: dns error.",
            ),
            ("error: Failed to fetch: https://x.example/a", "Failed to fetch: https://x.example/a."),
            ("error: one\nmore\n  cause: two\nmore", "one: two."),
            ("", "it gave no reason."),
        ],
    )
    def test_why_there_is_no_result_is_the_same_whenever_it_is_so(self, words: str, sentence: str) -> None:
        question = Question.of(
            PypiRequest(requirements=(), python="3.12", subdir=Subdir("win-64"), virtual_packages=(), indexes=("x",))
        )

        result = refusal(Ended(status=2, words=words), question, {}, PypiSettings())

        assert result == NotSolved(reason=f"The resolver of PyPI packages came to no result: {sentence}")
