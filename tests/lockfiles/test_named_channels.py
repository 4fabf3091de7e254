"""What lines of a manifest name is a channel of its lock too, though the lock does not list it."""

import pytest

from bot import lockfiles
from bot.demo.samples import sample_files
from tests.conda_locks import lock_text

TIED = b"channels: [conda-forge]\ndependencies:\n- numba::llvmlite\n- conda-forge::numpy\n- pandas\n"


def channels_of(path: str, text: str, **files: bytes) -> tuple[str, ...]:
    lock = lockfiles.parse(path, text.encode())
    files = {each.replace("__", "/").replace("_", "."): content for each, content in files.items()}
    return lockfiles.with_channels_of_lines(lock, files.get).environments[0].channels


@pytest.mark.parametrize(
    ("files", "channels"),
    [
        pytest.param({"environment_yml": TIED}, ("conda-forge", "numba"), id="behind-what-is-listed"),
        pytest.param({"environment_yml": b"dependencies: [numpy]\n"}, ("conda-forge",), id="no-line-names-one"),
        pytest.param({"environment_yml": b"dependencies: [\n"}, ("conda-forge",), id="cannot-be-read"),
        pytest.param({"other_yml": TIED}, ("conda-forge",), id="of-another-manifest"),
        pytest.param({}, ("conda-forge",), id="gone"),
    ],
)
def test_the_sources_of_a_conda_lock(files: dict[str, bytes], channels: tuple[str, ...]) -> None:
    assert channels_of("conda-lock.yml", lock_text(), **files) == channels


def test_a_source_is_found_from_the_folder_of_the_lock() -> None:
    text = lock_text(sources=("../environment.yml",))

    assert channels_of("ci/conda-lock.yml", text, environment_yml=TIED) == ("conda-forge", "numba")
    assert channels_of("conda-lock.yml", text, environment_yml=TIED) == ("conda-forge",)


def test_the_manifest_beside_a_lock_of_pixi() -> None:
    lock = sample_files("held-back")["pixi.lock"].decode()
    listed = channels_of("a/pixi.lock", lock)
    tied = b'[workspace]\nchannels = []\nplatforms = []\n[dependencies]\nanvil = { version = "*", channel = "acme" }\n'

    assert channels_of("a/pixi.lock", lock, a__pixi_toml=tied) == (*listed, "acme")
    assert channels_of("a/pixi.lock", lock, b__pixi_toml=tied) == listed
