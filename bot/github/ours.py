"""What on GitHub is the bot's own: pure decisions over facts that GitHub gave, and the marker that the bot signs.

Titles, labels and texts decide nothing: anybody can write them.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.github.model import BotIdentity, Commit, Oid, PullRequest
from bot.model.update import BranchName

MARKER = re.compile(r"<!-- condabot:1 ([A-Za-z0-9+/=]{1,40000}) ([0-9a-f]{64}) -->")
KEY_BYTES = 32
OF_A_BOT = "[bot]@users.noreply."
"""What is in the e-mail address of every bot of GitHub's."""

MERGE_PARENTS = 2
PURPOSE = b"condabot: marker of a pull request, version 1"


class BranchState(StrEnum):
    """Whether a branch of ours is still as we made it."""

    PRISTINE = "pristine"
    EDITED = "edited"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedVersion:
    """A package and the version proposed for it."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """What a pull request proposed.

    `key` is the plan's, `base` the commit it was made on, `digest` that of the new contents, `commit` what holds them,
    `paths` the files that it changes: none in one that was made before they were told. With `rebuild` somebody has
    asked for it to be made afresh. `asked` is the commit for which GitHub was asked to merge it, if it was.
    `into` is the branch that it is for, empty for the default one.
    """

    key: str
    versions: tuple[ProposedVersion, ...]
    base: Oid
    digest: str
    commit: Oid
    rebuild: bool = False
    paths: tuple[str, ...] = ()
    asked: Oid | None = None
    into: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerPlace:
    """Where a marker is valid: one branch of one repository."""

    repository_id: int
    branch: BranchName


class MarkerKeys:
    """Keys for markers, derived from the webhook secrets, the newest first: that one signs, all of them verify.

    HKDF keeps the purposes of a secret apart: RFC 5869.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._keys = [HKDF(SHA256(), KEY_BYTES, salt=None, info=PURPOSE).derive(each.encode()) for each in secrets]

    def sign(self, payload: bytes, place: MarkerPlace) -> str:
        """Return the signature of *payload* at *place*, in hex."""
        return _signature(self._keys[0], payload, place)

    def verify(self, payload: bytes, place: MarkerPlace, signature: str) -> bool:
        """Say whether one of the keys made *signature*."""
        return any(hmac.compare_digest(_signature(key, payload, place), signature) for key in self._keys)


def _signature(key: bytes, payload: bytes, place: MarkerPlace) -> str:
    message = b"\0".join((str(place.repository_id).encode(), place.branch.encode(), payload))
    return hmac.new(key, message, "sha256").hexdigest()


def render_marker(marker: Marker, place: MarkerPlace, keys: MarkerKeys) -> str:
    """Return *marker* as an HTML comment, which GitHub does not show."""
    payload = base64.b64encode(msgspec.json.encode(marker))
    return f"<!-- condabot:1 {payload.decode()} {keys.sign(payload, place)} -->"


def read_marker(body: str, place: MarkerPlace, keys: MarkerKeys) -> Marker | None:
    """Return the marker in *body* that was signed for *place*; forged and copied ones count for nothing."""
    for payload, signature in MARKER.findall(body):
        if keys.verify(payload.encode(), place, signature):
            return _decoded(payload)
    return None


def without_markers(body: str) -> str:
    """Return *body* without any marker."""
    return MARKER.sub("", body).rstrip()


def with_marker(body: str, marker: Marker, place: MarkerPlace, keys: MarkerKeys) -> str:
    """Return *body* with *marker* in place of those that it has."""
    return f"{without_markers(body)}\n\n{render_marker(marker, place, keys)}"


def _decoded(payload: str) -> Marker | None:
    """Return the marker; one of a version of condabot that wrote something else counts as none."""
    try:
        return msgspec.json.decode(base64.b64decode(payload, validate=True), type=Marker)
    except (binascii.Error, msgspec.DecodeError):
        return None


def is_ours(pull: PullRequest, *, bot: BotIdentity, repository_id: int) -> bool:
    """Say whether *pull* is the bot's own: its account opened it, from a branch of the repository itself.

    How the branch is called says nothing: a repository may have asked for other names in the meantime.
    """
    return pull.author_id == bot.user_id and pull.head_repository_id == repository_id


def is_added_by_machine(head: Commit, ours: Oid) -> bool:
    """Say whether *head* is one commit on top of *ours* that nobody wrote: another bot's, or GitHub's "Update branch".

    https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/proposing-changes-to-your-work-with-pull-requests/keeping-your-pull-request-in-sync-with-the-base-branch
    """
    stands_on_ours = head.parents[:1] == (ours,)
    is_update = len(head.parents) == MERGE_PARENTS and head.signed_by_github
    return stands_on_ours and (OF_A_BOT in head.author_email or is_update)


def branch_state(head: Commit, bot: BotIdentity) -> BranchState:
    """Say whether the branch with *head* at its tip may be moved: only if nobody but the bot has put a commit there.

    The bot's commits carry its no-reply address, GitHub's signature and one parent, or two where `references` could
    only go forward. Whatever differs is a person's.
    """
    ours = bot.wrote(head.author_email) and head.signed_by_github and len(head.parents) in {1, 2}
    return BranchState.PRISTINE if ours else BranchState.EDITED
