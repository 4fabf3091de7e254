"""pip packages in a conda-lock.yml: they stay as they are while they can, and are written as conda-lock writes them."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.errors import LockError, RewriteRefused
from bot.lockfiles import Packages, Solutions, rewrite
from bot.lockfiles.conda_lock import PIP, Inputs, Requested, Root, relock, specifiers_of
from bot.model.manifest import PackageName
from bot.model.package import PypiPackage, Record
from tests.conda_locks import digest, entry, lock_text, package, parsed, pip_entry
from tests.planning.toy import LINUX, MACOS

PAIR = ("default", LINUX)
NOTHING: Mapping[str, str] = {}
PYTHON, PYTHON_BUGFIX = package("python", "3.12.4"), package("python", "3.12.7")
NUMPY, NUMPY_2 = package("numpy", "1.26.4", "python"), package("numpy", "2.1.0", "blas", "python")
BLAS = package("blas", "1.0.0")


def wheel(name: str, version: str, *requires: str) -> PypiPackage:
    url = f"https://files.example/{name}-{version}-py3-none-any.whl"
    return PypiPackage(
        name=PackageName(name), version=version, url=url, sha256=digest(url), requires_dist=tuple(requires)
    )


RICH, RICH_14 = wheel("rich", "13.9.4", "pygments>=2"), wheel("rich", "14.0.0", "pygments>=2.13,<3")
PYGMENTS = wheel("pygments", "2.18.0")
LOCK = lock_text(
    entry(NUMPY), entry(PYTHON), pip_entry(PYGMENTS), pip_entry(RICH, pygments="'>=2'"), platforms=(LINUX,)
)


def asked(conda: Mapping[str, str], pip: Mapping[str, str], **extras: set[str]) -> Requested:
    return {
        LINUX: (
            *(Root(name=PackageName(name), category=category) for name, category in conda.items()),
            *(
                Root(
                    name=PackageName(name),
                    manager=PIP,
                    category=category,
                    extras=frozenset(extras.get(name, set())),
                )
                for name, category in pip.items()
            ),
        )
    }


MAIN = asked({"python": "main", "numpy": "main"}, {"rich": "main"})


def conda(*records: Record) -> Solutions:
    return {PAIR: records}


def pip(*packages: PypiPackage) -> Packages:
    return {PAIR: packages}


def relocked(
    solutions: Solutions,
    packages: Packages,
    requested: Requested = MAIN,
    text: str = LOCK,
    constraints: Mapping[str, str] = NOTHING,
) -> str:
    """Return *text* rewritten; what is not in *constraints*, conda-lock says as PEP 440 does."""
    said = {each: each or "*" for each in specifiers_of(parsed(text), text, solutions, packages, requested)}
    inputs = Inputs(requested=requested, constraints=said | dict(constraints))
    return relock(parsed(text), text, solutions, packages, inputs)


def test_what_pip_installs_stays_when_conda_packages_move() -> None:
    text = relocked(conda(PYTHON_BUGFIX, NUMPY_2, BLAS), {})

    assert text == lock_text(
        entry(BLAS), entry(NUMPY_2), entry(PYTHON_BUGFIX), pip_entry(PYGMENTS), pip_entry(RICH, pygments="'>=2'")
    )


def test_what_pip_installs_moves_when_conda_packages_stay() -> None:
    text = relocked({}, pip(RICH_14, PYGMENTS), constraints={"<3,>=2.13": ">=2.13,<3"})

    assert text == LOCK.replace(pip_entry(RICH, pygments="'>=2'"), pip_entry(RICH_14, pygments="'>=2.13,<3'"))


def test_packages_come_and_go_in_the_order_of_conda_lock() -> None:
    alone, new = wheel("rich", "15.0.0", "markdown-it-py"), wheel("markdown-it-py", "3.0.0")

    text = relocked({}, pip(alone, new))

    assert text == lock_text(entry(NUMPY), entry(PYTHON), pip_entry(new), pip_entry(alone, **{"markdown-it-py": "'*'"}))


def test_the_same_packages_give_the_same_text() -> None:
    assert relocked(conda(PYTHON, NUMPY), pip(RICH, PYGMENTS)) == LOCK


def test_other_platforms_keep_theirs() -> None:
    text = LOCK.replace("linux-64", "osx-arm64")

    with pytest.raises(LockError, match="no default for linux-64"):
        relocked({}, pip(RICH), text=text)
    assert relocked({("default", MACOS): (PYTHON, NUMPY)}, {}, {MACOS: MAIN[LINUX]}, text) == text


def test_conda_lock_is_asked_for_what_counts_here_and_for_the_extras_that_are_wanted() -> None:
    app = wheel(
        "app",
        "1.0.0",
        "rich>=13; python_version >= '3.8'",
        "colorama>=1; sys_platform == 'win32'",
        "tomli>=2; python_version < '3.11'",
        "pygments[fast] >2; extra == 'color'",
        "sphinx; extra == 'docs'",
        "not a requirement",
    )
    pygments = wheel("pygments", "2.19.0", "regex ==1.2.*; extra == 'fast'")
    requested = asked({"python": "main"}, {"app": "main"}, app={"color"})

    found = specifiers_of(parsed(LOCK), LOCK, {}, pip(app, RICH, pygments), requested)
    text = relocked(
        {}, pip(app, RICH, pygments, wheel("regex", "1.2.3")), requested, constraints={"==1.2.*": ">=1.2,<1.3"}
    )

    assert found == ("==1.2.*", ">2", ">=13", ">=2")
    assert pip_entry(app, pygments="'>2'", rich="'>=13'") in text
    assert pip_entry(pygments, regex="'>=1.2,<1.3'") in text


def test_packages_get_the_categories_of_what_needs_them_across_pip_and_conda() -> None:
    """A pip package in main needs a conda package that only dev asked for, by the name that it has there."""
    torch = replace(package("pytorch", "2.3.0", "blas"), purls=("pkg:pypi/torch",))
    lightning, plain = wheel("lightning", "2.0.0", "torch"), wheel("plain", "1.0.0")
    text = lock_text(entry(PYTHON))
    requested = asked({"python": "main", "pytorch": "dev", "numpy": "dev"}, {"lightning": "main", "plain": "test"})

    text = relocked(conda(PYTHON, torch, BLAS, NUMPY), pip(lightning, plain), requested, text)

    assert text == lock_text(
        entry(BLAS),
        entry(NUMPY, category="dev"),
        entry(PYTHON),
        entry(torch),
        pip_entry(lightning, torch="'*'"),
        pip_entry(plain, category="test"),
    )


def test_what_pip_is_asked_for_conda_may_bring() -> None:
    requested = asked({"python": "main", "numpy": "dev"}, {"numpy": "main"})

    assert relocked(conda(PYTHON, NUMPY), {}, requested, text := lock_text(entry(NUMPY), entry(PYTHON))) == text


def test_names_that_are_none_on_pypi_do_no_harm() -> None:
    mutex = package("_libgcc_mutex", "0.1.0")

    text = relocked(conda(PYTHON, mutex), {}, asked({"python": "main", "_libgcc_mutex": "main"}, {"rich": "main"}))

    assert entry(mutex) in text


@pytest.mark.parametrize(
    ("solutions", "packages", "sentence"),
    [
        pytest.param(
            conda(package("python", "3.13.0"), NUMPY),
            {},
            "its pip packages on linux-64 were resolved for python 3.12.4 and not for 3.13.0",
            id="another python",
        ),
        pytest.param(
            conda(PYTHON, NUMPY, package("rich", "13.9.4", "python")),
            {},
            "conda would bring rich on linux-64, which pip installs there already",
            id="the same from conda",
        ),
        pytest.param({}, pip(replace(RICH_14, sha256=None)), "gives no sha256 hash for .*rich-14", id="no hash"),
    ],
)
def test_packages_that_cannot_stay_or_come_say_why(solutions: Solutions, packages: Packages, sentence: str) -> None:
    requested = asked({"python": "main", "numpy": "main", "rich": "main"}, {"rich": "main"})

    with pytest.raises(LockError, match=sentence):
        relocked(solutions, packages, requested)


def test_another_python_is_fine_for_packages_that_were_resolved_again() -> None:
    python = package("python", "3.13.0")

    assert entry(python) in relocked(conda(python, NUMPY), pip(RICH, PYGMENTS))


def test_a_package_that_nothing_asks_for_is_refused() -> None:
    with pytest.raises(RewriteRefused, match="nothing on linux-64 asks for pygments"):
        relocked({}, pip(wheel("rich", "15.0.0"), PYGMENTS))


def test_a_version_specifier_that_conda_lock_did_not_say_is_refused() -> None:
    with pytest.raises(RewriteRefused, match="how rich needs pygments, conda-lock did not say"):
        relock(parsed(LOCK), LOCK, {}, pip(RICH_14, PYGMENTS), Inputs(requested=MAIN))


def test_another_hash_for_the_same_url_is_refused() -> None:
    with pytest.raises(RewriteRefused, match="where it comes from"):
        relocked({}, pip(replace(RICH, sha256=digest("forged")), PYGMENTS))


def test_without_conda_lock_nothing_is_written() -> None:
    with pytest.raises(RewriteRefused, match="conda-lock has to be asked"):
        rewrite(parsed(LOCK), LOCK, {}, pip(RICH))


def test_a_package_that_is_locked_already_needs_no_hash() -> None:
    bare = LOCK.replace(f"  hash:\n    sha256: {RICH.sha256}\n", "  hash: {}\n")

    assert relocked({}, pip(replace(RICH, sha256=None), PYGMENTS), text=bare) == bare


def test_categories_stay_as_another_release_reckoned_them_until_something_else_needs_a_package() -> None:
    """Old releases listed what main needs under its other categories too."""
    twice = [entry(BLAS, category="dev"), entry(BLAS), entry(PYTHON)]
    text = lock_text(*twice, entry(package("zlib", "1.3.1"), category="dev"))
    app = package("app", "1.0.0", "zlib")
    requested = asked({"blas": "main", "python": "main", "zlib": "dev", "app": "main"}, {})
    inputs = Inputs(requested=requested, asked_before=requested)
    records = conda(BLAS, PYTHON_BUGFIX, package("zlib", "1.3.1"), app)

    after = relock(parsed(text), text, records, {}, inputs)

    assert after == lock_text(entry(app), *twice[:2], entry(PYTHON_BUGFIX), entry(package("zlib", "1.3.1")))
