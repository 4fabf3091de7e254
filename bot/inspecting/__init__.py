"""Inspections in killable children: whatever reads the text of a repository runs there, with bounds and no credentials.

`Inspectors` is the parent's side: it makes the inspections that `bot.updating.inspection` promises. A child has all
that a scan needs but the solver: it asks its parent for solves, and for what earlier scans came to (`asking`).
`serving` is its loop; `bot.composition.inspector` puts it together.
"""

from bot.inspecting.limits import ScanLimits
from bot.inspecting.pool import Inspectors, Supplies

__all__ = ["Inspectors", "ScanLimits", "Supplies"]
