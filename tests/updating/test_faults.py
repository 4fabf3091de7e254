"""A fault stays where it is: nothing that one file does takes away what others get, and each is said."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import errors
from bot.composition.channels import channel_resolver
from bot.egress import EgressPolicy
from bot.lockfiles import base
from bot.model.audit import Mismatch
from bot.model.manifest import ChannelPriority, PackageName, Subdir
from bot.model.package import Channel, Record
from bot.model.report import DependencyStatus, Problem, ScanReport, Standing
from bot.model.solve import SolveRequest, SolveResult
from bot.model.update import Lookup, Proposal
from bot.settings import ChannelSettings
from bot.updating.scan import Scanner
from bot.workspaces import ResolveChannel
from tests.planning.toy import record
from tests.updating.test_scan import ALPHA, CORE, PIXI_TOML, pixi_lock
from tests.updating.toy import Toy, scanner

BOMB = tuple(record("bomb", version) for version in ("1.0", "2.0"))
BETA = record("beta", "1.0")
RECORDS = (*ALPHA, *CORE, *BOMB, BETA)

ENVIRONMENT = """\
channels: [conda-forge]
platforms: [linux-64]
dependencies:
  - alpha=1.0
"""
FEW = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
alpha = "1.0.*"
"""
GOOD: Mapping[str, str] = {
    "environment.yml": ENVIRONMENT,
    "a/environment.yml": ENVIRONMENT.replace("[conda-forge]", "[conda-forge, nodefaults]"),
    "b/pixi.toml": PIXI_TOML.replace('["conda-forge"]', '["conda-forge", "nodefaults"]'),
    "c/pixi.toml": FEW,
    "c/pixi.lock": pixi_lock((ALPHA[0],), ()).partition("  test:")[0] + f"packages:\n- conda: {ALPHA[0].url}\n",
    "d/anaconda-project.yml": "channels: [conda-forge]\nplatforms: [linux-64]\npackages: ['alpha=1.0']\n",
    "e/environment.yml": ENVIRONMENT.replace("[conda-forge]", "[defaults]"),
    "f/environment.yml": ENVIRONMENT.partition("\n")[2],
}
"""Files in which alpha can move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A folder with something wrong: where it is said, in which words, and what is raised for it."""

    files: Mapping[str, bytes]
    at: tuple[str, int | None]
    words: str
    raises: type[errors.CondabotError] = errors.ManifestError


def _file(name: str, text: str | bytes, line: int | None, words: str, **more: type[errors.CondabotError]) -> Bad:
    content = text if isinstance(text, bytes) else text.encode()
    return Bad(files={name: content}, at=(name, line), words=words, **more)


def _channel(written: str, words: str) -> Bad:
    text = f"channels:\n  - conda-forge\n  - {written}\nplatforms: [linux-64]\ndependencies:\n  - alpha=1.0\n"
    return _file("environment.yml", text, 3, words, raises=errors.EgressRefused)


def _lock(name: str, lock: str, text: str, line: int | None, words: str) -> Bad:
    manifest = FEW if name == "pixi.toml" else ENVIRONMENT
    files = {name: manifest.encode(), lock: text.encode()}
    return Bad(files=files, at=(lock, line), words=words, raises=errors.LockError)


