"""Requirements are spelt as pixi spells them, which finds nothing to spell anew."""

import json
from pathlib import Path

import pytest
import yaml
from rattler import LockFile

from bot.errors import SpecError
from bot.lockfiles.pixi_lock.requirements import normal_requirement, normal_specifier

REQUIREMENTS = [
    "Foo_Bar.baz (>=1.0,<2)",
    "foo>=2,<3,!=2.5",
    "foo <3 , >=2",
    "foo[B_c, a]",
    "foo==1.*",
    "foo~=1.4.2",
    "foo===1.0",
    "foo>=1.0-rc1",
    "foo==1.0+cu121",
    "foo>=v1.0",
    "foo @ https://files.example/foo-1.0.zip",
    "foo @ https://files.example/foo-1.0.zip ; extra == 'a'",
    'foo; python_version<"3.8"',
    'foo; python_version<"4"',
    "foo; python_version>='3'",
    "foo; python_version > '3.8'",
    "foo; python_full_version >= '3.8.0'",
    "foo; python_version <= '3.8'",
    "foo; python_version == '3.8'",
    "foo; python_version != '3.8'",
    "foo; python_version >= '3.8' and extra == \"X_y\"",
    "foo; python_version < '3.8' or python_version >= '3.11'",
    "foo; (sys_platform == 'win32') or platform_system=='Windows'",
    "foo; 'linux' in sys_platform",
    "foo; platform_python_implementation == 'CPython' and extra == 'fast'",
]
SPECIFIERS = [">=3.7, <4", "!=3.9.0,>=3.8", ">=3.9,!=3.9.0", ">3", "~=3.8", "==3.*", ">=3.8 , !=3.9.*", ">=3.8.0"]


def written_by_rattler(fields: dict[str, object], folder: Path) -> dict[str, object]:
    """Return the PyPI package with *fields* as rattler writes it into a lock."""
    package = {"pypi": "https://files.example/x-1.0-py3-none-any.whl", "name": "x", "version": "1.0"}
    lock = {
        "version": 7,
        "platforms": [{"name": "linux-64"}],
        "environments": {"default": {"channels": [], "packages": {"linux-64": [{"pypi": package["pypi"]}]}}},
        "packages": [package | fields],
    }
    (folder / "pixi.lock").write_text(json.dumps(lock))
    LockFile.from_path(folder / "pixi.lock").to_path(folder / "again.lock")
    written: dict[str, object] = yaml.safe_load((folder / "again.lock").read_text())["packages"][0]
    return written


def test_requirements_are_spelt_as_rattler_spells_them(tmp_path: Path) -> None:
    written = written_by_rattler({"requires_dist": REQUIREMENTS}, tmp_path)

    assert [normal_requirement(each) for each in REQUIREMENTS] == written["requires_dist"]


@pytest.mark.parametrize("specifier", SPECIFIERS)
def test_specifiers_are_spelt_as_rattler_spells_them(specifier: str, tmp_path: Path) -> None:
    assert (
        normal_specifier(specifier) == written_by_rattler({"requires_python": specifier}, tmp_path)["requires_python"]
    )


@pytest.mark.parametrize("text", [*REQUIREMENTS, "foo ; python_version in '3.8 3.9'", "foo ; python_version == '3'"])
def test_what_is_spelt_so_is_not_spelt_anew(text: str) -> None:
    assert normal_requirement(normal_requirement(text)) == normal_requirement(text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("foo>=1.*", "foo>=1", id="a wildcard that means nothing"),
        pytest.param("foo ()", "foo", id="empty brackets"),
        pytest.param('foo; sys_platform == "it\'s"', 'foo ; sys_platform == "it\'s"', id="a quote in a value"),
        pytest.param("foo; python_version == '3'", "foo ; python_version == '3'", id="what is never true"),
    ],
)
def test_what_rattler_does_not_read_or_says_otherwise_is_still_read(text: str, read: str) -> None:
    assert normal_requirement(text) == read


def test_what_is_no_requirement_is_refused() -> None:
    with pytest.raises(SpecError, match=r"^`foo bar` is no requirement \(PEP 508\)$"):
        normal_requirement("foo bar")


def test_what_is_no_specifier_is_refused() -> None:
    with pytest.raises(SpecError, match=r"^`3\.8` is no version specifier \(PEP 440\)$"):
        normal_specifier("3.8")


def test_a_wildcard_behind_an_open_end_is_read_as_uv_reads_it() -> None:
    assert normal_specifier(">=3.6.*, <4") == ">=3.6,<4"
