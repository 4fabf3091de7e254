"""Rows nest: a table is a kind as any other, and a place is named by the whole way to it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from types import MappingProxyType

import pytest

from bot.config.configuration import Configuration
from bot.config.document import parse
from bot.config.kinds import PACKAGE, PATTERN, SPAN, ListOf, MapOf, SetOf
from bot.config.rows import Table, all_rows, key, rows_of
from bot.errors import ConfigurationError
from bot.model.manifest import PackageName


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    names: frozenset[PackageName] = key(
        "matchPackageNames", SetOf(PACKAGE), otherwise=frozenset(), example="[numpy]", meaning="Which."
    )
    age: timedelta | None = key("age", SPAN, otherwise=None, default="7 days", example="2 weeks", meaning="How old.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested:
    rules: tuple[Rule, ...] = key(
        "packageRules", ListOf(Table(Rule())), otherwise=(), example="[{age: 2 weeks}]", meaning="Rules."
    )
    maintenance: Rule = key(
        "maintenance", Table(Rule()), otherwise=Rule(), example="{age: 2 weeks}", meaning="Of [locks](x.md), **all**."
    )
    groups: Mapping[str, Rule] = key(
        "groups", MapOf(PATTERN, Table(Rule())), otherwise=MappingProxyType({}), example="{a: {}}", meaning="By name."
    )


def read(text: str) -> Nested:
    root = parse("a.yml", text.encode())
    assert root is not None
    return Table(Nested()).read(root)


def test_tables_are_read_in_lists_and_in_tables() -> None:
    text = """\
packageRules:
  - matchPackageNames: [numpy]
  - {age: 1d}
maintenance:
  age: 2w
groups:
  slow: {age: 3w}
"""

    assert read(text) == Nested(
        rules=(Rule(names=frozenset({PackageName("numpy")})), Rule(age=timedelta(days=1))),
        maintenance=Rule(age=timedelta(weeks=2)),
        groups={"slow": Rule(age=timedelta(weeks=3))},
    )


def test_everything_that_is_wrong_is_named_by_the_whole_way_to_it() -> None:
    text = """\
packageRules:
  - matchPackageNames: [numpy, 1]
    age: soon
  - matchPackageName: [numpy]
  - numpy
maintenance:
  age: 1d
  age: 2d
groups:
  slow: {age: 1}
"""

    with pytest.raises(ConfigurationError) as caught:
        read(text)

    assert str(caught.value).splitlines() == [
        f"a.yml:2: packageRules[0].matchPackageNames[1]: must be {PACKAGE.rule}, not the number `1`",
        f"a.yml:3: packageRules[0].age: must be {SPAN.rule}, not `soon`",
        "a.yml:4: packageRules[1].matchPackageName: is no setting; did you mean matchPackageNames?",
        "a.yml:5: packageRules[2]: must be keys with values, such as `matchPackageNames: [numpy]`, not `numpy`",
        "a.yml:8: maintenance.age: is there twice, first in line 7",
        f"a.yml:10: groups.slow.age: must be {SPAN.rule}, not the number `1`",
    ]


def test_rows_are_found_by_their_key_paths() -> None:
    assert list(all_rows(Nested)) == [
        "packageRules",
        "packageRules[].matchPackageNames",
        "packageRules[].age",
        "maintenance",
        "maintenance.matchPackageNames",
        "maintenance.age",
        "groups",
        "groups.*.matchPackageNames",
        "groups.*.age",
    ]


def test_the_schema_nests_and_says_what_the_documents_say() -> None:
    schema = Table(Nested()).schema
    assert schema["properties"] == {
        "packageRules": {
            "description": "Rules.",
            "type": "array",
            "items": Table(Rule()).schema,
            "maxItems": 500,
            "examples": [[{"age": "2 weeks"}]],
        },
        "maintenance": {"description": "Of locks, all.", **Table(Rule()).schema, "examples": [{"age": "2 weeks"}]},
        "groups": {"description": "By name.", **MapOf(PATTERN, Table(Rule())).schema, "examples": [{"a": {}}]},
    }


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (ListOf(SPAN), "list of spans"),
        (SetOf(PACKAGE), "list of package names"),
        (MapOf(PACKAGE, SPAN), "package names to spans"),
        (ListOf(Table(Rule())), "list of tables"),
    ],
    ids=["a list", "a set", "a map", "tables"],
)
def test_kinds_are_called_by_what_is_in_them(
    kind: ListOf[object] | SetOf[object] | MapOf[object, object], words: str
) -> None:
    assert kind.words == words


def test_every_field_of_the_configuration_is_a_row() -> None:
    assert list(rows_of(Configuration)) == [each.name for each in fields(Configuration)]


def test_keys_are_sorted_so_that_they_are_found_in_the_table() -> None:
    keys = [row.key for row in rows_of(Configuration).values()]

    assert keys == sorted(keys)
