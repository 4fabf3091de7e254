"""The relock worker: environments are solved in recycled child processes that hold no token and no database.

`SolverPool` is the parent's side. A child runs `bot.relock.child`: it reads requests from its stdin, solves them with
py-rattler and writes the results to its stdout. No code of a repository or of a package is ever run.
"""

from bot.relock.limits import SolverLimits
from bot.relock.pool import SolverPool, SolverSession

__all__ = ["SolverLimits", "SolverPool", "SolverSession"]
