"""YAML that is no environment yet: it is told, and never read as one."""

import pytest

from bot.manifests import extract, recognise
from bot.manifests.yaml_dialects import dialect

ENVIRONMENT = "name: x\nchannels: [conda-forge]\ndependencies:\n  - numpy=1.26\n"
DIALECTS = {
    "a file with the name of conda-devenv": ("base/environment.devenv.yml", ENVIRONMENT, "conda-devenv"),
    "one that includes others": ("environment.yml", f"{ENVIRONMENT}includes:\n  - base.yml\n", "conda-devenv"),
    "one with constraints": ("environment.yml", f"{ENVIRONMENT}constraints:\n  - scipy<2\n", "conda-devenv"),
    "a statement of Jinja": ("env.yaml", "{% set py = '3.12' %}\n" + ENVIRONMENT, "a template"),
    "one amid the items": ("env.yaml", ENVIRONMENT + "  {%- if x %}\n  - scipy=1\n  {% endif %}\n", "a template"),
    "a merge": ("environment.yml", "x: &x\n  dependencies: [numpy=1.26]\nname: a\n<<: *x\n", "a YAML merge"),
    "a merge beside dependencies": (
        "environment.yml",
        f"x: &x {{y: z}}\n<<: *x\n{ENVIRONMENT}",
        "a YAML merge",
    ),
}


@pytest.mark.parametrize("kind", DIALECTS)
def test_it_is_no_manifest_and_says_what_it_is(kind: str) -> None:
    path, text, words = DIALECTS[kind]

    assert extract(path, text.encode()) is None
    assert words in (recognise(path, text) or "")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(ENVIRONMENT, id="an environment"),
        pytest.param(f"{ENVIRONMENT}  - scipy={{{{ version }}}}\n", id="an item that is filled in is another matter"),
        pytest.param(f"{ENVIRONMENT}# {{% if x %}}\n# includes: none\n", id="comments say nothing"),
        pytest.param(f"{ENVIRONMENT}variables:\n  includes: a\n", id="only the top of the file counts"),
    ],
)
def test_what_stands_for_itself_is_none(text: str) -> None:
    assert dialect("environment.yml", text) is None
