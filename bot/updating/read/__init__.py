"""The first step of a scan: files become manifests, locks and workspaces."""

from bot.updating.read.reading import Reader, Reading

__all__ = ["Reader", "Reading"]
