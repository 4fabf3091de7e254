"""What a build is made for: the part of a build string that a person chooses, and no update may change silently.

conda-forge writes it into build strings: `cuda126_mkl_py312h…`, `cpu_generic_py312h…`, `mpi_openmpi_h…`,
`20_linux64_openblas`, `…_cp313t`. What is built for free-threaded Python depends on `python_abi 3.13.* *_cp313t`.
"""

import re
from collections.abc import Iterable
from typing import Final

from bot.model.package import Record

_PROCESSOR: Final = re.compile(r"(?:^|_)(cuda|rocm|cpu)\d*(?=_|py|h|$)")
_BLAS: Final = re.compile(r"(?:^|_)(mkl|openblas|blis|accelerate|netlib)(?=_|$)")
_MPI: Final = re.compile(r"(?:^|_)(nompi|mpi_[a-z]+)(?=_|$)")
_ABI: Final = re.compile(r"(?:^|[_*])cp\d+(t?)(?=_|$)")
_FREE_THREADING: Final = "freethreading"
_USUAL: Final = frozenset({"cpu", "nompi", "gil"})
_KINDS: Final = {"cpu": "processor", "cuda": "processor", "rocm": "processor", "gil": "abi", _FREE_THREADING: "abi"}


def words(build: str, depends: Iterable[str]) -> tuple[str, ...]:
    """Return everything that a build string and *depends* say of what the build is for, at most one word of a kind.

    `cpu`, `nompi` and `gil` are said of what is usual; where nothing is said there is no word. The version of CUDA is
    not among them, for it moves as other versions do.
    """
    found = (pattern.search(build) for pattern in (_PROCESSOR, _BLAS, _MPI))
    return (*(match[1] for match in found if match), *_abi(build, depends))


def kind(word: str) -> str:
    """Return which choice *word* of `words` is an answer to: the processor, the BLAS, the MPI, the Python ABI."""
    return _KINDS.get(word) or ("mpi" if "mpi" in word else "blas")


def flavour(record: Record) -> str:
    """Return the flavour of *record*: words joined by `+`, such as `cuda+mkl`, `mpi_openmpi`, `freethreading`.

    What is usual adds no word: a build that says `cpu` or `nompi` and one that says nothing are of one flavour, the
    empty text.
    """
    return "+".join(each for each in words(record.build, record.depends) if each not in _USUAL)


def _abi(build: str, depends: Iterable[str]) -> tuple[str, ...]:
    named = (spec.rpartition(" ")[2] for spec in depends if spec.startswith("python_abi "))
    found = [match[1] for text in (build, *named) for match in _ABI.finditer(text)]
    return () if not found else (_FREE_THREADING if "t" in found else "gil",)
