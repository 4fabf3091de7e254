"""Builds a recipe and runs its tests with rattler-build, on a channel that has stand-ins for everything it asks for.

python build_recipe.py RECIPE FOLDER PYTHON

The stand-in of Python is a script that calls PYTHON, which has what the others stand for. It prints what was built, and
what came of each test of it.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import hatchling
from rattler_build import Package, RenderedVariant, Stage0Recipe, ToolConfiguration, VariantConfig, assemble_package

VERSION = re.compile(r"\d+(?:\.\d+)*")
SUBDIR = "linux-64"
WRAPPER = """\
#!/bin/sh
here=$(cd "$(dirname "$0")/.." && pwd)
export PYTHONPATH="$here/lib/python{minor}/site-packages:{hatchling}"
export PIP_PREFIX="$here" PIP_IGNORE_INSTALLED=1 PIP_NO_INDEX=1
exec {python} "$@"
"""


def main() -> None:
    """Build it."""
    recipe, folder, python = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    (rendered,) = Stage0Recipe.from_file(recipe).render(VariantConfig())
    for subdir in ("noarch", SUBDIR):
        (folder / "channel" / subdir).mkdir(parents=True)
    for spec in sorted(specs(rendered)):
        stand_in(spec, folder, python)
    for subdir in ("noarch", SUBDIR):
        index(folder / "channel" / subdir)
    channels = [(folder / "channel").as_uri()]
    built = rendered.run_build(ToolConfiguration(), output_dir=folder / "output", channels=channels)
    for package in map(Package.from_file, built.packages):
        words = ["passed" if each.success else "failed" for each in package.run_tests(channel=channels)]
        sys.stdout.write(" ".join([package.name, package.version, *words]) + "\n")


def specs(rendered: RenderedVariant) -> Iterable[str]:
    """Return what is asked for to build and to run, of each name that which says more."""
    asked = rendered.recipe.requirements.to_dict()
    found = {str(each).partition(" ")[0]: str(each) for kind in ("run", "host") for each in asked[kind]}
    return found.values()


def stand_in(spec: str, folder: Path, python: str) -> None:
    """Put a package into the channel that fulfils *spec*, in the lowest version that it names."""
    name, _, asked = spec.partition(" ")
    named = VERSION.search(asked)
    version, files = named[0] if named else "1.0", folder / "stand-ins" / name
    files.mkdir(parents=True)
    if name != "python":
        assemble_package(name, version, "noarch", "0", folder / "channel" / "noarch", files_dir=files, noarch="generic")
        return
    (files / "bin").mkdir()
    where = Path(hatchling.__file__).parents[1]
    for program in ("python", f"python{version}"):
        (files / "bin" / program).write_text(WRAPPER.format(minor=version, hatchling=where, python=python))
        (files / "bin" / program).chmod(0o755)
    assemble_package(name, f"{version}.0", SUBDIR, "0", folder / "channel" / SUBDIR, files_dir=files)


def index(subdir: Path) -> None:
    """Write the repodata of what is in *subdir*: https://docs.conda.io/projects/conda-build/en/stable/concepts/generating-index.html."""
    packages = {}
    for each in subdir.glob("*.conda"):
        name, version, build = each.name.removesuffix(".conda").rsplit("-", 2)
        packages[each.name] = {
            "name": name,
            "version": version,
            "build": build,
            "build_number": 0,
            "depends": [],
            "subdir": subdir.name,
            "sha256": hashlib.sha256(each.read_bytes()).hexdigest(),
            "size": each.stat().st_size,
            **({"noarch": "generic"} if subdir.name == "noarch" else {}),
        }
    repodata = {"info": {"subdir": subdir.name}, "packages": {}, "packages.conda": packages, "repodata_version": 1}
    (subdir / "repodata.json").write_text(json.dumps(repodata))


if __name__ == "__main__":
    main()
