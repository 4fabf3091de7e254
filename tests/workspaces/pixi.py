"""pixi manifests written down in tests, and the workspaces that they are."""

from datetime import UTC, datetime

from bot.egress import resolve_channels
from bot.manifests import extract
from bot.model.environment import Environment, Workspace
from bot.model.manifest import Manifest, PlatformName, Subdir, VirtualPackage
from bot.model.package import Channel, Lock
from bot.settings import CHANNEL_ALIAS
from bot.workspaces import compose

NOW = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)
LINUX, MACOS, WINDOWS = (Subdir(name) for name in ("linux-64", "osx-arm64", "win-64"))
WORKSPACE = '[workspace]\nname = "x"\nchannels = ["conda-forge"]\nplatforms = ["linux-64", "osx-arm64", "win-64"]\n'


def manifest(text: str, path: str = "pixi.toml") -> Manifest:
    found = extract(path, text.encode())
    assert found is not None
    return found


def resolve(name: str) -> tuple[Channel, ...]:
    return resolve_channels(name, CHANNEL_ALIAS)


def workspace(text: str, path: str = "pixi.toml", lock: Lock | None = None) -> Workspace:
    return compose(manifest(text, path), lock, resolve, now=NOW)


def environment(found: Workspace, name: str = "default") -> Environment:
    return next(each for each in found.environments if each.name == name)


def names(found: Environment) -> tuple[PlatformName, ...]:
    return tuple(each.name for each in found.platforms)


def provided(found: Environment, name: PlatformName = LINUX) -> tuple[VirtualPackage, ...]:
    """Return the virtual packages of *found* on the platform *name*."""
    return next(each.virtual_packages for each in found.platforms if each.name == name)


def asked(found: Environment, platform: PlatformName = LINUX) -> list[str]:
    """Return what *found* asks for on *platform*, as `name spec`, in order."""
    return [f"{each.dependency.name} {each.dependency.version}".strip() for each in found.requires(platform)]
