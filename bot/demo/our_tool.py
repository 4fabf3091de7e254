"""A tool of the demo's own, with real archives: its channel, and a repository that locks it for this machine.

Its python is a stand-in: a virtual environment of the python that runs the demo, so that the tool really runs.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from rattler import Subdir

from bot.demo.channel import CONDA_FORGE, ChannelData, DemoChannel, Record, ServedChannel, record
from bot.demo.channel.archives import Archive, conda_archive

REPOSITORY: Final = "our-tool"
COMMAND: Final = "acme-tool"
CHANNEL: Final = f"{CONDA_FORGE.removesuffix('conda-forge')}acme"
PYTHON: Final = ".".join(map(str, sys.version_info[:2]))
ENVIRONMENT: Final = "default"

_BUILT: Final = 1_760_000_000_000
_DAY: Final = 86_400_000
_MODULE: Final = """\
import sys


def main() -> None:
    print("acme-tool", "{version}", "in", sys.prefix)
"""
_RECIPE: Final = """\
package: {{name: acme-tool, version: "{version}"}}
source:
  url: https://github.com/acme/acme-tool/archive/{version}.tar.gz
  sha256: {sha256}{patches}
build: {{number: 0, noarch: python}}
extra: {{recipe-maintainers: [ann, ben]}}
"""
_ABOUT: Final = b'{"extra": {"remote_url": "https://github.com/acme/recipes", "sha": "5ce1e5a0c0ffee"}}'
_CONFIGURATION: Final = b"lockFileMaintenance: {enabled: false}  # nothing else moves here\n"
_MANIFEST: Final = """\
[workspace]
name = "our-tool"
channels = ["acme"]
platforms = ["{platform}"]

[dependencies]
acme-tool = "1.*"
python = "{python}.*"
"""


def demo_channels() -> DemoChannel:
    """Return the channels of the demo: the slice of conda-forge, and the one of the tool, with its archives."""
    archives = (_python(), _tool("1.0"), _tool("1.1"))
    channel = ServedChannel.of("acme", ChannelData.of(*(each.listed for each in archives)))
    channel.archives = {each.place: each.content for each in archives}
    return DemoChannel(ServedChannel.of("conda-forge", ChannelData.demo()), channel)


def repository_files() -> dict[str, bytes]:
    """Return the files of the repository, by their paths: it locks the older release."""
    platform = str(Subdir.current())
    manifest = _MANIFEST.format(platform=platform, python=PYTHON)
    lock = _lock(platform, [_tool("1.0"), _python()])
    return {"pixi.toml": manifest.encode(), "pixi.lock": lock.encode(), ".github/condabot.yml": _CONFIGURATION}


def _tool(version: str) -> Archive:
    """Return the tool; 1.1 is patched, has a script that runs when its environment is activated, and a new command."""
    is_newer = version == "1.1"
    files = {"site-packages/acme_tool.py": _MODULE.format(version=version).encode()}
    commands = ["acme-tool = acme_tool:main"]
    if is_newer:
        files["etc/conda/activate.d/acme-tool.sh"] = b"export ACME_TOOL=1\n"
        commands.append("acme-admin = acme_tool:main")
    recipe = _RECIPE.format(
        version=version,
        sha256=("b" if is_newer else "a") * 64,
        patches="\n  patches: [utf8.patch]" if is_newer else "",
    )
    info = {
        "info/about.json": _ABOUT,
        "info/recipe/recipe.yaml": recipe.encode(),
        "info/licenses/LICENSE": b"BSD-3-Clause\n",
    }
    listed = record("acme-tool", version, depends=["python"], timestamp=_BUILT + _DAY * is_newer)
    return conda_archive(listed, dict(files), commands=commands, info=info)


def _python() -> Archive:
    base = Path(sys.executable).resolve()
    files: dict[str, bytes | PurePosixPath] = {
        f"bin/python{PYTHON}": PurePosixPath(base),
        "bin/python": PurePosixPath(f"python{PYTHON}"),
        "pyvenv.cfg": f"home = {base.parent}\ninclude-system-site-packages = false\n".encode(),
        f"lib/python{PYTHON}/site-packages/README.txt": b"A stand-in.\n",
    }
    listed = record("python", f"{PYTHON}.0", subdir=str(Subdir.current()), timestamp=_BUILT)
    return conda_archive(listed, files)


def _lock(platform: str, archives: Sequence[Archive]) -> str:
    """Return a `pixi.lock` of version 6 with *archives*."""
    urls = [f"{CHANNEL}/{each.place}" for each in archives]
    lines = [
        *("version: 6", "environments:", f"  {ENVIRONMENT}:", "    channels:", f"    - url: {CHANNEL}/"),
        *("    packages:", f"      {platform}:", *(f"      - conda: {url}" for url in sorted(urls)), "packages:"),
    ]
    for url, each in sorted(zip(urls, archives, strict=True), key=lambda pair: pair[0]):
        lines += [f"- conda: {url}", *_entry(each.listed)]
    return "\n".join([*lines, ""])


def _entry(listed: Record) -> Iterable[str]:
    yield from (f"  sha256: {listed.sha256}", f"  md5: {listed.md5}")
    if listed.noarch:
        yield f"  noarch: {listed.noarch}"
    if listed.depends:
        yield from ("  depends:", *(f"  - {each}" for each in listed.depends))
    yield from (f"  license: {listed.license}", f"  size: {listed.size}", f"  timestamp: {listed.timestamp}")
