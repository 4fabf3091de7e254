"""Every exception that condabot raises on purpose; one class for each reaction.

CondabotError
├── BadInput                 a file or value from outside is wrong: reported, the rest goes on
│   ├── ManifestError        a manifest cannot be read or rewritten
│   ├── LockError            a lockfile cannot be read or rewritten
│   ├── SpecError            a match spec or version spec is not one
│   └── SettingsError        a setting of the operator is wrong: the program does not start
├── ConfigurationError       a repository's configuration is wrong, in one place or more: nothing is done there
├── ChannelError             a channel or package index did not answer: its packages are unknown, never absent
├── HandOverFailed           a target did not take what was handed over: tried again later
├── EgressRefused            an address that condabot must not call
├── SolverFailed             the solver crashed, or ran out of its time or memory
├── InspectionStopped        a repository took more than its share, or what read it died: reported, and left for now
├── LockRejected             a lock of ours holds what its channel does not offer: nothing is written any more
├── LeaseLost                a worker's connection to the database is gone: others take its jobs, so it stops
├── GitHubError              GitHub refused or did not answer
│   ├── RefMoved             a branch moved under our hands: somebody pushed, we keep off
│   └── GitHubUnavailable    worth trying again later
│       └── AnswerLost       it may have been done all the same: look before asking again
├── EditError                an edit of ours is not possible: a defect, never the user's
└── RewriteRefused           a rewritten file did not read back as planned: nothing is proposed
"""


class CondabotError(Exception):
    """The root: whatever condabot raises on purpose."""


class BadInput(CondabotError):
    """A file or value from outside is wrong. Says what, where, why and what to do.

    `path`, `line` and `key` locate it as far as they are known.
    """

    def __init__(self, message: str, *, path: str = "", line: int | None = None, key: str = "") -> None:
        self.message = message
        self.path = path
        self.line = line
        self.key = key
        super().__init__(message)

    @property
    def sentence(self) -> str:
        """What is wrong, without the file and line."""
        return ": ".join(part for part in (self.key, self.message) if part)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line) if part)
        return ": ".join(part for part in (place, self.sentence) if part)


class ManifestError(BadInput):
    """A manifest cannot be read or rewritten."""


class LockError(BadInput):
    """A lockfile cannot be read or rewritten."""


class SpecError(BadInput):
    """A match spec or version spec is not one."""


class SettingsError(BadInput):
    """A setting of the operator is wrong."""


class ConfigurationError(CondabotError):
    """A repository's configuration is wrong. `problems` are all that is wrong in it, in the order of its lines."""

    def __init__(self, problems: tuple[BadInput, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


class ChannelError(CondabotError):
    """A channel or package index did not answer, or not in its format. `channel` is its canonical URL."""

    def __init__(self, message: str, *, channel: str) -> None:
        self.channel = channel
        super().__init__(message)


class HandOverFailed(CondabotError):
    """A target of the operator did not take an environment. The message says which, why, and what to do."""


class EgressRefused(CondabotError):
    """An address that condabot must not call."""


class SolverFailed(CondabotError):
    """The solver crashed, or ran out of its time or memory. Not the same as an environment without a solution."""


class InspectionStopped(CondabotError):
    """A look at a repository met the bound *by*, or its process died. The message says what that was, in a sentence."""

    def __init__(self, by: str, message: str) -> None:
        self.by = by
        super().__init__(f"{by}: {message}")


class LockRejected(CondabotError):
    """A lock that we were about to commit holds what its channel does not offer."""


class LeaseLost(CondabotError):
    """The connection that held a worker's lease is gone: others may take its jobs, so it must stop."""


class GitHubError(CondabotError):
    """GitHub refused, or its answer made no sense. `status` is the HTTP status, if there was one."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        self.status = status
        super().__init__(message)


class RefMoved(GitHubError):
    """A branch is not where it was read: somebody pushed meanwhile."""


class GitHubUnavailable(GitHubError):
    """GitHub is down or limits us; `retry_after` is in seconds, if GitHub named it."""

    def __init__(self, message: str, *, status: int | None = None, retry_after: int | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message, status=status)


class AnswerLost(GitHubUnavailable):
    """A request was sent and no answer that makes sense came back: what it asked for may have been done."""


class EditError(CondabotError):
    """An edit of ours is not possible."""


class RewriteRefused(CondabotError):
    """A rewritten file did not read back as planned."""
