"""What the archives of packages say of where they come from, and what changed in that (pure)."""

from bot.provenance.comparing import changes
from bot.provenance.reading import FILES, LICENSES, read_provenance

__all__ = ["FILES", "LICENSES", "changes", "read_provenance"]
