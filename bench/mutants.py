"""Changes the code in many small ways, one at a time, and counts the changes that no test notices: `make mutants`.

mutmut makes the mutants and runs them, each against those tests that reach its function and stand under `tests/` where
its package stands under `bot/`: a package proves itself. With `--sample N` only N mutants of each module are run, drawn
with a fixed seed. Prints the score of each module and in total, and the mutants that survived; `mutmut show NAME` shows
one. docs/testing.md has the scores.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

PACKAGES: Final = ("versioning", "planning", "manifests", "lockfiles")
SEED: Final = 8
KILLED: Final = frozenset({1, 3, 24, 36, 152, 255, -24})
"""What mutmut writes down of a mutant that a test failed on, or that took far too long."""

GENERATED: Final = Path("mutants")
MUTMUT: Final = Path(sys.executable).with_name("mutmut")

Verdicts = Mapping[Path, Mapping[str, bool]]
"""Whether each mutant of a module was killed."""


def main(modules: Sequence[Path], sample: int | None) -> None:
    """Run the mutants of *modules*, *sample* of each module if it is not None, and print what became of them."""
    shutil.rmtree(GENERATED, ignore_errors=True)
    verdicts: dict[Path, Mapping[str, bool]] = {}
    for package in PACKAGES:
        beneath = [each for each in modules if each.is_relative_to(f"bot/{package}")]
        if beneath:
            verdicts |= judged(package, beneath, sample)
    print("\n".join(lines(verdicts)))


def judged(package: str, modules: Iterable[Path], sample: int | None) -> Verdicts:
    """Return what became of the mutants of *modules*, all in *package*, in the tests of that package."""
    # What names no mutant makes mutmut write them all, and stop.
    mutmut(package, ["none"], check=False)
    drawn = {path: draw(sorted(verdicts(path)), sample) for path in written(modules)}
    mutmut(package, [name for names in drawn.values() for name in names], check=True)
    return {path: {name: verdicts(path)[name] in KILLED for name in names} for path, names in drawn.items()}


def mutmut(package: str, names: Sequence[str], *, check: bool) -> None:
    """Run the mutants called *names* in the tests of *package* alone."""
    others = " ".join(f"--deselect=tests/{each}" for each in PACKAGES if each != package)
    environment = os.environ | {"PYTEST_ADDOPTS": others}  # noqa: TID251 -- mutmut has no other way for it
    output = None if check else subprocess.DEVNULL
    command = [str(MUTMUT), "run", *names]
    subprocess.run(command, env=environment, check=check, stdout=output, stderr=output)  # noqa: S603 -- no shell


def written(modules: Iterable[Path]) -> Iterator[Path]:
    """Yield the module files in *modules*, folders or files, of which mutmut wrote mutants."""
    for each in modules:
        for path in sorted(each.rglob("*.py")) if each.is_dir() else [each]:
            if verdicts(path):
                yield path


def verdicts(path: Path) -> Mapping[str, int | None]:
    """Return what mutmut wrote down of each mutant of the module in *path*: an exit code, None if it was not run."""
    file = GENERATED / f"{path}.meta"
    if not file.exists():
        return {}
    found: Mapping[str, int | None] = json.loads(file.read_bytes())["exit_code_by_key"]
    return found


def draw(names: Sequence[str], sample: int | None) -> Sequence[str]:
    """Return *sample* of *names*, always the same ones; all of them for None, or if there are no more."""
    if sample is None or sample >= len(names):
        return names
    return sorted(random.Random(SEED).sample(names, sample))  # noqa: S311 -- nothing secret


def lines(verdicts: Verdicts) -> Iterator[str]:
    """Yield what is printed: who survived, the score of each module, and of all of them."""
    yield from (f"survived: {name}" for each in verdicts.values() for name, killed in each.items() if not killed)
    yield from (_score(str(path), each.values()) for path, each in verdicts.items())
    yield _score("in total", [killed for each in verdicts.values() for killed in each.values()])


def _score(what: str, killed: Iterable[bool]) -> str:
    every = list(killed)
    return f"{what:50} {sum(every):5} of {len(every):5} killed, {sum(every) / max(len(every), 1):4.0%}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", type=Path, default=[Path("bot", each) for each in PACKAGES])
    parser.add_argument("--sample", type=int, metavar="N", help="run N mutants of each module, not all")
    arguments = parser.parse_args()
    main(arguments.modules, arguments.sample)
