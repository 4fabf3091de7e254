"""Changes the code in many small ways, one at a time, and counts the changes that no test notices: `make mutants`.

mutmut makes the mutants and runs them, each in the tests that reach its function and mirror its module
(`bench.mirrored`). With `--sample N` only N mutants of each module are run, drawn with a fixed seed. Prints the mutants
that survived (`mutmut show NAME` shows one), and the score of each module and in total. docs/testing.md has the scores.
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
from typing import Final, TypeAlias

PACKAGES: Final = tuple(Path("bot", each) for each in ("versioning", "planning", "manifests", "lockfiles"))
SEED: Final = 8
SURVIVED: Final = frozenset({0, 5, 33})
"""What mutmut writes down of a mutant that no test failed on: all passed, or there are none."""

GENERATED: Final = Path("mutants")
MUTMUT: Final = Path(sys.executable).with_name("mutmut")

Verdicts: TypeAlias = Mapping[Path, Mapping[str, bool]]
"""Whether each mutant of a module was killed."""


def main(modules: Sequence[Path], sample: int | None) -> None:
    """Run the mutants of *modules*, *sample* of each module if it is not None, and print what became of them."""
    others = [each for each in PACKAGES if not any(module.is_relative_to(each) for module in modules)]
    shutil.rmtree(GENERATED, ignore_errors=True)
    # What names no mutant makes mutmut write them all, and stop.
    _mutmut(["none"], others, check=False)
    drawn = {path: draw(sorted(_codes(path)), sample) for path in _mutated(modules)}
    _mutmut([name for names in drawn.values() for name in names], others, check=True)
    codes = {path: _codes(path) for path in drawn}
    found = {path: {name: codes[path][name] not in SURVIVED for name in names} for path, names in drawn.items()}
    print("\n".join(lines(found)))


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


def _mutmut(names: Sequence[str], others: Iterable[Path], *, check: bool) -> None:
    """Run the mutants called *names*; the tests of the packages *others* are not needed."""
    left_out = " ".join(f"--deselect=tests/{each.name}" for each in others)
    environment = os.environ | {"PYTEST_ADDOPTS": left_out}  # noqa: TID251 -- mutmut passes on nothing else
    output = None if check else subprocess.DEVNULL
    command = [str(MUTMUT), "run", *names]
    subprocess.run(command, env=environment, check=check, stdout=output, stderr=output)  # noqa: S603 -- no shell


def _mutated(modules: Iterable[Path]) -> Iterator[Path]:
    """Yield the files in *modules*, files or folders, of which mutmut wrote mutants."""
    for each in modules:
        yield from filter(_codes, sorted(each.rglob("*.py")) if each.is_dir() else [each])


def _codes(path: Path) -> Mapping[str, int | None]:
    """Return the exit code that each mutant of the module in *path* came to, None if it was not run."""
    file = GENERATED / f"{path}.meta"
    if not file.exists():
        return {}
    found: Mapping[str, int | None] = json.loads(file.read_bytes())["exit_code_by_key"]
    return found


def _score(what: str, killed: Iterable[bool]) -> str:
    every = list(killed)
    return f"{what:50} {sum(every):5} of {len(every):5} killed, {sum(every) / max(len(every), 1):4.0%}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", type=Path, default=PACKAGES)
    parser.add_argument("--sample", type=int, metavar="N", help="run N mutants of each module, not all")
    arguments = parser.parse_args()
    main(arguments.modules, arguments.sample)
