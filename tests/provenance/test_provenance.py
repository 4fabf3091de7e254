"""What archives say of themselves, in every form of recipe, and what changed in it that a reviewer should know of."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.manifest import PackageName
from bot.model.provenance import Attestation, Attested, MovedArchive, PackageSource, Provenance
from bot.provenance import FILES, attestation_changes, changes, read_provenance

ABOUT = json.dumps(
    {
        "extra": {
            "remote_url": "https://github.com/conda-forge/tool-feedstock",
            "sha": "a" * 40,
            "flow_run_id": "azure_20260101.1",
            "recipe-maintainers": ["ann", "ben"],
        }
    }
).encode()
META = b"""\
package: {name: tool, version: 1.0}
source:
  url: https://files.example/tool-1.0.tar.gz
  sha256: ABCDEF
  patches: [one.patch, two.patch]
extra:
  recipe-maintainers: [carl]
"""
RENDERED = b"""\
recipe:
  source:
    - git: https://github.com/tool/tool.git
      rev: 0123456789abcdef
    - url: [https://files.example/data-1.zip, https://mirror.example/data-1.zip]
      sha256: '11'
  extra:
    recipe-maintainers: [dora]
"""
TEMPLATE = b"""\
source:
  url: https://files.example/tool-${{ version }}.tar.gz
  sha256: '22'
"""
PATHS = json.dumps(
    {
        "paths": [
            {"_path": name}
            for name in (
                "etc/conda/activate.d/tool.sh",
                "etc/conda/deactivate.d/tool.bat",
                "bin/.tool-post-link.sh",
                "Scripts/.tool-pre-unlink.bat",
                "site-packages/tool.pth",
                "lib/python3.13/site-packages/other.pth",
                "lib/python3.13/site-packages/tool/data.pth",
                "lib/python3.13/site-packages/sitecustomize.py",
                "etc/conda/env_vars.d/tool.json",
                "share/etc/conda/activate.d/no.sh",
                "bin/tool",
            )
        ]
    }
).encode()
LINK = json.dumps({"noarch": {"type": "python", "entry_points": ["tool = tool:main", "t=tool:main"]}}).encode()


def test_everything_that_an_archive_of_conda_build_says() -> None:
    files = {
        "info/about.json": ABOUT,
        "info/recipe/meta.yaml": META,
        "info/paths.json": PATHS,
        "info/link.json": LINK,
    }

    assert read_provenance(files) == Provenance(
        sources=(
            PackageSource(
                url="https://files.example/tool-1.0.tar.gz", sha256="abcdef", patches=("one.patch", "two.patch")
            ),
        ),
        recipe="meta.yaml",
        feedstock="https://github.com/conda-forge/tool-feedstock",
        commit="a" * 40,
        run="azure_20260101.1",
        maintainers=("ann", "ben"),
        scripts=(
            "Scripts/.tool-pre-unlink.bat",
            "bin/.tool-post-link.sh",
            "etc/conda/activate.d/tool.sh",
            "etc/conda/deactivate.d/tool.bat",
            "etc/conda/env_vars.d/tool.json",
        ),
        startup=(
            "lib/python3.13/site-packages/other.pth",
            "lib/python3.13/site-packages/sitecustomize.py",
            "site-packages/tool.pth",
        ),
        commands=("t", "tool"),
        recipe_text=META.decode(),
        lists_files=True,
    )


def test_what_is_rendered_of_a_recipe_yaml_goes_before_the_template() -> None:
    found = read_provenance({"info/recipe/recipe.yaml": TEMPLATE, "info/recipe/rendered_recipe.yaml": RENDERED})

    assert found.recipe == "rendered_recipe.yaml"
    assert found.maintainers == ("dora",)
    assert found.sources == (
        PackageSource(url="https://github.com/tool/tool.git", commit="0123456789abcdef"),
        PackageSource(url="https://files.example/data-1.zip", sha256="11"),
        PackageSource(url="https://mirror.example/data-1.zip", sha256="11"),
    )


def test_what_a_template_fills_in_is_not_stated() -> None:
    found = read_provenance({"info/recipe/recipe.yaml": TEMPLATE})

    assert (found.recipe, found.sources) == ("recipe.yaml", ())


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"&a [*a]", b"a: &b [x]\nc: *b", b"[" * 10_000])
@pytest.mark.parametrize("name", FILES)
def test_what_cannot_be_read_is_not_stated(name: str, content: bytes) -> None:
    assert not read_provenance({name: content}).sources


@given(st.dictionaries(st.sampled_from(FILES), st.binary(max_size=200) | st.text(max_size=200).map(str.encode)))
def test_nothing_is_raised_for_what_stands_in_an_archive(files: dict[str, bytes]) -> None:
    read_provenance(files)


MOVE = MovedArchive(
    name=PackageName("tool"), old_version="1.0", new_version="1.1", old_url="https://a/1", new_url="https://a/2"
)
SOURCE = PackageSource(url="https://github.com/tool/tool/archive/v1.tar.gz", sha256="aa")
BEFORE = Provenance(
    sources=(SOURCE,), maintainers=("ann", "ben"), feedstock="https://github.com/f/a", scripts=("s",), lists_files=True
)


def told(after: Provenance, move: MovedArchive = MOVE) -> list[tuple[str, bool]]:
    return [(each.sentence, each.is_alarming) for each in changes(move, BEFORE, after)]


def test_what_stays_is_not_spoken_of() -> None:
    later = PackageSource(url="https://github.com/tool/tool/archive/v2.tar.gz", sha256="bb")

    assert told(replace(BEFORE, sources=(later,), maintainers=("ben",))) == []


@pytest.mark.parametrize(
    ("after", "sentence", "is_alarming"),
    [
        (
            replace(BEFORE, sources=(PackageSource(url="https://github.com/fork/tool/x.tar.gz"),)),
            "the source of tool comes from github.com/fork; it came from github.com/tool",
            True,
        ),
        (
            replace(BEFORE, sources=(PackageSource(url="https://files.example/x.tar.gz"),)),
            "the source of tool comes from files.example; it came from github.com/tool",
            True,
        ),
        (replace(BEFORE, maintainers=("eve",)), "the maintainers of tool were all replaced: eve now", False),
        (
            replace(BEFORE, sources=(replace(SOURCE, patches=("new.patch",)),)),
            "tool is patched by new.patch, which is new",
            False,
        ),
        (
            replace(BEFORE, feedstock="https://github.com/f/b"),
            "tool is built by https://github.com/f/b now; it was by https://github.com/f/a",
            False,
        ),
        (replace(BEFORE, scripts=("s", "t")), "tool runs new scripts when it is linked or activated: t", False),
        (replace(BEFORE, startup=("x.pth",)), "tool has new files that run with every python: x.pth", False),
        (replace(BEFORE, commands=("tool",)), "tool has new commands: tool", False),
    ],
)
def test_what_changed_is_said(after: Provenance, sentence: str, is_alarming: bool) -> None:  # noqa: FBT001 -- a table
    assert told(after) == [(sentence, is_alarming)]


def test_another_archive_under_the_same_version_is_alarming() -> None:
    same = replace(MOVE, new_version="1.0")
    after = replace(BEFORE, sources=(replace(SOURCE, sha256="cc"),))

    [(sentence, is_alarming)] = told(after, same)

    assert sentence == "the source of tool 1.0 has another SHA-256 than before under the same URL"
    assert is_alarming
    assert told(after) == []


@pytest.mark.parametrize("kind", ["conda", "tar.bz2"])
@pytest.mark.parametrize(
    ("index", "sentences"),
    [
        ({"name": "tool", "version": "1.1", "build": "0"}, []),
        (
            {"name": "other", "version": "1.1", "build": "0"},
            ["the archive of tool is listed as tool-1.1-0 and says of itself that it is other-1.1-0"],
        ),
        ({"name": "tool", "version": "1.1"}, []),
        ({}, []),
    ],
)
def test_an_archive_of_another_package_is_alarming(kind: str, index: dict[str, str], sentences: list[str]) -> None:
    move = replace(MOVE, new_url=f"https://conda.example/noarch/tool-1.1-0.{kind}")

    found = changes(move, None, read_provenance({"info/index.json": json.dumps(index).encode()}))

    assert [(each.sentence, each.is_alarming) for each in found] == [(each, True) for each in sentences]


def test_of_licences_the_names_are_told() -> None:
    files = {"info/licenses/LICENSE": b"", "info/licenses/vendored/NOTICE": b"", "info/files": b""}

    assert read_provenance(files).licenses == ("LICENSE", "vendored/NOTICE")


def test_of_files_that_are_not_known_nothing_is_new() -> None:
    after = replace(BEFORE, scripts=("t",), startup=("x.pth",), commands=("tool",))

    assert told(replace(after, lists_files=False)) == []
    assert changes(MOVE, replace(BEFORE, lists_files=False), after) == ()


def test_the_number_of_the_build_is_told() -> None:
    index = {"name": "tool", "version": "1.1", "build": "h_3", "build_number": 3}

    assert read_provenance({"info/index.json": json.dumps(index).encode()}).build_number == 3


def test_what_the_channel_says_needs_no_archive() -> None:
    move = replace(MOVE, becomes_binary=True, new_needs=(PackageName("curl"),))

    assert [each.sentence for each in changes(move, None, None)] == [
        "tool was noarch and is a binary for each platform now",
        "tool needs curl, which it did not need before",
    ]
    assert not changes(MOVE, None, BEFORE)


NONE, GONE = Attestation(state=Attested.NONE), Attestation(state=Attested.UNKNOWN, reason="it is malformed")
BY_ANN, BY_EVE = (Attestation(state=Attested.OK, signer=each) for each in ("ann", "eve"))


@pytest.mark.parametrize(
    ("attested", "sentences"),
    [
        ((), []),
        ((NONE, NONE), []),
        ((NONE, BY_ANN), []),
        ((BY_ANN, BY_ANN), []),
        ((BY_ANN, BY_EVE), ["tool is attested by eve now; it was by ann"]),
        ((BY_ANN, NONE), ["tool was attested by ann and is not attested any more"]),
        ((BY_ANN, GONE), ["it is not known who published tool: it is malformed"]),
        ((NONE, GONE), ["it is not known who published tool: it is malformed"]),
        ((GONE, GONE), []),
        ((GONE, NONE), []),
    ],
)
def test_who_published_it_is_compared(attested: tuple[Attestation, ...], sentences: list[str]) -> None:
    assert [each.sentence for each in attestation_changes(MOVE, attested)] == sentences
