"""What people remark on a line, what gives a reason, and which comment above is about a line."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.manifest import Manifest
from bot.planning.manifest_lines import rewritten
from bot.planning.remarks import carries_a_remark, gives_reason, remark_on
from tests.planning.holds.written import environment_yml, extracted, pixi_toml
from tests.planning.toy import asks_for


def remarks(manifest: Manifest) -> dict[str, str]:
    """Return what is remarked on the lines of *manifest*, by package."""
    return {each.name: remark for each in manifest.dependencies if (remark := remark_on(each))}


def under(*lines: str) -> Manifest:
    """Return an environment.yml in which *lines* follow python."""
    return extracted(
        "environment.yml", "\n".join(["dependencies:", "  - python=3.12", *(f"  {each}" for each in lines)])
    )


BEHIND = {
    "any words": ("=1.26  # for plotting", "for plotting"),
    "a reason too": ("=1.26  # until 2.1", "until 2.1"),
    "words after a selector": ("=1.26  # [linux] for plotting", "[linux] for plotting"),
    "words beside what is said to condabot": ("=1.26  # slow; condabot: ignore until 2020-01-01", "slow;"),
}


@pytest.mark.parametrize(("written", "remark"), BEHIND.values(), ids=BEHIND)
def test_behind_a_version_is_remarked(written: str, remark: str) -> None:
    assert remarks(environment_yml(f"numpy{written}")) == {"numpy": remark}


NOT_BEHIND = {
    "no version": "  # for plotting",
    "any version": " *  # for plotting",
    "a selector": "=1.26  # [linux64]",
    "what is said to condabot": "=1.26  # condabot: ignore until 2020-01-01",
}


@pytest.mark.parametrize("written", NOT_BEHIND.values(), ids=NOT_BEHIND)
def test_no_remark_is(written: str) -> None:
    assert remarks(environment_yml(f'"numpy{written.partition("  #")[0]}"  #{written.partition("  #")[2]}')) == {}


ABOUT_THE_LINE = {
    "a sentence over one line": (
        under("# read by the launcher at start", "- numpy=1.26"),
        "read by the launcher at start",
    ),
    "a few words for what it is there": (under("# for rust-analyzer", "- numpy=1.26"), "for rust-analyzer"),
    "a sentence that begins with the package": (
        under("# We need numpy in the launcher", "- numpy=1.26", "- scipy=1.11"),
        "We need numpy in the launcher",
    ),
    "a reason": (under("# until 2.1", "- numpy=1.26", "- scipy=1.11"), "until 2.1"),
    "one above and one behind": (
        under("# read by the launcher at start", "- numpy=1.26  # and by the tests"),
        "read by the launcher at start; and by the tests",
    ),
    "in a table": (pixi_toml("default", '# read by the launcher\nnumpy = "1.26.*"'), "read by the launcher"),
    "after an item that is commented out": (
        under("# - numba", "# read by the launcher at start", "- numpy=1.26"),
        "read by the launcher at start",
    ),
}


@pytest.mark.parametrize(("manifest", "remark"), ABOUT_THE_LINE.values(), ids=ABOUT_THE_LINE)
def test_a_comment_above_is_about_the_line_below(manifest: Manifest, remark: str) -> None:
    assert remarks(manifest) == {"numpy": remark}


HEADINGS = {
    "words over several": under("# runtime", "- numpy=1.26", "- scipy=1.11"),
    "a sentence over several": under("# what the launcher reads at start", "- numpy=1.26", "- scipy=1.11"),
    "a package among several": under("# numpy stack", "- numpy=1.26", "- scipy=1.11"),
    "a name that comes late": under("# Access what is there with numpy", "- numpy=1.26", "- scipy=1.11"),
    "decoration": under("# =========", "# testing", "# =========", "- numpy=1.26", "- scipy=1.11"),
    "a word over one": under("# plotting", "- numpy=1.26"),
    "dependencies of something over one": under("# micromamba test dependencies", "- numpy=1.26"),
    "packages for something over one": under("# packages that the launcher needs", "- numpy=1.26"),
    "in a list of requirements": extracted(
        "pyproject.toml", '[tool.pixi]\n[project]\nname = "x"\n# read by the launcher\ndependencies = ["numpy>=1,<2"]\n'
    ),
    "above a flow list": extracted("environment.yml", "# read by\n# the launcher\ndependencies: [numpy=1.26]\n"),
}


@pytest.mark.parametrize("manifest", HEADINGS.values(), ids=HEADINGS)
def test_a_comment_above_is_a_heading(manifest: Manifest) -> None:
    assert remarks(manifest) == {}


def test_a_change_of_a_line_carries_its_comment_in_quotes() -> None:
    asked = asks_for("numpy", "1.26.*")
    manifest = environment_yml("numpy=1.26  # see https://user:secret@git.example/x")
    (dependency,) = manifest.dependencies
    silent, remarked = rewritten(asked, "2.*"), rewritten(replace(asked, dependency=dependency), "=2.4")

    assert (silent.comment, carries_a_remark([silent])) == ("", False)
    assert remarked.comment == '"see https://git.example/x"'
    assert carries_a_remark([silent, remarked])


@given(st.text())
def test_no_text_makes_reading_a_comment_fail(text: str) -> None:
    assert gives_reason(text) in {True, False}


def test_an_endless_comment_is_read_up_to_a_fixed_length() -> None:
    assert not gives_reason(f"{'no ' * 400_000}yet")
    assert not gives_reason(f"{'x ' * 400_000}pin")
