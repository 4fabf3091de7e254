"""What is wrong with a pixi manifest is said by file, line and key path."""

import pytest

from bot.errors import ManifestError
from bot.manifests import extract
from bot.manifests.toml_document import toml_leaves
from bot.model.manifest import Declarations, Manifest

HEAD = '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'


def manifest_of(text: str) -> Manifest:
    manifest = extract("pixi.toml", text.encode())
    assert manifest is not None
    return manifest


def declarations_of(text: str) -> Declarations:
    return manifest_of(text).declarations


ERRORS = {
    "a word that decides the solve": (
        '[workspace]\nchannel-priority = "random"\n',
        "pixi.toml:2: workspace.channel-priority: `random` is unknown; condabot knows strict, flexible, disabled",
    ),
    "dependencies that are a list": ("dependencies = []\n", "pixi.toml:1: dependencies: must be a table"),
    "a feature that is text": ('[feature]\ntest = "x"\n', "pixi.toml:2: feature.test: must be a table"),
    "an environment that is text": ('[environments]\ntest = "x"\n', "pixi.toml:2: environments.test: must be a table"),
    "channels that are text": ('[workspace]\nchannels = "x"\n', "pixi.toml:2: workspace.channels: must be a list"),
    "a channel without a name": (
        "[workspace]\nchannels = [\n  {priority = 1},\n]\n",
        "pixi.toml:3: workspace.channels.0: must be a channel's name or URL, or a table",
    ),
    "a priority that is text": (
        '[workspace]\nchannels = [{channel = "x", priority = "1"}]\n',
        "workspace.channels.0: must be a channel's name",
    ),
    "a platform without a name": (
        '[workspace]\nplatforms = [{cuda = "12"}]\n',
        "pixi.toml:2: workspace.platforms.0: must be the name of a platform",
    ),
    "a platform that is a number": ("[workspace]\nplatforms = [64]\n", "workspace.platforms.0: must be the name"),
    "features that are numbers": ("[environments]\ntest = [1]\n", "environments.test: must be a list of texts"),
    "an unknown target": (
        '[target.atari.dependencies]\nx = "*"\n',
        "pixi.toml:1: target.atari: is no platform that condabot knows, nor one that the workspace names",
    ),
    "a table that is extended": ("a = {}\n[a]\nb = 1\n", "is not TOML"),
    "a date that is none": ("a = 2026-13-41\n", "is not TOML"),
}


@pytest.mark.parametrize("kind", ERRORS)
def test_what_cannot_be_read_is_refused_with_file_line_and_key_path(kind: str) -> None:
    text, sentence = ERRORS[kind]

    with pytest.raises(ManifestError) as raised:
        manifest_of(text)

    assert sentence in str(raised.value)


def test_an_empty_pixi_toml_is_a_manifest_without_dependencies() -> None:
    assert manifest_of("").dependencies == ()


def test_keys_that_condabot_does_not_know_are_left_to_pixi() -> None:
    manifest = manifest_of(HEAD + 'new-key = 1\n[new-table]\nx = 1\n[dependencies]\nnumpy = "*"\n')

    assert [each.name for each in manifest.dependencies] == ["numpy"]


def test_the_default_environment_is_declared_unless_the_manifest_does() -> None:
    assert [each.name for each in declarations_of('[environments]\ntest = ["x"]\n').environments] == ["default", "test"]
    assert [each.name for each in declarations_of('[environments]\ndefault = ["x"]\n').environments] == ["default"]


def test_the_old_name_of_the_workspace_is_read() -> None:
    assert declarations_of('[project]\nname = "old"\nplatforms = ["win-64"]\n').platforms == ("win-64",)


def test_numbers_that_are_versions_keep_their_spelling() -> None:
    features = declarations_of("[system-requirements]\nlinux = 5.10\nlibc = 2.30\nunix = true\n").features

    assert [(each.name, each.version) for each in features[0].system_requirements] == [
        ("__linux", "5.10"),
        ("__glibc", "2.30"),
    ]


def test_another_libc_family_is_another_virtual_package() -> None:
    features = declarations_of('[system-requirements]\nlibc = { family = "musl", version = "1.2" }\n').features

    assert [(each.name, each.version) for each in features[0].system_requirements] == [("__musl", "1.2")]


def test_a_table_of_another_virtual_package_says_nothing() -> None:
    features = declarations_of('[system-requirements]\nmacos = { version = "14" }\ncuda = { driver = "12" }\n').features

    assert [(each.name, each.version) for each in features[0].system_requirements] == [("__cuda", "12")]


def test_a_build_backend_without_a_name_is_no_dependency() -> None:
    assert manifest_of('[package.build.backend]\nversion = "1.*"\n').dependencies == ()


def test_additional_dependencies_of_a_build_backend_are_dependencies_of_the_package() -> None:
    manifest = manifest_of('[package.build.backend]\nadditional-dependencies = { git = "2.*" }\n')

    assert [(each.name, each.version, each.role) for each in manifest.dependencies] == [("git", "2.*", "backend")]


def test_an_entry_that_is_no_text_is_left_alone() -> None:
    manifest = manifest_of('[dependencies]\na = ["1"]\nb = { version = 1 }\n')

    assert [each.skip.reason if each.skip else None for each in manifest.dependencies] == ["not-text", "not-text"]


@pytest.mark.parametrize("text", ['a = "\\e"\n', "a = {\n  b = 1,\n}\n", "a = 07:32\n"])
def test_toml_1_1_is_read_by_the_independent_parser_too(text: str) -> None:
    assert len(list(toml_leaves(text))) == 1


def test_what_no_parser_reads_is_an_error() -> None:
    with pytest.raises(ManifestError, match="is not TOML"):
        list(toml_leaves("a = \n"))
