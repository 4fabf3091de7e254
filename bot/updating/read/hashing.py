"""What stands in for conda-lock."""

from bot.model.content_hash import HashRequest, HashResult, NotHashed


class NoCondaLock:
    """Stands in for conda-lock where there is none."""

    async def content_hashes(self, request: HashRequest) -> HashResult:
        """Say so."""
        del request
        return NotHashed(reason="there is no conda-lock to ask for its content hash")
