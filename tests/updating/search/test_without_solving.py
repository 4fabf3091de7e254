"""What a library asks of its users is widened by a whole scan: floors stay, exact versions stay, nothing is solved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.model.manifest import PackageName, Subdir
from bot.model.package import Channel, PypiFile, Record
from bot.model.report import DependencyStatus, ScanReport, Standing
from bot.model.update import Absent, Lookup, Release, Releases
from bot.planning.groups import Declined
from bot.updating.survey.indexes import PypiSource
from tests.planning.toy import NOW, record
from tests.updating.toy import Toy, scanner

PACKAGE = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
python = "3.12.*"

[package]
name = "mine"
version = "1.0"

[package.run-dependencies]
core = ">=1.2, <2.0a0"  # what we are tested with
bare = "*"
floor = ">=1"
exact = "==1.0"

[package.host-dependencies]
core = "1.*"
"""
RECORDS = (
    record("python", "3.12.1"),
    *(record("core", version) for version in ("1.2", "1.9", "2.3", "3.0rc1")),
    *(record(name, version) for name in ("bare", "floor", "exact") for version in ("1.0", "2.0")),
)
PYPROJECT = """\
[project]
name = "mine"
requires-python = ">=3.11"
dependencies = ["core>=1.2,<2", "bare", "exact==1.0", "near~=1.4"]

[project.optional-dependencies]
extra = ["core[fast] >= 1.2, < 2"]

[tool.pixi.workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]
"""
LOCK = """\
version: 6
environments:
  default:
    channels:
    - url: https://conda.anaconda.org/conda-forge/
    packages:
      linux-64:
      - conda: .
packages:
- conda: .
  name: mine
  version: '1.0'
  build: h0_0
  subdir: linux-64
"""
INDEX = Channel(name="the index", url="https://index.example/simple")


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A package index that is a table: versions by package; `silent` URLs know nothing. Remembers who was asked."""

    versions: Mapping[str, tuple[str, ...]]
    asked: list[tuple[str, ...]] = field(default_factory=list)

    async def releases(
        self, indexes: Sequence[Channel], subdirs: Sequence[Subdir], names: Sequence[PackageName]
    ) -> Mapping[PackageName, Lookup]:
        self.asked.append((*(each.url for each in indexes), *names))
        return {name: self._answer(name, subdirs) for name in names}

    def _answer(self, name: PackageName, subdirs: Sequence[Subdir]) -> Lookup:
        if name not in self.versions:
            return Absent(reason=f"No project is called {name} in the index.")
        wheel = PypiFile(name="any.whl", url="")
        old = NOW - timedelta(days=100)
        releases = (
            Release(version=each, subdirs=frozenset(subdirs), built=old, files=(wheel,)) for each in self.versions[name]
        )
        return Releases(channel=INDEX, releases=tuple(releases))


PACKAGES = dict.fromkeys(("core", "bare", "exact", "near"), ("1.0", "1.4", "2.3"))


async def scanned(
    files: Mapping[str, str],
    *records: Record,
    index: Index | None = None,
    declined: Declined | None = None,
) -> ScanReport:
    source = PypiSource(
        index=index or Index(versions=PACKAGES), resolve=lambda url: replace(INDEX, url=url) if url else INDEX
    )
    scan = replace(scanner(Toy(*(records or RECORDS))), pypi=source)
    return await scan.scan({path: text.encode() for path, text in files.items()}, declined or {})


def statuses(report: ScanReport, name: str) -> list[DependencyStatus]:
    return [each for each in report.statuses if each.name == name]


def standing(report: ScanReport, name: str) -> tuple[Standing, str]:
    [found] = statuses(report, name)
    return found.standing, found.reason


class TestPackage:
    """The tables of `[package]`."""

    async def test_caps_are_widened_in_their_own_form_and_nothing_else_changes(self) -> None:
        report = await scanned({"pixi.toml": PACKAGE})

        [proposal] = report.proposals
        text = PACKAGE.replace("<2.0a0", "<3.0a0").replace('core = "1.*"', 'core = "1.*|2.*"')
        assert proposal.files == {"pixi.toml": text}
        assert (proposal.plan.key, proposal.solved, proposal.diffs) == ("core-2.x", 0, ())
        assert [(each.current, each.target.version) for each in proposal.plan.updates] == [("1.9", "2.3")]
        assert proposal.plan.updates[0].environments == ()
        assert report.problems == ()

    async def test_every_line_says_where_it_stands(self) -> None:
        report = await scanned({"pixi.toml": PACKAGE})

        assert [each.standing for each in statuses(report, "core")] == [Standing.UPDATE, Standing.UPDATE]
        assert [(each.current, each.newest, each.reachable) for each in statuses(report, "core")] == [
            ("1.9", "2.3", "2.3")
        ] * 2
        assert standing(report, "floor") == (Standing.UP_TO_DATE, "")
        assert standing(report, "exact") == (
            Standing.LEFT_ALONE,
            "`==1.0` is left alone: a library that asks for an exact version means it",
        )

    async def test_a_package_that_no_channel_has_is_unknown(self) -> None:
        report = await scanned({"pixi.toml": PACKAGE}, record("python", "3.12.1"))

        assert report.proposals == ()
        assert {statuses(report, "core")[0].standing} == {Standing.UNKNOWN}

    @pytest.mark.parametrize(
        ("newest", "sentence"),
        [
            pytest.param(
                record("core", "2.3", age=timedelta(days=1)), "core 2.3 is 1 day old: due 2026-11-08", id="too young"
            ),
            pytest.param(
                record("core", "2.3", subdir="win-64"), "core 2.3 is not (yet) built for linux-64", id="elsewhere"
            ),
            pytest.param(
                replace(record("core", "2.3"), timestamp=None),
                "core 2.3 has no build date in the channel, so its age cannot be judged",
                id="of unknown age",
            ),
        ],
    )
    async def test_a_release_that_is_not_for_now_widens_nothing_yet(self, newest: Record, sentence: str) -> None:
        report = await scanned({"pixi.toml": PACKAGE}, record("python", "3.12.1"), record("core", "1.9"), newest)

        assert report.proposals == ()
        assert {(each.release, each.sentence) for each in report.held_back} == {("2.3", sentence)}
        assert {(each.standing, each.reason) for each in statuses(report, "core")} == {(Standing.HELD_BACK, sentence)}

    async def test_a_comment_holds_a_line_as_anywhere(self) -> None:
        text = PACKAGE.replace("# what we are tested with", "# breaks with 2")

        report = await scanned({"pixi.toml": text})

        [proposal] = report.proposals
        assert proposal.files == {"pixi.toml": text.replace('core = "1.*"', 'core = "1.*|2.*"')}
        assert [each.standing for each in statuses(report, "core")] == [Standing.UPDATE, Standing.LEFT_ALONE]

    async def test_what_was_declined_is_not_proposed_again(self) -> None:
        core = PackageName("core")

        assert (await scanned({"pixi.toml": PACKAGE}, declined={"core-2.x": {core: "2.3"}})).proposals == ()
        assert len((await scanned({"pixi.toml": PACKAGE}, declined={"core-2.x": {core: "2.0"}})).proposals) == 1

    async def test_a_lock_that_holds_what_is_built_from_source_keeps_everything_as_it_is(self) -> None:
        text = PACKAGE.replace('python = "3.12.*"', 'mine = { path = "." }')

        report = await scanned({"pixi.toml": text, "pixi.lock": LOCK})

        assert report.proposals == ()
        assert statuses(report, "core")[0].reason == (
            "pixi.lock holds what is built from source, and what that asks for; condabot builds nothing"
        )

    async def test_it_joins_the_update_of_the_same_package_and_line(self) -> None:
        environment = "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n  - core=1.9\n"

        report = await scanned({"pixi.toml": PACKAGE, "environment.yml": environment})

        [proposal] = report.proposals
        assert sorted(proposal.files) == ["environment.yml", "pixi.toml"]
        assert [each.environments for each in proposal.plan.updates] == [("default",), ()]

    async def test_a_local_update_takes_it_along(self) -> None:
        files = {"pixi.toml": PACKAGE.encode()}

        everything = await scanner(Toy(*RECORDS)).scan_at_once(files, ())
        other = await scanner(Toy(*RECORDS)).scan_at_once(files, [PackageName("python")])

        assert [each.plan.key for each in everything.proposals] == ["all"]
        assert other.proposals == ()


class TestProject:
    """`[project]` dependencies and extras in a workspace without a lock."""

    async def test_caps_are_widened_in_their_own_form(self) -> None:
        report = await scanned({"pyproject.toml": PYPROJECT})

        core, near = report.proposals
        assert core.files == {
            "pyproject.toml": PYPROJECT.replace("core>=1.2,<2", "core>=1.2,<3").replace(">= 1.2, < 2", ">= 1.2, < 3")
        }
        assert near.files == {"pyproject.toml": PYPROJECT.replace("near~=1.4", "near>=1.4,<3")}
        assert (core.plan.key, near.plan.key) == ("pypi-core-2.x", "pypi-near-2.x")
        assert standing(report, "exact") == (
            Standing.LEFT_ALONE,
            "`==1.0` is left alone: a library that asks for an exact version means it",
        )
        assert report.problems == ()

    async def test_a_line_moves_with_the_conda_package_that_brings_it(self) -> None:
        text = PYPROJECT + '[tool.pixi.dependencies]\ncore = "1.*"\n'

        report = await scanned({"pyproject.toml": text})

        proposal = next(each for each in report.proposals if each.plan.key == "core-2.x")
        assert '"core>=1.2,<3"' in proposal.files["pyproject.toml"]
        assert 'core = "2.*"' in proposal.files["pyproject.toml"]
        assert proposal.solved == 1
        assert statuses(report, "core")[0].standing is Standing.UPDATE

    async def test_a_line_that_cannot_be_widened_keeps_the_conda_package_in_range(self) -> None:
        text = PYPROJECT.replace("core>=1.2,<2", "core==1.9") + '[tool.pixi.dependencies]\ncore = "1.*"\n'

        report = await scanned({"pyproject.toml": text})

        assert "no line that asks for core can be changed to 2.3 in its own form" in {
            each.sentence for each in report.held_back
        }


CONSTRAINED = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
app = ">=1"

[constraints]
core = "<2"
open = ">=1"
other = "<1"
"""
APP = record("app", "1", "core", "open")