BAD: Mapping[str, Bad] = {
    "a channel from a shell": _channel("$CHANNEL", "write the name or the URL of the channel"),
    "a channel in braces": _channel('"${CHANNEL}"', "write the name or the URL"),
    "a channel of Jinja": _channel('"{{ channel }}"', "write the name or the URL"),
    "a channel that is a path": _channel("./channel", "name it by its URL instead"),
    "a channel that is an absolute path": _channel("/srv/channel", "name it by its URL instead"),
    "a channel in a home": _channel("~/channel", "name it by its URL instead"),
    "a channel of Windows": _channel(r"C:\channel", "name it by its URL instead"),
    "a local channel": _channel("local", "name it by its URL instead"),
    "a file: channel": _channel("file:///srv/channel", "must be an https URL"),
    "an s3: channel": _channel("s3://bucket/channel", "CONDABOT_CREDENTIALS_FILE has no key for it"),
    "an oci: channel": _channel("oci://ghcr.example/channel", "CONDABOT_MIRRORS names no mirror of it"),
    "a plain http channel": _channel("http://conda.example/x", "https"),
    "a channel of a host that is not called": _channel("https://conda.example/x", "its operator can allow it"),
    "a channel with a query": _channel("https://prefix.dev/x?token=1", "must not have a query"),
    "a channel without a name": _channel('""', "is neither the name of a channel nor a URL"),
    "a channel with blanks": _channel("my channel", "is neither the name of a channel nor a URL"),
    "a channel of dots": _channel("a/../b", "is neither the name of a channel nor a URL"),
    "a channel that is a number": _file(
        "environment.yml", ENVIRONMENT.replace("[conda-forge]", "\n  - conda-forge\n  - 1.5"), 3, "put it in quotes"
    ),
    "a channel that is a table": _file(
        "environment.yml", ENVIRONMENT.replace("[conda-forge]", "\n  - url: x"), 2, "must be a list of texts"
    ),
    "a channel of a line": _file(
        "environment.yml", f"{ENVIRONMENT}  - /srv/x::core\n".replace("/srv/x", "local"), 5, "by its URL instead"
    ),
    "a platform that is none": _file(
        "environment.yml", ENVIRONMENT.replace("linux-64", "linux-64, linux-46"), 2, "is no conda platform"
    ),
    "a platform of a pixi manifest that is none": _file(
        "pixi.toml", FEW.replace('"linux-64"', '"linux-46"'), 3, "is no conda platform"
    ),
    "a path as a channel of a pixi manifest": _file(
        "pixi.toml", FEW.replace('["conda-forge"]', '[\n"conda-forge",\n"./channel"]'), 4, "name it by its URL instead"
    ),
    "a feature that is none": _file(
        "pixi.toml", FEW + '[environments]\ndefault = ["nowhere"]\n', 8, "correct the name, or add the feature"
    ),
    "a cut-off that is none": _file(
        "pixi.toml", FEW.replace("platforms", 'exclude-newer = "soon"\nplatforms'), 3, "such as 2026-01-31"
    ),
    "YAML that is none": _file("environment.yml", "dependencies: [\n  - x: ]\n", 2, "is not YAML"),
    "a merge conflict": _file(
        "environment.yml",
        f"{ENVIRONMENT}<<<<<<< HEAD\n  - core=1.0\n=======\n  - core=1.1\n>>>>>>> main\n",
        5,
        "resolve the conflict",
    ),
    "a merge conflict in TOML": _file("pixi.toml", f"{FEW}<<<<<<< HEAD\n", 7, "resolve the conflict"),
    "TOML that is none": _file("pixi.toml", f"{FEW}alpha = = 1\n", 7, "is not TOML"),
    "another encoding": _file("environment.yml", ENVIRONMENT.encode("utf-16"), None, "save it as UTF-8"),
    "bytes that are no text": _file("environment.yml", ENVIRONMENT.encode() + b"# \xff\n", 5, "save it as UTF-8"),
    "two lists of dependencies": _file(
        "environment.yml", f"{ENVIRONMENT}dependencies: [core]\n", 5, "merge the two lists"
    ),
    "an inheritance of nothing": _file(
        "anaconda-project.yml",
        "packages: [alpha]\nenv_specs:\n  x:\n    inherit_from: nowhere\n",
        None,
        "is no env spec of this file",
    ),
    "a pixi.lock that is no YAML": _lock("pixi.toml", "pixi.lock", "version: [\n", 2, "YAML"),
    "a pixi.lock of another time": _lock("pixi.toml", "pixi.lock", "version: 99\n", 1, "version"),
    "a pixi.lock in conflict": _lock("pixi.toml", "pixi.lock", "version: 6\n<<<<<<< HEAD\n", 2, "resolve the conflict"),
    "a conda-lock.yml that is none": _lock("environment.yml", "conda-lock.yml", "version: 1\n", 1, "metadata"),
}

