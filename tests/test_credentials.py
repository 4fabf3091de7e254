"""Credentials as an operator writes them: what they mean, and what is refused without being repeated."""

import json
from pathlib import Path
from secrets import token_hex

import pytest

from bot.credentials import (
    Basic,
    Bearer,
    CondaToken,
    Credential,
    Proof,
    S3Key,
    of_prefix,
    read_auth_file,
    read_credentials,
)
from bot.errors import BadInput, SettingsError
from bot.settings import Settings

CANARY = token_hex(16)


def read(row: str) -> Credential:
    (found,) = read_credentials(f"[[credential]]\n{row}", "TEST")
    return found


@pytest.mark.parametrize(
    ("row", "proof"),
    [
        ("bearer = 'a'", Bearer("a")),
        ("token = 'a'", Bearer("a", "token")),
        ("conda-token = 'a'", CondaToken("a")),
        ("user = 'a'\npassword = 'b'", Basic("a", "b")),
        ("user = 'a'", Basic("a", "")),
        ("password = 'b'", Basic("", "b")),
    ],
)
def test_ways_to_say_who_we_are(row: str, proof: object) -> None:
    assert read(f"prefix = 'https://h.example/a'\n{row}").proof == proof


def test_a_key_for_a_bucket() -> None:
    row = "prefix = 's3://bucket/a/'\naccess-key-id = 'a'\nsecret-access-key = 'b'\n"

    assert read(f"{row}region = 'eu'\n") == Credential(
        prefix="s3://bucket/a",
        proof=S3Key(endpoint="https://s3.eu.amazonaws.com", region="eu", access_key_id="a", secret_access_key="b"),  # noqa: S106 -- a letter
        setting="TEST",
    )
    assert read(f"{row}endpoint = 'http://minio:9000/'\nsession-token = 'c'").secrets == ("b", "c")


