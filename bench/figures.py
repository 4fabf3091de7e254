"""What was measured, as a table: a figure beside its budget and beside what cannot be undercut."""

from collections.abc import Iterable
from dataclasses import dataclass

TOO_MUCH = 2.0
_HEAD = ("figure", "median", "budget", "of it", "floor", "times")
_WIDTHS = (74, 14, 12, 8, 14, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured figure, in its unit. `floor` is what py-rattler alone takes for the same work.

    Without a budget it is only said.
    """

    what: str
    value: float
    unit: str
    budget: float | None = None
    floor: float | None = None

    @property
    def is_too_much(self) -> bool:
        """Whether it is far above its budget: twice is no accident of a busy machine."""
        return self.budget is not None and self.value > TOO_MUCH * self.budget

    def __str__(self) -> str:
        """Return its line of the table."""
        shown, budget, floor = (_number(each, self.unit) for each in (self.value, self.budget, self.floor))
        return _line((self.what, shown, budget, _ratio(self.value, self.budget), floor, _ratio(self.value, self.floor)))


def head() -> str:
    """Return the first line of the table."""
    return _line(_HEAD)


def verdict(figures: Iterable[Figure]) -> str:
    """Return what is to be said under the table."""
    over = [each.what for each in figures if each.is_too_much]
    return f"above twice the budget: {'; '.join(over)}" if over else "everything is below twice its budget"


def _line(cells: Iterable[str]) -> str:
    first, *rest = zip(cells, _WIDTHS, strict=True)
    return f"{first[0]:{first[1]}}" + "".join(f"{text:>{width}}" for text, width in rest)


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:.3f} {unit}" if unit == "s" else f"{value:,.0f} {unit}"


def _ratio(value: float, to: float | None) -> str:
    return f"{value / to:.2f}" if to else ""
