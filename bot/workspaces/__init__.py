"""Manifests and locks -> environments (pure)."""

from bot.workspaces.compose import ResolveChannel, compose, solve_units
from bot.workspaces.virtual_packages import PIXI_FORMATS

__all__ = ["PIXI_FORMATS", "ResolveChannel", "compose", "solve_units"]
