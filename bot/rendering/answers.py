"""What the bot answers to commands in pull requests, in Markdown. Nobody is mentioned: whoever asked gets it anyway."""

from collections.abc import Sequence
from typing import Final

from bot.model.command import LINE, PACKAGE
from bot.rendering.markdown import code, plain, table

DOCUMENTATION: Final = "docs/for-maintainers.md"
MOST_NAMES: Final = 20

COMMANDS: Final = (
    ("/condabot rebuild", "makes this pull request afresh on its base; only of condabot's own"),
    ("/condabot ignore", "closes it: not this version; only of condabot's own"),
    ("/condabot ignore line", "the same, and says how to keep a line as it is"),
    ("/condabot ignore package", "the same, and says how never to be asked about a package"),
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
KEEP_PACKAGE: Final = "Never to be asked about a package again, name it in `.github/condabot.yml`:"


def help_text(misunderstood: str) -> str:
    """Return what there is to say; *misunderstood* is what was no command, if anything was."""
    rows = [(f"`{command}`", words) for command, words in COMMANDS]
    began = f"There is no command {code(misunderstood)}. " if misunderstood else ""
    listed = table(("command", "what it does"), rows)
    return f"{began}Who may write to this repository may ask for:\n\n{listed}"


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
