"""A person's own commands with the person's credentials: a mirror with a password, and a private channel."""

import asyncio
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.demo.channel import CONDA_FORGE
from tests.cli.conftest import ENVIRONMENT_YML, Condabot, Ended, run
from tests.doors import Door, basic, bearer, secret


@pytest.mark.parametrize("command", ["check", "update", "audit"])
async def test_a_mirror_with_a_password_is_read_and_shown_nowhere(
    condabot: Condabot, tmp_path: Path, command: str
) -> None:
    word = secret()
    async with Door(condabot.channel.url, basic("me", word)) as door:
        url = f"http://me:{quote(word, safe='')}@127.0.0.1:{door.port}/conda-forge"
        ended = await _run(command, str(condabot.root), "--mirror", f"{CONDA_FORGE}={url}")

    assert door.strangers == []
    assert ("alpha  1.0 -> 2.0" in ended.stdout) == (command != "audit")
    shown = (ended.stdout + ended.stderr).encode()
    kept = texts_below(tmp_path)
    for form in (word, quote(word, safe="")):
        assert form.encode() not in shown + kept


async def test_a_private_channel_is_read_with_the_operators_file(
    condabot: Condabot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Door(condabot.channel.url, bearer("right")) as door:
        url = f"{door.url}/conda-forge"
        (tmp_path / "credentials.toml").write_text(f"[[credential]]\nprefix = '{url}'\nbearer = 'right'\n")
        condabot.write({"environment.yml": ENVIRONMENT_YML.replace("conda-forge", url)})
        refused = await _run("check", str(condabot.root))
        monkeypatch.setenv("CONDABOT_CREDENTIALS_FILE", str(tmp_path / "credentials.toml"))
        ended = await _run("check", str(condabot.root))

    assert "must be read over https" in refused.stdout + refused.stderr
    assert "alpha  1.0 -> 2.0" in ended.stdout


async def test_a_file_of_credentials_that_is_wrong_stops_the_command(
    condabot: Condabot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "credentials.toml").write_text("[[credential]]\nbearer = 'right'\n")
    monkeypatch.setenv("CONDABOT_CREDENTIALS_FILE", str(tmp_path / "credentials.toml"))

    ended = await condabot("check")

    assert ended.code == 2
    assert "CONDABOT_CREDENTIALS_FILE: " in ended.stderr
    assert "missing required field `prefix`" in ended.stderr


def texts_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def _run(*arguments: str) -> Ended:
    return await asyncio.to_thread(run, *arguments)
