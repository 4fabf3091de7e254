"""OpenVEX documents: what counts of them, in which order, and what is told of the rest."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.model.advisory import Product, StatementStatus
from bot.model.manifest import PackageName
from bot.vex import MOST_STATEMENTS, VexDocument, read_product, read_vex

PATH = ".openvex/a.json"
JINJA2 = Product(name=PackageName("jinja2"), ecosystem="pypi", version="3.1.2")


def statement(**fields: Any) -> dict[str, Any]:
    return {
        "vulnerability": {"name": "CVE-2026-1", "aliases": ["ghsa-1"]},
        "products": [{"@id": "pkg:pypi/Jinja2@3.1.2"}],
        "status": "not_affected",
        "justification": "vulnerable_code_not_present",
        **fields,
    }


def document(*statements: object, **fields: Any) -> bytes:
    head = {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "a", "author": "b", "version": 1}
    return json.dumps({**head, "timestamp": "2026-01-01T00:00:00Z", "statements": statements, **fields}).encode()


def read(*statements: object, **fields: Any) -> VexDocument:
    return read_vex(PATH, document(*statements, **fields))


def test_a_statement_is_about_a_vulnerability_in_packages() -> None:
    [found] = read(statement(impact_statement="Nobody\ncalls it.")).statements

    assert (found.ids, found.products) == (frozenset({"CVE-2026-1", "GHSA-1"}), (JINJA2,))
    assert str(found) == "not affected by .openvex/a.json: the vulnerable code is not in it: Nobody calls it"


def test_the_older_form_has_texts_where_the_newer_has_tables() -> None:
    old = statement(vulnerability="CVE-2026-1", products=["pkg:oci/app"], subcomponents=["pkg:pypi/jinja2@3.1.2"])

    [found] = read(old, **{"@context": "https://openvex.dev/ns"}).statements

    assert (found.ids, found.products) == (frozenset({"CVE-2026-1"}), (JINJA2,))


@pytest.mark.parametrize(
    "product",
    [
        pytest.param({"@id": "pkg:pypi/jinja2@3.1.2"}, id="by its id"),
        pytest.param({"identifiers": {"purl": "pkg:pypi/jinja2@3.1.2?x=y#z"}}, id="by an identifier"),
        pytest.param(
            {"@id": "pkg:oci/app", "subcomponents": [{"@id": "pkg:pypi/jinja2@3.1.2"}]}, id="as a part of a product"
        ),
    ],
)
def test_packages_are_named_in_every_place_that_the_form_has(product: object) -> None:
    [found] = read(statement(products=[product])).statements

    assert found.products == (JINJA2,)


def test_the_later_word_comes_last_whatever_the_order() -> None:
    late = statement(status="fixed", timestamp="2026-03-01T00:00:00+01:00")
    early, middle = statement(status="under_investigation"), statement(last_updated="2026-02-01T00:00:00Z")

    found = read(late, middle, early).statements

    assert [each.status for each in found] == [
        StatementStatus.UNDER_INVESTIGATION,
        StatementStatus.NOT_AFFECTED,
        StatementStatus.FIXED,
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"justification": "", "impact_statement": " "}, "`not_affected` needs a `justification`"),
        ({"justification": "because"}, "`not_affected` needs a `justification`"),
        ({"products": [{"@id": "pkg:github/acme/app"}]}, "it names no package of conda or PyPI"),
        ({"products": []}, "it names no package of conda or PyPI"),
        ({"vulnerability": {"name": " "}}, "it names no vulnerability"),
        ({"status": "harmless"}, "is not OpenVEX: Invalid enum value 'harmless'"),
        ({"products": [7]}, "is not OpenVEX"),
    ],
)
def test_what_lacks_what_the_form_demands_does_not_count_and_the_rest_does(fields: Any, words: str) -> None:
    found = read(statement(**fields), statement())

    [fault] = found.faults
    assert fault.startswith(f"statement 1 does not count: {words}")
    assert len(found.statements) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "is not OpenVEX"),
        (b"[]", "is not OpenVEX"),
        (b"\xff", "is not OpenVEX"),
        (b"[" * 100_000, "is not OpenVEX"),
        (b" " * 1_000_001, "has 1000001 bytes"),
        (document(**{"@context": "https://files.example"}), "its `@context` is not https://openvex.dev/ns"),
        (document(*[1] * (MOST_STATEMENTS + 1)), "has more than 2000 statements"),
    ],
)
def test_what_is_no_document_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_vex(PATH, content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.sampled_from([*statement(), "subcomponents", "timestamp"]), JSON))
def test_no_statement_is_worse_than_one_that_does_not_count(fields: dict[str, Any]) -> None:
    found = read(statement(**fields), statement())

    assert len(found.statements) + len(found.faults) == 2


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("pkg:conda/libzlib@1.3", Product(name=PackageName("libzlib"), ecosystem="conda", version="1.3")),
        ("PKG:PyPI/A.b", Product(name=PackageName("a-b"), ecosystem="pypi")),
        ("pkg:pypi//x", None),
        ("pkg:npm/x", None),
        ("pypi/x", None),
        ("", None),
    ],
)
def test_a_product_is_a_package_of_conda_or_pypi(text: str, product: Product | None) -> None:
    assert read_product(text) == product
