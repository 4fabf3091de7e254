"""Sizes in words."""


def megabytes(size: int) -> str:
    """Return *size* bytes as signed megabytes with two digits: `+0.13 MB`."""
    return f"{size / 1_000_000:+.2f} MB"
