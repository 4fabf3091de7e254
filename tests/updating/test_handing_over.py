"""What a repository hands over: environments of its locks, by names of their own, to targets that the operator has."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
import yaml

from bot import lockfiles
from bot.config.tables import HandOverSettings
from bot.model.bundle import TargetKind
from bot.model.environment import Workspace
from bot.model.manifest import PackageName
from bot.model.package import Lock, PypiPackage
from bot.updating.handing_over import Bundles, bundles
from tests.planning.toy import record
from tests.updating.test_scan import pixi_lock

A1, A2, B = record("alpha", "1.0"), record("alpha", "2.0"), record("beta", "1.0")
TEXT = pixi_lock((A1,), (A1, B))
TEAM = {"team": TargetKind.CONDA_STORE}


def locked(text: str, path: str = "pixi.lock") -> Lock:
    return lockfiles.parse(path, text.encode())


def handed(
    *asked: HandOverSettings, locks: tuple[Lock, ...] = (locked(TEXT),), targets: Mapping[str, TargetKind] = TEAM
) -> Bundles:
    workspaces = [Workspace(manifests=(), lock=each, environments=()) for each in locks]
    return bundles(dict.fromkeys((each.path for each in locks), b""), workspaces, asked, targets)


def of_all(files: Mapping[str, bytes], asked: HandOverSettings) -> Bundles:
    """Return what is handed over to a target that takes all of a lock."""
    workspaces = [Workspace(manifests=(), lock=locked(TEXT, asked.lock), environments=())]
    return bundles(files, workspaces, [asked], {"team": TargetKind.OCI})


def to_team(lock: str = "pixi.lock", *environments: str) -> HandOverSettings:
    return HandOverSettings(target="team", lock=lock, environments=environments)


def packages_of(found: Bundles, key: str) -> set[str]:
    """Return the URLs of the packages that the bundle *key* has."""
    document = yaml.safe_load(found.held[key].file("conda-lock.yml"))
    return {each["url"] for each in document["package"]}


def test_every_environment_is_a_bundle_with_its_own_packages() -> None:
    found = handed(to_team())

    assert list(found.held) == ["team", "team test"]
    assert found.sentences == ()
    assert packages_of(found, "team") == {A1.url}
    assert packages_of(found, "team test") == {A1.url, B.url}


def test_only_what_is_named_is_one() -> None:
    assert list(handed(to_team("pixi.lock", "test")).held) == ["team test"]


@pytest.mark.parametrize(
    ("path", "key"),
    [("pixi.lock", "team test"), ("a/b c/pixi.lock", "team a-b-c-test"), (".x/pixi.lock", "team .x-test")],
)
def test_it_is_called_by_folder_and_environment(path: str, key: str) -> None:
    found = handed(to_team(path, "test"), locks=(locked(TEXT, path),))

    assert [each.bundle.key for each in found.held.values()] == [key]


@pytest.mark.parametrize(
    ("after", "changed"),
    [
        pytest.param(pixi_lock((A2,), (A1, B)), ["team"], id="a package of one environment"),
        pytest.param(pixi_lock((A1,), (A1,)), ["team test"], id="one less"),
        pytest.param(f"# a remark\n{TEXT}", [], id="nothing that is installed"),
    ],
)
def test_it_is_another_one_if_what_is_installed_is(after: str, changed: list[str]) -> None:
    before, now = handed(to_team()), handed(to_team(), locks=(locked(after),))

    digests = [{key: each.bundle.digest for key, each in found.held.items()} for found in (before, now)]
    assert [key for key in digests[0] if digests[0][key] != digests[1][key]] == changed


def test_what_it_has_no_place_for_is_named() -> None:
    lock = locked(TEXT)
    folder = PypiPackage(name=PackageName("app"), version="", url="./")
    default = replace(
        lock.environments[0],
        pypi={"linux-64": (folder,)},
        sources={"linux-64": (replace(A1, name=PackageName("built")),)},
    )

    found = handed(to_team("pixi.lock", "default"), locks=(replace(lock, environments=(default,)),))

    assert [each.bundle.without for each in found.held.values()] == [("app", "built")]


@pytest.mark.parametrize(
    ("asked", "targets", "sentence"),
    [
        pytest.param(to_team(), {}, "no target of that name here; it has none", id="no target"),
        pytest.param(to_team(), {"b": TargetKind.CONDA_STORE}, "it has b", id="another target"),
        pytest.param(to_team("x/pixi.lock"), TEAM, "there is no such lock", id="no lock"),
        pytest.param(to_team("pixi.lock", "gpu"), TEAM, "no environment 'gpu'", id="no environment"),
    ],
)
def test_what_cannot_be_handed_over_is_said(
    asked: HandOverSettings, targets: Mapping[str, TargetKind], sentence: str
) -> None:
    found = handed(asked, targets=targets)

    assert found.held == {}
    [said] = found.sentences
    assert said.startswith(f"not handed over to team: {asked.lock}: ")
    assert sentence in said


def test_a_target_that_takes_all_gets_manifest_and_lock_as_they_are() -> None:
    files = {"tools/pixi.toml": b"[workspace]\n", "tools/pixi.lock": TEXT.encode()}

    found = of_all(files, to_team("tools/pixi.lock"))

    [held] = found.held.values()
    assert (held.bundle.key, held.bundle.files) == ("team tools", ("pixi.toml", "pixi.lock"))
    assert {f"tools/{name}": held.file(name) for name in held.bundle.files} == files
    other = of_all({**files, "tools/pixi.toml": b"# a remark\n"}, to_team("tools/pixi.lock"))
    assert other.held["team tools"].bundle.digest != held.bundle.digest


@pytest.mark.parametrize(
    ("files", "asked", "sentence"),
    [
        ({"pixi.lock": TEXT.encode()}, to_team(), "takes a pixi.lock with a pixi.toml beside it"),
        ({"pixi.toml": b"", "pixi.lock": TEXT.encode()}, to_team("pixi.lock", "test"), "leave `environments` out"),
    ],
)
def test_what_such_a_target_does_not_take_is_said(
    files: Mapping[str, bytes], asked: HandOverSettings, sentence: str
) -> None:
    found = of_all(files, asked)

    assert found.held == {}
    assert sentence in found.sentences[0]


def test_two_that_would_have_one_name_are_not_both_handed_over() -> None:
    other = locked(pixi_lock((B,), (B,)), "test/pixi.lock")

    found = handed(to_team("pixi.lock", "test"), to_team("test/pixi.lock", "default"), locks=(locked(TEXT), other))

    assert packages_of(found, "team test") == {A1.url, B.url}
    assert "would be the name of two" in found.sentences[0]
