"""`condabot pack`: what is unpacked elsewhere runs, is the same each time, and is stated by hash."""

import asyncio
import hashlib
import json
import subprocess
import tarfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.demo.channel import CONDA_FORGE, DemoChannel
from tests.cli.conftest import Ended, run
from tests.packages import HERE, Built, served_packages

OTHER = "win-64" if HERE.startswith("linux") else "linux-64"
ACTIVATE = "etc/conda/activate.d/tool.sh"
PYPI = "https://files.example/app-1.0-py3-none-any.whl"


def pixi_lock(*packages: Built, environment: str = "default", platform: str = HERE, pypi: str = "") -> str:
    """Return a `pixi.lock` of an environment with *packages*."""
    named = "".join(f"      - conda: {each.url}\n" for each in packages)
    named += f"      - pypi: {pypi}\n" if pypi else ""
    said = "".join(_entry(each) for each in packages)
    said += f"- pypi: {pypi}\n  name: app\n  version: '1.0'\n  sha256: {'c' * 64}\n" if pypi else ""
    channels = f"    channels:\n    - url: {CONDA_FORGE}/\n" + (
        "    indexes:\n    - https://files.example\n" if pypi else ""
    )
    head = f"version: 6\nenvironments:\n  {environment}:\n{channels}    packages:\n      {platform}:\n"
    return f"{head}{named}packages:\n{said}"


def _entry(package: Built) -> str:
    listed = package.listed
    depends = "".join(f"  - {each}\n" for each in listed.depends)
    return (
        f"- conda: {package.url}\n  sha256: {listed.sha256}\n  md5: {listed.md5}\n"
        + (f"  noarch: {listed.noarch}\n" if listed.noarch else "")
        + (f"  depends:\n{depends}" if depends else "")
        + f"  license: MIT\n  size: {listed.size}\n  timestamp: {listed.timestamp}\n"
    )


def explicit(*packages: Built, hashed: bool = True) -> str:
    lines = [f"{each.url}#{each.listed.md5}" if hashed else each.url for each in packages]
    return "\n".join([f"# platform: {HERE}", "@EXPLICIT", *lines, ""])


