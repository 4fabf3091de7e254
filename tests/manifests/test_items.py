"""The text of an item: what it says, or why it is left alone."""

from collections.abc import Callable

import pytest

from bot.edits import Span
from bot.manifests.items import Item, conda_item, pip_item, site_of, skipped
from bot.model.manifest import Skip, SkipReason
from bot.versioning.match_spec import solver_spec

CONDA_REASONS = [
    ("numpy={{ version }}", "numpy", SkipReason.TEMPLATE),
    ("numpy=${VERSION}", "numpy", SkipReason.TEMPLATE),
    ("https://conda.example/linux-64/xz-5.2.6-h166bdaf_0.conda", "xz", SkipReason.EXPLICIT_URL),
    ("/opt/pkgs/xz-5.2.6-h166bdaf_0.tar.bz2", "xz", SkipReason.PATH),
    ("py*", "py", SkipReason.NAME_PATTERN),
    ("conda-forge::^numpy$", "^numpy$", SkipReason.NAME_PATTERN),
    ("xonsh[when=__linux]", "xonsh", SkipReason.SELECTOR),
    ("__glibc >=2.17", "__glibc", SkipReason.VIRTUAL_PACKAGE),
    ("numpy >=", "numpy", SkipReason.INVALID_SPEC),
    ("", "", SkipReason.INVALID_SPEC),
    ("numpy " + ">=1," * 500, "numpy", SkipReason.INVALID_SPEC),
]

PIP_REASONS = [
    ("-e .", "-e .", SkipReason.EDITABLE),
    ("-e git+https://git.example/tool.git#egg=tool", "tool", SkipReason.EDITABLE),
    ("-rother.txt", "-rother.txt", SkipReason.REQUIREMENTS_FILE),
    ("--requirement=other.txt", "--requirement=other.txt", SkipReason.REQUIREMENTS_FILE),
    ("--no-binary :all:", "--no-binary :all:", SkipReason.PIP_OPTION),
    ("tool==1.0 --hash=sha256:00", "tool", SkipReason.PIP_OPTION),
    ("tool==${VERSION}", "tool", SkipReason.TEMPLATE),
    ("hg+ssh://git.example/tool", "hg+ssh://git.example/tool", SkipReason.GIT),
    ("tool@git+https://git.example/tool.git", "tool", SkipReason.GIT),
    ("tool[all] @ https://files.example/tool-1.0.zip ; python_version > '3'", "tool", SkipReason.EXPLICIT_URL),
    ("file:///opt/tool", "file:///opt/tool", SkipReason.PATH),
    ("C:\\tool", "c:\\tool", SkipReason.PATH),
    ("tool-1.0-py3-none-any.whl", "tool-1.0-py3-none-any.whl", SkipReason.PATH),
    ("sub/dir", "sub/dir", SkipReason.PATH),
    ("..", "..", SkipReason.PATH),
    ("..[all]", "..[all]", SkipReason.PATH),
    ("tool=1.0", "tool", SkipReason.INVALID_SPEC),
    ("tool===not a version", "tool", SkipReason.INVALID_SPEC),
    ("tool ===a(b", "tool", SkipReason.INVALID_SPEC),
    ("tool; " + "(" * 900, "tool", SkipReason.INVALID_SPEC),
    ("tool" * 500, "tool" * 25, SkipReason.INVALID_SPEC),
]


@pytest.mark.parametrize(("text", "name", "reason"), CONDA_REASONS)
def test_a_conda_item_without_a_version_to_move_says_why(text: str, name: str, reason: SkipReason) -> None:
    item = conda_item(text)

    assert item.skip is not None
    assert (item.name, item.skip.reason, item.version) == (name, reason, None)


STANDS_AS = [
    ("xonsh 0.18[when=__linux]", "xonsh[version='0.18',when='__linux']"),
    ("__glibc >=2.17", "__glibc[version='>=2.17']"),
    ("h5py 3.4.0 nompi*|mpi*", "h5py[version='3.4.0',build='^(?:nompi.*|mpi.*)$']"),
    ("h5py=3.4=a_*|c*", "h5py[version='3.4',build='^(?:a_.*|c.*)$']"),
]


