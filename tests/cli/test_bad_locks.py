"""A lock that is damaged, hostile or not a lock at all is named with the reason, and no file is touched."""

import pytest

from bot.demo.channel import record
from bot.lockfiles.guards import MAX_BYTES
from tests.cli.conftest import SMALL, Condabot
from tests.cli.test_lock_version import OUTDATED, PIXI_TOML, lock

BEFORE = OUTDATED.replace("version: 6\n", "")
EPOCH_TOML = PIXI_TOML.replace('beta = "1.*"', 'core = "*"\nepoch = "*"')
CASES = [
    pytest.param(
        OUTDATED.replace("packages:\n-", "<<<<<<< ours\npackages:\n-", 1).encode(),
        "pixi.lock:10: here is a merge-conflict marker: resolve the conflict",
        id="a merge conflict",
    ),
    pytest.param(
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
        "pixi.lock:1: this is a git-LFS pointer and not the lockfile itself",
        id="a git-LFS pointer",
    ),
    pytest.param(
        f"version: 1000\n{BEFORE}".encode(), "version 1000 is not known here: condabot reads", id="an unknown version"
    ),
    pytest.param(f"version: 4\n{BEFORE}".encode(), "version 4 comes from an old pixi", id="an old version"),
    pytest.param(b"version: " + b"[" * 200_000, "values are nested more than 64 deep", id="deep nesting"),
    pytest.param(f"version: &v 6\n{BEFORE}".encode(), "the anchor `&v` has no place in a lockfile", id="an anchor"),
    pytest.param(OUTDATED.encode("utf-16"), "this is not UTF-8 text", id="another encoding"),
    pytest.param(b"\xef\xbb\xbf" + OUTDATED.encode(), "starts with a byte-order mark", id="a byte-order mark"),
    pytest.param(OUTDATED.encode()[:-80], "has no entry under `packages`", id="half a lock"),
    pytest.param(b"", "the file is empty", id="nothing"),
]


@pytest.fixture
def workspace(condabot: Condabot) -> Condabot:
    (condabot.root / "environment.yml").unlink()
    condabot.write({"pixi.toml": PIXI_TOML})
    return condabot


@pytest.mark.parametrize("options", [(), ("--lock-version", "7")], ids=["update", "with a version"])
@pytest.mark.parametrize(("content", "sentence"), CASES)
async def test_a_bad_lock_is_named_and_nothing_is_written(
    workspace: Condabot, content: bytes, sentence: str, options: tuple[str, ...]
) -> None:
    workspace.write({"pixi.lock": content})
    before = workspace.read()

    ended = await workspace("update", *options)

    assert ended.code == 3
    assert ended.stdout.count(sentence) == 1
    assert workspace.read() == before


async def test_a_lock_that_is_too_large_is_named_and_not_read(workspace: Condabot) -> None:
    workspace.write({"pixi.lock": OUTDATED})
    with (workspace.root / "pixi.lock").open("ab") as file:
        file.truncate(MAX_BYTES + 1)

    ended = await workspace("update")

    assert ended.code == 3
    assert "pixi.lock" in ended.stdout
    assert (workspace.root / "pixi.lock").stat().st_size == MAX_BYTES + 1
    assert (workspace.root / "pixi.toml").read_text() == PIXI_TOML


async def test_a_hash_that_is_not_the_channels_is_named_and_the_lock_stays(workspace: Condabot) -> None:
    tampered = OUTDATED.replace(SMALL[5].sha256, "0" * 64)
    workspace.write({"pixi.lock": tampered})

    ended = await workspace("update")

    assert (ended.code, workspace.read()["pixi.lock"].decode()) == (3, tampered)
    assert "0" * 64 in ended.stdout


async def test_an_epoch_in_a_url_is_no_reason_to_change_a_lock(workspace: Condabot) -> None:
    epoch = record("epoch", "1!2.0")
    workspace.channel["conda-forge"].publish([epoch])
    text = lock(SMALL[6], epoch)
    workspace.write({"pixi.toml": EPOCH_TOML, "pixi.lock": text})

    ended = await workspace("update")

    assert (ended.code, ended.stdout.splitlines()[0]) == (0, "Nothing to update.")
    assert workspace.read()["pixi.lock"].decode() == text


async def test_an_escaped_epoch_in_a_url_is_the_same_record(workspace: Condabot) -> None:
    epoch = record("epoch", "1!2.0")
    workspace.channel["conda-forge"].publish([epoch])
    text = lock(SMALL[6], epoch)
    fields = f"  name: epoch\n  version: 1!2.0\n  build: {epoch.build}\n  sha256: {epoch.sha256}\n"
    escaped = text.replace(epoch.fn, epoch.fn.replace("!", "%21")).replace(f"  sha256: {epoch.sha256}\n", fields)
    workspace.write({"pixi.toml": EPOCH_TOML, "pixi.lock": escaped})

    await workspace("update")

    assert workspace.read()["pixi.lock"].decode() == escaped
