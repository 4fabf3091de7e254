"""A solve never swaps a flavour: what is locked as a CUDA, CPU, MKL or MPI build stays one.

conda-forge writes flavours into build strings, so they can be asked for there. CUDA's version is none of them.
"""

import re
from collections.abc import Iterable

from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.planning.baseline import Baseline
from bot.versioning.flavour import flavour

WRITTEN = re.compile(r"(?:^|_)(cuda|rocm|cpu|mkl|openblas|blis|nompi|mpi_[a-z]+|cp\d+t)(?=\d|_|$)")


def flavour_limits(records: Iterable[Record]) -> tuple[str, ...]:
    """Return the constraints that keep *records* in their flavours, for those whose build string says it."""
    return tuple(f"{each.name}[build='*{word}*']" for each in records for word in WRITTEN.findall(each.build))


def swapped(baseline: Baseline, records: Iterable[Record]) -> tuple[PackageName, ...]:
    """Return which of *records* have another flavour than the one in use."""
    in_use = baseline.records
    return tuple(each.name for each in records if each.name in in_use and flavour(each) != flavour(in_use[each.name]))
