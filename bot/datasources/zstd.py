"""What is compressed with zstd, opened within a bound: by Python's own module, before 3.14 by the same one apart."""

import sys
from typing import BinaryIO, Final

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LARGEST_WINDOW_LOG: Final = 27
"""How much zstd may hold at once, as a power of two: compressors need no more at their highest level."""

BAD_ZSTD: Final = (zstd.ZstdError, EOFError)
"""What reading raises where something is not zstd, or ends too early."""


def opened(file: BinaryIO) -> zstd.ZstdFile:
    """Return what *file* holds; closing it leaves *file* open."""
    return zstd.ZstdFile(file, options={zstd.DecompressionParameter.window_log_max: LARGEST_WINDOW_LOG})
