"""Locks in the newest version of their format, where somebody asks for it; nothing else ever changes the version."""

from collections.abc import Mapping

from bot import lockfiles
from bot.errors import BadInput, RewriteRefused
from bot.model.report import Problem


def upgraded_locks(
    files: Mapping[str, bytes], changed: Mapping[str, str]
) -> tuple[Mapping[str, str], tuple[Problem, ...]]:
    """Return the new texts of each lock beside a manifest that is of an older version, and why others have none.

    *files* are as read, *changed* the texts that differ from them already.
    """
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    beside = (lockfiles.lock_for(files, path) for path in sorted(files))
    for path in dict.fromkeys(filter(None, beside)):
        content = changed[path].encode() if path in changed else files[path]
        try:
            before = lockfiles.text_of(path, content)
            after = lockfiles.upgraded(path, before)
        except BadInput as error:
            problems.append(Problem(path=path, line=error.line, sentence=error.sentence))
        except RewriteRefused as error:
            problems.append(Problem(path=path, sentence=str(error)))
        else:
            texts |= {} if after == before else {path: after}
    return texts, tuple(problems)
