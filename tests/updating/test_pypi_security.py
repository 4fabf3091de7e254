"""Advisories about PyPI packages in a scan: in locks, directly or not, and in lines of pip that no lock holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement

from bot.egress import default_index_url, resolve_index
from bot.model.advisory import Exposure
from bot.model.content_hash import HashRequest, SourceFile
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Channel, PypiFile, PypiPackage, Record
from bot.model.pypi_solve import PypiRequest, PypiResult
from bot.model.report import ScanReport
from bot.model.update import Lookup, Purpose, Release, Releases
from bot.rendering.names import title
from bot.rendering.pull_request import NOT_SOLVED, Told, body
from bot.updating.advisories import AdvisoryAuditor, AskedOnce
from bot.updating.scan import Scanner
from bot.updating.survey.indexes import PypiSource
from bot.versioning.pep440 import sort_versions
from tests.conda_locks import TextHasher, digest, entry, lock_text, package, pip_entry
from tests.planning.toy import FORGE, LINUX, NOW, record
from tests.planning.toy_pypi import ToyIndex
from tests.planning.toy_pypi import wheel as toy_wheel
from tests.updating.test_scan import encoded
from tests.updating.test_security import Database, advisory, held, mended
from tests.updating.toy import Toy, scanner

KEY = "security-pypi-jinja2"
PYTHON = record("python", "3.12.4")
INDEX = resolve_index(default_index_url()).url
VERSIONS = ("3.1.2", "3.1.3", "3.1.4", "3.2.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """An index and its resolver: everything was uploaded long ago, but for what is `young`."""

    packages: tuple[PypiPackage, ...]
    young: frozenset[str] = frozenset()

    async def releases(
        self, indexes: Sequence[Channel], subdirs: Sequence[Subdir], names: Sequence[PackageName]
    ) -> Mapping[PackageName, Lookup]:
        return {name: Releases(channel=indexes[0], releases=self._releases(name, subdirs)) for name in names}

    async def resolve(self, request: PypiRequest) -> PypiResult:
        return ToyIndex(packages=self.packages).resolve(request)

    def _releases(self, name: PackageName, subdirs: Sequence[Subdir]) -> tuple[Release, ...]:
        mine = {each.version: each for each in self.packages if each.name == name}
        return tuple(self._release(mine[version], subdirs) for version in sort_versions(mine))

    def _release(self, each: PypiPackage, subdirs: Sequence[Subdir]) -> Release:
        file = PypiFile(name=each.url.rpartition("/")[2], url=each.url, requires_python=each.requires_python or "")
        age = timedelta(days=1 if each.version in self.young else 100)
        there = frozenset(subdirs) if file.is_wheel else frozenset[Subdir]()
        return Release(version=each.version, subdirs=there, built=NOW - age, files=(file,))


def guarded(offers: Offers, *records: Record, fixed: str = "3.1.4", name: str = "jinja2") -> Scanner:
    database = Database(advisory(fixed, name))
    return replace(
        scanner(Toy(*(records or (PYTHON,)))),
        pypi=PypiSource(index=offers, resolve=lambda url: resolve_index(url or default_index_url())),
        resolver=offers,
        hasher=TextHasher(),
        advisories=AdvisoryAuditor(index=AskedOnce(database), purls=database),
    )


def wheel(name: str, version: str, *requires: str) -> PypiPackage:
    """Return a wheel as the lock of these tests has it."""
    return replace(toy_wheel(name, version, *requires), sha256="0" * 64)


def jinja2(*versions: str, needs: Mapping[str, Iterable[str]] | None = None) -> tuple[PypiPackage, ...]:
    return tuple(wheel("jinja2", each, *(needs or {}).get(each, ())) for each in versions or VERSIONS)


HEAD = "version: 6\nenvironments:\n  default:\n    channels:\n    - url: {}/\n    indexes:\n    - {}\n"
WORKSPACE = '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'


def pixi(
    *packages: PypiPackage, conda: Sequence[Record] = (PYTHON,), lines: str = "", newest: str = ""
) -> dict[str, bytes]:
    """Return a workspace that has locked *packages* beside *conda*, and asks PyPI for *lines*."""
    urls = [*(f"conda: {each.url}" for each in conda), *(f"pypi: {each.url}" for each in packages)]
    where = "".join(f"      - {each}\n" for each in urls)
    options = f"    options:\n      exclude-newer: {newest}T00:00:00Z\n" if newest else ""
    head = f"{HEAD.format(FORGE.url, INDEX)}{options}    packages:\n      linux-64:\n{where}packages:\n"
    limit = f'exclude-newer = "{newest}"\n' if newest else ""
    asked = "".join(f'{each.name} = "*"\n' for each in conda)
    return encoded(
        {
            "pixi.toml": f"{WORKSPACE}{limit}[dependencies]\n{asked}[pypi-dependencies]\n{lines}",
            "pixi.lock": "".join((head, *map(_entry, conda), *map(_locked, packages))),
        }
    )


def _entry(each: Record) -> str:
    purls = "".join(f"\n  - {purl}" for purl in each.purls or ()) or " []"
    return f"- conda: {each.url}\n  timestamp: {each.timestamp}\n  purls:{purls}\n"


def _locked(each: PypiPackage) -> str:
    needs = "".join(f"  - {text}\n" for text in each.requires_dist)
    head = f"- pypi: {each.url}\n  name: {each.name}\n  version: {each.version}\n  sha256: {'0' * 64}\n"
    return head + (f"  requires_dist:\n{needs}" if needs else "")


async def scanned(scanner: Scanner, files: Mapping[str, bytes], declined: str = "") -> ScanReport:
    return await scanner.scan(files, {KEY: {PackageName("jinja2"): declined}} if declined else {})


def now_locked(report: ScanReport) -> set[tuple[str, str | None]]:
    """Return what the pull request that mends changes in locks."""
    [fix] = [each for each in report.proposals if each.plan.purpose is Purpose.SECURITY]
    return {(each.name, each.new_version) for diff in fix.diffs for each in diff.changes}


async def test_the_lowest_fixed_release_is_locked_and_nothing_else_moves() -> None:
    offers = Offers(packages=(*jinja2(), wheel("other", "1.0"), wheel("other", "1.1")))

    report = await scanned(
        guarded(offers), pixi(offers.packages[0], offers.packages[4], lines='jinja2 = ">=3"\nother = "*"\n')
    )

    [fix] = [each for each in report.proposals if each.plan.purpose is Purpose.SECURITY]
    assert (title(fix), list(fix.files), fix.solved) == (
        "[security] Update jinja2 from 3.1.2 to 3.1.4",
        ["pixi.lock"],
        1,
    )
    assert now_locked(report) == {("jinja2", "3.1.4")}
    assert fix.plan.reasons == ("jinja2 3.1.2 is affected by GHSA-1 (high): Templates escape. Fixed in 3.1.4",)


async def test_a_line_that_does_not_admit_it_is_rewritten() -> None:
    offers = Offers(packages=jinja2())

    report = await scanned(guarded(offers), pixi(offers.packages[0], lines='jinja2 = "==3.1.2"  # a remark\n'))

    [fix] = [each for each in report.proposals if each.plan.purpose is Purpose.SECURITY]
    assert fix.files["pixi.toml"].endswith('jinja2 = "==3.1.4"  # a remark\n')


async def test_what_no_line_asks_for_moves_too() -> None:
    web = wheel("web", "1.0", "jinja2>=3")
    offers = Offers(packages=(*jinja2(), web))

    report = await scanned(guarded(offers), pixi(offers.packages[0], web, lines='web = "*"\n'))

    assert mended(report) == [(KEY, "3.1.4")]
    assert now_locked(report) == {("jinja2", "3.1.4")}


async def test_what_needs_the_vulnerable_version_is_named_where_nothing_resolves() -> None:
    web = wheel("web", "1.0", "jinja2<3.1.4")
    offers = Offers(packages=(*jinja2(), web))

    report = await scanned(guarded(offers), pixi(offers.packages[0], web, lines='web = "*"\n'))

    assert mended(report) == []
    [sentence] = held(report)
    assert "jinja2 3.1.4 does not resolve beside the other packages of default on linux-64" in sentence
    assert "because web 1.0 needs jinja2 <3.1.4" in sentence


@pytest.mark.parametrize(
    ("conda", "lines", "why"),
    [
        pytest.param(
            (PYTHON, replace(record("markupsafe", "2.0"), purls=("pkg:pypi/markupsafe",))),
            "",
            "jinja2 3.1.4 needs markupsafe >=3, and 2.0 is there",
            id="a conda package",
        ),
        pytest.param(
            (PYTHON,),
            'markupsafe = "<3"\n',
            "needs markupsafe <3, and 3.0 is there",
            id="a line",
        ),
    ],
)
async def test_what_its_own_needs_meet_is_named(conda: Sequence[Record], lines: str, why: str) -> None:
    safe = wheel("markupsafe", "2.0"), wheel("markupsafe", "3.0")
    needs = {"3.1.4": ("markupsafe>=3",), "3.2.0": ("markupsafe>=3",)}
    offers = Offers(packages=(*jinja2(needs=needs), *safe))
    files = pixi(offers.packages[0], *(safe[:1] if lines else ()), conda=conda, lines=f'jinja2 = "*"\n{lines}')

    report = await scanned(guarded(offers, *conda), files)

    assert mended(report) == []
    [sentence] = held(report)
    assert why in sentence


CONDA_JINJA2 = tuple(replace(record("jinja2", each), purls=("pkg:pypi/jinja2",)) for each in VERSIONS)


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        pytest.param("jinja2!=3.1.4", [("security-jinja2", "3.2.0")], id="the next one"),
        pytest.param("jinja2<3.1.4", [], id="none"),
    ],
)
async def test_of_a_conda_package_it_is_the_lowest_with_which_the_locked_wheels_go(
    needs: str, expected: list[tuple[str, str]]
) -> None:
    web = wheel("web", "1.0", needs)
    conda = (PYTHON, CONDA_JINJA2[0])

    report = await scanned(
        guarded(Offers(packages=(web,)), PYTHON, *CONDA_JINJA2), pixi(web, conda=conda, lines='web = "*"\n')
    )

    assert mended(report) == expected
    assert ["web 1.0 needs jinja2 <3.1.4, and 3.1.4 is there" in each for each in held(report)] == [True] * (
        not expected
    )


async def test_a_source_archive_stays_as_it_is_and_that_is_said() -> None:
    archive = replace(wheel("jinja2", "3.1.2"), url="https://files.example/jinja2-3.1.2.tar.gz")
    offers = Offers(packages=(archive, *jinja2("3.1.4")))

    [sentence] = held(await scanned(guarded(offers), pixi(archive, lines='jinja2 = "*"\n')))

    assert "source archive" in sentence


async def test_no_age_is_waited_for_but_exclude_newer_counts() -> None:
    offers = Offers(packages=jinja2("3.1.2", "3.1.4"), young=frozenset({"3.1.4"}))
    files = pixi(offers.packages[0], lines='jinja2 = "*"\n')
    limited = pixi(offers.packages[0], lines='jinja2 = "*"\n', newest="2026-10-01")

    report = await scanned(guarded(offers), files)
    [sentence] = held(await scanned(guarded(offers), limited))

    [fix] = [each for each in report.proposals if each.plan.key == KEY]
    assert "is 1 day old" in fix.plan.reasons[-1]
    assert "`exclude-newer` in pixi.toml keeps jinja2 3.1.4 out" in sentence


async def test_what_people_declined_is_not_repeated_but_the_next_one_is_offered() -> None:
    offers = Offers(packages=jinja2())

    report = await scanned(guarded(offers), pixi(offers.packages[0], lines='jinja2 = "*"\n'), declined="3.1.4")

    assert mended(report) == [(KEY, "3.2.0")]
    [fix] = [each for each in report.proposals if each.plan.key == KEY]
    assert len(fix.plan.reasons) == 1


async def test_a_release_that_needs_another_python_is_none() -> None:
    newer = replace(jinja2("3.1.4")[0], requires_python=">=3.13")
    offers = Offers(packages=(*jinja2("3.1.2"), newer))

    [sentence] = held(await scanned(guarded(offers), pixi(offers.packages[0], lines='jinja2 = "*"\n')))

    assert sentence.endswith("jinja2 3.1.4 needs python >=3.13, and the environment has 3.12.4")


PIP = """\
name: web
channels: [conda-forge]
platforms: [linux-64]
dependencies:
  - python=3.12
  - pip:
      - {}