KINDS: Mapping[type[errors.CondabotError], str] = {
    errors.ManifestError: "YAML that is none",
    errors.LockError: "a pixi.lock that is no YAML",
    errors.EgressRefused: "a local channel",
}
"""For each error that reading a file can raise, a bad file for which it is."""

NOT_OF_FILES: Mapping[type[errors.CondabotError], str] = {
    errors.BadInput: "what its kinds have in common; where no kind is known it is caught with them",
    errors.SpecError: "a line that is no spec is left alone with its reason, and never refused",
    errors.SettingsError: "of the operator, before anything is read",
    errors.ConfigurationError: "of `.github/condabot.yml`: nothing is done there, on purpose",
    errors.ChannelError: "of a channel: its packages are unknown, see tests/datasources",
    errors.SolverFailed: "of the solver: a unit is not solved, see tests/relock",
    errors.InspectionStopped: "of a whole repository: nothing more is done there, see tests/inspecting",
    errors.LeaseLost: "of the database",
    errors.GitHubError: "of GitHub",
    errors.RefMoved: "of GitHub",
    errors.GitHubUnavailable: "of GitHub",
    errors.AnswerLost: "of GitHub",
    errors.HandOverFailed: "of a target that takes what was done, see tests/handover",
    errors.EditError: "a defect of ours, see below",
    errors.LockRejected: "of a lock that was written: nothing is published any more, see tests/jobs",
    errors.RewriteRefused: "of a rewrite: its proposal is not made",
}


def resolver() -> ResolveChannel:
    return channel_resolver(ChannelSettings(), EgressPolicy())


def scanning(toy: Toy) -> Scanner:
    return replace(scanner(toy), resolve=resolver())


