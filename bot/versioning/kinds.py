"""How far apart two versions are, by their segments."""

from collections.abc import Iterable
from itertools import zip_longest

from bot.model.update import UpdateKind

_KINDS = (UpdateKind.MAJOR, UpdateKind.MINOR)


def kind_of_difference(left: Iterable[object], right: Iterable[object], *, missing: object) -> UpdateKind:
    """Return the kind of the first segment that differs; *missing* stands for segments that one side has not.

    The third segment, every later one, and what is no segment at all (a suffix, a local part) count as patch.
    """
    pairs = zip_longest(left, right, fillvalue=missing)
    differing = (index for index, (one, other) in enumerate(pairs) if one != other)
    first = next(differing, len(_KINDS))
    return _KINDS[first] if first < len(_KINDS) else UpdateKind.PATCH
