"""What the comment behind a line asks for, and how it is quoted."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.planning.holds.quoting import LONGEST, quoted
from tests.planning.holds.written import environment_yml, extracted, held, is_plain_text, pixi_toml, said

REASONS = (
    "pin: the ABI of FAISS",
    "pinned until the docs build again",
    "An indirect dependency pin due to failures on MacOS",
    "on hold",
    "held for the release",
    "keep in step with setup.py",
    "capped by dask",
    "until 2.0 is out",
    "wait for xarray >2025.9.0 compat",
    "waiting on upstream",
    "newer versions break with packaging<24",
    "breaking faiss import",
    "broken on Windows",
    "work around a bug of the solver",
    "workaround",
    "Issues with dask >=2025.5.1 on Python3.11",
    "for smmregrid compatibility",
    "incompatible with numba",
    "fails on arm64",
    "https://github.com/bokeh/bokeh/issues/13578",
    "https://github.com/cupy/cupy/pull/10037",
    "https://git.example/group/project/-/merge_requests/7",
    "scipy/scipy#25904",
    "see #12",
    "gh-1234",
    "too new for numba",
    "1.25 is too old for the tests, 2.0 too new",
    "must match the version in Dockerfile",
    "has to match meson.build",
    "pinned to match versions in `meson.build`",
    "if changing, also change in .binder/environment.yml",
    "newer versions crash",
    "TODO: debug the warning with later versions",
    "errors in newer releases",
    "Newer versions of setuptools drop pkg_resources",
    "segfaults on CUDA",
    "stay on 1.x",
    "we stay with 1.26 for now",
    "sticking to 1.26",
    "can't be updated",
    "can\u2019t be updated",
    "cannot be upgraded before the archive moves",
    "do not bump",
    "don't touch",
    "bump manually",
    "too old for",
    "hardcoded",
    "hard-coded in the launcher",
    "Upper-bounded, see the changelog",
    "not yet supported by numba",
    "No 3.14t build for Windows yet",
    "Not available for 3.14t on Windows",
    "last version that runs on macOS 11",
    "test oldest support sqlalchemy version",
    "circular import error in 4.13",
    "tends to cause conflicts",
    "doesn't work with qt 6",
    "np.float was removed in 1.24",
    "same version as in CI",
)


@pytest.mark.parametrize("comment", REASONS)
def test_a_version_with_a_reason_stays_in_range_and_the_reason_is_quoted(comment: str) -> None:
    hold = held(environment_yml(f"numpy=1.26  # {comment}"))["numpy"]

    assert (hold.rule, hold.scope) == ("pin-comment", "range")
    assert hold.sentence == f'its comment says "{comment}"'


def test_a_comment_in_toml_counts_as_well() -> None:
    manifest = pixi_toml("default", 'meson = "<1.12.0" # scipy/scipy#25904')

    assert said(manifest) == {"meson": 'pin-comment: its comment says "scipy/scipy#25904"'}


NO_REASONS = (
    "for jupyter notebooks",
    "runtime dep but must be conda installed",
    "high-performance numerics",
    "household statistics",
    "spinner on the command line",
    "the capsule endpoint keeper",
    "pinentry",
    "C# bindings",
    "colour &#35;",
    "[linux64]",
    "to bring the extension up-to-date",
    "friendly error messages",
    "for plotting",
    "used by docs",
    "TODO",
    "conda-forge only",
    "keep this list sorted",
    "keep in alphabetical order",
    "keep up to date",
    "don't pin this",
    "unpinned on purpose",
    "needed for newer versions of macOS",
    "also works with newer versions",
    "runs the tests of all versions",
    "reads matching files",
    "statistical plotting with matplotlib",
    "high-performance numerics, with C API access",
    "a better issue template",
    "needed for task generate-aggregations",
    "CPU only",
    "movable type",
    "hangman",
    "restful",
    "abides by the rules",
)


@pytest.mark.parametrize("comment", NO_REASONS)
def test_a_version_with_a_description_is_not_held(comment: str) -> None:
    assert said(environment_yml(f"numpy=1.26  # {comment}")) == {}


@pytest.mark.parametrize("item", ["numpy", "numpy *"])
def test_a_reason_without_a_version_holds_nothing(item: str) -> None:
    assert said(environment_yml(f'"{item}"  # see https://git.example/a/b/issues/12')) == {}


ABOVE = {
    "on a line of its own": "# waits for numba: wait for 0.67\n  - numpy=1.26",
    "over several lines, the reason in any of them": "# numpy 2 came\n  # and breaks us\n  - numpy=1.26",
    "though more items follow": "# breaks with 2\n  - numpy=1.26\n  - scipy=1.11\n  - pandas=2.1",
}


@pytest.mark.parametrize("lines", ABOVE.values(), ids=ABOVE)
def test_a_reason_above_holds_the_line_right_below(lines: str) -> None:
    manifest = extracted("environment.yml", f"dependencies:\n  - python=3.12\n  {lines}\n")

    assert held(manifest).keys() == {"numpy"}
    assert said(manifest)["numpy"].startswith('pin-comment: the comment above it says "')


def test_a_reason_above_holds_in_toml_as_well() -> None:
    manifest = pixi_toml("default", '# Newer versions crash.\nmeson = "<1.12.0"')

    assert said(manifest) == {"meson": 'pin-comment: the comment above it says "Newer versions crash."'}


def test_what_a_line_says_itself_is_quoted_before_what_stands_above() -> None:
    manifest = extracted("environment.yml", "dependencies:\n- python\n# until 3.0\n- numpy=1.26  # see #12\n")

    assert said(manifest) == {"numpy": 'pin-comment: its comment says "see #12"'}


FOR_ALL = ("These must match setup.py", "Both break with 3", "pins", "Pinned to match versions in `meson.build`")


@pytest.mark.parametrize("comment", FOR_ALL)
def test_a_reason_that_speaks_of_several_holds_every_line_below(comment: str) -> None:
    below = f"  # {comment}\n  - numpy=1.26\n  - scipy=1.11\n"
    manifest = extracted("environment.yml", f"dependencies:\n  - python=3.12\n{below}\n  - pandas=2.1\n")

    assert held(manifest).keys() == {"numpy", "scipy"}


NOT_ABOVE = {
    "a blank line is between": "# breaks with 2\n\n  - numpy=1.26",
    "it has another indent": "    # breaks with 2\n  - numpy=1.26",
    "it is about an item that is commented out": "# breaks with 2\n  # - numba\n  - numpy=1.26",
    "it is such an item": "# - numba=0.60  # breaks with 2\n  - numpy=1.26",
    "it heads them": "# runtime deps\n  - numpy=1.26\n  - scipy=1.11",
    "it is decoration": "# --- test ---\n  - numpy=1.26\n  - scipy=1.11",
    "it is Renovate's": "# renovate: datasource=conda depName=conda-forge/pin#12\n  - numpy=1.26",
    "it asks for order": "# keep these sorted\n  - numpy=1.26\n  - scipy=1.11",
}


@pytest.mark.parametrize("lines", NOT_ABOVE.values(), ids=NOT_ABOVE)
def test_a_comment_above_holds_nothing_if(lines: str) -> None:
    assert said(extracted("environment.yml", f"dependencies:\n  - python=3.12\n  {lines}\n")) == {}


def test_ignoring_on_a_line_of_its_own_is_for_the_line_right_below() -> None:
    below = "# condabot: ignore until 2026-12-01\n- numpy=1.26\n- scipy=1.11\n"

    assert said(extracted("environment.yml", f"dependencies:\n- python=3.12\n{below}")) == {
        "numpy": "ignore: its comment says so until 2026-12-01"
    }


IGNORED = {
    "condabot: ignore": "its comment says so",
    "Condabot: IGNORE": "its comment says so",
    "numpy 2 breaks us; condabot: ignore": "its comment says so",
    "condabot: ignore until 2026-11-03": "its comment says so until 2026-11-03",
    "condabot: ignore until 2026-12-01, then numba first": "its comment says so until 2026-12-01",
    "condabot: ignore until spring": 'its comment says until "spring", which is no date such as 2026-12-01',
    "condabot: ignore until 2026-02-30": 'its comment says until "2026-02-30", which is no date such as 2026-12-01',
}


@pytest.mark.parametrize(("comment", "sentence"), IGNORED.items())
def test_a_line_is_ignored_if_its_comment_says_so(comment: str, sentence: str) -> None:
    hold = held(environment_yml(f"numpy=1.26  # {comment}"))["numpy"]

    assert (hold.rule, hold.scope, hold.sentence) == ("ignore", "all", sentence)


NOT_IGNORED = ("condabot: ignore until 2026-11-02", "condabot: ignored", "condabot ignore", "renovate: ignore")


@pytest.mark.parametrize("comment", NOT_IGNORED)
def test_a_line_is_not_ignored_for(comment: str) -> None:
    assert said(environment_yml(f"numpy=1.26  # {comment}")) == {}


def test_ignoring_ends_with_the_day_in_utc() -> None:
    manifest = environment_yml("numpy=1.26  # condabot: ignore until 2026-12-01")

    assert "numpy" in held(manifest, now=datetime(2026, 11, 30, 23, 59, tzinfo=UTC))
    assert held(manifest, now=datetime(2026, 12, 1, tzinfo=UTC)) == {}


HOSTILE = {
    "@everyone #1 closes a/b#2 until": "mentions and references",
    "until [click](https://evil.example) ![x](https://evil.example/x.png)": "links and images",
    "until <img src=x onerror=alert(1)><!-- -->": "HTML",
    "until `code` **bold** ~~gone~~ | table": "formatting",
    "until https://user:password@git.example/t/token/x": "credentials",
}


@pytest.mark.parametrize("comment", HOSTILE, ids=HOSTILE.values())
def test_nothing_in_a_quoted_comment_is_markup(comment: str) -> None:
    sentence = held(environment_yml(f"numpy=1.26  # {comment}"))["numpy"].sentence

    assert is_plain_text(sentence)
    assert "password" not in sentence
    assert "token" not in sentence


@given(st.text())
def test_whatever_a_comment_holds_its_quote_is_short_visible_and_without_markup(text: str) -> None:
    quote = quoted(text)

    assert quote.isprintable()
    assert len(quote) <= LONGEST + 2
    assert len(quote.splitlines()) == 1
    assert is_plain_text(quote)


def test_an_endless_comment_is_read_up_to_a_fixed_length() -> None:
    hold = held(environment_yml(f"numpy=1.26  # until {'@a' * 200_000}"))["numpy"]

    assert len(hold.sentence) < 2 * LONGEST
    assert said(environment_yml(f"numpy=1.26  # {'p' * 400_000} pin")) == {}