def content(texts: Mapping[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in texts.items()}


def under(folder: str, bad: Bad) -> dict[str, bytes]:
    return {f"{folder}/{name}": text for name, text in bad.files.items()}


def by_key(report: ScanReport) -> dict[str, Proposal]:
    return {each.plan.key: each for each in report.proposals}


async def test_all_good_files_get_a_proposal() -> None:
    report = await scanning(Toy(*RECORDS)).scan(content(GOOD), {})

    changed = {path for each in report.proposals for path in each.files}
    assert changed == GOOD.keys() - {"b/pixi.lock"}
    assert report.problems == ()


@pytest.mark.parametrize("name", BAD)
async def test_each_bad_file_is_a_problem_with_file_line_and_what_to_do(name: str) -> None:
    bad = BAD[name]

    report = await scanning(Toy(*RECORDS)).scan(under("x", bad), {})

    path, line = bad.at
    assert report.proposals == ()
    assert [(each.path, each.line) for each in report.problems] == [(f"x/{path}", line)]
    assert bad.words in report.problems[0].sentence
    assert not report.problems[0].defect


@pytest.mark.parametrize("name", BAD)
async def test_its_lines_say_the_same(name: str) -> None:
    report = await scanning(Toy(*RECORDS)).scan(under("x", BAD[name]), {})

    unknown = [each for each in report.statuses if each.standing is Standing.UNKNOWN]
    assert unknown == list(report.statuses)
    assert {each.reason for each in unknown} <= {each.sentence for each in report.problems}


@settings(max_examples=60, deadline=None)
@given(data=st.data())
async def test_bad_files_change_no_proposal_for_good_ones(data: st.DataObject) -> None:
    """Whatever the good files, the bad ones beside them, in their folders or in others, and the order of all."""
    good = data.draw(st.lists(st.sampled_from(sorted(GOOD)), unique=True), label="good")
    names = data.draw(st.lists(st.sampled_from(sorted(BAD)), min_size=1, unique=True), label="bad")
    files = content({path: GOOD[path] for path in good})
    bad = {path: text for number, name in enumerate(names) for path, text in under(f"bad-{number}", BAD[name]).items()}
    together = data.draw(st.permutations([*files.items(), *bad.items()]), label="order")

    alone = await scanning(Toy(*RECORDS)).scan(files, {})
    report = await scanning(Toy(*RECORDS)).scan(dict(together), {})

    assert by_key(report) == by_key(alone)
    assert {each.path.partition("/")[0] for each in report.problems} >= {f"bad-{n}" for n, _ in enumerate(names)}
    assert [each for each in report.statuses if each.manifest in files] == list(alone.statuses)


@pytest.mark.parametrize("name", [name for name, bad in BAD.items() if [*bad.files] == ["environment.yml"]])
async def test_nor_do_they_in_the_same_folder(name: str) -> None:
    files = content({path: GOOD[path] for path in ("environment.yml", "c/pixi.toml", "c/pixi.lock")})
    alone = await scanning(Toy(*RECORDS)).scan(files, {})

    (text,) = BAD[name].files.values()
    report = await scanning(Toy(*RECORDS)).scan({"environment-bad.yml": text, **files}, {})

    assert by_key(report) == by_key(alone)
    assert "environment-bad.yml" in {each.path for each in report.problems}


def _kinds(kind: type[errors.CondabotError]) -> Iterator[type[errors.CondabotError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds(each)


def test_every_kind_of_error_has_a_bad_file_or_a_reason_why_not() -> None:
    assert set(_kinds(errors.CondabotError)) == KINDS.keys() | NOT_OF_FILES.keys()
    assert KINDS.keys().isdisjoint(NOT_OF_FILES)


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_file_is_bad_for_the_reason_that_it_stands_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[BaseException | None] = []

    def noted(path: str, error: Exception) -> Problem:
        raised.extend((error, error.__cause__))
        return problem_of(path, error)

    problem_of = base.problem_of
    monkeypatch.setattr(base, "problem_of", noted)

    await scanning(Toy(*RECORDS)).scan(under("x", BAD[name]), {})

    assert any(isinstance(each, BAD[name].raises) for each in raised)


def test_the_bad_file_of_a_kind_is_of_that_kind() -> None:
    assert {kind: BAD[name].raises for kind, name in KINDS.items()} == {kind: kind for kind in KINDS}


SOME = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]

[feature.good.dependencies]
alpha = "1.0.*"

[feature.bad]
channels = ["./channel"]
[feature.bad.dependencies]
core = "1.0.*"

[environments]
good = { features = ["good"], no-default-feature = true }
bad = { features = ["bad"], no-default-feature = true, solve-group = "bad" }
with-it = { features = ["good"], no-default-feature = true, solve-group = "bad" }
unknown = ["nowhere"]
"""


async def test_an_environment_that_cannot_be_made_takes_only_itself_and_its_solve_group() -> None:
    report = await scanning(Toy(*RECORDS)).scan(content({"pixi.toml": SOME}), {})

    assert moved(report) == {"alpha"}
    assert [(each.line, each.sentence.partition("; not judged because of this: ")[2]) for each in report.problems] == [
        (9, "bad, with-it"),
        (17, "unknown"),
    ]
    assert {each.name: each.standing for each in report.statuses} == {
        "alpha": Standing.UPDATE,
        "core": Standing.UNKNOWN,
    }
    assert "is a path" in reason(report, "core")


async def test_a_line_that_it_shares_stays_where_it_is_locked_with_it() -> None:
    shared = PIXI_TOML.replace('test = { features = ["test"], solve-group = "all" }', 'test = ["test", "nowhere"]')
    locked = pixi_lock((ALPHA[0], BETA), (ALPHA[0], BETA, CORE[0]))

    report = await scanning(Toy(*RECORDS)).scan(content({"pixi.toml": shared, "pixi.lock": locked}), {})

    assert [sorted(each.files) for each in report.proposals] == []
    assert reason(report, "alpha") == 'unjudged: "test" is locked with it and cannot be judged'


async def test_an_environment_that_does_not_solve_takes_only_itself_and_its_lines_say_so() -> None:
    environment = '[environments.x]\nfeatures = ["x"]\nno-default-feature = true\n'
    unsolvable = f'{FEW}[feature.x.dependencies]\ncore = "1.*"\nneedy = "*"\n{environment}'
    needy = record("needy", "1.0", "core >=9")

    report = await scanning(Toy(*RECORDS, needy)).scan(content({"pixi.toml": unsolvable}), {})

    assert moved(report) == {"alpha"}
    assert reason(report, "core").startswith("x on linux-64 does not solve as it stands")


def moved(report: ScanReport) -> set[str]:
    return {each.name for proposal in report.proposals for each in proposal.plan.updates}


def reason(report: ScanReport, name: str) -> str:
    found: list[DependencyStatus] = [each for each in report.statuses if each.name == name]
    return found[0].reason


class Faulty(Toy):
    """A toy channel on which something of ours breaks wherever `bomb` is asked about."""

    def __init__(
        self, *, solves: bool = False, searches: bool = False, looks_up: bool = False, finds: bool = False
    ) -> None:
        super().__init__(*RECORDS)
        self.solves, self.searches, self.looks_up, self.finds = solves, searches, looks_up, finds

    async def solve(self, request: SolveRequest) -> SolveResult:
        asked = [each for each in request.specs if each.startswith("bomb")]
        if asked and (self.solves or (self.searches and "1.0" not in asked[0])):
            raise KeyError("bomb")
        return await super().solve(request)

    async def releases(
        self,
        channels: Sequence[Channel],
        subdirs: Sequence[Subdir],
        names: Sequence[PackageName],
        priority: ChannelPriority,
    ) -> Mapping[PackageName, Lookup]:
        if self.looks_up and channels[0].name == "bioconda":
            raise KeyError("bomb")
        return await super().releases(channels, subdirs, names, priority)

    async def find(self, records: Sequence[Record], channels: Sequence[Channel]) -> Sequence[Mismatch]:
        if self.finds and any(each.name == "bomb" for each in records):
            raise KeyError("bomb")
        return await super().find(records, channels)


BOMBED = ENVIRONMENT.replace("alpha", "bomb").replace("[conda-forge]", "[bioconda]")
LOCKED_BOMB = {
    "x/pixi.toml": FEW.replace("alpha", "bomb"),
    "x/pixi.lock": GOOD["c/pixi.lock"].replace("alpha", "bomb"),
}


@pytest.mark.parametrize(
    ("toy", "files"),
    [
        pytest.param(Faulty(solves=True), {"x/environment.yml": BOMBED}, id="a survey"),
        pytest.param(Faulty(searches=True), {"x/environment.yml": BOMBED}, id="a search"),
        pytest.param(Faulty(looks_up=True), {"x/environment.yml": BOMBED}, id="a lookup"),
        pytest.param(Faulty(finds=True), LOCKED_BOMB, id="a proposal"),
    ],
)
async def test_a_defect_of_ours_stays_where_it_is(toy: Faulty, files: Mapping[str, str]) -> None:
    alone = await scanning(Toy(*RECORDS)).scan(content(GOOD), {})

    report = await scanning(toy).scan(content({**files, **GOOD}), {})

    assert by_key(report) == by_key(alone)
    (defect,) = [each for each in report.problems if each.defect]
    assert defect.sentence.startswith("a defect of condabot keeps this from being judged (KeyError: 'bomb')")


@pytest.mark.parametrize("place", ["bot.updating.read.reading.compose", "bot.manifests.environment_yml.read_yaml"])
async def test_a_defect_while_a_file_is_read_is_said_and_logged(
    place: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    good = content({path: GOOD[path] for path in ("c/pixi.toml", "c/pixi.lock")})
    alone = await scanning(Toy(*RECORDS)).scan(good, {})

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("boom\nand more")

    monkeypatch.setattr(place, broken)
    with caplog.at_level(logging.ERROR):
        report = await scanning(Toy(*RECORDS)).scan({"x/environment.yml": ENVIRONMENT.encode(), **good}, {})

    assert [each.path for each in report.problems] == ["x/environment.yml"]
    assert report.problems[0].sentence == (
        "a defect of condabot keeps this from being judged (ZeroDivisionError: boom); please report it, with this file"
    )
    assert "Traceback" in caplog.text
    assert by_key(report) == by_key(alone)
