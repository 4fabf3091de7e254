"""Locks that condabot does not write are found beside their manifests, and read."""

import pytest

from bot.errors import ManifestError
from bot.manifests import extract, foreign_locks_of, is_foreign_lock, with_locked_elsewhere
from bot.model.manifest import LockedElsewhere, Manifest

LOCK = "a/anaconda-project-lock.yml"


def project() -> Manifest:
    manifest = extract("a/anaconda-project.yml", b"packages: [numpy=1.26]\n")
    assert manifest is not None
    return manifest


def test_a_lock_belongs_to_the_manifest_of_its_folder() -> None:
    paths = {LOCK, "anaconda-project-lock.yml", "b/anaconda-project-lock.yaml"}

    assert foreign_locks_of(paths, "a/anaconda-project.yml") == (LOCK,)
    assert foreign_locks_of(paths, "b/anaconda-project.yaml") == ("b/anaconda-project-lock.yaml",)
    assert foreign_locks_of(paths, "a/environment.yml") == ()


def test_a_lock_is_known_by_its_name() -> None:
    assert is_foreign_lock(LOCK)
    assert not is_foreign_lock("a/anaconda-project.yml")
    assert not is_foreign_lock("pixi.lock")


def test_a_manifest_knows_what_is_locked_elsewhere() -> None:
    found = with_locked_elsewhere(project(), {LOCK: b"locking_enabled: true\n"})

    assert found.locked_elsewhere == LockedElsewhere(path=LOCK, environments=("default",))


def test_without_a_lock_it_stays_as_extracted() -> None:
    assert with_locked_elsewhere(project(), {"anaconda-project-lock.yml": b""}) == project()


def test_a_lock_that_cannot_be_read_names_the_manifest_that_waits_for_it() -> None:
    with pytest.raises(ManifestError) as caught:
        with_locked_elsewhere(project(), {LOCK: b"env_specs: [a]\n"})

    sentence = "env_specs: must be a table of env specs; until then a/anaconda-project.yml stays as it is"
    assert (caught.value.path, caught.value.sentence) == (LOCK, sentence)
