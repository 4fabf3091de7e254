"""Why newer releases are not proposed: a line for each, and below the fold what the solver said."""

from collections.abc import Iterable

from bot.model.update import HeldBack
from bot.rendering.markdown import block, code, details, plain

LOOSEN_IT = " Loosen that line and it follows."
LOOSEN_ONE = " Loosen one of these lines and it follows."


def held_back_lines(held_back: Iterable[HeldBack]) -> str:
    """Return a list with a reason for each of *held_back*; empty without any."""
    lines = dict.fromkeys(map(_line, held_back))
    return "\n".join(["**Held back**", "", *lines]) if lines else ""


def solver_texts(held_back: Iterable[HeldBack]) -> str:
    """Return the folded texts of the solver; empty without any."""
    spoken = (each for each in held_back if each.solver_text)
    texts = [f"{code(each.name)} {code(each.release)}\n\n{block(each.solver_text)}" for each in spoken]
    return details("What the solver said", "\n\n".join(texts)) if texts else ""


def _line(held: HeldBack) -> str:
    """Every blocker alone keeps the release out, so that one loosened line is enough."""
    advice = {0: "", 1: LOOSEN_IT}.get(len(held.blockers), LOOSEN_ONE)
    return f"- {code(held.name)} stays {code(held.current)}. {plain(held.sentence.rstrip('.'))}.{advice}"
