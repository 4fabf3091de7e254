"""Branch names, titles and commit messages: made of package names and versions only, never of anyone's prose."""

import hashlib
import posixpath
import re
from dataclasses import dataclass

from bot.model.update import BranchName, ChangeKind, Proposal, Purpose, Update, UpdateKind
from bot.versioning.conda import update_kind

SAFE_PATH = re.compile(r"([A-Za-z0-9._-]{1,40}/){0,3}(pixi\.lock|[A-Za-z0-9._-]{0,40}conda-lock\.ya?ml)")
SAFE_MANIFEST = re.compile(r"([A-Za-z0-9._-]{1,40}/){0,3}[A-Za-z0-9._-]{1,60}\.(toml|ya?ml)")
FARTHEST_FIRST = (UpdateKind.MAJOR, UpdateKind.MINOR, UpdateKind.PATCH)
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+|\.{2,}")
FEW = 2
LONGEST_SLUG = 80
SIGNED_OFF = "Signed-off-by:"
SEMANTIC = "chore(deps):"
"""https://www.conventionalcommits.org/; the scope is Renovate's."""


def branch_name(prefix: str, key: str) -> BranchName:
    """Return the branch of the pull request with *key*, below *prefix* (`condabot/`)."""
    slug = UNSAFE.sub("-", key).strip("-.")[:LONGEST_SLUG]
    if slug != key or slug.endswith(".lock"):
        slug += "-" + hashlib.sha256(key.encode()).hexdigest()[:6]
    return BranchName(prefix + slug)


@dataclass(frozen=True, slots=True)
class TitleStyle:
    """What titles and commit messages begin with; empty for nothing."""

    prefix: str = ""

    @classmethod
    def of(cls, prefix: str, *, semantic: bool) -> "TitleStyle":
        """Return the style with *prefix*, which a colon ends, or of semantic commits.

        https://docs.renovatebot.com/configuration-options/#commitmessageprefix
        """
        begins = prefix.strip()
        if begins and not begins.endswith(":"):
            begins += ":"
        return cls(begins or (SEMANTIC if semantic else ""))

    def titled(self, text: str) -> str:
        """Return *text*, of which the first line is a title, in this style."""
        return f"{self.prefix} {text[:1].lower()}{text[1:]}" if self.prefix else text


def title(proposal: Proposal) -> str:
    """Return the title of the pull request, which is also the first line of its commit message."""
    return " ".join(part for part in (_what(proposal), _forced_majors(proposal)) if part)


def commit_message(proposal: Proposal, *, signature: str = "") -> str:
    """Return the whole commit message: the title, a line for each update, and the *signature* of who signs it off."""
    lines = [f"{each.name}: {each.current} -> {each.target.version}" for each in proposal.plan.updates]
    signed = [*([""] if lines else []), f"{SIGNED_OFF} {signature}"] if signature else []
    return "\n".join([title(proposal), "", *lines, *signed, ""])


def _what(proposal: Proposal) -> str:
    lock = next((path for path in sorted(proposal.files) if SAFE_PATH.fullmatch(path)), "")
    if proposal.plan.purpose is Purpose.SECURITY:
        return f"[security] {_moves(proposal, lock)}"
    if proposal.plan.purpose is not Purpose.UPDATE:
        return _about_a_lock(proposal, lock or "the lockfile")
    names = {each.name for each in proposal.plan.updates}
    if len(names) == 1 and any(each.lifts_cap for each in proposal.plan.updates):
        return f"Lift {proposal.plan.updates[0].name}'s cap"
    return _moves(proposal, lock)


def _moves(proposal: Proposal, lock: str) -> str:
    names = {each.name for each in proposal.plan.updates}
    moves = list(dict.fromkeys(_from_to(each) for each in proposal.plan.updates))
    if len(moves) == 1:
        return f"Update {moves[0]}"
    targets = list(dict.fromkeys(f"{each.name} to {each.target.version}" for each in proposal.plan.updates))
    if len(targets) <= FEW:
        return f"Update {' and '.join(targets)}"
    first = min(proposal.plan.updates, key=lambda each: (FARTHEST_FIRST.index(each.kind), each.name))
    where = lock or _manifest(proposal)
    return f"Update {first.name} to {first.target.version} and {len(names) - 1} more{f' in {where}' if where else ''}"


def _manifest(proposal: Proposal) -> str:
    """Return the one manifest that is changed, or the folder of several; nothing if it cannot be named safely."""
    paths = sorted(proposal.files)
    if len(paths) == 1:
        return paths[0] if SAFE_MANIFEST.fullmatch(paths[0]) else ""
    folder = posixpath.commonpath(paths) if paths else ""
    return folder if folder and SAFE_MANIFEST.fullmatch(f"{folder}/x.yml") else ""


def _about_a_lock(proposal: Proposal, lock: str) -> str:
    if proposal.plan.purpose is Purpose.RELOCK:
        return f"Bring {lock} in step with its manifest"
    if proposal.plan.purpose is Purpose.MAINTENANCE:
        return f"Refresh {lock}"
    return f"Correct {lock} as its channels do{_corrected(proposal)}"


def _corrected(proposal: Proposal) -> str:
    """Name what a correction moves, if it is not much."""
    changes = {(each.name, each.old_version, each.new_version) for diff in proposal.diffs for each in diff.changes}
    moves = [f"{name} from {old} to {new}" for name, old, new in sorted(changes, key=str) if old and new and old != new]
    return f": {' and '.join(moves)}" if 0 < len(moves) <= FEW else ""


def _from_to(update: Update) -> str:
    return f"{update.name} from {update.current} to {update.target.version}"


def _forced_majors(proposal: Proposal) -> str:
    """A direct dependency that is forced over a major, or gets over one in a refresh, is named in the title."""
    planned = {update.name for update in proposal.plan.updates}
    forced = {
        (change.name, change.new_version)
        for diff in proposal.diffs
        for change in diff.changes
        if change.direct and change.kind is ChangeKind.UPGRADED and change.name not in planned
        if update_kind(change.old_version or "", change.new_version or "") is UpdateKind.MAJOR
    }
    verb = "with" if proposal.plan.purpose is Purpose.MAINTENANCE else "forces"
    return f"({verb} {', '.join(f'{name} {version}' for name, version in sorted(forced))})" if forced else ""
