"""How much a solver process may take before it is stopped or replaced."""

from dataclasses import dataclass

from bot.children.bounds import MEBIBYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverLimits:
    """Bounds of a solver process; memory in bytes.

    A solve that takes more than `seconds`, or needs more than `memory`, is not solved and its process is gone. After
    `solves` requests, or once it has held more than `recycle_above`, a process is replaced between two requests: the
    allocator gives back little of the 150 to 250 MB that each big solve takes.
    """

    seconds: float = 120
    memory: int = 3072 * MEBIBYTE
    solves: int = 300
    recycle_above: int = 1024 * MEBIBYTE
