"""A simple index on localhost, that serves PyPI projects as made-up files: PEP 503, 658, 691 and 700.

`wheel` and `sdist` make the files, `DemoIndex` is the server.
"""

from bot.demo.index.files import IndexFile, sdist, wheel
from bot.demo.index.server import DemoIndex

__all__ = ["DemoIndex", "IndexFile", "sdist", "wheel"]
