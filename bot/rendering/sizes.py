"""Numbers and sizes in words."""


def megabytes(size: int) -> str:
    """Return *size* bytes as signed megabytes with two digits: `+0.13 MB`."""
    return f"{round(size / 1_000_000, 2) + 0.0:+.2f} MB"


def counted(count: int, noun: str) -> str:
    """Return *count* with *noun*: `1 day`, `2 days`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
