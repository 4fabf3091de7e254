"""What a repository asks of condabot: `.github/condabot.yml` or `.yaml` -> `Configuration` (pure)."""

from bot.config.configuration import Configuration
from bot.config.extending import NOTHING_ELSEWHERE, Elsewhere
from bot.config.reading import PATHS, missing_presets, read_configuration

__all__ = ["NOTHING_ELSEWHERE", "PATHS", "Configuration", "Elsewhere", "missing_presets", "read_configuration"]
