"""Content hashes are conda-lock's own, asked in a process that has nothing and does nothing else."""

import sys
from pathlib import Path
from textwrap import dedent
from types import ModuleType, SimpleNamespace

import msgspec
import pytest

from bot.model.content_hash import ContentHashes, HashRequest, NotHashed, SourceFile
from bot.model.manifest import Subdir
from bot.relock.conda_lock import NOT_INSTALLED, HashAnswer, answer
from bot.relock.hashing import CondaLockHasher
from tests.conftest import Reader

LINUX, MACOS = Subdir("linux-64"), Subdir("osx-arm64")
ENVIRONMENT = "channels: [conda-forge]\ndependencies:\n  - numpy =1.26  # [linux]\n  - python\n"


def request(
    path: str = "ci/environment.yml", text: str = ENVIRONMENT, virtual_packages: str | None = None
) -> HashRequest:
    return HashRequest(
        sources=(SourceFile(path=path, text=text),), platforms=(LINUX, MACOS), virtual_packages=virtual_packages
    )


def program(folder: Path, body: str) -> str:
    """Return a program that stands in for an interpreter with conda-lock."""
    path = folder / "python"
    path.write_text(f"#!{sys.executable}\n" + dedent(body))
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    "path", ["/etc/environment.yml", "../environment.yml", "a/../../b.yml", "", "recipe/meta.yaml", "pyproject.toml"]
)
def test_a_path_outside_and_a_template_are_not_read(path: str, tmp_path: Path) -> None:
    result = answer(request(path), tmp_path)

    assert isinstance(result, NotHashed)
    assert "condabot does not let conda-lock read" in result.reason
    assert list(tmp_path.iterdir()) == []


def test_without_conda_lock_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "conda_lock", None)

    assert answer(request(), tmp_path) == NotHashed(reason=NOT_INSTALLED)