class TestConstraints:
    """Constraints of a workspace."""

    async def test_a_cap_is_widened_once_everything_solves_with_the_release(self) -> None:
        report = await scanned(
            {"pixi.toml": CONSTRAINED}, APP, *(record(n, v) for n in ("core", "open") for v in ("1.0", "2.5"))
        )

        [proposal] = report.proposals
        assert proposal.files == {"pixi.toml": CONSTRAINED.replace('core = "<2"', 'core = "<3"')}
        assert proposal.solved == 1
        assert standing(report, "core") == (Standing.UPDATE, "")
        assert standing(report, "open") == (Standing.UP_TO_DATE, "")
        assert standing(report, "other") == (Standing.LEFT_ALONE, "nothing in its environments asks for it")

    async def test_a_cap_that_something_needs_stays_and_says_why(self) -> None:
        records = (record("app", "1", "core <2"), record("core", "1.0"), record("core", "2.5"))

        report = await scanned({"pixi.toml": CONSTRAINED}, *records)

        assert report.proposals == ()
        assert standing(report, "core") == (
            Standing.HELD_BACK,
            "core 2.5 does not solve in 'default' on linux-64: app 1 needs core <2, and pixi.toml:6 asks for app >=1",
        )

    async def test_an_update_that_a_constraint_keeps_out_names_it(self) -> None:
        text = CONSTRAINED.replace('app = ">=1"', 'app = "1.*"').replace('core = "<2"', 'core = "<2"  # breaks with 2')
        apps = (record("app", "1", "core"), record("app", "2", "core >=2"))
        records = (*apps, record("core", "1.0"), record("core", "2.5"))

        report = await scanned({"pixi.toml": text}, *records)

        assert report.proposals == ()
        assert standing(report, "app")[1] == (
            "app 2 does not solve in 'default' on linux-64: app 2 needs core >=2, and pixi.toml:9 asks for core <2"
        )


