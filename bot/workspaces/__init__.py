"""Manifests and locks -> environments (pure)."""

from bot.workspaces.compose import ResolveChannel, compose, solve_units
from bot.workspaces.layers import compose_layers, read_virtual_packages, requested
from bot.workspaces.line_environments import line_by_line
from bot.workspaces.restrict import restricted
from bot.workspaces.unmet import unmet

__all__ = [
    "ResolveChannel",
    "compose",
    "compose_layers",
    "line_by_line",
    "read_virtual_packages",
    "requested",
    "restricted",
    "solve_units",
    "unmet",
]
