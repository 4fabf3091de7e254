"""What caps cost, in words for a terminal and for the body of a pull request."""

from collections.abc import Iterator, Sequence

from bot.model.caps import Cap, OutOfReach
from bot.rendering.markdown import code, plain
from bot.rendering.terminal_lines import Line, Width, wrapped

FEW = 3


def cap_lines(caps: Sequence[Cap]) -> str:
    """Return what each of *caps*, which are lifted, costs as Markdown; empty without any that costs something."""
    told = [f"- {code(_place(each))} {plain(cap_cost(each))}." for each in caps if each.releases]
    return "\n".join(["**What the cap costs**", "", *told]) if told else ""


def caps_lines(caps: Sequence[Cap], width: Width) -> Iterator[Line]:
    """Yield what is printed of *caps*: for each what it costs, and whether the environment solves without it."""
    for each in caps:
        yield from wrapped(cap_sentences(each), width)
    if not caps:
        yield from wrapped("No line of an environment caps a conda package.", width)


def cap_sentences(cap: Cap) -> str:
    """Return one line of plain text on *cap*: what it costs, whether it can go, and what people say of it."""
    hold = f"It stays: {cap.hold}" if cap.hold else ""
    comment = f"Its comment says {cap.comment}" if cap.comment and cap.comment not in cap.hold else ""
    sentences = (f"{_place(cap)} {cap_cost(cap)}", cap_without(cap), hold, comment)
    return " ".join(f"{each}." for each in sentences if each)


def cap_cost(cap: Cap) -> str:
    """Return what *cap* keeps out, as a clause: `keeps out numpy 2.3.0 on linux-64`."""
    if not cap.releases:
        return "keeps out nothing that is old enough"
    others = "".join(f", and with it {_beside(each)}" for each in cap.out_of_reach[:1])
    others += "".join(f", {_beside(each)}" for each in cap.out_of_reach[1:])
    return f"keeps out {_releases(cap)} on {', '.join(cap.subdirs)}{others}"


def cap_without(cap: Cap) -> str:
    """Return whether the environments solve without *cap*; empty where there is nothing to solve for."""
    if cap.solves:
        return f"Without it the environment solves with {cap.name} {cap.reached}"
    if cap.solves is False:
        return f"No release beyond it solves in {_where(cap.unsolved)}, as everything else is written"
    return f"Whether it solves without it is not known: {cap.not_judged.rstrip('.')}" if cap.not_judged else ""


def _where(unsolved: Sequence[str]) -> str:
    more = f" and {len(unsolved) - FEW} more" if len(unsolved) > FEW else ""
    return f"{', '.join(unsolved[:FEW])}{more}"


def _place(cap: Cap) -> str:
    return f"{cap.manifest}:{cap.line} {cap.name} {cap.spec}"


def _releases(cap: Cap) -> str:
    if len(cap.releases) <= FEW:
        return f"{cap.name} {', '.join(cap.releases)}"
    return f"{len(cap.releases)} releases of {cap.name}, the newest {cap.releases[-1]},"


def _beside(found: OutOfReach) -> str:
    return f"{found.name} {found.version} (with the cap {found.reached}) on {', '.join(found.subdirs)}"
