"""Where else a package is named: what is left alone on purpose, with its reason, and what is only told."""

from collections.abc import Iterable, Sequence

from bot.model.update import Mention
from bot.rendering.markdown import code, plain

MOST = 10
"""Places that are named one by one; the others are counted."""


def mentions(found: Sequence[Mention]) -> str:
    """Return a line for what of *found* is left on purpose, and one for each other package; empty without any."""
    unchanged = [_unchanged(each) for each in found if each.reason]
    told: dict[str, list[str]] = {}
    for each in found:
        if not each.reason:
            told.setdefault(each.name, []).append(_told(each))
    sentences = [f"**Unchanged on purpose:** {_joined(unchanged, '; ')}."] if unchanged else []
    sentences += [f"Also names {code(name)}: {_joined(places, ', ')}." for name, places in told.items()]
    return "\n".join(sentences)


def _unchanged(mention: Mention) -> str:
    gap = " " if mention.spec[:1].isalnum() else ""
    spec = code(f"{mention.name}{gap}{mention.spec}")
    return f"{_place(mention)} {spec} ({plain(mention.reason)})"


def _told(mention: Mention) -> str:
    excluded = f" ({code(mention.spec)} excludes {code(mention.excludes)})" if mention.excludes else ""
    return f"{_place(mention)}{excluded}"


def _place(mention: Mention) -> str:
    return code(f"{mention.path}:{mention.line}")


def _joined(places: Sequence[str], separator: str) -> str:
    more = len(places) - MOST
    shown: Iterable[str] = [*places[:MOST], f"and {more} more"] if more > 0 else places
    return separator.join(shown)