class TestIndexes:
    """Where pixi looks for PyPI packages."""

    async def test_the_extra_indexes_are_asked_before_the_main_one_and_a_line_may_name_its_own(self) -> None:
        text = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]
[workspace.pypi-options]
index-url = "https://main.example"
[pypi-options]
extra-index-urls = ["https://extra.example"]
[dependencies]
python = "3.12.*"
[pypi-dependencies]
core = "==1.4"
near = { version = "==1.4", index = "https://own.example" }
"""
        index = Index(versions=PACKAGES)

        report = await scanned({"pixi.toml": text}, index=index)

        assert sorted(index.asked) == [
            ("https://extra.example", "https://main.example", "core"),
            ("https://own.example", "near"),
        ]
        assert [each.plan.key for each in report.proposals] == ["pypi-core-2.x", "pypi-near-2.x"]
        changes = [each for proposal in report.proposals for each in proposal.plan.updates[0].changes]
        assert [each.new for each in changes] == ["==2.3", "==2.3"]


async def test_a_line_of_the_pool_moves_for_all_who_inherit_it() -> None:
    text = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]
[workspace.dependencies]
core = "1.*"
[dependencies]
core = { workspace = true }
"""

    report = await scanned({"pixi.toml": text})

    [proposal] = report.proposals
    assert proposal.files == {"pixi.toml": text.replace('core = "1.*"', 'core = "2.*"')}
    assert {(each.line, each.standing) for each in report.statuses} == {
        (5, Standing.UPDATE),
        (7, Standing.LEFT_ALONE),
    }
