"""Files that others name are read as well, wherever they lie and whatever they are called."""

from bot.updating.read.named import named_paths
from tests.conda_locks import lock_text

PROJECT = b"environments:\n  default: [deps/base.yml, deps/large.yml, ../outside.yml, gone.yml]\n"
SIZES = {"conda-project.yml": 1, "deps/base.yml": 1, "deps/large.yml": 500_001, "base.yml": 1, "locks/gpu.lock.yml": 1}


def test_environment_files_of_a_project_are() -> None:
    assert named_paths({"conda-project.yml": PROJECT}, SIZES) == ("deps/base.yml",)
    assert named_paths({"conda-project.yml": PROJECT, "deps/base.yml": b""}, SIZES) == ()


def test_a_project_that_cannot_be_read_names_nothing() -> None:
    assert named_paths({"conda-project.yml": b"environments: ["}, SIZES) == ()


def test_the_sources_of_a_lock_are() -> None:
    lock = lock_text("", sources=("../deps/base.yml", "'../base.yml'"))

    assert named_paths({"locks/gpu.lock.yml": lock.encode()}, SIZES) == ("base.yml", "deps/base.yml")
    assert named_paths({"locks/gpu.lock.yml": lock.replace("package:", "other:").encode()}, SIZES) == ()
