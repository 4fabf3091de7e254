"""Which YAML is an environment, and what is said of one that cannot be read."""

import pytest

from bot.errors import ManifestError
from bot.manifests import extract, rewrite
from bot.manifests.environment_yml import EnvironmentYml

NO_ENVIRONMENTS = {
    "no dependencies": "services: {}\n",
    "a Helm chart": "apiVersion: v2\ndependencies:\n  - name: redis\n    version: 1.0\n",
    "rapids' dependencies.yaml": "files: {}\ndependencies:\n  build:\n    common: []\n",
    "an Ansible role": "galaxy_info: {}\ndependencies:\n  - common\n",
    "a number": "dependencies: 3\n",
    "a list": "- dependencies: []\n",
    "a broken file that names them deeper": "a: [\nb:\n  dependencies: []\n",
    "the word in a comment": "# dependencies: none\nname: x\n",
}


@pytest.mark.parametrize("text", NO_ENVIRONMENTS.values(), ids=NO_ENVIRONMENTS)
def test_yaml_of_another_kind_is_no_manifest(text: str) -> None:
    assert extract("ci/deps.yml", text.encode()) is None


@pytest.mark.parametrize(
    "content",
    [b"caf\xe9: 1\n", b"x: [\n", b"\xff\xfex\x00", b"x: " + b"y" * 600_000],
    ids=["Latin-1", "broken", "UTF-16", "huge"],
)
def test_files_without_dependencies_are_not_even_decoded(content: bytes) -> None:
    assert extract("docs/page.yml", content) is None


def test_by_its_name_a_file_may_have_any_further_keys() -> None:
    text = b"my-own-key: 1\ndependencies: [numpy=1.26]\n"

    assert extract("environment.yml", text) is not None
    assert extract("ci/deps.yml", text) is None


def test_channels_make_a_file_of_any_name_an_environment() -> None:
    assert extract("ci/deps.yml", b"my-own-key: 1\nchannels: [x]\ndependencies: [numpy=1.26]\n") is not None


@pytest.mark.parametrize("nothing", ["", " []", " ~"])
def test_an_environment_may_ask_for_nothing(nothing: str) -> None:
    manifest = extract("environment.yml", f"channels: [conda-forge]\ndependencies:{nothing}\n".encode())

    assert manifest is not None
    assert manifest.dependencies == ()


def test_a_channel_or_name_may_be_a_single_text() -> None:
    manifest = extract("environment.yml", b"name: [x]\nchannels: conda-forge\ndependencies: []\n")

    assert manifest is not None
    assert [channel.name for channel in manifest.declarations.channels] == ["conda-forge"]
    assert manifest.declarations.name == ""


ERRORS = {
    "a pip section without a space": (
        "dependencies:\n  - python\n  -pip:\n    - x\n",
        r"environment\.yml:3: is not YAML",
    ),
    "a tab": ("dependencies:\n\t- numpy\n", r"environment\.yml:2: is not YAML"),
    "an alias without an anchor in a list": ("dependencies: *x y\n", "is not YAML"),
    "a Jinja expression": (
        "name: {{ x }}-y\ndependencies: []\n",
        r":1: is not YAML: .*; it looks like a template",
    ),
    "an alias without an anchor": (
        "a: &a x\ndependencies:\n- *a\n- *b\n",
        r":4: is not YAML: `\*b` refers to nothing in the file; in YAML, text that begins with a star needs quotes",
    ),
    "a censored channel": (
        "channels: [***X***]\ndependencies: []\n",
        r":1: is not YAML: `\*\*\*X\*\*\*` refers to nothing",
    ),
    "a character that YAML forbids": ("dependencies: [a\x01]\n", "is not YAML"),
    "half of a character": ('dependencies: ["\\uD800"]\n', ":1: has half of a surrogate pair written as an escape"),
    "two lists": ("dependencies: []\ndependencies: []\n", r":2: dependencies: stands twice in the file; merge the two"),
    "two documents": ("dependencies: []\n---\ndependencies: []\n", ":2: holds more than one YAML document"),
    "channels that are tables": ("channels: [{a: b}]\ndependencies: []\n", "channels: must be a list of texts"),
    "depth": ("dependencies: " + "[" * 65 + "]" * 65, "is nested deeper than 64 levels"),
    "aliases": ("a: &a x\ndependencies:\n" + "- *a\n" * 51, ":53: has more than 50 YAML aliases"),
    "a number of events": ("dependencies: [" + "a," * 20_001 + "]", "has more than 20000 YAML events"),
}


