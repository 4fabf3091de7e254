"""Takes guards out of the code, one at a time, and says which no test misses: `make mutants GUARDS="bot/egress …"`.

A guard is a condition under which something is refused or returned early, an operand of `and` and `or`, the condition
of a comprehension, a call of something that checks, or an item of a constant list. The tests of the package that mirror
the module's are run for each, in a copy of the repository, until the first that fails.
"""

import argparse
import ast
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

from bot.cli.options import process_environment

MODULES: Final = tuple(map(Path, ("bot/egress", "bot/web", "bot/github/auth.py", "bot/github/ours.py")))
COPIED: Final = ("bot", "tests", "fixtures", "bench", "docs", "pyproject.toml")
SECONDS: Final = 180
"""Until a run is taken to hang, which is noticed as well."""

_Place: TypeAlias = tuple[ast.expr | ast.stmt, str, Callable[[], None]]
"""A guard, its words, and what takes it out."""

CHECKING: Final = ("check", "_check", "require", "_require", "_refuse", "verify")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A guard at a line of a module: its words, and the module's text without it."""

    path: Path
    line: int
    words: str
    without: str


def guards(path: Path) -> Iterator[Guard]:
    """Yield the guards of the module at *path*, in order."""
    text = path.read_text()
    for number in range(len(list(_places(ast.parse(text))))):
        tree = ast.parse(text)
        node, words, take_out = list(_places(tree))[number]
        take_out()
        yield Guard(path=path, line=node.lineno, words=words, without=ast.unparse(tree))


def _places(tree: ast.Module) -> Iterator[_Place]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise | ast.Return):
            yield node, f"if {ast.unparse(node.test)}", partial(_never, node)
        elif isinstance(node, ast.BoolOp):
            for operand in node.values:
                words = f"{ast.unparse(operand)} in {ast.unparse(node)}"
                yield node, words, partial(node.values.remove, operand)
        elif isinstance(node, ast.comprehension):
            for condition in node.ifs:
                words = f"if {ast.unparse(condition)}"
                yield condition, words, partial(node.ifs.remove, condition)
        elif isinstance(node, ast.Expr) and _checks(node.value):
            yield node, ast.unparse(node), partial(_nothing, node)
    yield from _items(tree)


def _items(tree: ast.Module) -> Iterator[_Place]:
    for items in (each for constant in tree.body for each in _lists(constant)):
        for item in items.elts:
            words = f"{ast.unparse(item)} in a list"
            yield item, words, partial(items.elts.remove, item)


def _never(node: ast.If) -> None:
    node.test = ast.Constant(value=False)


def _nothing(node: ast.Expr) -> None:
    node.value = ast.Constant(value=None)


def _checks(node: ast.expr) -> bool:
    called = node.value if isinstance(node, ast.Await) else node
    if not isinstance(called, ast.Call):
        return False
    name = called.func.attr if isinstance(called.func, ast.Attribute) else getattr(called.func, "id", "")
    return name.startswith(CHECKING)


def _lists(statement: ast.stmt) -> Iterator[ast.List | ast.Tuple | ast.Set]:
    """Yield the lists of a constant; the name of a type guards nothing."""
    if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.annotation) == "TypeAlias":
        return
    if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
        yield from (each for each in ast.walk(statement.value) if isinstance(each, ast.List | ast.Tuple | ast.Set))


def tests_of(module: Path) -> tuple[str, ...]:
    """Return the tests of *module*, which are to be asked first, and of its package."""
    folder = Path("tests", *module.parent.parts[1:])
    return (*map(str, folder.glob(f"test_*{module.stem}.py")), str(folder))


def is_missed(guard: Guard, copy: Path) -> bool:
    """Tell whether a test fails without *guard*, in the *copy* of the repository."""
    module = copy / guard.path
    before = module.read_text()
    module.write_text(guard.without)
    try:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests_of(guard.path)]
        environment = {**process_environment(), "PYTHONPATH": str(copy)}
        ended = subprocess.run(command, cwd=copy, env=environment, capture_output=True, check=False, timeout=SECONDS)  # noqa: S603 -- no shell
    except subprocess.TimeoutExpired:
        return True
    finally:
        module.write_text(before)
    return ended.returncode != 0


def survivors(found: Sequence[Guard], workers: int) -> Iterable[Guard]:
    """Yield those of *found* that no test misses."""
    with TemporaryDirectory(prefix="condabot-guards-") as folder:
        copies = [_copy(Path(folder, str(number))) for number in range(workers)]

        def run(share: int) -> list[Guard]:
            return [each for each in found[share::workers] if not is_missed(each, copies[share])]

        with ThreadPoolExecutor(workers) as pool:
            for part in pool.map(run, range(workers)):
                yield from part


def _copy(folder: Path) -> Path:
    for name in COPIED:
        source = Path(name)
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder


def main(modules: Iterable[Path], workers: int) -> None:
    """Print the guards of *modules* that no test misses, and how many there are."""
    paths = [path for each in modules for path in (sorted(each.rglob("*.py")) if each.is_dir() else [each])]
    paths = [path for path in paths if path.name != "__init__.py"]
    found = [guard for path in paths for guard in guards(path)]
    missed = sorted(survivors(found, workers), key=lambda each: (each.path, each.line))
    for each in missed:
        print(f"not missed: {each.path}:{each.line}: {each.words}")
    print(f"{len(found) - len(missed)} of {len(found)} guards are missed by a test when they are taken out")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.guards", description=__doc__)
    parser.add_argument("modules", nargs="*", type=Path, default=MODULES)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    main(arguments.modules, arguments.workers)
