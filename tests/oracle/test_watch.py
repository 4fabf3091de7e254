"""The watch over the other tests sees a lock that pixi would not take, wherever it comes from."""

from pathlib import Path

import pytest

from bot.local.checkout import Checkout
from tests.lockfiles.pixi_lock.test_up_to_date import LOCKS
from tests.oracle.watch import complaints, watched

MANIFEST = b'[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n[dependencies]\nzlib = "1.3.*"\n'
NEWER = MANIFEST.replace(b"1.3.*", b"1.4.*")
SOURCE = MANIFEST.replace(b'"1.3.*"', b'{ path = "." }')
POOL = MANIFEST.replace(b'"1.3.*"', b"{ workspace = true }")
BUILT = "pixi.lock: default on linux-64: zlib is not from source, as is asked for"
UNMET = "pixi.lock: default on linux-64: zlib 1.4.*, wanted by the manifest, is not met"


@pytest.mark.parametrize(
    ("files", "texts", "expected"),
    [
        pytest.param({"pixi.toml": MANIFEST}, {"pixi.lock": LOCKS[7]}, [], id="in step"),
        pytest.param({"pixi.toml": NEWER}, {"pixi.lock": LOCKS[7]}, [UNMET], id="out of step"),
        pytest.param({"pixi.toml": NEWER}, {"pixi.lock": LOCKS[6], "pixi.toml": MANIFEST.decode()}, [], id="both new"),
        pytest.param({"pixi.toml": POOL}, {"pixi.lock": LOCKS[7]}, [], id="what only pixi can judge"),
        pytest.param({"pixi.toml": SOURCE}, {"pixi.lock": LOCKS[7]}, [BUILT], id="from a channel, not from source"),
        pytest.param({"a/pixi.toml": NEWER}, {"pixi.lock": LOCKS[7]}, [], id="no manifest beside"),
        pytest.param({"pixi.toml": NEWER}, {"other.lock": LOCKS[7]}, [], id="another file"),
    ],
)
def test_a_new_lock_is_judged_with_the_manifest_beside_it(
    files: dict[str, bytes], texts: dict[str, str], expected: list[str]
) -> None:
    assert list(complaints(files, texts)) == expected


@pytest.fixture(autouse=True)
def locks_in_step() -> None:
    """Not watched here: what is out of step is what these tests are about."""


def test_what_a_command_writes_is_seen(tmp_path: Path) -> None:
    (tmp_path / "pixi.toml").write_bytes(NEWER)
    (tmp_path / "pixi.lock").write_text(LOCKS[6])
    before = {"pixi.toml": NEWER, "pixi.lock": LOCKS[6].encode()}

    with pytest.MonkeyPatch.context() as patch:
        found = watched(patch)
        Checkout.at(tmp_path).write({"pixi.lock": LOCKS[7]}, before=before)

    assert found == [UNMET]
