"""Manifests of pixi that hold a package and no workspace: pixi reads them where a workspace asks for that package.

By itself such a manifest has neither channels nor platforms, and a `pixi.lock` beside it is no workspace's.
https://pixi.sh/latest/reference/pixi_manifest/#the-package-section
"""

import posixpath
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace

from bot import lockfiles
from bot.model.manifest import Dependency, Manifest, Skip, SkipReason
from bot.model.report import Recognised

WITHOUT = "has `[package]` and no `[workspace]`"


def is_member(manifest: Manifest) -> bool:
    """Tell whether *manifest* is one that only counts in the workspace of another."""
    return not manifest.declarations.is_workspace


def with_members_told(found: Sequence[Manifest]) -> list[Manifest]:
    """Return *found*, with the lines of members left alone: each says which workspace it is read for."""
    workspaces = [each for each in found if each.format.is_pixi and not is_member(each)]
    return [_told(each, workspaces) if is_member(each) else each for each in found]


def locks_of_members(found: Iterable[Manifest], paths: Container[str]) -> Iterator[Recognised]:
    """Yield what is said of those of *paths* that are locks beside members among *found*: nothing reads them."""
    for each in filter(is_member, found):
        if lock := lockfiles.lock_for(paths, each.path):
            name = posixpath.basename(each.path)
            yield Recognised(path=lock, sentence=f"{name} beside it {WITHOUT}, so pixi does not read this lock")


def _told(member: Manifest, workspaces: Iterable[Manifest]) -> Manifest:
    skip = Skip(reason=SkipReason.MEMBER, detail=_sentence(member, workspaces))
    return replace(member, dependencies=tuple(_left_alone(each, skip) for each in member.dependencies))


def _left_alone(dependency: Dependency, skip: Skip) -> Dependency:
    return dependency if dependency.skip else replace(dependency, skip=skip)


def _sentence(member: Manifest, workspaces: Iterable[Manifest]) -> str:
    places = [f"{each.path}:{line}" for each in workspaces if (line := _line_that_asks(each, member))]
    return f"its file {WITHOUT}: pixi reads it where a workspace asks for it ({', '.join(places) or 'none here does'})"


def _line_that_asks(workspace: Manifest, member: Manifest) -> int | None:
    """Return the line of *workspace* that asks for the package in the folder of *member*, None if there is none."""
    folder, base = posixpath.dirname(member.path), posixpath.dirname(workspace.path)
    lines = (each for each in workspace.dependencies if each.folder)
    asking = (each.line for each in lines if _folder_of(base, each.folder, member.path) == folder)
    return next(asking, None)


def _folder_of(base: str, location: str, member: str) -> str:
    """Return the folder of a package at *location*, which may also be its manifest, here *member*."""
    path = posixpath.normpath(posixpath.join(base, location))
    return posixpath.dirname(path) if path == member else path.removeprefix("./").removesuffix(".") or ""
