"""Bills of materials of a lock: whole, valid, the same each time, and with nothing secret in them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from bot import lockfiles
from bot.demo.samples import sample_files
from bot.lockfiles.inventory import inventory_of
from bot.model.inventory import Inventory
from bot.model.manifest import PlatformName
from bot.sbom.cyclonedx import cyclonedx
from bot.sbom.spdx import spdx

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
LINUX = PlatformName("linux-64")
LOCK = (
    """\
version: 6
environments:
  default:
    channels:
    - url: https://conda.anaconda.org/conda-forge/
    indexes:
    - https://files.example/simple
    packages:
      linux-64:
      - conda: https://conda.anaconda.org/conda-forge/linux-64/python-3.13.1-h1_100.conda
      - conda: https://somebody:secret@conda.example/own/noarch/jinja2-3.1.4-py_0.tar.bz2
      - pypi: https://files.example/app-1.0-py3-none-any.whl
packages:
- conda: https://conda.anaconda.org/conda-forge/linux-64/python-3.13.1-h1_100.conda
  sha256: """
    + "a" * 64
    + """
  md5: """
    + "b" * 32
    + """
  license: Python-2.0
- conda: https://somebody:secret@conda.example/own/noarch/jinja2-3.1.4-py_0.tar.bz2
  depends:
  - python >=3.9
  - __glibc >=2.17
  license: Whatever I Like, v2
  purls:
  - pkg:pypi/jinja2?source=hash-mapping
- pypi: https://files.example/app-1.0-py3-none-any.whl
  name: app
  version: '1.0'
  sha256: """
    + "c" * 64
    + """
  requires_dist:
  - Jinja2>=3
  - nothing ; extra == 'more'
  - "!!"
"""
)
PYTHON = "pkg:conda/python@3.13.1?build=h1_100&channel=conda-forge&subdir=linux-64&type=conda"
JINJA2 = "pkg:conda/jinja2@3.1.4?build=py_0&channel=https://conda.example/own&subdir=noarch&type=tar.bz2"
APP = "pkg:pypi/app@1.0"


def inventory(text: str = LOCK, path: str = "pixi.lock") -> Inventory:
    lock = lockfiles.parse(path, text.encode())
    return inventory_of(lock, lock.environments[0], LINUX)


def errors_in_spdx(text: str) -> object:
    """Return what SPDX's own library finds wrong with a document."""
    parser = JsonLikeDictParser()  # type: ignore[no-untyped-call]  # it has no types
    return validate_full_spdx_document(parser.parse(json.loads(text)))


def test_an_inventory_has_every_package_with_what_it_needs() -> None:
    found = {each.purl: each for each in inventory().components}

    assert {purl: each.needs for purl, each in found.items()} == {PYTHON: (), JINJA2: (PYTHON,), APP: (JINJA2,)}
    assert found[JINJA2].upstream == "pkg:pypi/jinja2@3.1.4"
    assert found[JINJA2].url == "https://conda.example/own/noarch/jinja2-3.1.4-py_0.tar.bz2"
    assert (found[PYTHON].sha256, found[PYTHON].license) == ("a" * 64, "Python-2.0")


def test_cyclonedx_is_valid_whole_and_the_same_each_time() -> None:
    text = cyclonedx(inventory(), "1.0", NOW)

    document = json.loads(text)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert {each["purl"] for each in document["components"]} == {PYTHON, JINJA2, APP}
    needs = {each["ref"]: each.get("dependsOn", []) for each in document["dependencies"]}
    assert needs == {"root": [APP], PYTHON: [], JINJA2: [PYTHON], APP: [JINJA2]}
    assert text == cyclonedx(inventory(), "1.0", NOW)


def test_spdx_is_valid_and_asserts_no_license_that_it_does_not_know() -> None:
    text = spdx(inventory(), "1.0", NOW)

    document = json.loads(text)
    assert not errors_in_spdx(text)
    licenses = {each["name"]: each.get("licenseDeclared") for each in document["packages"]}
    assert licenses == {"python": "Python-2.0", "jinja2": "NOASSERTION", "app": "NOASSERTION"}
    purls = [each["referenceLocator"] for package in document["packages"] for each in package["externalRefs"]]
    assert sorted(purls) == sorted([PYTHON, JINJA2, "pkg:pypi/jinja2@3.1.4", APP])
    assert document["creationInfo"]["created"] == "2026-11-30T12:00:00Z"


@pytest.mark.parametrize("write", [lambda each: cyclonedx(each, "1.0", NOW), lambda each: spdx(each, "1.0", NOW)])
def test_no_credentials_are_in_it(write: Any) -> None:
    assert "secret" not in write(inventory())


def test_a_real_lock_is_valid_in_both_forms() -> None:
    found = inventory(sample_files("held-back")["pixi.lock"].decode())

    assert len(found.components) > 30
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(cyclonedx(found, "1.0", NOW)) is None
    assert not errors_in_spdx(spdx(found, "1.0", NOW))
