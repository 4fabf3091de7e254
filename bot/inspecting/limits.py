"""How much looking at one repository may take, and when the process that does it is replaced."""

from dataclasses import dataclass

from bot.children.bounds import MEBIBYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanLimits:
    """Bounds of an inspection: time, processor time of its process, memory in bytes.

    `seconds` count while something is asked of it, waits for solves included, and not while GitHub is. A process is
    replaced after `inspections`, or once it has held more than `recycle_above` bytes.
    """

    seconds: float = 900
    processor_seconds: float = 600
    memory: int = 2048 * MEBIBYTE
    inspections: int = 50
    recycle_above: int = 512 * MEBIBYTE
