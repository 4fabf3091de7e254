"""Whether what is locked for an environment is what its manifest asks for, told by the locked records alone.

Nothing is solved: pixi judges a lock so (`verify_platform_satisfiability` in
`pixi_core/src/lock_file/satisfiability` of prefix-dev/pixi), and a channel that changed its mind about a record since
does not make a lock wrong.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.errors import SpecError
from bot.model.environment import Environment
from bot.model.manifest import Dependency, MatchSpec, PackageName, Platform, VirtualPackage
from bot.model.package import PypiPackage, Record
from bot.planning.age import is_kept_out
from bot.planning.closure import needed
from bot.versioning.match_spec import asks_for_record, solver_spec
from bot.versioning.records import file_name, is_match_spec, matches, name_in


def disagreements(
    environment: Environment, platform: Platform, records: Sequence[Record], packages: Iterable[PypiPackage] = ()
) -> tuple[str, ...]:
    """Return in sentences what *records*, beside *packages*, are not that *environment* asks for on *platform*.

    What nothing needs is among it. What cannot be judged counts as it should be.
    """
    here = _LockedPlace(environment=environment, platform=platform, records={each.name: each for each in records})
    found = [*here.unmet_lines(), *here.unmet_depends(), *here.broken_limits(), *here.too_young()]
    unneeded = here.records.keys() - {each.name for each in needed(environment, platform, records, packages)}
    return tuple(dict.fromkeys([*found, *(f"nothing needs {name}" for name in sorted(unneeded))]))


def lines_unmet(environment: Environment, platform: Platform, records: Sequence[Record]) -> tuple[str, ...]:
    """Return in sentences which lines of *environment* ask for what is not among *records*, locked for *platform*.

    That is all that can be told of a lock that does not keep everything which channels state.
    """
    here = _LockedPlace(environment=environment, platform=platform, records={each.name: each for each in records})
    return tuple(dict.fromkeys(here.unmet_lines()))


def demands_unmet(records: Sequence[Record], offered: Iterable[Record]) -> tuple[str, ...]:
    """Return in sentences what *offered*, the same records as their channels have them now, need that is not there."""
    by_name = {each.name: each for each in records}
    return tuple(
        f"{record.title} needs {depend}"
        for record in offered
        for depend in record.depends
        if name_in(depend) in by_name and not _is_met(depend, by_name[name_in(depend)])
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _LockedPlace:
    """An environment on one platform, and what is locked there."""

    environment: Environment
    platform: Platform
    records: Mapping[PackageName, Record]

    def unmet_lines(self) -> Iterator[str]:
        """Say which lines ask for what is not locked."""
        for each in self.environment.asked(self.platform.name):
            spec = each.dependency.match_spec or MatchSpec(name=each.dependency.name)
            what = each.dependency.file or f"{spec.name} {each.dependency.version or spec.version}".rstrip()
            asked = f"{each.manifest}:{each.dependency.line} asks for {what}"
            if each.dependency.file:
                yield from self._unmet_file(each.dependency, asked)
            elif asks_for_record(spec):
                yield from self._unmet(spec, asked)
        for spec in self.environment.implied.get(self.platform.name, ()):
            yield from self._unmet(spec, f"{spec.name} {spec.version} is asked for")

    def unmet_depends(self) -> Iterator[str]:
        """Say which records need what is not locked, and no machine provides."""
        machine = {PackageName(each.name): each for each in self.platform.virtual_packages}
        for record in self.records.values():
            for depend in record.depends:
                name = name_in(depend)
                there = self.records.get(name) or _provided(name, machine)
                if there is None or not _is_met(depend, there):
                    which = f"{there.version} is locked" if there else f"{name} is not locked"
                    yield f"{record.title} needs {depend}, and {which}"

    def broken_limits(self) -> Iterator[str]:
        """Say which constraints, of the manifest and of records, do not hold."""
        for each in self.environment.limited(self.platform.name):
            dependency = each.dependency
            there = self.records.get(dependency.name)
            spec = dependency.match_spec or MatchSpec(name=dependency.name)
            if there and not spec.when and not _is_met(_without_channel(spec), there):
                most = dependency.version or spec.version
                yield f"{each.manifest}:{dependency.line} limits {dependency.name} to {most}"
        for record in self.records.values():
            for text in record.constrains:
                there = self.records.get(name_in(text))
                if there and not _is_met(text, there):
                    yield f"{record.title} does not go with {there.title}"

    def too_young(self) -> Iterator[str]:
        """Say which records `exclude-newer` keeps out."""
        for each in self.records.values():
            if each.built and not each.is_source and is_kept_out(each, self.environment):
                yield f"`exclude-newer` keeps {each.title} out, which is of {each.built.date().isoformat()}"

    def _unmet_file(self, line: Dependency, asked: str) -> Iterator[str]:
        there = self.records.get(line.name)
        if there is None:
            yield f"{asked}, and it is not locked"
        elif file_name(there.url) != file_name(line.file):
            yield f"{asked}, and {file_name(there.url)} is locked"

    def _unmet(self, spec: MatchSpec, asked: str) -> Iterator[str]:
        there = self.records.get(spec.name)
        if there is None:
            yield f"{asked}, and it is not locked"
        elif not _is_met(_without_channel(spec), there):
            yield f"{asked}, and {there.version} is locked"
        elif not self._is_of_channel(spec, there):
            yield f"{asked}, and it is locked from another channel"

    def _is_of_channel(self, spec: MatchSpec, record: Record) -> bool:
        """Tell whether *record* is of the channel that *spec* names, as far as the environment knows it by that."""
        url = next((each.url for each in self.environment.channels if spec.channel in (each.name, each.url)), None)
        return url is None or record.url.startswith(f"{url}/")


def _without_channel(spec: MatchSpec) -> str:
    return solver_spec(replace(spec, channel=None))


def _is_met(spec: str, record: Record) -> bool:
    if not is_match_spec(spec):
        return True
    try:
        return matches(spec, record)
    except SpecError:
        return True


def _provided(name: PackageName, machine: Mapping[PackageName, VirtualPackage]) -> Record | None:
    """Return what the machine provides as a record, None if it does not."""
    if name not in machine:
        return None
    provided = machine[name]
    return Record(
        name=name,
        version=provided.version,
        build=provided.build,
        build_number=0,
        subdir="noarch",
        url="",
    )
