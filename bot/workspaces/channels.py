"""Which channels an environment is solved from: those that its manifest lists, then those that its lines name.

A line `acme::tool` is enough for conda to ask acme, behind the channels that are listed; pixi refuses it:
https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html#package-match-specifications
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TypeAlias

from bot.errors import EgressRefused, ManifestError
from bot.model.manifest import ChannelReference, Dependency, Feature, Manifest
from bot.model.package import Channel

ResolveChannel: TypeAlias = Callable[[str], tuple[Channel, ...]]
"""A channel as a manifest names it -> the channels that it stands for. Raises EgressRefused."""


def channel_references(manifest: Manifest, features: Iterable[Feature]) -> list[ChannelReference]:
    """Return the channels that *features* of *manifest* have together, higher priority first.

    A feature without a list has that of the workspace. Where none has any, they are those that its format has then.
    """
    shared = manifest.declarations.channels
    lists = [each.channels if each.channels is not None else shared for each in features]
    references = [each for channels in lists for each in channels]
    defaults = (ChannelReference(name=each) for each in manifest.format.default_channels)
    return sorted(references or defaults, key=lambda each: -(each.priority or 0))


def named_by_lines(dependencies: Iterable[Dependency]) -> Iterator[ChannelReference]:
    """Yield the channels that *dependencies* themselves ask to be taken from."""
    for each in dependencies:
        if each.skip is None and each.match_spec and each.match_spec.channel:
            yield ChannelReference(name=each.match_spec.channel, line=each.line)


def require_listed(
    path: str, dependencies: Iterable[Dependency], listed: Iterable[Channel], resolve: ResolveChannel
) -> None:
    """Refuse one of *dependencies*, of a manifest of pixi, that names a channel beside those *listed*.

    pixi solves with no other, and says so:
    https://github.com/prefix-dev/pixi/blob/main/crates/pixi_command_dispatcher/src/keys/solve_pixi_environment.rs

    Raises:
        ManifestError: there is one; says on which line, and what to do.

    """
    urls = {each.url for each in listed}
    for each in dependencies:
        named = tuple(named_by_lines([each]))
        if any(channel.url not in urls for channel in resolved_channels(path, named, resolve)):
            sentence = (
                f"{each.name} is to come from the channel {named[0].name!r}, which `channels` does not list: "
                "pixi asks no other, so add it there"
            )
            raise ManifestError(sentence, path=path, line=each.line)


def asked(channels: Iterable[Channel]) -> tuple[Channel, ...]:
    """Return those of *channels* that have packages, each once."""
    by_url: dict[str, Channel] = {}
    for each in channels:
        if each.is_asked:
            by_url.setdefault(each.url, each)
    return tuple(by_url.values())


def resolved_channels(
    path: str, references: Iterable[ChannelReference], resolve: ResolveChannel
) -> tuple[Channel, ...]:
    """Return the channels that *references*, in the manifest at *path*, stand for, in their order.

    As in pixi, a channel is there once for each of the names that it has among them.

    Raises:
        ManifestError: one is no channel, or one that condabot must not call; says on which line.

    """
    by_name: dict[str, tuple[Channel, ...]] = {}
    for each in references:
        if each.name not in by_name:
            by_name[each.name] = _resolved(path, each, resolve)
    return tuple(chain.from_iterable(by_name.values()))


def _resolved(path: str, reference: ChannelReference, resolve: ResolveChannel) -> tuple[Channel, ...]:
    try:
        return resolve(reference.name)
    except EgressRefused as error:
        raise ManifestError(str(error), path=path, line=reference.line, key="channels") from error
