"""What the archives of packages say of where they come from, and what changed in that (pure)."""

from bot.provenance.comparing import attestation_changes, changes
from bot.provenance.reading import FILES, LICENSES, PATHS, read_provenance
from bot.provenance.recipes import recipe_change
from bot.provenance.repositories import repository_of

__all__ = [
    "FILES",
    "LICENSES",
    "PATHS",
    "attestation_changes",
    "changes",
    "read_provenance",
    "recipe_change",
    "repository_of",
]
