"""Files that are seen and not managed, told by what stands in them: each says what it is and why."""

from collections.abc import Collection, Iterable, Mapping

from bot import lockfiles, manifests
from bot.model.manifest import Manifest
from bot.model.report import Problem, Recognised


def read_instead(extracted: Iterable[Manifest], problems: Iterable[Problem]) -> Mapping[str, str]:
    """Return the manifests that pixi does not read, each with the one beside it that it reads instead.

    One that cannot be read, and so is a problem, is read by pixi all the same.
    """
    of_pixi = [each for each in extracted if each.format.is_pixi]
    paths = {each.path for each in of_pixi} | {each.path for each in problems}
    found = ((each.path, manifests.preferred_to(each, paths)) for each in of_pixi)
    return {path: other for path, other in found if other}


def asking_nothing(found: Iterable[Manifest], problems: Iterable[Problem]) -> tuple[Recognised, ...]:
    """Return what is said of the manifests that have not a single line, and no problem either."""
    paths = {each.path for each in problems}
    empty = (each.path for each in found if not each.dependencies and each.path not in paths)
    return tuple(Recognised(path=path, sentence="it asks for nothing") for path in empty)


def seen(files: Mapping[str, bytes], hidden: Mapping[str, str], told: Collection[str]) -> tuple[Recognised, ...]:
    """Return what is said of files that might be manifests by their names and are something else.

    *hidden* is what `read_instead` returned. *told* are the paths of files of which something else is said.
    """
    beside = (
        Recognised(path=path, sentence=f"{other} stands beside it, and pixi reads that one only")
        for path, other in hidden.items()
    )
    left = sorted(path for path in files if path not in hidden and path not in told)
    sentences = ((path, _sentence(path, files[path])) for path in left)
    return (*beside, *(Recognised(path=path, sentence=sentence) for path, sentence in sentences if sentence))


def _sentence(path: str, content: bytes) -> str | None:
    if lockfiles.is_lock(path, content):
        return None
    text = content[: manifests.MAX_BYTES].decode(errors="replace")
    recognised = manifests.recognise(path, text) if manifests.is_manifest_path(path) else None
    return recognised or manifests.spec_list(path, text) or manifests.why_none(path, content)
