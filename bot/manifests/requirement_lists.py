"""Lists of requirements (PEP 508) in a TOML file, as `[project]` and scripts have them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.manifests.base import LocatedDependency
from bot.manifests.items import Item, pip_item, site_of, skipped, verbatim
from bot.manifests.toml_document import Table, TomlDocument
from bot.model.manifest import Datasource, Dependency, KeyPath, PackageName, Role, Skip, SkipReason


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementReader:
    """Reads lists of requirements, and counts how often each name stands in each."""

    document: TomlDocument
    occurrences: Counter[tuple[KeyPath, PackageName]] = field(default_factory=Counter)

    def listed(self, table: Table, key: str, at: KeyPath, feature: str, role: Role) -> Iterator[LocatedDependency]:
        """Yield the requirements of the list *key* in *table*, which stands at *at*, for *feature* and *role*."""
        for number, entry in enumerate(self.document.items(table, key, at) or ()):
            yield self._requirement(entry, (*at, key), number, feature, role)

    def _requirement(self, entry: object, at: KeyPath, number: int, feature: str, role: Role) -> LocatedDependency:
        item = self._item(entry, (*at, number))
        place = self.document.positions.inner((*at, number))
        site = None if place is None else site_of(item, *place)
        occurrence = self.occurrences[at, item.name]
        self.occurrences[at, item.name] += 1
        line = self.document.line((*at, number))
        dependency = Dependency(
            name=item.name,
            datasource=Datasource.PYPI,
            version="" if site is None else self.document.positions.text[site.version.start : site.version.end],
            at=(*at, item.name, occurrence),
            line=line,
            feature=feature,
            role=role,
            extras=item.extras,
            marker=item.marker,
            comment=self.document.positions.comments.get(line, ""),
            skip=item.skip,
        )
        return LocatedDependency(dependency=dependency, site=site)

    def _item(self, entry: object, at: KeyPath) -> Item:
        if isinstance(entry, dict) and isinstance(entry.get("include-group"), str):
            detail = f"include-group = {entry['include-group']}"
            return skipped(entry["include-group"], Skip(reason=SkipReason.INHERITED, detail=detail))
        if not isinstance(entry, str):
            return skipped(str(entry), Skip(reason=SkipReason.NOT_TEXT, detail=f"`{entry}` is not text"))
        return verbatim(pip_item(entry), entry, self.document.positions.between_quotes(at))
