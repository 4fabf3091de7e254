"""Small real packages, built by py-rattler-build: two versions each, as `.conda` and as `.tar.bz2`.

`tool` is a noarch Python package with a command, an activation script and, from 2.0 on, a post-link script and
another command. Its Python is a stand-in: a virtual environment of the Python that runs the tests, so that commands
really run. The source of `lib` is somebody else's from 2.0 on, and so is its recipe.
"""

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rattler import Subdir
from rattler_build import ArchiveType, Stage0Recipe, ToolConfiguration, VariantConfig, assemble_package

from bot.demo.channel import CONDA_FORGE, ChannelData, ServedChannel
from bot.demo.channel import Record as Listed

HERE = str(Subdir.current())
PYTHON = ".".join(map(str, sys.version_info[:2]))
KINDS = {"conda": ArchiveType.Conda, "tarbz2": ArchiveType.TarBz2}

TOOL = """\
package: {{name: tool, version: "{version}"}}
source: [{{path: tool.py}}]
build:
  number: 0
  noarch: python
  script:
    - mkdir -p $PREFIX/site-packages $PREFIX/etc/conda/activate.d $PREFIX/bin
    - cp tool.py $PREFIX/site-packages/
    - echo "export TOOL=$PREFIX" > $PREFIX/etc/conda/activate.d/tool.sh{more}
  python: {{entry_points: [{commands}]}}
requirements: {{run: [python]}}
about: {{license: MIT}}
extra: {{recipe-maintainers: [{maintainer}]}}
"""
POST_LINK = "\n    - echo 'echo linked > $PREFIX/linked' > $PREFIX/bin/.tool-post-link.sh"
MODULE = "import sys\n\n\ndef main() -> None:\n    print('tool', {version!r}, 'in', sys.prefix)\n"
RECIPES = {
    "1.0": {"more": "", "commands": "tool = tool:main", "maintainer": "ann"},
    "2.0": {"more": POST_LINK, "commands": "tool = tool:main, tool2 = tool:main", "maintainer": "mallory"},
}
MOVED = """\
package: {{name: lib, version: "{version}"}}
source: {{url: "https://github.com/{owner}/lib/archive/{version}.tar.gz", sha256: {sha256}}}
extra: {{recipe-maintainers: [{maintainer}]}}
"""
OWNERS = {"1.0": ("lib", "ann"), "2.0": ("somebody", "mallory")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A package that was built: what a channel lists, and its archive."""

    listed: Listed
    content: bytes

    @property
    def place(self) -> str:
        """Where it is in its channel."""
        return f"{self.listed.subdir}/{self.listed.fn}"

    @property
    def url(self) -> str:
        """Where a lock says that it is."""
        return f"{CONDA_FORGE}/{self.place}"


def build_all(folder: Path) -> Mapping[str, Built]:
    """Build them all in *folder*; each by `NAME-VERSION.KIND` (`tool-1.0.conda`, `lib-2.0.tarbz2`)."""
    found = {"python.conda": python(folder)}
    for kind in KINDS:
        found |= {f"tool-{version}.{kind}": _tool(folder, version, kind) for version in RECIPES}
        found |= {f"lib-{version}.{kind}": _lib(folder, version, kind) for version in OWNERS}
    return found


def served_packages(*packages: Built) -> ServedChannel:
    """Return conda-forge with *packages*, listed and as archives."""
    channel = ServedChannel.of("conda-forge", ChannelData.of(*(each.listed for each in packages)))
    channel.archives = {each.place: each.content for each in packages}
    return channel


def python(folder: Path) -> Built:
    """Return the stand-in of Python, for this machine."""
    files = folder / "python"
    (files / f"lib/python{PYTHON}/site-packages").mkdir(parents=True)
    (files / "bin").mkdir()
    base = Path(sys.executable).resolve()
    (files / f"bin/python{PYTHON}").symlink_to(base)
    (files / "bin/python").symlink_to(f"python{PYTHON}")
    (files / "pyvenv.cfg").write_text(f"home = {base.parent}\ninclude-system-site-packages = false\n")
    made = assemble_package("python", f"{PYTHON}.0", HERE, "h0_0", folder, files_dir=files)
    return _built(Path(made.path), "python", f"{PYTHON}.0", HERE)


def _tool(folder: Path, version: str, kind: str) -> Built:
    recipe = folder / f"recipe-{version}-{kind}"
    recipe.mkdir()
    (recipe / "tool.py").write_text(MODULE.format(version=version))
    (recipe / "recipe.yaml").write_text(TOOL.format(version=version, **RECIPES[version]))
    (folder / "empty/noarch").mkdir(parents=True, exist_ok=True)
    (folder / "empty/noarch/repodata.json").write_text("{}")
    (rendered,) = Stage0Recipe.from_file(recipe / "recipe.yaml").render(VariantConfig())
    made = rendered.run_build(
        ToolConfiguration(),
        output_dir=folder / f"output-{kind}",
        channels=[(folder / "empty").as_uri()],
        package_format=kind.replace("tarbz2", "tar-bz2"),
    )
    return _built(Path(made.packages[0]), "tool", version, "noarch", noarch="python")


def _lib(folder: Path, version: str, kind: str) -> Built:
    owner, maintainer = OWNERS[version]
    files, recipe = folder / f"lib-{version}-{kind}", folder / f"lib-recipe-{version}-{kind}"
    (files / "share").mkdir(parents=True)
    (files / "share/lib.txt").write_text(f"{version}\n")
    recipe.mkdir()
    text = MOVED.format(
        version=version, owner=owner, maintainer=maintainer, sha256=hashlib.sha256(version.encode()).hexdigest()
    )
    (recipe / "recipe.yaml").write_text(text)
    made = assemble_package(
        "lib",
        version,
        "noarch",
        "0",
        folder,
        files_dir=files,
        recipe_dir=recipe,
        noarch="generic",
        archive_type=KINDS[kind],
    )
    return _built(Path(made.path), "lib", version, "noarch", noarch="generic")


def _built(path: Path, name: str, version: str, subdir: str, noarch: str | None = None) -> Built:
    content = path.read_bytes()
    build = path.name.removesuffix(".conda").removesuffix(".tar.bz2").rsplit("-", 1)[1]
    listed = Listed(
        fn=path.name,
        name=name,
        version=version,
        build=build,
        build_number=0,
        subdir=subdir,
        depends=("python",) if noarch == "python" else (),
        md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        timestamp=1_760_000_000_000,
        noarch=noarch,
    )
    return Built(listed=listed, content=content)