@pytest.mark.parametrize(
    ("written", "prefix"),
    [
        ("HTTPS://H.Example.:443/A/", "https://h.example/A"),
        ("http://h.example:80", "http://h.example"),
        ("https://h.example:8443/a//", "https://h.example:8443/a"),
        ("https://[::1]:8443/a", "https://[::1]:8443/a"),
    ],
)
def test_a_prefix_has_one_spelling(written: str, prefix: str) -> None:
    assert read(f"prefix = '{written}'\nbearer = 'a'").prefix == prefix


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x", "Expected '=' after a key"),
        ("[[credentials]]", "unknown field `credentials`"),
        (f"[[credential]]\nprefix = 'https://h.example'\npassphrase = '{CANARY}'", "unknown field `passphrase`"),
        (f"[[credential]]\nbearer = '{CANARY}'", "missing required field `prefix`"),
        (f"[[credential]]\nprefix = 'https://u:{CANARY}@h.example'\nbearer = 'a'", "credential 1 must be an http"),
        (
            f"[[credential]]\nprefix = 'https://h.example?{CANARY}'\nbearer = 'a'",
            "without user name, query and fragment",
        ),
        (
            f"[[credential]]\nprefix = 'https://h.example#{CANARY}'\nbearer = 'a'",
            "without user name, query and fragment",
        ),
        (f"[[credential]]\nprefix = 'https://[{CANARY}'\nbearer = 'a'", "the prefix of credential 1 is not a URL"),
        ("[[credential]]\nprefix = 'https://h.example:x'\nbearer = 'a'", "the prefix of credential 1 is not a URL"),
        ("[[credential]]\nprefix = 'ftp://h.example'\nbearer = 'a'", "must be an http, https or s3 URL"),
        ("[[credential]]\nprefix = 'https:///a'\nbearer = 'a'", "must be an http, https or s3 URL"),
        ("[[credential]]\nprefix = 'https://h.example'", "needs one way to say who we are: bearer"),
        (
            f"[[credential]]\nprefix = 'https://h.example'\nbearer = '{CANARY}'\ntoken = '{CANARY}'",
            "for https://h.example, needs one way",
        ),
        ("[[credential]]\nprefix = 's3://b'\nbearer = 'a'", "needs one way to say who we are: access-key-id"),
        (
            "[[credential]]\nprefix = 'https://b.example'\naccess-key-id = 'a'\nsecret-access-key = 'a'",
            "needs one way to say who we are: bearer",
        ),
        (f"[[credential]]\nprefix = 'https://h.example'\nbearer = '{CANARY}é'", "holds what no header field can"),
        (f'[[credential]]\nprefix = "https://h.example"\nbearer = "{CANARY}\\r\\n"', "holds what no header field can"),
    ],
    ids=lambda text: text.replace(CANARY, "…"),
)
def test_what_is_wrong_is_said_and_not_repeated(text: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({"CONDABOT_CREDENTIALS": text})

    assert sentence in str(raised.value)
    assert str(raised.value).startswith("CONDABOT_CREDENTIALS: ")
    assert CANARY not in str(raised.value)


def test_nothing_secret_is_in_what_is_printed() -> None:
    proofs: list[Proof] = [Bearer(CANARY), Basic(CANARY, CANARY), CondaToken(CANARY)]
    key = S3Key(endpoint="x", region="y", access_key_id=CANARY, secret_access_key=CANARY, session_token=CANARY)

    assert CANARY not in repr([Credential(prefix="https://a", proof=each, setting="x") for each in (*proofs, key)])


def test_the_variable_counts_before_the_file_and_that_before_py_rattlers(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("[[credential]]\nprefix = 'https://a.example'\nbearer = '2'")
    (tmp_path / "rattler.json").write_text(json.dumps({"a.example": {"BearerToken": "3"}}))
    environment = {
        "CONDABOT_CREDENTIALS": "[[credential]]\nprefix = 'https://a.example'\nbearer = '1'",
        "CONDABOT_CREDENTIALS_FILE": str(tmp_path / "own.toml"),
        "RATTLER_AUTH_FILE": str(tmp_path / "rattler.json"),
    }

    found = Settings.from_env(environment).credentials

    assert [each.secrets for each in found] == [("1",), ("2",), ("3",)]
    assert of_prefix("https://a.example/x", found) == found[0]


class TestAuthFile:
    """`RATTLER_AUTH_FILE`, in the form of py-rattler 0.28."""

    HOSTS = ("prefix.dev", "Repo.Prefix.Dev.", "conda.example", "notprefix.dev")

    @pytest.mark.parametrize(
        ("key", "prefixes"),
        [
            ("conda.example", ["https://conda.example"]),
            ("Other.Example", ["https://other.example"]),
            ("*.prefix.dev", ["https://prefix.dev", "https://repo.prefix.dev"]),
            ("*.nobody.example", []),
            ("s3://bucket", []),
            ("conda.example:8443", []),
        ],
    )
    def test_hosts(self, key: str, prefixes: list[str]) -> None:
        content = json.dumps({key: {"BearerToken": "a"}}).encode()

        assert [each.prefix for each in read_auth_file(content, self.HOSTS, "TEST")] == prefixes

    @pytest.mark.parametrize(
        ("value", "proofs"),
        [
            ({"BearerToken": "a"}, [Bearer("a")]),
            ({"CondaToken": "a"}, [CondaToken("a")]),
            ({"BasicHTTP": {"username": "a", "password": "b"}}, [Basic("a", "b")]),
            ({"S3Credentials": {"access_key_id": "a", "secret_access_key": "b"}}, []),
            ({"OAuth": {"access_token": "a"}}, []),
        ],
    )
    def test_kinds(self, value: object, proofs: list[object]) -> None:
        content = json.dumps({"h.example": value}).encode()

        assert [each.proof for each in read_auth_file(content, (), "TEST")] == proofs

    @pytest.mark.parametrize(
        "content",
        [b"", b"[]", b'{"h": 1}', b"\xff", f'{{"h": "{CANARY}"}}'.encode()],
        ids=["empty", "a list", "a number", "not UTF-8", "a text"],
    )
    def test_anything_else_is_none(self, content: bytes) -> None:
        with pytest.raises(BadInput, match="is not a JSON document of hosts") as raised:
            read_auth_file(content, (), "TEST")

        assert CANARY not in str(raised.value)

    @pytest.mark.parametrize("name", ["CONDABOT_CREDENTIALS_FILE", "RATTLER_AUTH_FILE"])
    def test_a_file_that_cannot_be_read_stops_the_program(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "binary").write_bytes(b"\xff" + CANARY.encode())

        for path, sentence in (
            (tmp_path / "nowhere", "No such file"),
            (tmp_path / "binary", "it is not text in UTF-8"),
        ):
            with pytest.raises(SettingsError, match=sentence) as raised:
                Settings.from_env({name: str(path)})
            assert str(raised.value).startswith(f"{name}: cannot read ")
            assert CANARY not in str(raised.value)
