"""What a lock plainly is not that its manifests ask for: nothing has to be solved to see it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.errors import SpecError
from bot.model.environment import Environment, Workspace
from bot.model.manifest import MatchSpec, PackageName
from bot.model.package import Record
from bot.versioning.match_spec import asks_for_record, solver_spec
from bot.versioning.records import matches, name_in


def unmet(workspace: Workspace) -> tuple[str, ...]:
    """Return the match specs, each once, that no record in the lock of *workspace* meets on some platform.

    A channel that a spec names is not compared. A spec that cannot be judged counts as met.
    """
    return tuple(dict.fromkeys(spec for each in workspace.environments for spec in _unmet(each, workspace)))


def unneeded(workspace: Workspace) -> tuple[PackageName, ...]:
    """Return the names of what the lock of *workspace* holds though nothing needs it any more.

    Where PyPI packages are locked nothing is: what those need of conda, such a lock does not tell. Neither is where a
    line is left alone that nobody can tell.
    """
    known = [env for env in workspace.environments if all(each.dependency.is_known for each in env.standing)]
    found = (name for each in known for name in _unneeded(each, workspace))
    return tuple(dict.fromkeys(found))


def _unneeded(environment: Environment, workspace: Workspace) -> Iterator[PackageName]:
    locked = workspace.lock.environment(environment.name) if workspace.lock else None
    for platform, records in locked.conda.items() if locked and not any(locked.pypi.values()) else ():
        by_name = {each.name: each for each in records}
        waiting, needed = [*environment.roots(platform)], set[PackageName]()
        while waiting:
            name = waiting.pop()
            if name in by_name and name not in needed:
                needed.add(name)
                waiting += map(name_in, by_name[name].depends)
        yield from sorted(by_name.keys() - needed)


def _unmet(environment: Environment, workspace: Workspace) -> Iterator[str]:
    locked = workspace.lock.environment(environment.name) if workspace.lock else None
    for name in (each.name for each in environment.platforms):
        records = locked.conda.get(name, ()) if locked else ()
        lines = (each.dependency for each in environment.asked(name))
        written = (each.match_spec for each in lines if each.match_spec is None or asks_for_record(each.match_spec))
        for spec in (*filter(None, written), *environment.implied.get(name, ())):
            if not _is_met(spec, records):
                yield solver_spec(spec)


def _is_met(spec: MatchSpec, records: Iterable[Record]) -> bool:
    named = [record for record in records if record.name == spec.name]
    try:
        return any(matches(solver_spec(replace(spec, channel=None)), record) for record in named)
    except SpecError:
        return bool(named)
