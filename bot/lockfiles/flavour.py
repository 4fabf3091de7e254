"""What a build is made for: the part of a build string that a person chooses, and no update may change silently.

conda-forge writes it into build strings: `cuda126_mkl_py312h…`, `cpu_generic_py312h…`, `mpi_openmpi_h…`,
`20_linux64_openblas`, `…_cp313t`. What is built for free-threaded Python depends on `python_abi 3.13.* *_cp313t`.
"""

import re
from typing import Final

from bot.model.package import Record

_PROCESSOR = re.compile(r"(?:^|_)(cuda|rocm)\d*(?=_|py|h|$)")
_BLAS = re.compile(r"(?:^|_)(mkl|openblas|blis|accelerate|netlib)(?=_|$)")
_MPI = re.compile(r"(?:^|_)(mpi_[a-z]+)(?=_|$)")
_FREE_THREADED_ABI = re.compile(r"(?:^|[_*])cp\d+t(?=_|$)")
_FREE_THREADING: Final = "freethreading"


def flavour(record: Record) -> str:
    """Return the flavour of *record*: words joined by `+`, such as `cuda+mkl`, `mpi_openmpi`, `freethreading`.

    What is usual adds no word: a build that says `cpu` or `nompi` and one that says nothing are of one flavour, the
    empty text. The version of CUDA is none, for it moves as other versions do.
    """
    found = (pattern.search(record.build) for pattern in (_PROCESSOR, _BLAS, _MPI))
    words = [match[1] for match in found if match]
    if _is_free_threaded(record):
        words.append(_FREE_THREADING)
    return "+".join(words)


def _is_free_threaded(record: Record) -> bool:
    abi = (spec.rpartition(" ")[2] for spec in record.depends if spec.startswith("python_abi "))
    return any(_FREE_THREADED_ABI.search(text) for text in (record.build, *abi))
