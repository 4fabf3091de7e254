"""Which comments hold a command, and which only look like it."""

import pytest

from bot.jobs.spoken import spoken
from bot.model.command import Command, Verb

REBUILD = Command(verb=Verb.REBUILD)
HELP = Command(verb=Verb.HELP)


def ignoring(about: str) -> Command:
    return Command(verb=Verb.IGNORE, argument=about)


def explaining(package: str) -> Command:
    return Command(verb=Verb.EXPLAIN, argument=package)


def unknown(said: str) -> Command:
    return Command(verb=Verb.HELP, argument=said)


@pytest.mark.parametrize(
    ("comment", "command"),
    [
        pytest.param("/condabot rebuild", REBUILD, id="a line of its own"),
        pytest.param("Please:\r\n\r\n/condabot rebuild\r\n\r\nThanks", REBUILD, id="among other lines"),
        pytest.param("   /Condabot  ReBase  ", REBUILD, id="in any case, with blanks"),
        pytest.param("/condabot recreate", REBUILD, id="by the name that others have for it"),
        pytest.param("/condabot help\n/condabot rebuild", HELP, id="the first one counts"),
        pytest.param("/condabot", HELP, id="nothing said is help"),
        pytest.param("/condabot ignore", ignoring("version"), id="ignore: this version"),
        pytest.param("/condabot ignore this version", ignoring("version"), id="ignore this version"),
        pytest.param("/condabot ignore this line", ignoring("line"), id="ignore this line"),
        pytest.param("/condabot ignore `package`", ignoring("package"), id="ignore package"),
        pytest.param("/condabot ignore everything", unknown("ignore everything"), id="what cannot be ignored"),
        pytest.param("/condabot rebuild now", unknown("rebuild now"), id="more than is understood is not half done"),
        pytest.param("/condabot relock", Command(verb=Verb.RELOCK), id="relock"),
        pytest.param("/condabot explain NumPy", explaining("numpy"), id="explain"),
        pytest.param("/condabot explain `ruamel.yaml`", explaining("ruamel.yaml"), id="explain, as code"),
        pytest.param("/condabot explain", unknown("explain"), id="explain nothing"),
        pytest.param("/condabot explain a b", unknown("explain a b"), id="explain two things"),
        pytest.param("/condabot explain ../x", unknown("explain ../x"), id="explain what is no name"),
        pytest.param("/condabot merge", unknown("merge"), id="no such command"),
        pytest.param("/condabot " + "x" * 5_000, unknown("x" * 200), id="a long one"),
        pytest.param("/condabot <!-- rebuild -->", HELP, id="what is hidden is not said"),
        pytest.param("> quoted\n\n/condabot rebuild", REBUILD, id="after a quotation and an empty line"),
        pytest.param("```\ncode\n```\n/condabot rebuild", REBUILD, id="after a block of code"),
        pytest.param("````\n```\n````\n/condabot rebuild", REBUILD, id="after a block of code with a fence in it"),
        pytest.param("```x``` is code\n/condabot rebuild", REBUILD, id="three backticks that open no block"),
    ],
)
def test_a_command(comment: str, command: Command) -> None:
    assert spoken(comment) == command


@pytest.mark.parametrize(
    "comment",
    [
        pytest.param("", id="nothing"),
        pytest.param("try /condabot rebuild", id="in a sentence"),
        pytest.param("`/condabot rebuild`", id="as code"),
        pytest.param("- /condabot rebuild", id="in a list"),
        pytest.param("> /condabot rebuild", id="quoted, as in an answer by mail"),
        pytest.param("> somebody said\n/condabot rebuild", id="a line that goes on with a quotation"),
        pytest.param("> somebody said\nand so on\n/condabot rebuild", id="two of them"),
        pytest.param("```\n/condabot rebuild\n```", id="in a block of code"),
        pytest.param("~~~ sh\n/condabot rebuild\n~~~", id="in another block of code"),
        pytest.param("```\nopen\n\n/condabot rebuild", id="in a block that is never closed"),
        pytest.param("````\n```\n/condabot rebuild", id="a shorter fence closes nothing"),
        pytest.param("```\n``` no\n/condabot rebuild", id="a fence with words closes nothing"),
        pytest.param("    /condabot rebuild", id="indented as code"),
        pytest.param("\t/condabot rebuild", id="indented by a tab"),
        pytest.param("<!--\n/condabot rebuild\n-->", id="hidden"),
        pytest.param("<!-- open\n/condabot rebuild", id="hidden, never closed"),
        pytest.param("/condabots rebuild", id="another word"),
        pytest.param("/condabot\u2028rebuild", id="a line end that is none"),
        pytest.param("@condabot rebuild", id="a mention is a stranger's name"),
    ],
)
def test_no_command(comment: str) -> None:
    assert spoken(comment) is None
