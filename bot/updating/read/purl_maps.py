"""The maps of PyPI names that a manifest brings (`conda-pypi-map`): which files they are, and what they say."""

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot import manifests
from bot.errors import BadInput, EgressRefused
from bot.lockfiles import or_problem
from bot.model.environment import Workspace
from bot.model.manifest import ChannelNames, CondaPypiMap, MappingMode
from bot.model.pypi_names import ChannelRule
from bot.model.report import Problem
from bot.versioning.purls import read_name_map
from bot.workspaces import ResolveChannel

LARGEST = 8_000_000
_KEY = b"conda-pypi-map"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNames:
    """What a manifest says of PyPI names: rules by the URL of the channel, and why those of a channel are unknown."""

    rules: Mapping[str, ChannelRule]
    unreadable: Mapping[str, str]


def named_maps(files: Mapping[str, bytes], sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Return the maps of PyPI names that manifests among *files* name: a scan has to read them as well.

    *sizes* are the bytes of every file of the repository; one that is too large, or not there, is not among them.
    """
    with_maps = (path for path, content in files.items() if _KEY in content)
    named = (location for path in with_maps for location in _locations(path, files[path]))
    return tuple(sorted({each for each in named if each not in files and sizes.get(each, LARGEST + 1) <= LARGEST}))


def _locations(path: str, content: bytes) -> Iterable[str]:
    manifest = or_problem(path, lambda: manifests.extract(path, content))
    if manifest is None or isinstance(manifest, Problem):
        return  # what is wrong with it the scan will say
    declared = manifest.declarations.conda_pypi_map
    for names in declared.channels if declared else ():
        if location := _location(names, posixpath.dirname(path)):
            yield location


def own_names(workspace: Workspace, files: Mapping[str, bytes], resolve: ResolveChannel) -> OwnNames:
    """Return what the manifest of *workspace* says; *files* are those of the repository that a scan reads."""
    manifest = workspace.manifests[0]
    declared = manifest.declarations.conda_pypi_map or CondaPypiMap()
    if declared.is_off:
        channels = {channel.url for environment in workspace.environments for channel in environment.channels}
        return OwnNames(rules=dict.fromkeys(channels, ChannelRule(mode=MappingMode.NONE)), unreadable={})
    rules: dict[str, ChannelRule] = {}
    unreadable: dict[str, str] = {}
    for names in declared.channels:
        try:
            urls = [channel.url for channel in resolve(names.channel)]
        except EgressRefused:
            continue  # no environment has that channel, for it would not be one
        try:
            rules |= dict.fromkeys(urls, _rule(names, posixpath.dirname(manifest.path), files))
        except BadInput as error:
            unreadable |= dict.fromkeys(urls, str(error))
    return OwnNames(rules=rules, unreadable=unreadable)


def _location(names: ChannelNames, folder: str) -> str | None:
    """Return the path of the file that *names*, in a manifest in *folder*, are read from; None if it is no file."""
    if names.location is None or "://" in names.location:
        return None
    return posixpath.normpath(posixpath.join(folder, names.location))


def _rule(names: ChannelNames, folder: str, files: Mapping[str, bytes]) -> ChannelRule:
    path = _location(names, folder)
    written = dict(names.names)
    if path is None:
        return ChannelRule(mode=names.mode, names=written, url=names.location, same_name=names.same_name)
    if path not in files:
        raise BadInput("this map of PyPI names is not among the files of the repository that are read", path=path)
    try:
        read = read_name_map(files[path])
    except BadInput as error:
        raise BadInput(error.message, path=path) from error
    return ChannelRule(mode=names.mode, names={**read, **written}, same_name=names.same_name)
