"""What is read from a conda-lock.yml, and what is said of one that cannot be read."""

import pytest

from bot.errors import LockError
from bot.lockfiles import parse
from bot.lockfiles.conda_lock import CONDA_LOCK, CondaLock, content_hashes, obstacle
from bot.lockfiles.conda_lock.document import read_document
from bot.lockfiles.conda_lock.requirements import read_requirement
from bot.model.manifest import Subdir
from tests.conda_locks import PATH, digest, entry, lock_text, package, parsed
from tests.planning.toy import LINUX, MACOS

NUMPY = package("numpy", "2.1.0", "libblas >=3.9", "python >=3.12,<3.13.0a0", subdir="linux-64")
WHEEL = package("Typing_Extensions", "4.12.2")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("conda-lock.yml", True),
        ("ci/dev.conda-lock.yml", True),
        ("py312-conda-lock.yaml", True),
        ("conda-lock.json", False),
        ("environment.yml", False),
    ],
)
def test_the_name_of_a_file_tells_a_lock(path: str, *, expected: bool) -> None:
    assert CondaLock().matches(path) is expected


def test_a_lock_lies_where_it_says_and_not_beside_a_manifest() -> None:
    assert CondaLock().paths_beside("environment.yml") == ()


def test_a_lock_is_one_environment_with_a_record_for_each_entry() -> None:
    lock = parse(PATH, lock_text(entry(NUMPY), platforms=(LINUX, MACOS), sources=["a.yml", "../b.yml"]).encode())

    (environment,) = lock.environments
    (found,) = environment.conda[LINUX]
    assert (lock.format, lock.version, lock.sources) == (CONDA_LOCK, 1, ("a.yml", "../b.yml"))
    assert (environment.name, environment.channels) == ("default", ("conda-forge",))
    assert environment.platforms == (LINUX, MACOS)
    assert (found.name, found.version, found.build, found.build_number) == ("numpy", "2.1.0", "h0_0", 0)
    assert (found.subdir, found.url, found.depends) == ("linux-64", NUMPY.url, NUMPY.depends)
    assert (found.md5, found.sha256, found.size, found.timestamp) == (NUMPY.md5, NUMPY.sha256, None, None)


def test_the_entries_of_a_package_that_several_categories_need_are_one_record() -> None:
    lock = parsed(lock_text(entry(NUMPY, category="dev"), entry(NUMPY, category="docs")))

    assert len(lock.environments[0].conda[LINUX]) == 1


def test_pip_packages_are_kept_apart() -> None:
    wheel = "https://files.example/typing_extensions-4.12.2-py3-none-any.whl"
    lock = parsed(lock_text(entry(WHEEL, manager="pip").replace(WHEEL.url, wheel)))

    (found,) = lock.environments[0].pypi[LINUX]
    assert (found.name, found.version, found.url, found.sha256) == ("typing-extensions", "4.12.2", wheel, WHEEL.sha256)
    assert obstacle(lock) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("*", "x"),
        ("1.2", "x==1.2"),
        (">=1.21.1,<3", "x>=1.21.1,<3"),
        ("!=3.0.5,>=2.0.2", "x!=3.0.5,>=2.0.2"),
        (">=7.0,<8.0.2 || >8.0.2", "x>=7.0,!=8.0.2"),
        ("<1.3 || >1.3,<1.5 || >1.5,<2", "x!=1.3,!=1.5,<2"),
        (">=1,<2 || >=3,<4", "x"),
        ("==1.2.*", "x==1.2.*"),
        ("<=1.3 || >1.3", "x"),
        ("latest", "x"),
    ],
)
def test_a_constraint_is_read_as_a_requirement_and_left_out_where_that_cannot_say_it(written: str, read: str) -> None:
    assert read_requirement(f"x {written}") == read


def test_a_channel_with_credentials_of_the_environment_keeps_condabot_off() -> None:
    lock = parsed(lock_text(channels=["https://${USER}:${PASSWORD}@conda.example/x"]))

    assert "takes credentials from environment variables" in (obstacle(lock) or "")


def test_nothing_keeps_condabot_off_a_plain_lock() -> None:
    assert obstacle(parsed(lock_text(entry(NUMPY)))) is None


def test_channels_may_be_names_alone() -> None:
    text = lock_text().replace("  - url: conda-forge\n    used_env_vars: []", "  - conda-forge")

    assert parsed(text).environments[0].channels == ("conda-forge",)


def test_the_content_hashes_are_those_of_the_platforms() -> None:
    text = lock_text(platforms=(LINUX, MACOS))

    assert content_hashes(parsed(text), text) == {LINUX: digest(LINUX), MACOS: digest(MACOS)}


def test_an_entry_without_dependencies_or_category_is_main() -> None:
    text = lock_text(entry(package("x", "1.0.0")))
    bare = text.replace("  dependencies: {}\n", "").replace("  category: main\n", "")

    (found,) = read_document(PATH, bare).entries

    assert (found.category, found.depends, found.subdir) == ("main", (), Subdir("linux-64"))


X = package("x", "1.0.0")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(lock_text().replace("version: 1\n", ""), "version: the lock does not say its version", id="old"),
        pytest.param(lock_text().replace("version: 1\n", "version: 2\n"), "version 2 is not known here", id="new"),
        pytest.param(lock_text().replace("metadata:", "metadata: x\nrest:"), "a mapping is expected here", id="text"),
        pytest.param(lock_text(entry(X, "osx-64")), "osx-64 is not listed under `metadata.platforms`", id="platform"),
        pytest.param(lock_text(entry(X), entry(X)), "x is locked twice on linux-64 as `main`", id="twice"),
        pytest.param(
            lock_text(entry(X), entry(package("x", "1.0.1"), category="dev")),
            "x has two URLs on linux-64",
            id="two URLs",
        ),
        pytest.param(lock_text(entry(X, manager="npm")), "`npm` installs nothing that condabot knows", id="manager"),
        pytest.param(
            lock_text(entry(X).replace("name: x", "name: y")), "the entry says y, its URL x", id="another package"
        ),
        pytest.param(
            lock_text(entry(X).replace("name: x", "name: ' '")),
            "is not a package name",
            id="no name of a conda package",
        ),
        pytest.param(
            lock_text(entry(X, manager="pip").replace("name: x", "name: '-'")), "is not a PyPI project name", id="pip"
        ),
        pytest.param(
            lock_text(entry(X).replace(X.url, "x.conda")), "x.conda is not the URL of a built conda", id="URL"
        ),
        pytest.param(lock_text(entry(X).replace(".conda\n", ".zip\n")), "is not the URL of a built conda", id="file"),
        pytest.param(
            lock_text(entry(X).replace("/x-1.0.0", "/%20x-1.0.0")), "is not a package name", id="URL of no package"
        ),
        pytest.param(lock_text(platforms=()).replace("content_hash:", "content_hash: []"), "a mapping is", id="hashes"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(LockError, match=sentence) as raised:
        parsed(text)

    assert str(raised.value).startswith(f"{PATH}:")
    assert raised.value.line
