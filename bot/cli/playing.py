"""`condabot demo` as it plays: what is printed of the stage, of the pull requests, and of one in full."""

import errno
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.markdown import Markdown
from rich.text import Text

from bot.cli.output import Terminal, print_words, unified_diff
from bot.cli.progress import ShownProgress
from bot.cli.running import until_told
from bot.demo.our_tool import REPOSITORY
from bot.demo.scenario import OpenedPull, Played, opened, set_up
from bot.errors import BadInput
from bot.rendering.sizes import counted
from bot.rendering.terminal_lines import Tone

LONGEST_BODY = 11
LONGEST_HELD = 4
LONGEST_DIFF = 10
"""Lines of one pull request that are shown: with everything else they fit on a screen and a half."""

HELD = "**Held back**"
ORIGINS = "**Where it comes from has changed:**"
NOT_PACKED = "`pip install 'condabot[pack]'`, and the demo packs its environment, unpacks it elsewhere and runs it."
WIDTH_OF_PIPES = 110
LOCK = ".lock"


async def play(root: Path, port: int, progress: ShownProgress, *, keep: bool) -> None:
    """Play the demo with its files below *root*, and show it; with *keep* until this process is told to stop."""
    try:
        await _play(root, port, progress, keep=keep)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise BadInput("another program listens there: name another one, or none", key=f"--port {port}") from error


async def _play(root: Path, port: int, progress: ShownProgress, *, keep: bool) -> None:
    console = _console()
    async with set_up(root, github_port=port) as played:
        if keep:
            _print_addresses(console, played)
        await played.install(progress.stage, progress.step)
        _close(progress)
        pulls = opened(played.repositories)
        _print_list(console, played, pulls, keep=keep)
        _print_pull(console, _telling(pulls))
        await _print_tool(console, played, pulls, root)
        if keep:
            print_words(console, "Everything stands until Ctrl-C.", Tone.QUIET)
            await until_told()


def _console() -> Terminal:
    """Return where it is printed. Tables need a width also in a pipe."""
    console = Terminal()
    return console if console.is_terminal else Terminal(width=WIDTH_OF_PIPES)


def _close(progress: ShownProgress) -> None:
    """Show no longer what is being done: what comes of it is printed."""
    if progress.status:
        progress.status.stop()


def _print_list(console: Terminal, played: Played, pulls: Sequence[OpenedPull], *, keep: bool) -> None:
    """Print every pull request, below what the App says of its repository; with addresses if they stay."""
    for repository, headline in played.reports():
        print_words(console, f"{repository.full_name}: {headline}", Tone.HEADING)
        for each in pulls:
            if each.repository is repository:
                print_words(console, f"  #{each.pull.number} {each.pull.title}", Tone.MOVE)
                if keep:
                    print_words(console, f"     {played.url(each)}")
    words = f"{counted(len(pulls), 'pull request')} in {len(played.repositories)} repositories."
    print_words(console, words if keep else f"{words} `condabot demo --keep` leaves them to be opened in a browser.")


def _telling(pulls: Sequence[OpenedPull]) -> OpenedPull:
    """Return the pull request that is shown: one that says why not more, in few words."""
    return min(pulls, key=lambda each: (HELD not in each.shown_body, len(each.shown_body)))


def _print_pull(console: Terminal, opened_pull: OpenedPull) -> None:
    console.print()
    print_words(console, f"{opened_pull.name} {opened_pull.pull.title}", Tone.HEADING)
    body, held, why = opened_pull.shown_body.partition(HELD)
    _print_markdown(console, body, LONGEST_BODY)
    _print_markdown(console, f"{held}{why}", LONGEST_HELD)
    for path, (before, after) in sorted(opened_pull.files.items(), key=lambda each: each[0].endswith(LOCK)):
        _print_diff(console, path, _changed_lines(path, before, after))


def _print_markdown(console: Terminal, text: str, longest: int) -> None:
    with console.capture() as captured:
        console.print(Markdown(text))
    lines = [line.rstrip() for line in captured.get().splitlines() if line.strip()]
    for line in lines[:longest]:
        console.print(Text.from_ansi(line), soft_wrap=True)
    if len(lines) > longest:
        print_words(console, f"… {len(lines) - longest} more lines", Tone.QUIET)


async def _print_tool(console: Terminal, played: Played, pulls: Sequence[OpenedPull], root: Path) -> None:
    """Print what is said of where the demo's own tool comes from, and what it says itself, packed and unpacked."""
    found = next((each for each in pulls if each.repository.name == REPOSITORY), None)
    if found is None:
        return
    console.print()
    print_words(console, f"{found.name} {found.pull.title}", Tone.HEADING)
    _print_markdown(console, found.shown_body.partition(ORIGINS)[2].strip().partition("\n\n")[0], LONGEST_DIFF)
    with tempfile.TemporaryDirectory(dir=root) as folder:
        said = await played.run_packed(found, Path(folder), lambda _: None)
    print_words(console, NOT_PACKED if said is None else f"Packed, unpacked elsewhere and run: {said}")


def _changed_lines(path: str, before: str, after: str) -> list[str]:
    return [line for line in unified_diff(path, before, after).splitlines()[2:] if not line.startswith("@@")]


def _print_diff(console: Terminal, path: str, lines: Sequence[str]) -> None:
    """Print what changes in a file; of a long change (a lock's) only how long it is."""
    added, removed = (sum(line.startswith(sign) for line in lines) for sign in "+-")
    print_words(console, f"{path}: +{added} -{removed} lines", Tone.QUIET)
    for line in lines if len(lines) <= LONGEST_DIFF else ():
        print_words(console, line, {"+": Tone.MOVE, "-": Tone.PROBLEM}.get(line[:1], Tone.PLAIN))


def _print_addresses(console: Terminal, played: Played) -> None:
    """Print where everything is."""
    print_words(console, f"GitHub   {played.stage.github.url}  (pull requests with Merge and Close buttons)")
    for name, urls in played.stage.channel.mirrors.items():
        print_words(console, f"channel  {name} is served from {', '.join(urls)}")
    print_words(console, f"condabot {played.stage.url}/webhook")
    print_words(console, "A push to one of these fires a webhook:")
    for repository in played.repositories:
        print_words(console, f"  git clone {repository.path}")
