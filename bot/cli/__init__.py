"""The command line. Commands hold no logic; each module is imported only when its command runs."""

import io
import sys
import traceback
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click
from click.exceptions import NoArgsIsHelpError

from bot.cli.extras import required
from bot.cli.running import INTERRUPTED, UNREAD, drop_output
from bot.errors import CondabotError
from bot.leaving import run_and_leave

COMMANDS: Mapping[str, str] = {
    "check": "Show what could be updated in a checkout, and why not more.",
    "update": "Update a checkout in place: manifests and locks.",
    "diff": "Show what changes in environments between two commits, folders or locks.",
    "merge-lock": "Merge a lock that both sides changed, as a merge driver of git.",
    "audit": "Compare every locked record with what its channel offers.",
    "sbom": "Say what an environment consists of, as a bill of materials.",
    "pack": "Pack an environment into an archive to unpack elsewhere.",
    "export": "Write a lock as files for programs that do not read it.",
    "run": "Open the pull requests of one repository at GitHub, once.",
    "config": "Check a configuration, or make one of another bot's.",
    "all": "Run the whole GitHub App on this machine.",
    "serve": "Take the webhooks of the GitHub App.",
    "worker": "Run a worker of the GitHub App.",
    "health": "Tell whether the App's processes on this machine are well.",
    "pause": "Stop writing, or leave an account or a repository alone.",
    "resume": "Go on after a pause, or after the breaker.",
    "setup": "Register the GitHub App, and write down its secrets.",
    "db": "Bring the App's database up to date, or save what it alone knows.",
    "demo": "See it all on this machine in a minute.",
}
SERVICES = frozenset({"all", "serve", "setup", "worker"})
"""Commands that an operator watches: a defect in one ends it with its traceback in the log."""

BAD_INPUT = 2
DEFECT = 70
"""The exit code that says that condabot itself is wrong (EX_SOFTWARE of sysexits.h)."""


class _Commands(click.Group):
    """Commands that are listed from `COMMANDS` and imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of `COMMANDS`."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command called *cmd_name*."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        return _imported(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an interrupt ends it in silence, and so does a pipe that nobody reads."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        except BrokenPipeError:
            drop_output()
            sys.exit(UNREAD)
        except OSError as error:
            drop_output()
            _end(_os_words(error), BAD_INPUT)
        except (click.ClickException, click.exceptions.Exit, CondabotError):
            raise
        except Exception as error:
            if ctx.invoked_subcommand in SERVICES:
                raise
            _end(_defect_words(error), DEFECT)


def _imported(name: str) -> click.Command:
    """Return the command called *name*.

    Raises:
        NotInstalled: it needs packages of an extra (`bot.cli.extras`).

    """
    with required(name):
        command: click.Command = import_module(f"bot.cli.{name.replace('-', '_')}").command
    return command


def _show_version(context: click.Context, parameter: click.Parameter, asked: bool) -> None:  # noqa: FBT001 -- click's
    import_module("bot.cli.version").show(context, parameter, asked)


@click.group(cls=_Commands)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show version, commit and data formats, and exit.",
)
@click.option(
    "--env-file", type=click.Path(path_type=Path, dir_okay=False), help="A file with settings (CONDABOT_ENV_FILE)."
)
@click.pass_context
def commands(context: click.Context, env_file: Path | None) -> None:
    """Dependency updates for conda and pixi repositories, solved before they are proposed."""
    if env_file and not env_file.exists():
        raise click.BadParameter(f"there is no file '{env_file}'", context, param_hint="'--env-file'")
    import_module("bot.cli.options").load_env_file(env_file)


def main() -> None:
    """Run the command line; what is wrong with the input is said in one sentence, with exit code 2."""
    _show_what_cannot_be_encoded()
    try:
        commands.main(prog_name="condabot", standalone_mode=False)
    except NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _end(_usage_words(error), error.exit_code)
    except CondabotError as error:
        _end(str(error), BAD_INPUT)


def program() -> NoReturn:
    """Run the command line as a process of its own."""
    run_and_leave(main, unread=UNREAD)


def _end(words: str, exit_code: int) -> NoReturn:
    click.echo(f"condabot: {words}", err=True)
    sys.exit(exit_code)


def _usage_words(error: click.ClickException) -> str:
    """Return what is wrong, and where the command is described."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    where = f" ({context.command_path} --help)" if context else ""
    return f"{error.format_message().rstrip('.')}{where}"


def _os_words(error: OSError) -> str:
    """Return what the system refused, and on which file."""
    return ": ".join(filter(None, (str(error.filename or ""), error.strerror or type(error).__name__)))


def _defect_words(error: Exception) -> str:
    """Return what went wrong and where in this package: enough for a report, in one line."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "bot" in Path(frame.filename).parts] or frames
    words = " ".join(str(error).split())
    what = f"{type(error).__name__}: {words}" if words else type(error).__name__
    place = f"{Path(own[-1].filename).name}:{own[-1].lineno} in {own[-1].name}"
    return f"this is a defect of condabot, please report it: {what} ({place})"


def _show_what_cannot_be_encoded() -> None:
    """Let characters that a terminal's encoding has not be printed as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
