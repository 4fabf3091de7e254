"""What changes between two states of a repository: the same as in a pull request of the App, and more kinds of it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest

from bot import lockfiles
from bot.lockfiles.floors import floors
from bot.model.package import Channel
from bot.model.state_diff import LineChange, StateDiff
from bot.model.update import ChangeKind, FloorChange, LockDiff, PackageChange
from bot.updating.states import diff_states, diff_two_locks
from fixtures.case import Case
from tests.cases.outcomes import known_outcome
from tests.cases.test_cases import CASES
from tests.conda_locks import entry, lock_text, package
from tests.planning.toy import FORGE, LINUX, record
from tests.updating.survey.test_in_step import CLICK, DOCS, MANIFEST, OLD_CLICK, lock
from tests.updating.toy import Toy, scanner

NEW_DOCS = record("docs", "1.7", "click >=7", "__glibc >=2.28,<3.0.a0")
BEFORE = {"pixi.toml": MANIFEST, "pixi.lock": lock(DOCS, OLD_CLICK)}
AFTER = {"pixi.toml": MANIFEST.replace("1.*", ">=1.7"), "pixi.lock": lock(NEW_DOCS, CLICK)}


def diff(before: Mapping[str, str], after: Mapping[str, str]) -> StateDiff:
    def resolve(name: str) -> tuple[Channel, ...]:
        return (replace(FORGE, name=name),)

    reader = replace(scanner(Toy()), resolve=resolve).reader
    old, new = ({path: text.encode() for path, text in files.items()} for files in (before, after))
    return diff_states(old, new, reader)


def moves(found: StateDiff) -> list[tuple[str, str, str | None, str | None, bool]]:
    changes = [(each.lock, change) for each in found.locks for change in each.changes]
    return [(lock, each.name, each.old_version, each.new_version, each.direct) for lock, each in changes]


def test_packages_lines_and_what_machines_need() -> None:
    found = diff(BEFORE, AFTER)

    assert moves(found) == [("pixi.lock", "click", "8.2", "8.3", True), ("pixi.lock", "docs", "1.6", "1.7", True)]
    assert found.lines == (LineChange(manifest="pixi.toml", line=6, name=DOCS.name, old="1.*", new=">=1.7"),)
    assert found.floors == (
        FloorChange(lock="pixi.lock", environment="default", platform=LINUX, name="__glibc", old=None, new="2.28"),
    )


def test_two_equal_states_have_no_difference() -> None:
    assert diff(BEFORE, BEFORE).is_empty


def test_a_lock_that_is_new_or_gone_has_all_its_packages_added_or_removed() -> None:
    there, gone = diff({"pixi.toml": MANIFEST}, BEFORE), diff(BEFORE, {"pixi.toml": MANIFEST})

    assert [each.kind for each in there.locks[0].changes] == [ChangeKind.ADDED] * 2
    assert [each.kind for each in gone.locks[0].changes] == [ChangeKind.REMOVED] * 2


def test_an_environment_or_platform_that_is_gone_is_told() -> None:
    both = lock(DOCS, CLICK, platforms=("linux-64", "osx-arm64"))

    found = diff({"pixi.lock": both}, {"pixi.lock": lock(DOCS, CLICK)})

    assert [(each.platform, each.changes[0].kind) for each in found.locks] == [("osx-arm64", ChangeKind.REMOVED)]


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        pytest.param(MANIFEST, MANIFEST + 'x = "1.*"\n', None, "1.*", id="a new line"),
        pytest.param(MANIFEST + 'x = "1.*"\n', MANIFEST, "1.*", None, id="a line that is gone"),
        pytest.param(MANIFEST + 'x = "*"\n', MANIFEST + 'x = { version = "*", build = "cuda*" }\n', "*", "* cuda*",
                     id="another build"),
    ],
)  # fmt: skip
def test_lines_of_manifests(before: str, after: str, old: str | None, new: str | None) -> None:
    found = diff({"pixi.toml": before}, {"pixi.toml": after})

    assert [(each.name, each.line, each.old, each.new) for each in found.lines] == [("x", 8, old, new)]


ALPHA, ALPHA_2, CORE = package("alpha", "1.0.0", "core"), package("alpha", "2.0.0", "core"), package("core", "1.0.0")


def listed(*urls: str) -> str:
    return "\n".join(["# platform: linux-64", "@EXPLICIT", *urls, ""])


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        pytest.param("pixi.lock", lock(ALPHA, CORE), lock(ALPHA_2, CORE), id="pixi.lock"),
        pytest.param(
            "conda-lock.yml",
            lock_text(entry(ALPHA), entry(CORE)),
            lock_text(entry(ALPHA_2), entry(CORE)),
            id="conda-lock.yml",
        ),
        pytest.param(
            "spec-linux-64.txt", listed(ALPHA.url, CORE.url), listed(ALPHA_2.url, CORE.url), id="explicit list"
        ),
    ],
)
def test_every_format_is_compared_alone_as_in_a_repository(path: str, before: str, after: str) -> None:
    alone = diff_two_locks(*(lockfiles.parse(path, text.encode()) for text in (before, after)))

    assert moves(alone) == [(path, "alpha", "1.0.0", "2.0.0", False)]
    assert alone.locks == diff({path: before}, {path: after}).locks


def test_a_lock_that_cannot_be_read_is_a_problem_and_the_others_are_compared() -> None:
    found = diff({**BEFORE, "a/pixi.lock": "version: 6\n"}, {**AFTER, "a/pixi.lock": "<<<<<<< x\n"})

    assert [each.path for each in found.problems] == ["a/pixi.lock"]
    assert [each.lock for each in found.locks] == ["pixi.lock"]


@pytest.mark.parametrize(
    ("depends", "expected"),
    [
        (("__glibc >=2.17,<3.0.a0", "__glibc >=2.28"), {"__glibc": "2.28"}),
        (("__osx >=11.0", "__osx >=10.13"), {"__osx": "11.0"}),
        (("__glibc >=2.9", "__glibc >=2.17"), {"__glibc": "2.17"}),
        (("__cuda", "__unix", "python >=3"), {}),
        (
            ("__archspec 1.* x86_64_v3", "__archspec 1.* x86_64", "__archspec", "__archspec >=1"),
            {"__archspec": "x86_64_v3"},
        ),
        (("__archspec[version='1', build='zen4']",), {"__archspec": "zen4"}),
    ],
)
def test_floors(depends: tuple[str, ...], expected: Mapping[str, str]) -> None:
    assert floors([record("a", "1.0", *depends)]) == expected


def test_a_limit_is_a_floor_too() -> None:
    assert floors([replace(record("cuda-version", "12.0"), constrains=("__cuda >=12",))]) == {"__cuda": "12"}


def comparable(diffs: Iterable[LockDiff]) -> set[tuple[str, str, tuple[PackageChange, ...]]]:
    """Return *diffs* as far as every lock keeps it: a channel may know sizes and licences that a lock does not."""
    return {
        (each.environment, each.platform, tuple(map(plain, each.changes)))
        for each in diffs
        if each.changes and each.lock
    }


def plain(change: PackageChange) -> PackageChange:
    return replace(change, old_size=None, new_size=None, old_license=None, new_license=None)


@pytest.mark.parametrize("case", [pytest.param(each, id=each.name) for each in CASES])
async def test_it_agrees_with_every_pull_request_of_every_case(case: Case) -> None:
    """A pull request does not tell of environments and platforms that are gone, but of all that is solved."""
    outcome = await known_outcome(case)
    before = {path: content.decode() for path, content in outcome.at_once.files.items()}

    for proposal in (*outcome.scan.proposals, *outcome.at_once.report.proposals):
        found = diff(before, {**before, **proposal.files})

        assert not found.problems
        solved = {(each.environment, each.platform) for each in proposal.diffs}
        there = [each for each in found.locks if (each.environment, each.platform) in solved]
        gone = (change.kind for each in found.locks if each not in there for change in each.changes)
        assert comparable(there) == comparable(proposal.diffs)
        assert set(gone) <= {ChangeKind.REMOVED}
        specs = {(change.manifest, change.line) for each in proposal.plan.updates for change in each.changes}
        assert specs <= {(each.manifest, each.line) for each in found.lines}


ENVIRONMENT_YML = "channels: [conda-forge]\ndependencies:\n  - numpy=1.26\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("dependencies: [", "environment.yml:1: is not YAML", id="it is no YAML"),
        pytest.param("name: x\n", "environment.yml: has no list under `dependencies`", id="it asks for nothing"),
    ],
)
def test_lines_of_a_manifest_that_cannot_be_read_are_not_said_to_be_gone(text: str, sentence: str) -> None:
    one, other = {"environment.yml": ENVIRONMENT_YML}, {"environment.yml": text}

    for before, after in ((one, other), (other, one)):
        found = diff(before, after)
        assert found.lines == ()
        assert [str(each).startswith(sentence) for each in found.problems] == [True]


def test_lines_of_a_manifest_that_is_gone_are() -> None:
    found = diff({"environment.yml": ENVIRONMENT_YML}, {})

    assert [(each.name, each.old, each.new) for each in found.lines] == [("numpy", "=1.26", None)]
    assert found.problems == ()
