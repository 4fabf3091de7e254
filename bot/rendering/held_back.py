"""Why newer releases are not proposed: a line for each, and below the fold what the solver said."""

from collections.abc import Iterable, Sequence

from bot.model.update import Blocker, HeldBack
from bot.rendering.markdown import block, code, details, plain

LOOSEN_IT = " Loosen that line and it solves there."
LOOSEN_ALL = " Loosen these lines and it solves there."
LOOSEN_ONE = " Loosen one of these lines and it solves there."
LOOSEN_ONE_PACKAGE = " Loosen all lines of one of these packages and it solves there."


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
    sentence = plain(held.sentence.rstrip("."))
    return f"- {code(held.name)} stays {code(held.current)}. {sentence}.{_advice(held.blockers)}"


def _advice(blockers: Sequence[Blocker]) -> str:
    """Return what to do, as it was solved: where the sentence says, without all lines of the one package or the other.

    What other environments then say of the release nobody has asked.
    """
    packages = len({each.name for each in blockers})
    if packages == len(blockers):
        return {0: "", 1: LOOSEN_IT}.get(packages, LOOSEN_ONE)
    return LOOSEN_ALL if packages == 1 else LOOSEN_ONE_PACKAGE
