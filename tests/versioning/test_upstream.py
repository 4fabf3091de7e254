"""What a package is called upstream, by where its sources come from, and which version a tag is of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.versioning.upstream import release_of, repository_name, tag_of


@pytest.mark.parametrize(
    ("url", "name", "tag"),
    [
        ("https://github.com/madler/zlib/archive/v1.3.1.tar.gz", "github.com/madler/zlib", "v1.3.1"),
        ("https://github.com/A/B/archive/refs/tags/a%2Fb-1.0.zip", "github.com/a/b", "a/b-1.0"),
        ("https://github.com/a/b/releases/download/b-3.4.0/x.tgz", "github.com/a/b", "b-3.4.0"),
        ("https://gitlab.com/a/b/-/archive/v2/b-v2.tar.bz2", "gitlab.com/a/b", "v2"),
        ("git+https://github.com/A/B.git", "github.com/a/b", ""),
        ("https://user@github.com/a/b.git", "github.com/a/b", ""),
        ("https://ftp.gnu.org/gnu/tar/tar-1.35.tar.gz", "git.savannah.gnu.org/tar", ""),
        ("https://git.savannah.gnu.org/git/tar.git", "git.savannah.gnu.org/tar", ""),
        ("https://downloads.sourceforge.net/project/boost/boost/1.tar.gz", "sourceforge.net/boost", ""),
        ("https://git.code.sf.net/p/boost/code", "sourceforge.net/boost", ""),
        ("https://www.python.org/ftp/python/3.12.1/Python-3.12.1.tar.xz", "github.com/python/cpython", ""),
        ("https://zlib.net/zlib-1.3.tar.gz", "github.com/madler/zlib", ""),
        ("https://github.com/only-an-owner", None, ""),
        ("https://github.com.evil.example/a/b", None, ""),
        ("https://evil.example/github.com/a/b", None, ""),
        ("file:///github.com/a/b", None, ""),
        ("https://[", None, ""),
    ],
)
def test_a_source_names_a_repository_and_perhaps_a_tag(url: str, name: str | None, tag: str) -> None:
    assert (repository_name(url), tag_of(url)) == (name, tag)


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("v1.3.1", "1.3.1"),
        ("curl-8_4_0", "8.4.0"),
        ("OpenSSL_1_1_1w", "1.1.1w"),
        ("libxml2-2.9.10", "2.9.10"),
        ("bzip2-1.0.8", "1.0.8"),
        ("R_2_5_0", "2.5.0"),
        ("n6.0", "6.0"),
        ("2024a", "2024a"),
        ("1.0.0-rc.1", "1.0.0.rc.1"),
        ("go1.21", ""),
        ("main", ""),
        ("1" * 201, ""),
    ],
)
def test_a_tag_is_of_a_version_in_one_spelling(tag: str, version: str) -> None:
    assert release_of(tag) == version


@given(st.text(st.sampled_from("1a.-_/v ")))
def test_whatever_a_tag_is_it_is_told_at_once(tag: str) -> None:
    assert " " not in release_of(tag)