@pytest.mark.parametrize(("text", "spec"), STANDS_AS)
def test_what_is_left_alone_still_says_what_it_asks_for(text: str, spec: str) -> None:
    item = conda_item(text)

    assert item.skip is not None
    assert item.match_spec is not None
    assert solver_spec(item.match_spec) == spec


@pytest.mark.parametrize("text", ["numpy={{ version }}", "py*", "numpy >=", "numpy 1.26 !a|b", "a b c d*|e"])
def test_what_cannot_be_known_asks_for_nothing_that_a_solver_could_be_told(text: str) -> None:
    item = conda_item(text)

    assert (item.match_spec, item.file) == (None, "")


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("https://conda.example/noarch/a-1-0.conda#0123", "https://conda.example/noarch/a-1-0.conda"),
        ("https://user:secret@conda.example/noarch/a-1-0.tar.bz2", "https://conda.example/noarch/a-1-0.tar.bz2"),
        ("./pkgs/a-1-0.conda", "./pkgs/a-1-0.conda"),
        ("https://conda.example/{{ subdir }}/a-1-0.conda", ""),
        ("https://conda.example/a-1.zip", ""),
    ],
)
def test_a_package_file_is_named_without_hash_and_credentials(text: str, file: str) -> None:
    assert conda_item(text).file == file


@pytest.mark.parametrize(("text", "name", "reason"), PIP_REASONS)
def test_a_line_for_pip_without_a_version_to_move_says_why(text: str, name: str, reason: SkipReason) -> None:
    item = pip_item(text)

    assert item.skip is not None
    assert (item.name.lower(), item.skip.reason, item.version) == (name, reason, None)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("tool", None),
        ("tool==1.0", "==1.0"),
        ("  tool >= 1.0 , < 2  ", ">= 1.0 , < 2"),
        ("tool (>=1.0)", ">=1.0"),
        ("tool[a,b]~=1.0; python_version < '3'", "~=1.0"),
        ("tool===1.0", "===1.0"),
    ],
)
def test_the_version_of_a_requirement_is_found_as_written(text: str, version: str | None) -> None:
    item = pip_item(text)

    assert item.skip is None
    assert (text[item.version.start : item.version.end] if item.version else None) == version


def test_the_version_of_a_match_spec_is_found_as_written() -> None:
    assert conda_item("conda-forge::numpy >=1.26,<2").version == Span(19, 28)


@pytest.mark.parametrize(
    "text",
    [
        "git+https://user:secret@git.example/tool.git",
        "--index-url https://user:secret@files.example/simple",
        "tool @ https://user:secret@files.example/tool.whl",
        "https://user:secret@files.example/tool what",
    ],
)
def test_credentials_are_never_echoed(text: str) -> None:
    assert "secret" not in repr(pip_item(text))


@pytest.mark.parametrize("read", [conda_item, pip_item])
def test_control_characters_are_never_echoed(read: Callable[[str], Item]) -> None:
    item = read("tool\x1b[2J\u202e\x00 what")

    assert item.skip is not None
    assert (item.name + item.skip.detail).isprintable()


def test_a_name_that_is_none_is_kept_as_text() -> None:
    skip = Skip(reason=SkipReason.NOT_TEXT, detail="")

    assert skipped("not a name", skip).name == "not a name"


def test_a_requirement_says_its_extras_and_its_marker() -> None:
    found = pip_item("tool[two,one] >=1.0 ; python_version < '3.12'")

    assert (found.name, found.extras, found.marker) == ("tool", ("one", "two"), 'python_version < "3.12"')
    assert (pip_item("tool").extras, pip_item("tool").marker) == ((), "")


@pytest.mark.parametrize("quote", ["", '"'])
def test_the_site_of_a_version_is_where_it_stands_in_the_file(quote: str) -> None:
    line = f"  - {quote}tool >=1.0 ; python_version < '3.12'{quote}  # remark"
    text = "tool >=1.0 ; python_version < '3.12'"
    start = line.index(text)

    site = site_of(pip_item(text), Span(start, start + len(text)), quote)

    assert site is not None
    assert line[site.version.start : site.version.end] == ">=1.0"
    assert line[site.scalar.start : site.scalar.end] == f"{quote}{text}{quote}"


def test_what_has_no_version_or_is_skipped_has_no_site() -> None:
    assert site_of(pip_item("tool"), Span(0, 4), "") is None
    assert site_of(pip_item("-e ."), Span(0, 4), "") is None