"""


def pip(*lines: str) -> dict[str, bytes]:
    return encoded({"environment.yml": PIP.format("\n      - ".join(lines))})


async def test_a_line_of_pip_that_no_lock_holds_moves_to_the_lowest_that_resolves() -> None:
    offers = Offers(packages=(*jinja2(needs={"3.1.4": ("other>=2",)}), wheel("other", "1.0")))

    report = await scanned(guarded(offers), pip("jinja2==3.1.2  # ours", "other==1.0"))

    assert mended(report) == [(KEY, "3.2.0")]
    [fix] = [each for each in report.proposals if each.plan.key == KEY]
    assert fix.files["environment.yml"].splitlines()[-2:] == ["      - jinja2==3.2.0  # ours", "      - other==1.0"]
    assert "jinja2 3.1.4 would do, but does not solve" in fix.plan.reasons
    assert (fix.solved, [each.changes for each in fix.diffs]) == (1, [()])
    told = body(fix, Told(base="", now=NOW), 60_000)
    assert "**Solved 1/1**" in told
    assert NOT_SOLVED not in told
    assert report.advisories is not None
    assert [each.exposure for each in report.advisories.verdicts] == [Exposure.AFFECTED]


async def test_a_line_of_pip_for_which_nothing_resolves_is_held_with_what_is_in_the_way() -> None:
    needs = dict.fromkeys(("3.1.4", "3.2.0"), ("other>=2",))
    offers = Offers(packages=(*jinja2(needs=needs), wheel("other", "1.0"), wheel("other", "2.0")))

    report = await scanned(guarded(offers), pip("jinja2==3.1.2", "other==1.0"))

    assert mended(report) == []
    [sentence] = held(report)
    assert "needs other ==1.0, and 2.0 is there" in sentence


async def test_a_line_that_admits_what_is_fixed_is_not_spoken_of() -> None:
    report = await scanned(guarded(Offers(packages=jinja2())), pip("jinja2>=3.1"))

    assert (mended(report), held(report)) == ([], [])


async def test_beside_lines_that_cannot_be_had_the_lowest_is_for_pip_to_try() -> None:
    offers = Offers(packages=(replace(jinja2("3.1.2")[0], requires_dist=("nowhere",)), *jinja2("3.1.4", "3.2.0")))

    report = await scanned(guarded(offers), pip("jinja2==3.1.2"))

    assert mended(report) == [(KEY, "3.1.4")]
    [fix] = [each for each in report.proposals if each.plan.key == KEY]
    assert NOT_SOLVED in body(fix, Told(base="", now=NOW), 60_000)


async def test_a_line_outside_of_any_environment_moves_to_the_lowest() -> None:
    text = "# renovate: datasource=pypi depName=jinja2\nENV JINJA2=3.1.2\n"

    report = await scanned(guarded(Offers(packages=jinja2())), {"Dockerfile": text.encode()})

    assert mended(report) == [(KEY, "3.1.4")]


async def test_a_conda_lock_moves_too() -> None:
    def hashed(each: PypiPackage) -> PypiPackage:
        return replace(each, sha256=digest(each.url))

    text = PIP.format("jinja2>=3,<4")
    offers = Offers(packages=tuple(map(hashed, jinja2())))
    content = HashRequest(sources=(SourceFile(path="x", text=text),), platforms=(LINUX,))
    hashes = {LINUX: TextHasher.hash_of(content, LINUX)}
    conda = [entry(each) for each in (package("pip", "24.0.0"), package("python", "3.12.4"))]
    lock = lock_text(*conda, pip_entry(offers.packages[0]), hashes=hashes)
    files = encoded({"environment.yml": text, "conda-lock.yml": lock})

    report = await scanned(guarded(offers, package("python", "3.12.4"), package("pip", "24.0.0")), files)

    [fix] = [each for each in report.proposals if each.plan.key == KEY]
    expected = lock_text(*conda, pip_entry(offers.packages[2]), hashes=hashes)
    assert fix.files == {"conda-lock.yml": expected}


NEEDS = st.sampled_from(["", "other>=2", "other<2", "other!=1", "nowhere", "third"])
PINS = st.sampled_from(["*", "<2", ">=1"])


@settings(max_examples=30)
@given(
    needs=st.lists(NEEDS, min_size=4, max_size=4),
    fixed=st.sampled_from(VERSIONS[1:]),
    pin=PINS,
    third_needs=st.booleans(),
)
async def test_it_is_the_lowest_of_all_that_are_fixed_and_resolve(
    needs: list[str], fixed: str, pin: str, *, third_needs: bool
) -> None:
    """Every combination of releases is looked at, without a resolver and without the code under test."""
    others = wheel("other", "1"), wheel("other", "2"), wheel("third", "1", *(["other>=2"] if third_needs else []))
    every = jinja2(needs={version: filter(None, [need]) for version, need in zip(VERSIONS, needs, strict=True)})
    every = (replace(every[0], requires_dist=()), *every[1:])
    offers = Offers(packages=(*every, *others))

    report = await scanned(
        guarded(offers, fixed=fixed), pixi(every[0], others[0], lines=f'jinja2 = "*"\nother = "{pin}"\n')
    )

    expected = lowest_by_trying_all(every, others, fixed, pin)
    assert mended(report) == ([(KEY, expected)] if expected else [])
    assert bool(held(report)) == (not expected)


def lowest_by_trying_all(
    jinja2s: Sequence[PypiPackage], others: Sequence[PypiPackage], fixed: str, pin: str
) -> str | None:
    """Return the lowest release that is fixed and fits in some choice of everything else."""
    choices = list(product(others[:2], (*others[2:], None)))
    for each in jinja2s:
        if each.version >= fixed and any(_fits(each, other, third, pin) for other, third in choices):
            return each.version
    return None


def _fits(jinja2: PypiPackage, other: PypiPackage, third: PypiPackage | None, pin: str) -> bool:
    there = {each.name: each.version for each in (jinja2, other, third) if each}
    texts = [f"other{pin.replace('*', '')}", *jinja2.requires_dist, *(third.requires_dist if third else ())]
    asked = map(Requirement, texts)
    return all(each.name in there and each.specifier.contains(there[PackageName(each.name)]) for each in asked)
