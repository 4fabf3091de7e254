"""Why newer releases are not proposed: a line for each, and below the fold what the solver said."""

from collections.abc import Iterable, Mapping, Sequence

from bot.model.manifest import PackageName
from bot.model.update import Blocker, HeldBack, Proposal
from bot.rendering.markdown import block, code, details, plain
from bot.versioning.conda import sort_versions

LOOSEN_IT = " Loosen that line and it solves there."
LOOSEN_ALL = " Loosen these lines and it solves there."
LOOSEN_ONE = " Loosen one of these lines and it solves there."
LOOSEN_ONE_PACKAGE = " Loosen all lines of one of these packages and it solves there."
WITHOUT_IT = " Without that line it solves there."
WITHOUT_ALL = " Without these lines it solves there."
WITHOUT_ONE = " Without one of these lines it solves there."
WITHOUT_ONE_PACKAGE = " Without the lines of one of these packages it solves there."


def held_back_lines(proposal: Proposal) -> str:
    """Return a list with a reason for each release that *proposal* holds back; empty without any."""
    reached = _reached(proposal)
    lines = dict.fromkeys(_line(each, reached.get(each.name, "")) for each in proposal.held_back)
    return "\n".join(["**Held back**", "", *lines]) if lines else ""


def solver_texts(held_back: Iterable[HeldBack]) -> str:
    """Return the folded texts of the solver; empty without any."""
    spoken = (each for each in held_back if each.solver_text)
    texts = [f"{code(each.name)} {code(each.release)}\n\n{block(each.solver_text)}" for each in spoken]
    return details("What the solver said", "\n\n".join(texts)) if texts else ""


def _reached(proposal: Proposal) -> Mapping[PackageName, str]:
    """Return the newest version of each package that moves."""
    found: dict[PackageName, list[str]] = {}
    for update in proposal.plan.updates:
        found.setdefault(update.name, []).append(update.target.version)
    for change in (each for diff in proposal.diffs for each in diff.changes):
        if change.new_version and change.new_version != change.old_version:
            found.setdefault(change.name, []).append(change.new_version)
    return {name: sort_versions(versions)[-1] for name, versions in found.items()}


def _line(held: HeldBack, reached: str) -> str:
    where = f"goes no further than {code(reached)}" if reached else f"stays {code(held.current)}"
    sentence = plain(held.sentence.rstrip("."))
    return f"- {code(held.name)} {where}. {sentence}.{_advice(held.blockers)}"


def _advice(blockers: Sequence[Blocker]) -> str:
    """Return what to do, as it was solved: where the sentence says, with the lines of the one package or the other.

    What other environments then say of the release nobody has asked.
    """
    packages = len({each.name for each in blockers})
    loosen = all(each.loosens for each in blockers)
    if not packages:
        return ""
    if packages == len(blockers):
        one, of_many = (LOOSEN_IT, LOOSEN_ONE) if loosen else (WITHOUT_IT, WITHOUT_ONE)
    else:
        one, of_many = (LOOSEN_ALL, LOOSEN_ONE_PACKAGE) if loosen else (WITHOUT_ALL, WITHOUT_ONE_PACKAGE)
    return one if packages == 1 else of_many
