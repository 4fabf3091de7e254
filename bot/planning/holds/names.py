"""What the name of a file, a feature or an environment says of the versions in it."""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final

from bot.errors import SpecError
from bot.model.environment import SolveUnit
from bot.model.manifest import Dependency, PackageName, SolveStrategy
from bot.planning.holds.hold import FeatureNames, Hold, HoldRule, HoldScope, Surroundings
from bot.planning.holds.quoting import quoted
from bot.planning.policy import PYTHON
from bot.versioning.clauses import Clause, Role, read_alternatives

_LONGEST: Final = 200
_MOST_SEGMENTS: Final = 4
_WHOLE: Final = 2

_WORD: Final = re.compile(r"[a-z]+")
_MINIMUM: Final = frozenset(
    {"min", "minimal", "minimum", "mindep", "mindeps", "oldest", "oldestdeps", "oldies", "lowest", "legacy"}
)
_MINIMUM_OF_ONE: Final = frozenset({"msrv"})
"""The oldest rust that is supported: of an environment that is called so the rest goes on."""
_PLATFORM: Final = re.compile(r"(?:linux|osx|win|arm|aarch|amd|x86|x|i?[36]86|ppc|riscv)[_-]?(?:32|64)(?:le)?(?!\d)")
_NUMBER: Final = re.compile(r"(?P<label>[a-z]*+)(?P<number>\d++(?:\.\d++)*+)")
_NUMBER_APART: Final = re.compile(r"(?P<label>[a-z]++)[_-](?P<number>\d++)")
_PYTHON_LABELS: Final = frozenset({"py", "python", "cp"})
_PINNING: Final = frozenset({Role.EXACT, Role.FUZZY, Role.COMPATIBLE})


def matrix_axis(dependency: Dependency, surroundings: Surroundings) -> Hold | None:
    """A version that the name stands for: `ci/envs/311-pd23.yaml` pins python 3.11 and pandas 2.3."""
    segments = _pinned_segments(dependency.version)
    names = surroundings.names.get(dependency.feature, FeatureNames(own=()))
    name = next((each for each in (*names.own, *names.environments) if _stands_in(segments, dependency.name, each)), "")
    if not name:
        return None
    sentence = f"{quoted(name)} stands for {dependency.name} {'.'.join(segments)}"
    return Hold(rule=HoldRule.MATRIX_AXIS, sentence=sentence, scope=HoldScope.RANGE)


def minimum(dependency: Dependency, surroundings: Surroundings) -> Hold | None:
    """A line of a file or feature that is there to test the oldest versions, told by its name."""
    own = surroundings.names.get(dependency.feature, FeatureNames(own=())).own
    return _minimum_by_name(own, _MINIMUM | _MINIMUM_OF_ONE)


def minimum_of(unit: SolveUnit) -> Hold | None:
    """Environments that test the oldest versions: everything in them is held, also what other environments move."""
    if any(each.solve_strategy is not SolveStrategy.HIGHEST for each in unit.environments):
        return _minimum(f"{quoted(unit.name)} is solved for the lowest versions")
    return _minimum_by_name(each.name for each in unit.environments if each.is_named)


def _minimum_by_name(names: Iterable[str], words: AbstractSet[str] = _MINIMUM) -> Hold | None:
    name = next((each for each in names if not words.isdisjoint(_words(each))), "")
    return _minimum(f"{quoted(name)} tests the oldest versions") if name else None


def _minimum(sentence: str) -> Hold:
    return Hold(rule=HoldRule.MINIMUM, sentence=sentence, scope=HoldScope.ALL)


def _words(name: str) -> list[str]:
    return _WORD.findall(name[:_LONGEST].lower())


def _pinned_segments(version_spec: str) -> tuple[str, ...]:
    """Return the segments that every admitted version starts with: `3`, `11` for `=3.11` and for `>=3.11.4,<3.12`."""
    try:
        alternatives = read_alternatives(version_spec)
    except SpecError:
        return ()
    if len(alternatives) != 1:
        return ()
    clauses = alternatives[0].clauses
    pin = next((each.version for each in clauses if each.role in _PINNING), None)
    return _segments(pin) if pin else _between(clauses)


def _between(clauses: Iterable[Clause]) -> tuple[str, ...]:
    """Return what a floor and the cap right above it have in common, as in `>=3.11.4,<3.12`."""
    floors = [_segments(each.version) for each in clauses if each.operator == ">="]
    caps = [_segments(each.version) for each in clauses if each.operator == "<"]
    if len(floors) != 1 or len(caps) != 1 or not caps[0]:
        return ()
    start = floors[0][: len(caps[0])]
    above = (*start[:-1], str(int(start[-1]) + 1)) if start else ()
    return start if above == caps[0] else ()


def _segments(version: str) -> tuple[str, ...]:
    """Return the leading segments that are plain numbers, few and short enough to stand in a name."""
    parts = version.split(".", _MOST_SEGMENTS)[:_MOST_SEGMENTS]
    plain = next((index for index, part in enumerate(parts) if not re.fullmatch(r"[0-9]{1,8}", part)), len(parts))
    return tuple(parts[:plain])


def _stands_in(segments: tuple[str, ...], package: PackageName, name: str) -> bool:
    bare = _PLATFORM.sub(" ", name[:_LONGEST].lower())
    return any(_says_start(segments, package, found["label"], found["number"]) for found in _NUMBER.finditer(bare)) or (
        any(_says_first(segments, package, found["label"], found["number"]) for found in _NUMBER_APART.finditer(bare))
    )


def _says_start(segments: tuple[str, ...], package: PackageName, label: str, number: str) -> bool:
    """Tell whether *label* and *number*, written as one word (`py311`, `311`, `pd23`), are the start of the pin."""
    starts = (segments[:length] for length in range(_WHOLE, len(segments) + 1))
    if any(number in (".".join(start), "".join(start)) for start in starts):
        return not label or _abbreviates(label, package)
    return _says_first(segments, package, label, number)


def _says_first(segments: tuple[str, ...], package: PackageName, label: str, number: str) -> bool:
    """Tell whether *number* is the first segment of the pin (`cuda12`): for that, *label* must be the package's.

    Python's first segment is no axis: `py3` stands for all its versions.
    """
    return segments[:1] == (number,) and not _is_python(package) and _abbreviates(label, package)


def _abbreviates(label: str, package: PackageName) -> bool:
    """Tell whether *label* is a short form of the name: its first letter and further ones in order (`pd`, `cuda`).

    `py` is python and nothing else; python goes by any other word as well (`env310`).
    """
    if _is_python(package) or label in _PYTHON_LABELS:
        return _is_python(package)
    letters = iter(package)
    return len(label) > 1 and package.startswith(label[0]) and all(letter in letters for letter in label)


def _is_python(package: PackageName) -> bool:
    return package == PYTHON or package.startswith(f"{PYTHON}-")
