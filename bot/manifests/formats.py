"""The formats that condabot reads. A new one is a module and its line in `MANIFESTS`."""

from typing import Final

from bot.manifests.anaconda_project import AnacondaProject
from bot.manifests.annotated import Annotated
from bot.manifests.base import Format
from bot.manifests.environment_yml import EnvironmentYml
from bot.manifests.pixi_script import PixiScript
from bot.manifests.pixi_toml import MOJOPROJECT_TOML, PixiToml
from bot.manifests.pyproject_toml import PyprojectToml

MANIFESTS: Final[tuple[Format, ...]] = (
    PixiToml(),
    PyprojectToml(),
    PixiToml(
        kind=MOJOPROJECT_TOML,
        patterns=("**/mojoproject.toml",),
        described="`mojoproject.toml`",
        behind=("pixi.toml", "pyproject.toml"),
    ),
    PixiScript(),
    AnacondaProject(),
    EnvironmentYml(),
)
"""Files that are manifests, in the order in which they are tried: environment.yml's is last, for it may be any YAML."""

COMMENTS: Final[tuple[Format, ...]] = (Annotated(),)
"""What is looked for in files that are none of these."""

FORMATS: Final = MANIFESTS + COMMENTS
"""Every format."""
