"""What the bot answers to commands in pull requests, in Markdown. Nobody is mentioned: whoever asked gets it anyway."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.model.command import LINE, PACKAGE
from bot.rendering.markdown import code, details, plain, table

DOCUMENTATION: Final = "docs/for-maintainers.md"
MOST_NAMES: Final = 20

COMMANDS: Final = (
    ("/condabot relock", "solves the locks of this pull request on its merge, and keeps what both sides moved"),
    ("/condabot rebuild", "makes this pull request afresh on its base; only of condabot's own"),
    ("/condabot ignore", "closes it: not this version; only of condabot's own"),
    ("/condabot ignore line", "the same, and says how to keep a line as it is"),
    ("/condabot ignore package", "the same, and says how never to be asked about a package"),
    ("/condabot explain PACKAGE", "says where a package stands in this repository, and why it is not newer"),
    ("/condabot help", "says this"),
)
NOT_OURS: Final = {
    "rebuild": "`rebuild` makes condabot's own pull requests afresh, and this one is somebody else's.",
    "ignore": "`ignore` declines what condabot proposes, and this pull request is somebody else's.",
}
CLOSED: Final = "This pull request is closed: there is nothing to do in it."
EDITED: Final = (
    "Not made afresh: somebody has committed to this branch since, and what people push is never overwritten. Take "
    "these commits away, or close this pull request and delete its branch: then it is opened anew when its turn comes."
)
AFRESH: Final = "This pull request is made afresh on {}. If that comes to the same, nothing is pushed."
DECLINED: Final = "Closed: not this version of {}. A newer one is proposed again, and reopening takes it back."
NO_MARKER: Final = "What this pull request proposed is not known any more: its text was edited. Close it instead."
KEEP_LINE: Final = (
    "To keep a line as it is, put `# condabot: ignore` behind it, or `# condabot: ignore until` and a date such as "
    "`2027-03-01`."
)
MOVED: Final = (
    "Not relocked: this branch was pushed to while the lock was solved, and what people push is never overwritten. Ask "
    "again when it rests."
)
IN_STEP: Final = "Every lock is in step with its manifest: there is nothing to relock."
IN_STEP_BUT: Final = (
    "Every lock that can be judged is in step with its manifest: there is nothing to relock. Not judged, and not "
    "touched here: {}."
)
ELSEWHERE: Final = "this branch belongs to another repository, where condabot may not write"
NOT_ALLOWED: Final = "condabot may not write to this branch"
CONFLICTS: Final = "these files are in conflict too, which only people can resolve: {}"
TOO_LARGE: Final = (
    "The patch is too large for a comment. In a checkout `condabot merge-lock` does the same in a merge, and `condabot "
    "update` brings a lock in step with its manifest."
)
MOST_PROBLEMS: Final = 10
LONGEST_REASON: Final = 500
PATCH_NAME: Final = "relock.patch"
LONGEST_PATCH: Final = 45_000
"""Characters of a patch: GitHub stores 65,536 of a comment."""
LONGEST_SUMMARY: Final = 8_000
LONGEST_EXPLANATION: Final = 60_000

KEEP_PACKAGE: Final = "Never to be asked about a package again, name it in `.github/condabot.yml`:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Locks that were solved and not pushed, and `why`; `base` is the commit of `branch` that is merged, if one is.

    `url` is where people fetch it.
    """

    locks: tuple[str, ...]
    why: str
    url: str
    branch: str
    base: str = ""


def help_text(misunderstood: str) -> str:
    """Return what there is to say; *misunderstood* is what was no command, if anything was."""
    rows = [(f"`{command}`", words) for command, words in COMMANDS]
    began = f"There is no command {code(misunderstood)}. " if misunderstood else ""
    listed = table(("command", "what it does"), rows)
    return f"{began}Who may write to this repository may ask for:\n\n{listed}"


def explained(package: str, branch: str, text: str) -> str:
    """Return what is said of a *package*, as it stands on *branch*: at most as much as fits into a comment."""
    return f"{code(package)} on {code(branch)}:\n\n{text}"[:LONGEST_EXPLANATION]


def unexplained(package: str, why: str) -> str:
    """Return what is said where nobody could look."""
    return f"Nothing can be said of {code(package)}: {plain(why[:LONGEST_REASON])}"


def afresh(base: str) -> str:
    """Return what is said of a pull request that will be made anew on the branch *base*."""
    return AFRESH.format(code(base))


