"""Who owns a file, by GitHub's rules."""

import pytest

from bot.config.code_owners import owners_of, parse_code_owners

PATTERNS = [
    ("*", "a/b/c.yml", True),
    ("*.yml", "environment.yml", True),
    ("*.yml", "ci/environment.yml", True),
    ("*.yml", "environment.yaml", False),
    ("/build/logs/", "build/logs/a/b.txt", True),
    ("/build/logs/", "x/build/logs/b.txt", False),
    ("docs/*", "docs/environment.yml", True),
    ("docs/*", "docs/build/environment.yml", False),
    ("apps/", "x/apps/pixi.toml", True),
    ("apps/", "apps", False),
    ("/docs/", "docs/a.yml", True),
    ("/docs", "docs/a.yml", True),
    ("docs/a", "x/docs/a", False),
    ("/apps/github", "apps/github/pixi.lock", True),
    ("**/logs", "build/logs/b.yml", True),
    ("**/logs", "logs", True),
    ("a/**/b", "a/b", True),
    ("a/**/b", "a/x/y/b", True),
    ("a/**", "a/x/y", True),
    ("pixi.???l", "pixi.toml", True),
    ("pixi.?", "pixi.toml", False),
    ("Pixi.toml", "pixi.toml", False),
    ("(a+)+.yml", "aaaa.yml", False),
    ("!pixi.toml", "pixi.toml", False),
    ("[p]ixi.toml", "pixi.toml", False),
    (r"\#pixi.toml", "#pixi.toml", False),
]


@pytest.mark.parametrize(("pattern", "path", "fits"), PATTERNS)
def test_which_files_a_pattern_is_about(pattern: str, path: str, *, fits: bool) -> None:
    rules = parse_code_owners(f"{pattern} @octocat\n".encode())

    assert owners_of(rules, [path]) == (("octocat",) if fits else ())


OWNERS = b"""\
# who owns what
* @octocat @acme/science # everybody

*.lock
/docs/ docs@files.example @hubot
/docs/own/ docs@files.example
/ci/ @not/a/team @-nobody
"""


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        pytest.param(["pixi.toml"], ("octocat", "team:science"), id="logins and teams"),
        pytest.param(["pixi.lock"], (), id="the last line counts, and may name nobody"),
        pytest.param(["docs/environment.yml"], ("hubot",), id="an address cannot be asked"),
        pytest.param(["docs/own/environment.yml"], (), id="nor if it is all there is"),
        pytest.param(["ci/environment.yml"], (), id="nor what is no name"),
        pytest.param(["docs/a.yml", "pixi.toml", "b.toml"], ("hubot", "octocat", "team:science"), id="each once"),
    ],
)
def test_who_owns_files(paths: list[str], expected: tuple[str, ...]) -> None:
    assert owners_of(parse_code_owners(OWNERS), paths) == expected


@pytest.mark.parametrize("content", [b"", b"\xff\xfe @octocat", b"*", b"@octocat\n" * 3])
def test_what_is_no_list_of_owners_names_nobody(content: bytes) -> None:
    assert owners_of(parse_code_owners(content), ["pixi.toml"]) == ()
