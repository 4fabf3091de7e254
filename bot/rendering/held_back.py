"""Why newer releases are not proposed: a line for each, and below the fold what the solver said."""

from collections.abc import Iterable, Sequence

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
    """Return a list with a reason for each release that *proposal* holds back; empty without any.

    Of several manifests it is said in which: what stays in one may move in another.
    """
    touched = {path for update in proposal.plan.updates for path in update.workspaces}
    several = len(touched | {each.workspace for each in proposal.held_back if each.workspace}) > 1
    lines = dict.fromkeys(_line(each, _reached(proposal, each), several=several) for each in proposal.held_back)
    return "\n".join(["**Held back**", "", *lines]) if lines else ""


def solver_texts(held_back: Iterable[HeldBack]) -> str:
    """Return the folded texts of the solver; empty without any."""
    spoken = (each for each in held_back if each.solver_text)
    texts = [f"{code(each.name)} {code(each.release)}\n\n{block(each.solver_text)}" for each in spoken]
    return details("What the solver said", "\n\n".join(texts)) if texts else ""


def _reached(proposal: Proposal, held: HeldBack) -> str:
    """Return the newest version that the package of *held* moves to in its workspace; empty if it stays there."""
    updates = [each for each in proposal.plan.updates if each.name == held.name]
    mine = [each for each in updates if not held.workspace or held.workspace in each.workspaces]
    found = [each.target.version for each in mine]
    if mine or not updates:
        changes = (change for diff in proposal.diffs for change in diff.changes if change.name == held.name)
        found += [each.new_version for each in changes if each.new_version and each.new_version != each.old_version]
    return sort_versions(found)[-1] if found else ""


def _line(held: HeldBack, reached: str, *, several: bool) -> str:
    if reached == held.release:
        where = f"does not get to {code(reached)} everywhere"
    else:
        where = f"goes no further than {code(reached)}" if reached else f"stays {code(held.current)}"
    where += f" in {code(held.workspace)}" if several and held.workspace else ""
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
