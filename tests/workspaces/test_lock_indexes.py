"""Package indexes in a lock, and those that a manifest names."""

import pytest

from bot.lockfiles.pixi_lock.kind import PIXI_LOCK
from bot.model.manifest import PackageName
from bot.model.package import Lock, LockedEnvironment, PypiPackage
from bot.workspaces import compose
from bot.workspaces.lock_indexes import default_index, index_differences, is_among
from bot.workspaces.pypi_options import with_stand_in
from tests.workspaces.pixi import LINUX, NOW, WORKSPACE, manifest, resolve, workspace

ASKS = '[pypi-dependencies]\nclick = "*"\n'
OWN, EXTRA = "https://index.example/simple", "https://extra.example/simple"
CLICK = PypiPackage(name=PackageName("click"), version="8", url="https://files.example/click-8-py3-none-any.whl")


def lock(*indexes: str, packages: tuple[PypiPackage, ...] = (CLICK,), find_links: tuple[str, ...] = ()) -> Lock:
    environment = LockedEnvironment(
        name="default",
        channels=("https://conda.anaconda.org/conda-forge/",),
        conda={LINUX: ()},
        pypi={LINUX: packages},
        indexes=indexes,
        find_links=find_links,
    )
    return Lock(path="pixi.lock", format=PIXI_LOCK, version=7, environments=(environment,))


def options(text: str) -> str:
    return f"{WORKSPACE}pypi-options = {{ {text} }}\n{ASKS}"


BOTH = options(f'index-url = "{OWN}", extra-index-urls = ["{EXTRA}"]')


@pytest.mark.parametrize(
    ("manifest", "locked", "sentence"),
    [
        pytest.param(WORKSPACE + ASKS, lock(default_index()), "", id="PyPI's own"),
        pytest.param(BOTH, lock(OWN, EXTRA), "", id="one in the place of PyPI's, and another"),
        pytest.param(options('index-url = "HTTPS://Index.Example"'), lock("https://index.example/"), "", id="spelling"),
        pytest.param(BOTH, lock("https://user:secret@index.example/simple", EXTRA), "", id="credentials"),
        pytest.param(
            BOTH,
            lock(OWN),
            f"it is locked with the indexes {OWN}, not {OWN}, {EXTRA}",
            id="one is new",
        ),
        pytest.param(
            options(f'index-url = "{OWN}"'),
            lock(OWN, EXTRA),
            f"it is locked with the indexes {OWN}, {EXTRA}, not {OWN}",
            id="one is gone",
        ),
        pytest.param(
            options(f'index-url = "{OWN}/"'),
            lock(OWN),
            f"it is locked with the indexes {OWN}, not {OWN}/",
            id="a slash at the end, which makes another index to pixi",
        ),
        pytest.param(BOTH, lock(), f"it is locked without its indexes {OWN}, {EXTRA}", id="none are said"),
        pytest.param(BOTH, lock(packages=()), "", id="none are said, and nothing is locked"),
        pytest.param(WORKSPACE, lock(OWN), "", id="nothing is asked of PyPI"),
        pytest.param(
            options(f'index-url = "{OWN}", find-links = [{{ path = "wheels" }}]'),
            lock(OWN),
            "it is locked with other find-links",
            id="a folder is new",
        ),
        pytest.param(
            options(f'index-url = "{OWN}", find-links = [{{ path = "wheels" }}]'),
            lock(OWN, find_links=("wheels",)),
            "",
            id="a folder",
        ),
    ],
)
def test_what_a_lock_says_of_indexes(manifest: str, locked: Lock, sentence: str) -> None:
    assert index_differences(workspace(manifest, lock=locked)).get("default", "") == sentence


def test_an_environment_that_is_not_locked_has_no_other_indexes() -> None:
    manifest = BOTH + '[feature.f.pypi-dependencies]\nrich = "*"\n[environments]\nf = ["f"]\n'

    assert index_differences(workspace(manifest, lock=lock(OWN, EXTRA))) == {}
    assert index_differences(workspace(manifest)) == {}


def test_an_index_is_known_with_a_slash_or_without_and_none_is_the_default_one() -> None:
    assert is_among(None, [default_index() + "/"])
    assert is_among(f"{OWN}/", [EXTRA, OWN])
    assert not is_among(EXTRA, [OWN])


@pytest.mark.parametrize(
    ("text", "main", "is_in_step"),
    [
        pytest.param(WORKSPACE + ASKS, OWN, True, id="what stands in for PyPI's"),
        pytest.param(WORKSPACE + ASKS, default_index(), True, id="PyPI's own"),
        pytest.param(WORKSPACE + ASKS, EXTRA, False, id="another"),
        pytest.param(options(f'index-url = "{EXTRA}"'), OWN, False, id="where the manifest names one"),
    ],
)
def test_an_operators_index_may_stand_in_for_pypis_own(text: str, main: str, *, is_in_step: bool) -> None:
    found = compose(with_stand_in(manifest(text), OWN), lock(main), resolve, now=NOW)

    assert (index_differences(found) == {}) is is_in_step