def declined(names: Sequence[str], about: str) -> str:
    """Return what is said of a pull request that was closed because of *about*; it moved the packages *names*."""
    shown = [plain(each) for each in names[:MOST_NAMES]]
    more = [f"{len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
    parts = [DECLINED.format(", ".join([*shown, *more]) or "what it proposed")]
    if about == LINE:
        parts.append(KEEP_LINE)
    if about == PACKAGE:
        parts += [KEEP_PACKAGE, _listed(names)]
    return "\n\n".join(parts)


def _listed(names: Sequence[str]) -> str:
    lines = "\n".join(f"  - {name}" for name in names[:MOST_NAMES])
    return f"```yaml\nignoreDeps:\n{lines}\n```"


def not_relocked(reasons: Sequence[str]) -> str:
    """Return what is said where nothing could be solved."""
    if len(reasons) == 1:
        return f"Not relocked: {plain(reasons[0][: MOST_PROBLEMS * LONGEST_REASON])}"
    return f"Not relocked:\n\n{_problems(reasons)}"


def in_step(unjudged: Sequence[str]) -> str:
    """Return what is said where nothing is to be relocked, with the locks elsewhere that are *unjudged*."""
    if not unjudged:
        return IN_STEP
    more = f" and {len(unjudged) - MOST_NAMES} more" if len(unjudged) > MOST_NAMES else ""
    named = ", ".join(code(each) for each in unjudged[:MOST_NAMES])
    return IN_STEP_BUT.format(f"{named}{more}")


def elsewhere(*, is_here: bool, conflicts: Sequence[str]) -> str:
    """Return why what was solved cannot be pushed."""
    if conflicts:
        return CONFLICTS.format(", ".join(conflicts[:MOST_NAMES]))
    return NOT_ALLOWED if is_here else ELSEWHERE


def relocked(*, locks: Sequence[str], commit: str, merge: str, summary: str, problems: Sequence[str]) -> str:
    """Return what is said of *locks* that were solved and pushed as *commit*, a merge of the branch *merge* if any."""
    how = f", as a merge of {code(merge)} that keeps what both sides moved" if merge else ""
    return _parts(f"{_named(locks)} in step again: {commit}{how}.", summary, problems)


def offered(offer: Offer, *, patch: str, summary: str, problems: Sequence[str]) -> str:
    """Return what is said of locks that were solved and not pushed, with the *patch* to apply."""
    began = f"{_named(offer.locks)} solved, and not pushed: {plain(offer.why)}."
    if not patch or len(patch) > LONGEST_PATCH:
        return _parts(f"{began} {TOO_LARGE}", summary, problems)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", patch)), default=0))
    block = f"{fence}diff\n{patch}{fence}"
    how = f"Save the patch below as `{PATCH_NAME}`, then:\n\n```sh\n{_steps(offer)}\n```"
    return f"{_parts(f'{began} {how}', summary, problems)}\n\n{details('The patch', block)}"


def _steps(offer: Offer) -> str:
    """Return the commands that apply a patch."""
    if not offer.base:
        return f"git apply {PATCH_NAME}"
    locks = " ".join(map(shlex.quote, offer.locks))
    return "\n".join(
        (
            f"git fetch {shlex.quote(offer.url)} {shlex.quote(offer.branch)}",
            f"git merge --no-commit {offer.base}  # a conflict in the lock is no matter",
            f"git checkout {offer.base} -- {locks}",
            f"git apply {PATCH_NAME}",
            f"git add -- {locks} && git commit",
        )
    )


def _parts(began: str, summary: str, problems: Sequence[str]) -> str:
    shown = summary if len(summary) <= LONGEST_SUMMARY else ""
    rest = f"Not relocked:\n\n{_problems(problems)}" if problems else ""
    return "\n\n".join(part.strip() for part in (began, rest, shown) if part)


def _named(locks: Sequence[str]) -> str:
    named = ", ".join(code(each) for each in locks[:MOST_NAMES])
    return f"{named} {'is' if len(locks) == 1 else 'are'}"


def _problems(reasons: Sequence[str]) -> str:
    lines = [f"- {plain(each[:LONGEST_REASON])}" for each in reasons[:MOST_PROBLEMS]]
    more = len(reasons) - MOST_PROBLEMS
    return "\n".join([*lines, *([f"- and {more} more"] if more > 0 else [])])
