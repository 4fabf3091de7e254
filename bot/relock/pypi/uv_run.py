"""uv, asked until its answer keeps the age limit: a question in, the wheels that it chose out.

A locked package may stay however young it is, and moves to nothing younger than the limit. uv has limits for packages,
not for files of them: so locked ones have none, and where one of them moved to something too young, uv is asked again
without that version.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from os.path import realpath
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Final
from urllib.parse import urldefrag

from packaging.tags import Tag

from bot.datasources.mirrors import canonical_url, mirrored_url
from bot.egress import resolve_index
from bot.errors import SolverFailed
from bot.model.manifest import PackageName
from bot.model.package import PypiPackage
from bot.model.solve import NotSolved, Unsolvable
from bot.relock.pypi.answer import (
    LockedPackage,
    canonical,
    read_origins,
    read_pylock,
    refusal,
    replacements,
)
from bot.relock.pypi.process import Ended, UvLimits, run, uv_environment
from bot.relock.pypi.question import CONFIGURATION, PYLOCK, REQUIREMENTS, Question
from bot.relock.pypi.requirements import safe_requirement
from bot.relock.pypi.wheels import best_first
from bot.settings import PypiSettings
from bot.urls import is_below

FindUv = Callable[[], str]
"""Returns the path of uv's program, or raises FileNotFoundError."""

_CHOSEN: Final = "chosen.in"
_ORIGINS: Final = "origins.txt"
_NO_UV: Final = "uv, which resolves PyPI packages, is not installed here: `pip install 'condabot[pypi]'`."


def installed_uv() -> str:
    """Return the path of the program that the extra `pypi` brings.

    Raises:
        FileNotFoundError: it is not installed.

    """
    try:
        from uv import find_uv_bin  # noqa: PLC0415 -- of an extra
    except ModuleNotFoundError as error:
        raise FileNotFoundError(error.name) from error
    return find_uv_bin()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A wheel that was chosen, by its canonical URL."""

    name: PackageName
    version: str
    url: str
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What fulfils a question: locked packages that stay, new wheels, and the index that each of these comes from."""

    kept: tuple[PypiPackage, ...]
    wheels: tuple[Wheel, ...]
    origins: Mapping[PackageName, str]