@pytest.mark.parametrize("kind", ERRORS)
def test_what_cannot_be_read_is_refused_with_file_line_and_reason(kind: str) -> None:
    text, sentence = ERRORS[kind]

    with pytest.raises(ManifestError, match=sentence):
        extract("environment.yml", text.encode())


def test_what_the_independent_parser_refuses_is_an_error_too() -> None:
    with pytest.raises(ManifestError, match="PyYAML does not read it"):
        list(EnvironmentYml().leaves("a: [\n"))


def test_an_anchor_that_nothing_refers_to_is_an_ordinary_item() -> None:
    manifest = extract("environment.yml", b"dependencies:\n- &n numpy=1.26\n- '*nn'\n")

    assert manifest is not None
    assert manifest.dependencies[0].version == "=1.26"
    assert manifest.dependencies[0].skip is None


def test_an_alias_of_a_list_is_one_item_that_is_left_alone() -> None:
    manifest = extract("environment.yml", b"x: &x [a, b]\ndependencies: *x\n")

    assert manifest is not None
    assert [(each.name, each.skip.reason if each.skip else None) for each in manifest.dependencies] == [("*x", "alias")]


def test_an_alias_within_what_it_stands_for_is_left_alone() -> None:
    manifest = extract("environment.yml", b"dependencies: &all\n- numpy\n- *all\n")

    assert manifest is not None
    assert [each.skip.reason if each.skip else None for each in manifest.dependencies] == [None, "alias"]


def test_each_item_of_a_list_that_no_tool_reads_there_is_left_alone() -> None:
    text = b"dependencies:\n- numpy:\n- run_constrained:\n  - scipy>=1\n  - a: 1\n- pip\n"

    manifest = extract("environment.yml", text)

    assert manifest is not None
    found = [(each.name, each.line, each.skip.reason if each.skip else None) for each in manifest.dependencies]
    assert found[:2] == [("numpy", 2, "not-text"), ("scipy", 4, "not-text")]
    assert [reason for _, _, reason in found[2:]] == ["not-text", None]


VERSIONS_IN_YAML = {
    "an escape behind the version": (r'"tomli==2.0; python_version < \"3.11\""', "==2.0"),
    "two quotes for one behind the version": ("'tomli==2.0; python_version < ''3.11'''", "==2.0"),
    "a line break behind the version": ('tomli==2.0;\n      python_version < "3.11"', "==2.0"),
    "a tag": ("!!str tomli==2.0", "==2.0"),
    "an anchor": ("&tomli tomli==2.0", "==2.0"),
    "an escape before the version": (r'"tomli\x3d=2.0"', None),
    "an escape in the version": (r'"tomli==2\x2e0"', None),
    "a line break before the version": ("tomli\n      ==2.0", None),
    "a block": (">-\n      tomli==2.0", None),
}


@pytest.mark.parametrize("written", VERSIONS_IN_YAML)
def test_a_version_is_replaced_where_all_before_it_is_written_as_it_is_read(written: str) -> None:
    item, version = VERSIONS_IN_YAML[written]
    text = f"dependencies:\n- pip:\n    - {item}\n"

    manifest = extract("environment.yml", text.encode())

    assert manifest is not None
    (tomli,) = manifest.dependencies
    assert tomli.name == "tomli"
    if version is None:
        assert tomli.skip is not None
        assert tomli.skip.reason == "not-text"
    else:
        assert rewrite(manifest, text, {tomli.at: "==3.1"}) == text.replace("2.0", "3.1")


def test_an_item_without_a_version_may_be_written_in_any_way() -> None:
    manifest = extract("environment.yml", b'dependencies:\n- "num\\x70y"\n- >-\n  scipy\n')

    assert manifest is not None
    assert [(each.name, each.version, each.skip) for each in manifest.dependencies] == [
        ("numpy", "", None),
        ("scipy", "", None),
    ]
