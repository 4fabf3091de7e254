"""Minimums and whether they are true, in words for a terminal."""

from collections.abc import Iterator, Sequence

from bot.model.minimums import MOST_TRIED, Minimum, MinimumTried
from bot.rendering.sizes import counted
from bot.rendering.terminal_lines import Line, Width, wrapped

FEW = 4


def minimums_lines(minimums: Sequence[Minimum], width: Width) -> Iterator[Line]:
    """Yield what is printed of *minimums*: each that is not true, with the lowest that solves; then a count."""
    for each in minimums:
        for sentence in minimum_sentences(each):
            yield from wrapped(sentence, width)
    yield from wrapped(_summary(minimums), width)


def minimum_sentences(minimum: Minimum) -> Iterator[str]:
    """Yield a line of plain text for each way in which *minimum* is not true, or for which nobody knows."""
    place = f"{minimum.manifest}:{minimum.line} {minimum.name} {minimum.spec}"
    for each in minimum.tried:
        if sentence := _sentence(minimum, each):
            yield f"{place} {sentence}."


def _sentence(minimum: Minimum, tried: MinimumTried) -> str:
    name, lowest, where = minimum.name, tried.lowest, _where(tried.where)
    if tried.not_judged:
        return f"is not judged in {where}: {tried.not_judged.rstrip('.')}"
    if not tried.alone:
        others = f"none of the releases that it admits does, of which the {MOST_TRIED} lowest are tried"
        return f"is not true in {where}: {name} {lowest} does not solve, and {others}"
    if tried.alone != lowest:
        beside = "" if tried.together == tried.alone else f"; {_beside(minimum, tried)}"
        return f"is not true in {where}: {name} {lowest} does not solve, the lowest that does is {tried.alone}{beside}"
    if tried.together != lowest:
        return f"is true alone in {where}, but {_beside(minimum, tried)}"
    return ""


def _beside(minimum: Minimum, tried: MinimumTried) -> str:
    reached = f"it is {tried.together}" if tried.together else f"none of the lowest of {minimum.name} solves"
    return f"beside the lines before it, each at its lowest, {reached}"


def _where(places: Sequence[str]) -> str:
    told = ", ".join(places[:FEW])
    return f"{told} and {len(places) - FEW} more" if len(places) > FEW else told


def _summary(minimums: Sequence[Minimum]) -> str:
    if not minimums:
        return "No line of an environment says from which release on a conda package will do."
    true = sum(each.is_true for each in minimums)
    solved = ", and everything solves at them together" if true == len(minimums) else ""
    return f"{true} of {counted(len(minimums), 'minimum')} {'is' if true == 1 else 'are'} true{solved}."
