"""A request as the files that uv reads: everything from outside goes into files, nothing onto a command line.

What conda provides is a first index of its own, in a folder: one wheel of that version with no requirements. As the
first index that has a name wins, no other version of it is ever seen, and what it needs is conda's matter. This is what
pixi does inside uv. Where the version is none that PyPI could have, nothing can be compared: the name is left out of
the resolution, and whoever asks for it is believed.
"""

import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import tomlkit
from packaging.requirements import Requirement

from bot.datasources.mirrors import mirrored_url
from bot.errors import SpecError
from bot.model.manifest import PackageName
from bot.model.package import PypiPackage
from bot.model.pypi_solve import PypiRequest
from bot.relock.pypi.platforms import Target, target
from bot.relock.pypi.requirements import pypi_version, safe_name, safe_requirement
from bot.settings import Mirror

REQUIREMENTS: Final = "requirements.in"
CONFIGURATION: Final = "uv.toml"
PYLOCK: Final = "pylock.toml"
PROVIDED: Final = "provided"
CREATED_BY: Final = "condabot"

_PRERELEASES: Final = frozenset({"disallow", "allow", "if-necessary", "explicit", "if-necessary-or-explicit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request that was found sound. `stubs` are versions by name of what is provided, `believed` names without one.

    `locked` are the packages that can be preferred. `unwanted` are constraints that the answers so far made necessary.
    """

    request: PypiRequest
    target: Target
    requirements: tuple[str, ...]
    constraints: tuple[str, ...]
    stubs: Mapping[str, str]
    believed: tuple[str, ...]
    locked: Mapping[PackageName, PypiPackage]
    unwanted: tuple[str, ...] = ()

    @classmethod
    def of(cls, request: PypiRequest) -> "Question":
        """Return *request* as a question.

        Raises:
            SpecError: something in it is not what it should be; the message is a sentence.

        """
        if request.prereleases not in {None, *_PRERELEASES}:
            raise SpecError(f"uv has no prerelease mode {request.prereleases!a}.")
        if not request.indexes:
            raise SpecError("There is no index to ask for PyPI packages.")
        versions = {safe_name(each.name): pypi_version(each.version) for each in request.provided}
        return cls(
            request=request,
            target=target(request.python, request.subdir, request.virtual_packages),
            requirements=tuple(map(safe_requirement, request.requirements)),
            constraints=tuple(map(safe_requirement, request.constraints)),
            stubs={name: version for name, version in versions.items() if version},
            believed=tuple(name for name, version in versions.items() if not version),
            locked={each.name: each for each in request.locked if _is_preferable(each, versions)},
        )

    @property
    def names(self) -> tuple[PackageName, ...]:
        """The packages that are asked for directly and that conda does not provide."""
        names = (safe_name(Requirement(each).name) for each in self.requirements)
        return tuple(PackageName(name) for name in names if name not in {*self.stubs, *self.believed})

    def newest(self, name: PackageName) -> datetime | None:
        """Return the moment after which files of *name* are too young."""
        return self.request.package_exclude_newer.get(name, self.request.exclude_newer)

    def write(self, folder: Path, mirrors: Iterable[Mirror]) -> None:
        """Write this question into the empty *folder*."""
        (folder / REQUIREMENTS).write_text("".join(f"{each}\n" for each in self.requirements), encoding="utf-8")
        (folder / PYLOCK).write_text(tomlkit.dumps(self._preferences()), encoding="utf-8")
        (folder / PROVIDED).mkdir(exist_ok=True)
        for name, version in self.stubs.items():
            _write_stub(folder / PROVIDED, name, version)
        configuration = self._configuration((folder / PROVIDED).as_uri(), tuple(mirrors))
        (folder / CONFIGURATION).write_text(tomlkit.dumps(configuration), encoding="utf-8")

    def _preferences(self) -> Mapping[str, Any]:
        packages = [{"name": name, "version": pypi_version(each.version)} for name, each in self.locked.items()]
        return {"lock-version": "1.0", "created-by": CREATED_BY, "packages": packages}

    def _configuration(self, provided: str, mirrors: tuple[Mirror, ...]) -> Mapping[str, Any]:
        *others, last = (mirrored_url(url, mirrors) for url in self.request.indexes)
        configuration: dict[str, Any] = {
            "index": [
                {"url": provided, "format": "flat"},
                *({"url": url} for url in others),
                {"url": last, "default": True},
            ],
            "index-strategy": "first-index",
            "no-build": True,
            "constraint-dependencies": [*self.constraints, *self.unwanted],
            "exclude-dependencies": list(self.believed),
            "prerelease-package": dict.fromkeys(self.stubs, "allow"),
        }
        if self.request.prereleases:
            configuration["prerelease"] = self.request.prereleases
        return configuration | self._limits()

    def _limits(self) -> dict[str, Any]:
        """Return the age limits; what is locked has none here, see `bot.relock.pypi.uv_run`."""
        own = {safe_name(name): each.isoformat() for name, each in self.request.package_exclude_newer.items()}
        exempt = dict.fromkeys([*self.locked, *self.stubs], False)
        general = self.request.exclude_newer
        limits: dict[str, Any] = {"exclude-newer": general.isoformat()} if general else {}
        return limits | {"exclude-newer-package": own | exempt}


def _is_preferable(package: PypiPackage, provided: Mapping[str, str | None]) -> bool:
    """A source tree has no version, and what is provided is not chosen."""
    name = safe_name(package.name)
    return name == package.name and name not in provided and pypi_version(package.version) is not None


def _write_stub(folder: Path, name: str, version: str) -> None:
    """Write a wheel that consists of its metadata (PEP 427)."""
    stem = f"{name.replace('-', '_')}-{version}"
    texts = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: condabot\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
        for file, text in texts.items():
            archive.writestr(f"{stem}.dist-info/{file}", text)
