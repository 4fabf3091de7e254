"""The last step of a scan: what was found becomes proposals, and every line of every manifest has a status."""

from bot.updating.propose.caps import CapAppraiser
from bot.updating.propose.proposer import Proposer

__all__ = ["CapAppraiser", "Proposer"]
