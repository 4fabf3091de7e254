"""`condabot demo`: the whole of it on this machine, in a minute."""

import asyncio
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.rule import Rule
from rich.syntax import Syntax

from bot.cli.output import unified_diff
from bot.demo.scenario import OpenedPull, Played, opened, play

LONGEST_DIFF = 24


@click.command("demo")
@click.option("--keep", is_flag=True, help="Leave everything running and print the addresses.")
@click.option("--port", default=0, help="The port of the local GitHub; any free one by default.")
def command(*, keep: bool, port: int) -> None:
    """See it all on this machine: a channel, a GitHub, a PostgreSQL, the bot, and the pull requests it opens."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="condabot-demo-") as root:
        try:
            asyncio.run(_demo(Path(root), console, port, keep=keep))
        except KeyboardInterrupt:
            console.print("Stopped.")


async def _demo(root: Path, console: Console, port: int, *, keep: bool) -> None:
    with console.status("starting") as status:
        async with play(root, status.update, github_port=port) as played:
            status.stop()
            pulls = opened(played.repositories)
            for each in pulls:
                _show(console, each)
            console.print(Rule())
            console.print(f"{len(pulls)} pull requests in {len(played.repositories)} repositories.", highlight=False)
            if keep:
                await _keep(console, played)


def _show(console: Console, opened_pull: OpenedPull) -> None:
    pull = opened_pull.pull
    console.print(Rule(f"{opened_pull.repository.full_name} #{pull.number}", align="left"))
    console.print(f"[bold]{escape(pull.title)}[/]", highlight=False)
    console.print(Markdown(opened_pull.shown_body))
    for path, (before, after) in opened_pull.files.items():
        _show_diff(console, path, unified_diff(path, before, after))


def _show_diff(console: Console, path: str, diff: str) -> None:
    """Print a diff; of a long one (a lock's) the beginning and how much more there is."""
    lines = diff.splitlines()
    added = sum(line.startswith("+") for line in lines) - 1
    removed = sum(line.startswith("-") for line in lines) - 1
    console.print(f"[dim]{escape(path)}: +{added} -{removed} lines[/]", highlight=False)
    console.print(Syntax("\n".join(lines[2:LONGEST_DIFF]), "diff", background_color="default", word_wrap=False))
    if len(lines) > LONGEST_DIFF:
        console.print(f"[dim]… {len(lines) - LONGEST_DIFF} more lines[/]")


async def _keep(console: Console, played: Played) -> None:
    """Print where everything is, and go on until interrupted."""
    console.print(f"GitHub   {played.stage.github.url}  (pull requests with Merge and Close buttons)", highlight=False)
    for name, urls in played.stage.channel.mirrors.items():
        console.print(f"channel  {name} is served from {', '.join(urls)}", highlight=False)
    console.print(f"condabot {played.stage.url}/webhook", highlight=False)
    console.print("A push to one of these fires a webhook:", highlight=False)
    for repository in played.repositories:
        console.print(f"  git clone {repository.path}", highlight=False, soft_wrap=True)
    console.print("Ctrl-C ends it.")
    await asyncio.Event().wait()
