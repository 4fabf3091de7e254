"""What a repository says itself of vulnerabilities, and what that makes of a verdict (pure).

1. The configuration goes before OpenVEX documents. Of several statements of one source the last counts.
2. Only what an advisory says is affected, or of which nobody knows, is spoken of.
3. What is under investigation, or affected by its own word, stays as it is; that is told.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from bot.config import Configuration
from bot.model.advisory import AdvisoryVerdict, Exposure, Product, Statement, StatementStatus
from bot.model.report import Problem

_MEANS: Final = {StatementStatus.NOT_AFFECTED: Exposure.NOT_AFFECTED, StatementStatus.FIXED: Exposure.FIXED}
_DOUBTED: Final = frozenset({Exposure.AFFECTED, Exposure.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """What is said in a repository, the strongest last, on the day `today`; `problems` is what cannot be read."""

    every: tuple[Statement, ...] = ()
    today: date = date.min
    problems: tuple[Problem, ...] = ()

    @property
    def in_force(self) -> tuple[Statement, ...]:
        """What counts today."""
        return tuple(each for each in self.every if each.until is None or self.today < each.until)

    def judge(self, verdict: AdvisoryVerdict) -> AdvisoryVerdict:
        """Return what *verdict*, which is that of advisories alone, comes to here."""
        if verdict.exposure not in _DOUBTED:
            return verdict
        found = [each for each in self.every if _is_about(each, verdict)]
        counting = [each for each in found if each.until is None or self.today < each.until]
        if not counting:
            return replace(verdict, lapsed=found[-1] if found else None)
        return replace(verdict, statement=counting[-1], exposure=_MEANS.get(counting[-1].status, verdict.exposure))


SILENCE: Final = Statements()
"""Nobody says anything."""


def configured_statements(configuration: Configuration) -> Iterator[Statement]:
    """Yield what *configuration* says of advisories."""
    for each in configuration.advisories.ignore:
        yield Statement(
            ids=frozenset({each.id.upper()}),
            status=StatementStatus.NOT_AFFECTED,
            reason=" ".join(each.reason.split()),
            source=each.place.path,
            line=each.place.line,
            products=(Product(name=each.package),) if each.package else (),
            until=each.until,
            is_configured=True,
        )


def _is_about(statement: Statement, verdict: AdvisoryVerdict) -> bool:
    named = any(each.upper() in statement.ids for each in (verdict.id, *verdict.aliases))
    return named and (not statement.products or _is_one_of(statement.products, verdict))


def _is_one_of(products: Iterable[Product], verdict: AdvisoryVerdict) -> bool:
    return any(_is(each, verdict) for each in products)


def _is(product: Product, verdict: AdvisoryVerdict) -> bool:
    names = {"conda": {verdict.name}, "pypi": {verdict.project}}.get(product.ecosystem, {verdict.name, verdict.project})
    is_other_kind = product.ecosystem == "conda" and not verdict.is_conda
    return product.name in names and product.version in {None, verdict.version} and not is_other_kind
