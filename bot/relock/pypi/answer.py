"""What uv answers: the wheels of a pylock (PEP 751), or its words, without anything of this machine in them."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from bot.datasources.mirrors import canonical_url
from bot.datasources.refusals import credentials_advice
from bot.errors import SolverFailed
from bot.model.solve import NotSolved, Unsolvable
from bot.redaction import Redactor
from bot.relock.pypi.process import Ended
from bot.relock.pypi.question import CREATED_BY, PROVIDED, Question
from bot.settings import Mirror, PypiSettings

LARGEST_PYLOCK: Final = 64_000_000
LONGEST_TEXT: Final = 20_000

_UNANSWERED: Final = re.compile(r"\b(?:401 Unauthorized|403 Forbidden)\b|\bnetwork was disabled\b", re.ASCII)
_SOURCE_ONLY: Final = re.compile(r"^hint: Wheels are required for `([^`]+)`", re.MULTILINE)
_RETRIED: Final = re.compile(r"\Aerror: Request failed after .*\n\s*cause: ")
_CAUSE: Final = re.compile(r"^\s*cause: ", re.MULTILINE)
_FROM: Final = re.compile(r"^([\w.-]+)==\S+(?:\n +# (?!from ).*)*\n +# from (\S+)$", re.MULTILINE)

_STATUS: Final = re.compile(r"\((401|403) ", re.ASCII)
_redact: Final = Redactor.of([])

Replacements: TypeAlias = Mapping[str, str]
"""What must not be shown -> what stands for it."""


class LockedWheel(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """A wheel in a pylock, by URL; one of this machine has none."""

    url: str = ""
    upload_time: datetime | None = None
    hashes: dict[str, str] = {}

    def is_older_than(self, moment: datetime) -> bool:
        """Tell whether it was uploaded by *moment*; one that does not say when counts as young."""
        if self.upload_time is None:
            return False
        uploaded = self.upload_time if self.upload_time.tzinfo else self.upload_time.replace(tzinfo=UTC)
        return uploaded <= moment


class LockedPackage(msgspec.Struct, frozen=True, kw_only=True):
    """A package in a pylock."""

    name: str
    version: str = ""
    wheels: tuple[LockedWheel, ...] = ()


class _Pylock(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    created_by: str = ""
    packages: tuple[LockedPackage, ...] = ()


def read_pylock(path: Path, question: Question) -> tuple[LockedPackage, ...]:
    """Return the packages in the pylock at *path*, without those that are provided.

    Raises:
        SolverFailed: it is too large or none; the message is a sentence.

    """
    try:
        if path.stat().st_size > LARGEST_PYLOCK:
            raise SolverFailed("The resolver of PyPI packages gave an answer that is too large.")
        found = msgspec.toml.decode(path.read_bytes(), type=_Pylock)
    except (OSError, msgspec.MsgspecError, ValueError) as error:
        raise SolverFailed("The resolver of PyPI packages gave an answer that is none.") from error
    if found.created_by == CREATED_BY:  # still our own preferences
        raise SolverFailed("The resolver of PyPI packages gave no answer.")
    return tuple(each for each in found.packages if each.name not in question.stubs)


def read_origins(path: Path) -> Mapping[str, str]:
    """Return the index that each package in the annotated requirements at *path* comes from, by name."""
    return dict(_FROM.findall(path.read_text(encoding="utf-8")))


def refusal(
    ended: Ended, question: Question, replacements: Replacements, settings: PypiSettings
) -> Unsolvable | NotSolved:
    """Return what it means that a run *ended* without a pylock.

    uv ends with 1 when there is no solution, with 2 when something went wrong. An index that refuses, or may not be
    asked, leaves things open: unknown is never absent.
    """
    text = shown(ended.words, replacements)
    if ended.status == 1 and not _UNANSWERED.search(text):
        return Unsolvable(text="\n\n".join([*_without_wheels(text, question), text]))
    refused = next((line for line in text.splitlines() if _UNANSWERED.search(line)), "").removeprefix("hint: ")
    sentence = _sentence(refused or _short(text))
    advice = _advice(refused, question, settings)
    return NotSolved(reason=f"The resolver of PyPI packages came to no result: {sentence}{advice}")


def replacements(folder: Path, others: Mapping[str, str], mirrors: Iterable[Mirror]) -> Replacements:
    """Return what of *folder*, *others* (paths and addresses of this machine) and *mirrors* is replaced by what."""
    own = {(folder / PROVIDED).as_uri(): "what conda provides", folder.as_uri(): "here", str(folder): "here"}
    places = {place: mirror.canonical for mirror in mirrors for place in (mirror.url, *mirror.also)}
    return {**own, **places, **{k: v for k, v in others.items() if k}}


def shown(words: str, replaced: Replacements) -> str:
    """Return *words* fit to be shown to anybody: nothing of *replaced*, no credentials, no control characters."""
    for secret in sorted(replaced, key=len, reverse=True):
        words = words.replace(secret, replaced[secret])
    return "".join(each for each in _redact(words) if each.isprintable() or each == "\n").strip()[:LONGEST_TEXT]


def canonical(package: LockedPackage, mirrors: tuple[Mirror, ...]) -> LockedPackage:
    """Return *package* with the canonical URLs of its wheels."""
    wheels = (msgspec.structs.replace(each, url=canonical_url(each.url, mirrors)) for each in package.wheels)
    return msgspec.structs.replace(package, wheels=tuple(wheels))


def _without_wheels(text: str, question: Question) -> Iterable[str]:
    """Return a sentence for each package that would have to be built."""
    where = f"{question.request.subdir} and python {question.request.python}"
    for name in dict.fromkeys(_SOURCE_ONLY.findall(text)):
        yield f"{name} has no wheel that fits for {where}, and condabot builds nothing."


def _advice(refused: str, question: Question, settings: PypiSettings) -> str:
    """Return a sentence on what to do about an index that *refused* to answer, empty if none did."""
    status = _STATUS.search(refused)
    index = next((each for each in question.request.indexes if each.rstrip("/") in refused), None)
    if status is None or index is None:
        return ""
    return f" Of {index}: {credentials_advice(int(status[1]), index, settings.mirrors, settings.private)}."


def _short(text: str) -> str:
    """Return the error and the innermost of its causes; how often and how long uv tried differs from run to run."""
    first, *causes = _CAUSE.split(_RETRIED.sub("", text).removeprefix("error: "))
    lines = [first, *causes[-1:]]
    return ": ".join(each.strip().partition("\n")[0] for each in lines if each.strip())


def _sentence(text: str) -> str:
    return f"{text.rstrip('.') or 'it gave no reason'}."
