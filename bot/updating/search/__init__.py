"""The fourth step of a scan: what of the wishes solves, and what goes with it."""

from bot.updating.search.searcher import Searcher

__all__ = ["Searcher"]
