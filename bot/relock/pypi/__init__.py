"""PyPI packages beside conda's: resolved with uv in a process of its own, wheels and their metadata only.

`UvResolver` takes a `PypiRequest`. What only a source archive could give is said, and never built.
"""

from bot.relock.pypi.process import UvLimits
from bot.relock.pypi.resolver import UvResolver

__all__ = ["UvLimits", "UvResolver"]
