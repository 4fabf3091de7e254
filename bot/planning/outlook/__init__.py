"""The outlook of a repository: what of every package could move, and what is said of the releases that are not taken.

`judge` judges releases, whatever they are of. `conda`, `pypi` and `library` say what is judged, and by what.
"""

from bot.planning.outlook.conda import conda_outlooks
from bot.planning.outlook.library import home, library_names, library_outlooks
from bot.planning.outlook.outlook import Outlook
from bot.planning.outlook.pypi import PypiUse, in_use, pypi_outlook, unknown, uses

__all__ = [
    "Outlook",
    "PypiUse",
    "conda_outlooks",
    "home",
    "in_use",
    "library_names",
    "library_outlooks",
    "pypi_outlook",
    "unknown",
    "uses",
]
