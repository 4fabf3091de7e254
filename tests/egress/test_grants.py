"""Which mirrors stand for what is only read with credentials, and what they are called."""

import pytest

from bot.credentials import Basic, Bearer, Credential
from bot.egress.grants import Grant
from bot.networks import Mirror

BASE = "http://127.0.0.1:1/key"


def grant(*prefixes: str) -> Grant:
    found = tuple(Credential(prefix=each, proof=Bearer("a"), setting="TEST") for each in prefixes)
    return Grant(base=BASE, credentials=found)


def test_what_has_credentials_has_a_mirror() -> None:
    found = grant("https://a.example/x", "https://b.example", "https://a.example/y")

    assert found.mirrors(()) == (
        Mirror(canonical="https://a.example/x", url=f"{BASE}/0/x", also=("https://a.example/x",)),
        Mirror(canonical="https://b.example", url=f"{BASE}/1", also=("https://b.example",)),
        Mirror(canonical="https://a.example/y", url=f"{BASE}/0/y", also=("https://a.example/y",)),
    )
    assert found.private_prefixes(()) == ("https://a.example/x", "https://b.example", "https://a.example/y")
    assert found.readable(()) == found.private_prefixes(())


def test_a_mirror_without_credentials_stays_as_it_is() -> None:
    mirror = Mirror(canonical="https://c.example", url="https://m.example")

    assert grant("https://a.example").mirrors([mirror])[0] == mirror
    assert grant().mirrors([mirror]) == (mirror,)
    assert grant().private_prefixes([mirror]) == ()


def test_a_mirror_with_a_password_is_everybodys_and_names_nothing_new() -> None:
    mirror = Mirror(canonical="https://c.example", url="https://m.example/x", basic=Basic("a", "b"))
    assert mirror.credential is not None
    found = Grant(base=BASE, credentials=(mirror.credential,))

    assert found.mirrors([mirror]) == (
        Mirror(canonical="https://c.example", url=f"{BASE}/0/x", also=("https://m.example/x",)),
    )
    assert found.private_prefixes([mirror]) == found.readable([mirror]) == ()


def test_credentials_of_the_operator_for_a_mirror_make_it_private() -> None:
    mirror = Mirror(canonical="https://c.example", url="https://m.example")

    assert grant("https://m.example").private_prefixes([mirror]) == ("https://c.example",)


def test_a_part_of_a_mirror_may_have_credentials_of_its_own() -> None:
    mirror = Mirror(canonical="https://c.example", url="https://m.example")
    found = grant("https://m.example/a").mirrors([mirror])

    assert found == (
        mirror,
        Mirror(canonical="https://c.example/a", url=f"{BASE}/0/a", also=("https://m.example/a",)),
    )


@pytest.mark.parametrize("prefix", ["https://c.example", "https://c.example/a"])
def test_what_a_mirror_gives_is_not_asked_for_at_its_canonical_place(prefix: str) -> None:
    mirror = Mirror(canonical="https://c.example", url="https://m.example")

    assert grant(prefix).mirrors([mirror]) == (mirror,)


def test_credentials_above_what_a_mirror_gives_are_for_the_rest() -> None:
    mirror = Mirror(canonical="https://c.example/a", url="https://m.example")

    assert [each.canonical for each in grant("https://c.example").mirrors([mirror])] == [
        "https://c.example/a",
        "https://c.example",
    ]


def test_a_bucket_or_registry_that_has_a_mirror_may_be_named() -> None:
    mirrors = [
        Mirror(canonical="oci://r.example/a", url="https://m.example"),
        Mirror(canonical="https://c.example", url="https://n.example"),
    ]

    assert grant().readable(mirrors) == ("oci://r.example/a",)


@pytest.mark.parametrize(
    ("number", "path", "url"),
    [
        (0, "/x/y", "https://a.example/x/y"),
        (0, "/x", "https://a.example/x"),
        (0, "/xy", None),
        (0, "", None),
        (1, "/x", "https://b.example/x"),
        (2, "/x", None),
    ],
)
def test_what_a_path_stands_for(number: int, path: str, url: str | None) -> None:
    found = grant("https://a.example/x", "https://b.example").meant(number, path)

    assert (found and found[0]) == url
