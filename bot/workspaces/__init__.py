"""Manifests and locks -> environments (pure)."""

from bot.workspaces.channels import ResolveChannel
from bot.workspaces.compose import compose, solve_units
from bot.workspaces.line_environments import line_by_line
from bot.workspaces.machines import Machines, on_machines
from bot.workspaces.restrict import restricted, settled
from bot.workspaces.unmet import unmet, unneeded

__all__ = [
    "Machines",
    "ResolveChannel",
    "compose",
    "line_by_line",
    "on_machines",
    "restricted",
    "settled",
    "solve_units",
    "unmet",
    "unneeded",
]