def conda_lock(*packages: Built) -> str:
    entries = "".join(
        f"- name: {each.listed.name}\n  version: {each.listed.version}\n  manager: conda\n  platform: {HERE}\n"
        f"  dependencies: {{}}\n  url: {each.url}\n"
        f"  hash:\n    md5: {each.listed.md5}\n    sha256: {each.listed.sha256}\n  category: main\n  optional: false\n"
        for each in packages
    )
    head = f"version: 1\nmetadata:\n  content_hash:\n    {HERE}: {'a' * 64}\n"
    head += "  channels:\n  - url: conda-forge\n    used_env_vars: []\n"
    return f"{head}  platforms:\n  - {HERE}\n  sources:\n  - environment.yml\npackage:\n{entries}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """Packs in `root`, where conda-forge is the channel at `url`."""

    root: Path
    url: str

    def write(self, name: str, text: str) -> None:
        self.root.mkdir(exist_ok=True)
        (self.root / name).write_text(text)

    async def __call__(self, lock: str, *options: str, output: str = "out.tar.gz") -> Ended:
        mirror = ("--mirror", f"{CONDA_FORGE}={self.url}")
        named = ("--output", str(self.root / output))
        return await asyncio.to_thread(run, "pack", str(self.root / lock), *named, *mirror, *options)


@pytest.fixture
async def packing(tmp_path: Path, environment: None, packages: Mapping[str, Built]) -> AsyncIterator[Packing]:
    del environment
    async with DemoChannel(served_packages(*packages.values())) as channel:
        yield Packing(root=tmp_path / "checkout", url=f"{channel.url}/conda-forge")


def unpacked(archive: Path, folder: Path) -> Path:
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="tar")
    return folder


def said_by(folder: Path, command: str) -> str:
    """Return what *command* prints in the activated environment at *folder*."""
    script = f'. "{folder}/bin/activate" && {command}'
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    ("name", "write"), [("pixi.lock", pixi_lock), ("conda-lock.yml", conda_lock), ("explicit.txt", explicit)]
)
@pytest.mark.parametrize("kind", ["conda", "tarbz2"])
async def test_an_environment_is_unpacked_and_its_command_runs(
    packing: Packing, packages: Mapping[str, Built], tmp_path: Path, name: str, write: Callable[..., str], kind: str
) -> None:
    packing.write(name, write(packages["python.conda"], packages[f"tool-1.0.{kind}"]))

    ended = await packing(name)

    assert (ended.code, ended.stderr.count("not ")) == (0, 0), ended.stderr
    assert "packed 2 packages into" in ended.stdout
    elsewhere = unpacked(packing.root / "out.tar.gz", tmp_path / "elsewhere")
    assert said_by(elsewhere, "tool") == f"tool 1.0 in {elsewhere}"
    assert said_by(elsewhere, f"conda-unpack && cat {elsewhere}/{ACTIVATE}") == f"export TOOL={elsewhere}"


async def test_what_is_in_it_stands_beside_it(packing: Packing, packages: Mapping[str, Built], tmp_path: Path) -> None:
    lock = pixi_lock(packages["python.conda"], packages["tool-1.0.conda"])
    packing.write("pixi.lock", lock)

    await packing("pixi.lock")

    archive = packing.root / "out.tar.gz"
    sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
    said = json.loads((packing.root / "out.tar.gz.manifest.json").read_text())
    bom = json.loads((packing.root / "out.tar.gz.cdx.json").read_text())
    elsewhere = unpacked(archive, tmp_path / "elsewhere")
    assert (packing.root / "out.tar.gz.sha256").read_text() == f"{sha256}  out.tar.gz\n"
    assert said["archive"] == {"name": "out.tar.gz", "sha256": sha256, "size": archive.stat().st_size}
    assert said["lock"]["sha256"] == hashlib.sha256(lock.encode()).hexdigest()
    assert (said["environment"], said["platform"]) == ("default", HERE)
    assert {each["url"]: each["sha256"] for each in said["packages"]} == {
        packages[name].url: packages[name].listed.sha256 for name in ("python.conda", "tool-1.0.conda")
    }
    for each in said["files"]:
        path = elsewhere / each["path"]
        if "link" in each:
            assert str(path.readlink()) == each["link"]
        else:
            assert hashlib.sha256(path.read_bytes()).hexdigest() == each["sha256"]
    files = {path for path in elsewhere.rglob("*") if path.is_symlink() or path.is_file()}
    assert {str(path.relative_to(elsewhere)) for path in files} == {each["path"] for each in said["files"]}
    assert {each["name"] for each in bom["components"]} == {"python", "tool"}


@pytest.mark.parametrize("epoch", ["", "1700000000"])
async def test_it_is_the_same_wherever_and_whenever_it_is_made(
    packing: Packing,
    packages: Mapping[str, Built],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    epoch: str,
) -> None:
    packing.write("pixi.lock", pixi_lock(packages["python.conda"], packages["tool-2.0.conda"]))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    await packing("pixi.lock")
    monkeypatch.setenv("CONDABOT_CACHE_DIR", str(tmp_path / "another"))
    long = tmp_path / "another-place-with-a-name-so-long-that-no-script-can-begin-with-it"
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))

    await packing("pixi.lock", output="again.tar.gz")

    content = (packing.root / "out.tar.gz").read_bytes()
    assert content == (packing.root / "again.tar.gz").read_bytes()
    latest = int(epoch or packages["python.conda"].listed.timestamp / 1000)
    with tarfile.open(packing.root / "out.tar.gz") as tar:
        members = tar.getmembers()
    assert [each.name for each in members] == sorted(each.name for each in members)
    assert {(each.uid, each.gid, each.uname, each.mode) for each in members} <= {(0, 0, "", 0o755), (0, 0, "", 0o644)}
    assert max(each.mtime for each in members) == latest
    assert not any(b"another-place" in each or b"/condabot-" in each for each in _contents(packing.root))


def _contents(root: Path) -> list[bytes]:
    with tarfile.open(root / "out.tar.gz") as tar:
        return [file.read() for each in tar.getmembers() if each.isfile() and (file := tar.extractfile(each))]


async def test_link_scripts_run_only_if_that_is_asked_for(packing: Packing, packages: Mapping[str, Built]) -> None:
    packing.write("pixi.lock", pixi_lock(packages["python.conda"], packages["tool-2.0.conda"]))

    plain = await packing("pixi.lock")
    ran = await packing("pixi.lock", "--run-link-scripts", output="ran.tar.gz")

    names = []
    for each in ("out", "ran"):
        with tarfile.open(packing.root / f"{each}.tar.gz") as tar:
            names.append("linked" in tar.getnames())
    assert names == [False, True]
    assert "not run: the link scripts of tool" in plain.stderr
    assert "not run" not in ran.stderr
    said = json.loads((packing.root / "ran.tar.gz.manifest.json").read_text())
    assert said["link_scripts"] == {"ran": True, "of": ["tool"]}


async def test_what_is_not_packed_is_said(packing: Packing, packages: Mapping[str, Built]) -> None:
    packing.write("pixi.lock", pixi_lock(packages["python.conda"], pypi=PYPI))

    ended = await packing("pixi.lock")

    assert (ended.code, "not packed: 1 of PyPI: app" in ended.stderr) == (3, True)
    said = json.loads((packing.root / "out.tar.gz.manifest.json").read_text())
    assert said["not_packed"] == [{"name": "app", "version": "1.0", "kind": "pypi", "url": PYPI}]
    assert "app" not in {each["name"] for each in said["packages"]}


async def test_what_has_no_hash_is_said(packing: Packing, packages: Mapping[str, Built]) -> None:
    packing.write("explicit.txt", explicit(packages["python.conda"], hashed=False))

    ended = await packing("explicit.txt")

    assert (ended.code, "not checked, for the lock states no hash of it: python" in ended.stderr) == (0, True)


async def test_without_a_network_it_is_packed_from_the_cache(packing: Packing, packages: Mapping[str, Built]) -> None:
    packing.write("pixi.lock", pixi_lock(packages["python.conda"]))

    before = await packing("pixi.lock", "--offline")
    await packing("pixi.lock")
    after = await packing("pixi.lock", "--offline")

    assert (before.code, after.code) == (2, 0)
    assert "is not in the cache, and condabot is offline" in before.stderr


@pytest.mark.parametrize(
    ("change", "options", "sentence"),
    [
        ({"environment": "test"}, ("--environment", "docs"), "has no environment 'docs': test"),
        ({}, ("--platform", "linux-65"), f"has no platform 'linux-65': {HERE}"),
        ({"platform": OTHER}, (), f"is for {OTHER}, and this machine is {HERE}"),
        ({}, ("--output", "here.zip"), "here.zip: --output: must end with .tar.gz or .tgz"),
        ({}, ("--output", "no/where.tar.gz"), "no/where.tar.gz: --output: cannot be written"),
    ],
)
async def test_what_it_cannot_pack_it_says(
    packing: Packing, packages: Mapping[str, Built], change: Mapping[str, str], options: tuple[str, ...], sentence: str
) -> None:
    packing.write("pixi.lock", pixi_lock(packages["python.conda"], **change))

    ended = await packing("pixi.lock", *options)

    assert (ended.code, ended.stdout) == (2, "")
    assert sentence in ended.stderr
    assert [each.name for each in packing.root.iterdir()] == ["pixi.lock"]


async def test_an_archive_that_is_not_the_locked_one_is_not_packed(
    packing: Packing, packages: Mapping[str, Built]
) -> None:
    python = packages["python.conda"]
    packing.write("pixi.lock", pixi_lock(python).replace(python.listed.sha256, "0" * 64))
    packing.write("gone.txt", explicit(python).replace("h0_0.conda", "h0_1.conda"))

    forged, gone = await packing("pixi.lock"), await packing("gone.txt")

    assert (forged.code, gone.code) == (2, 2)
    assert f"{python.url} is not the one that is locked: its hash is {python.listed.sha256}" in forged.stderr
    assert "is not to be had: its channel answered 404" in gone.stderr
    assert packing.url not in forged.stderr + gone.stderr
    assert sorted(each.name for each in packing.root.iterdir()) == ["gone.txt", "pixi.lock"]
