"""What a pull request says of its own merge, where somebody asked that it merges by itself."""

from typing import Final

from bot.rendering.markdown import plain

MERGES: Final = (
    "Merges by itself once all required checks are green. To keep it from that, push to its branch, close it, or take "
    "its automatic merge back."
)


def merge_words(hindrance: str) -> str:
    """Return the sentence, in Markdown; *hindrance* is why it does not merge by itself, empty if it does."""
    return f"Does not merge by itself: {plain(hindrance)}." if hindrance else MERGES
