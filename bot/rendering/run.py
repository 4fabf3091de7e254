"""What a single run came to: lines for its log, and Markdown for the summary of a step."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.model.pull_request import ShownPull
from bot.rendering.markdown import plain
from bot.rendering.printable import printable
from bot.rendering.terminal_lines import Line, Tone, Width, wrapped

AS_RUNNER: Final = (
    "This is the workflow's own token: workflows on the pull requests that it opens wait until somebody who may write "
    "approves them with a click. So required checks are missing until then, and automerge waits too. Pull requests of "
    "a GitHub App of yours start them at once: give CONDABOT_APP_ID and CONDABOT_PRIVATE_KEY (docs/ci.md)."
)
NO_PULLS_OF_RUNNERS: Final = (
    "The workflow's own token may not open pull requests here. Somebody who administers the repository can allow it: "
    'Settings, Actions, General, "Allow GitHub Actions to create and approve pull requests".'
)
REFUSED_TO_RUNNERS: Final = "not permitted to create or approve pull requests"
"""What GitHub says then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWords:
    """What there is to say: lines in `outcomes`, `pulls` that were written or, in a `dry` run, would be.

    `repository` is the address at which people see it.
    """

    outcomes: Sequence[str]
    pulls: Sequence[ShownPull]
    repository: str
    dry: bool
    as_runner: bool

    @property
    def notes(self) -> Iterator[str]:
        """What a runner's own token means, where it matters."""
        if not self.as_runner:
            return
        if any(REFUSED_TO_RUNNERS in each for each in self.outcomes):
            yield NO_PULLS_OF_RUNNERS
        if self.pulls:
            yield AS_RUNNER


def run_titles(pulls: Iterable[ShownPull]) -> str:
    """Return their titles, a line for each."""
    return "\n".join(each.title for each in pulls)


def run_lines(words: RunWords, width: Width) -> Iterator[Line]:
    """Yield what a log says: every outcome, and of a dry run the whole text of each pull request."""
    for each in words.outcomes:
        yield from wrapped(each, width)
    for each in words.notes:
        yield from wrapped(each, width, Tone.HELD)
    for pull in words.pulls:
        yield Line(text="")
        yield from wrapped(pull.title, width, Tone.HEADING)
        yield from wrapped(f"branch {pull.branch}", width, Tone.QUIET)
        if words.dry:
            yield from (Line(text=printable(each)) for each in pull.body.splitlines())
        else:
            yield Line(text=_address(words, pull), tone=Tone.QUIET)


def run_markdown(words: RunWords) -> str:
    """Return the same in Markdown, every pull request with its whole text; empty if there is nothing to say."""
    parts = [_section(words, each) for each in words.pulls]
    parts += [f"> {plain(each)}" for each in words.notes]
    if words.outcomes:
        parts.append("\n".join(f"- {plain(each)}" for each in words.outcomes))
    return "\n\n".join(parts)


def _section(words: RunWords, pull: ShownPull) -> str:
    title = (
        plain(pull.title) if pull.number is None else f"[#{pull.number} {plain(pull.title)}]({_address(words, pull)})"
    )
    return f"## {title}\n\n{pull.body}"


def _address(words: RunWords, pull: ShownPull) -> str:
    return f"{words.repository}/pull/{pull.number}"