class FakeCondaLock:
    """The six functions of conda-lock that are called, and what they were called with."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sources: list[str] = []
        self.names = ""
        modules: dict[str, dict[str, object]] = {
            "content_hash": {
                "compute_content_hashes": lambda _, repodata: {LINUX: f"{repodata} {LINUX}"},
                "backwards_compatible_content_hashes": lambda _, repodata, platform: {f"{repodata} {platform}", "old"},
            },
            "src_parser": {"make_lock_spec": self.make_lock_spec},
            "_vendor.poetry.core.constraints.version": {"parse_constraint": "in its words: {}".format},
            "virtual_package": {
                "default_virtual_package_repodata": lambda: "default",
                "virtual_package_repo_from_specification": Path.read_text,
            },
        }
        monkeypatch.setitem(sys.modules, "conda_lock", ModuleType("conda_lock"))
        for name, functions in modules.items():
            module = ModuleType(f"conda_lock.{name}")
            module.__dict__.update(functions)
            monkeypatch.setitem(sys.modules, f"conda_lock.{name}", module)

    def make_lock_spec(self, *, src_files: list[Path], platform_overrides: object, mapping_url: str) -> object:
        self.sources = [path.read_text() for path in src_files]
        self.names = Path(mapping_url.removeprefix("file://")).read_text()
        if "broken" in self.sources:
            raise ValueError("it is broken")
        return SimpleNamespace(channels=[SimpleNamespace(url="x")], platforms=platform_overrides)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeCondaLock:
    return FakeCondaLock(monkeypatch)


@pytest.mark.parametrize(("given", "used"), [(None, "default"), ("mine", "mine")])
def test_conda_lock_is_given_the_sources_in_order_and_no_network(
    fake: FakeCondaLock, tmp_path: Path, given: str | None, used: str
) -> None:
    sources = (SourceFile(path="b/c/env.yml", text="first"), SourceFile(path="a.yml", text="second"))

    result = answer(HashRequest(sources=sources, platforms=(LINUX,), virtual_packages=given), tmp_path)

    assert (fake.sources, fake.names) == (["first", "second"], "{}\n")
    assert result == ContentHashes(
        channels=("x",), written={LINUX: f"{used} linux-64"}, accepted={LINUX: frozenset({f"{used} linux-64", "old"})}
    )
    assert msgspec.json.decode(msgspec.json.encode(HashAnswer.of(result)), type=HashAnswer).result == result


def test_conda_lock_says_version_specifiers_in_its_own_words(fake: FakeCondaLock, tmp_path: Path) -> None:
    sources = (SourceFile(path="environment.yml", text="first"),)

    result = answer(HashRequest(sources=sources, platforms=(LINUX,), specifiers=("~=1.4", "")), tmp_path)

    assert fake.sources == ["first"]
    assert isinstance(result, ContentHashes)
    assert result.constraints == {"~=1.4": "in its words: ~=1.4", "": "in its words: *"}
    assert msgspec.json.decode(msgspec.json.encode(HashAnswer.of(result)), type=HashAnswer).result == result


def test_what_conda_lock_raises_is_a_result(fake: FakeCondaLock, tmp_path: Path) -> None:
    result = answer(request(text="broken"), tmp_path)

    assert fake.sources == ["broken"]
    assert result == NotHashed(reason="conda-lock does not read the sources: it is broken")


async def test_the_process_answers_a_question_it_must_refuse() -> None:
    assert await CondaLockHasher().content_hashes(request("../x.yml")) == NotHashed(
        reason="../x.yml is a source that condabot does not let conda-lock read"
    )


def test_an_answer_without_a_result_is_none() -> None:
    assert HashAnswer().result == NotHashed(reason="conda-lock gave no answer")


async def test_a_process_that_ends_without_an_answer_is_said_so(tmp_path: Path) -> None:
    hasher = CondaLockHasher(python=program(tmp_path, "raise SystemExit(3)"))

    assert await hasher.content_hashes(request()) == NotHashed(
        reason="conda-lock stopped before it was done (exit status 3)"
    )


async def test_a_process_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    hasher = CondaLockHasher(python=program(tmp_path, "import time\ntime.sleep(600)"), seconds=0.1)

    assert await hasher.content_hashes(request()) == NotHashed(reason="conda-lock did not finish within 0.1 seconds")


async def test_the_process_sees_no_variable_of_its_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDA_TOKEN", "x")
    body = """\
    import json, os
    seen = sorted(set(os.environ) - {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"})
    empty = os.environ["HOME"] == os.getcwd() and not os.listdir()
    print(json.dumps({"not_hashed": {"reason": f"{seen} {empty}"}}))
    """

    hasher = CondaLockHasher(python=program(tmp_path, body), environment={"SystemRoot": "C:", "CONDA_TOKEN": "x"})
    result = await hasher.content_hashes(request())

    assert result == NotHashed(
        reason="['HOME', 'PATH', 'PYTHONPATH', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR', 'USERPROFILE'] True"
    )


@pytest.fixture
def hasher(reader: Reader) -> CondaLockHasher:
    return CondaLockHasher(python=str(reader("conda-lock")))


@pytest.mark.verify
async def test_conda_lock_hashes_what_the_sources_say_for_each_platform(hasher: CondaLockHasher) -> None:
    one = await hasher.content_hashes(request())
    two = await hasher.content_hashes(request(text=ENVIRONMENT.replace("1.26", "2.1")))

    assert isinstance(one, ContentHashes)
    assert isinstance(two, ContentHashes)
    assert one.channels == ("conda-forge",)
    assert one.written[LINUX] in one.accepted[LINUX]
    assert two.written[LINUX] not in one.accepted[LINUX]
    assert two.written[MACOS] == one.written[MACOS]


@pytest.mark.verify
async def test_conda_lock_s_hash_is_the_one_that_its_release_4_writes(hasher: CondaLockHasher) -> None:
    """A change of it would say that locks of our users are out of date."""
    result = await hasher.content_hashes(
        request(text="channels: [conda-forge]\ndependencies:\n  - python 3.12.*\nplatforms: [linux-64, osx-arm64]\n")
    )

    assert isinstance(result, ContentHashes)
    assert result.written[MACOS] == "47a8d4ef4b58e7dece8fbee9c8304e91f4ee6a665c41203dca137af7b0829d07"


@pytest.mark.verify
async def test_virtual_packages_of_the_repository_count(hasher: CondaLockHasher) -> None:
    given = "subdirs: {linux-64: {packages: {__glibc: '2.17'}}}"

    assert await hasher.content_hashes(request(virtual_packages=given)) != await hasher.content_hashes(request())


@pytest.mark.verify
@pytest.mark.parametrize("text", ["dependencies: [", "dependencies:\n  - 'a >=='\n", "channels: [x]\n"])
async def test_sources_that_conda_lock_does_not_read_are_said_so(text: str, hasher: CondaLockHasher) -> None:
    result = await hasher.content_hashes(request(text=text))

    assert isinstance(result, NotHashed)
    assert "conda-lock does not read the sources" in result.reason