class Uv:
    """Asks uv. *environment* is where proxies and certificates stand; of the rest of it uv sees nothing."""

    def __init__(
        self, settings: PypiSettings, environment: Mapping[str, str], limits: UvLimits, find_uv: FindUv
    ) -> None:
        self._settings = settings
        self._environment = environment
        self._limits = limits
        self._find_uv = find_uv

    async def choose(self, question: Question) -> Choice | Unsolvable | NotSolved:
        """Return what uv chose.

        Raises:
            SolverFailed: uv died, or its answer makes no sense; the message is a sentence.

        """
        with _fresh_folder() as name:
            folder = Path(name)
            packages = await self._settled(question, folder)
            if not isinstance(packages, tuple):
                return packages
            kept, wheels = _chosen(question, packages)
            return Choice(kept=kept, wheels=wheels, origins=await self._origins(question, folder, wheels))

    async def _settled(self, question: Question, folder: Path) -> tuple[LockedPackage, ...] | Unsolvable | NotSolved:
        """Return uv's packages when no locked one has moved to something too young."""
        while True:
            await asyncio.to_thread(question.write, folder, self._settings.mirrors)
            arguments = (REQUIREMENTS, "--format", "pylock.toml", "--output-file", PYLOCK)
            ended = await self._run(question, folder, arguments)
            if ended.status != 0:
                return refusal(ended, question, self._replacements(folder), self._settings)
            found = await asyncio.to_thread(read_pylock, folder / PYLOCK, question)
            packages = tuple(canonical(each, self._settings.mirrors) for each in found)
            young = [f"{each.name}!={each.version}" for each in packages if not _visible(question, each)]
            if not young:
                return packages
            if not set(young).isdisjoint(question.unwanted):
                raise SolverFailed("The resolver of PyPI packages chose what it was told not to.")
            question = replace(question, unwanted=(*question.unwanted, *map(safe_requirement, young)))

    async def _origins(self, question: Question, folder: Path, wheels: Iterable[Wheel]) -> Mapping[PackageName, str]:
        """Return which index each of *wheels* comes from, as the request writes it; pylocks of uv do not say."""
        indexes = question.request.indexes
        if len(indexes) == 1:
            return {each.name: indexes[0] for each in wheels}
        (folder / _CHOSEN).write_text("".join(f"{each.name}=={each.version}\n" for each in wheels), encoding="utf-8")
        arguments = (
            _CHOSEN,
            "--no-deps",
            "--prerelease",
            "allow",
            "--emit-index-annotation",
            "--output-file",
            _ORIGINS,
        )
        ended = await self._run(question, folder, arguments)
        if ended.status != 0:
            raise SolverFailed("The resolver of PyPI packages did not say which index the packages are from.")
        found = await asyncio.to_thread(read_origins, folder / _ORIGINS)
        known = {resolve_index(url).url: url for url in indexes}
        return {each.name: known[self._index(found[each.name])] for each in wheels}

    def _index(self, url: str) -> str:
        return resolve_index(canonical_url(url, self._settings.mirrors)).url

    async def _run(self, question: Question, folder: Path, arguments: Sequence[str]) -> Ended:
        try:
            program = self._find_uv()
        except FileNotFoundError as error:
            raise SolverFailed(_NO_UV) from error
        target = question.target
        files = ("--config-file", CONFIGURATION, "--cache-dir", str(self._cache_dir(question)))
        python = ("--python", sys.executable, "--no-python-downloads", "--python-version", target.python)
        where = ("--python-platform", target.platform, "--only-binary", ":all:")
        words = ("--quiet", "--no-progress", "--no-header", *(("--offline",) if self._settings.offline else ()))
        environment = uv_environment(self._environment, folder, again=self._limits.again, macos=target.macos)
        command = (program, "pip", "compile", *arguments, *files, *python, *where, *words)
        return await run(command, folder, environment, self._limits)

    def _cache_dir(self, question: Question) -> Path:
        """Return where uv keeps what it reads; it goes by URLs, and those of the keeper of credentials change."""
        private = self._settings.private
        asked = (mirrored_url(url, self._settings.mirrors) for url in question.request.indexes)
        kept = private.keeper and private.scratch_dir and any(is_below(url, private.keeper) for url in asked)
        return (private.scratch_dir if kept and private.scratch_dir else self._settings.cache_dir) / "uv"

    def _replacements(self, folder: Path) -> Mapping[str, str]:
        """Return what uv may say of this machine, and what is shown instead."""
        proxies = {value: "the proxy" for name, value in self._environment.items() if name.upper().endswith("_PROXY")}
        others = {
            **proxies,
            str(self._settings.cache_dir): "the cache",
            str(self._settings.private.scratch_dir or ""): "the cache",
            sys.executable: "python",
        }
        return replacements(folder, others, self._settings.mirrors)


def _fresh_folder() -> "TemporaryDirectory[str]":
    """Return a folder for one question, by the path that uv will call it."""
    return TemporaryDirectory(prefix="condabot-uv-", dir=realpath(gettempdir()), ignore_cleanup_errors=True)


def _visible(question: Question, package: LockedPackage) -> tuple[str, ...]:
    """Return the URLs of the wheels of *package* that may be chosen; uv has seen to the age of what is not locked."""
    name = PackageName(package.name)
    locked, newest = question.locked.get(name), question.newest(name)
    if locked is None or newest is None:
        return tuple(each.url for each in package.wheels)
    stays = urldefrag(locked.url).url
    return tuple(each.url for each in package.wheels if each.url == stays or each.is_older_than(newest))


def _chosen(question: Question, packages: Iterable[LockedPackage]) -> tuple[tuple[PypiPackage, ...], tuple[Wheel, ...]]:
    """Return the locked packages that stay, and the best wheel of every other of *packages*."""
    tags = tuple(question.target.tags())
    kept, wheels = list[PypiPackage](), list[Wheel]()
    for package in packages:
        locked = question.locked.get(PackageName(package.name))
        if locked and urldefrag(locked.url).url in {each.url for each in package.wheels}:
            kept.append(locked)
        else:
            wheels.append(_best(question, package, tags))
    return tuple(kept), tuple(wheels)


def _best(question: Question, package: LockedPackage, tags: Sequence[Tag]) -> Wheel:
    fitting = best_first(_visible(question, package), tags)
    if not fitting:
        raise SolverFailed(f"{package.name} {package.version} has no wheel that fits for {question.request.subdir}.")
    hashes = next(each.hashes for each in package.wheels if each.url == fitting[0])
    return Wheel(name=PackageName(package.name), version=package.version, url=fitting[0], sha256=hashes.get("sha256"))
