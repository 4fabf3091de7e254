"""What a repository asks of condabot: `.github/condabot.yml` or `.yaml` -> `Configuration` (pure)."""

from bot.config.configuration import Configuration
from bot.config.reading import PATHS, read_configuration

__all__ = ["PATHS", "Configuration", "read_configuration"]
