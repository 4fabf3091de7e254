"""A version goes into its place, with quotes only where YAML needs them."""

import pytest

from bot.edits import Span, apply_edits
from bot.errors import RewriteRefused
from bot.manifests.base import Site
from bot.manifests.splicing import edits_of


def spliced(scalar: str, old: str, new: str, *, quote: str = "", delimiters: str = "") -> str:
    text = f"<{scalar}>"
    start = text.index(old)
    site = Site(
        version=Span(start, start + len(old)),
        scalar=Span(1, 1 + len(scalar)),
        quote=quote,
        delimiters=delimiters,
    )
    return apply_edits(text, edits_of(text, site, new))


@pytest.mark.parametrize(
    ("scalar", "old", "new", "delimiters", "expected"),
    [
        ("numpy=1.26", "=1.26", "=2.3", "", "<numpy=2.3>"),
        ("numpy=1.26", "=1.26", ">=2,<3", "", "<numpy>=2,<3>"),
        ("numpy=1.26", "=1.26", ">=2,<3", ",[]{}", '<"numpy>=2,<3">'),
        ('a[b="c",v=1]', "1", "2", ",[]{}", "<'a[b=\"c\",v=2]'>"),
        ("1.26", "1.26", ">=2,<3", ",[]{}", '<">=2,<3">'),
    ],
)
def test_plain_scalars_are_quoted_where_the_version_would_end_them(
    scalar: str, old: str, new: str, delimiters: str, expected: str
) -> None:
    assert spliced(scalar, old, new, delimiters=delimiters) == expected


def test_quoted_scalars_keep_their_quotes() -> None:
    assert spliced("'numpy=1.26'", "=1.26", ">=2,<3", quote="'", delimiters=",[]{}") == "<'numpy>=2,<3'>"


@pytest.mark.parametrize(
    "version", ["", " 1", "1 ", "1\n2", "1'", '1"', "1 # x", "1\\", "1: 2", "${x}", "1\u20282", "1;2"]
)
def test_what_no_version_spec_holds_is_refused(version: str) -> None:
    with pytest.raises(RewriteRefused, match="cannot be written as a version"):
        spliced("numpy=1.26", "=1.26", version)


def test_a_plain_scalar_with_both_quotes_that_would_need_some_is_refused() -> None:
    with pytest.raises(RewriteRefused, match="holds both kinds"):
        spliced("""a[b="c",d='e']=1""", "=1", ">=1,<2", delimiters=",")
