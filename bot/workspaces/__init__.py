"""Manifests and locks -> environments (pure)."""

from bot.workspaces.compose import ResolveChannel, compose, solve_units

__all__ = ["ResolveChannel", "compose", "solve_units"]
