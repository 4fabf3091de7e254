"""What a repository asks of condabot: `.github/condabot.yml` -> `Configuration` (pure)."""

from bot.config.configuration import Configuration
from bot.config.reading import PATH, read_configuration

__all__ = ["PATH", "Configuration", "read_configuration"]
