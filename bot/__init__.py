"""condabot: dependency updates for conda and pixi repositories, solved before they are proposed."""

__version__ = "0.1.0"
