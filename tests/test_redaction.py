"""No line that anybody reads holds a secret, in whatever form it got there."""

import io
import logging
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from secrets import token_hex, token_urlsafe
from urllib.parse import quote, quote_plus

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.logs import ReadableLines
from bot.redaction import HIDDEN, Redactor

CANARY = token_hex(20)
KEY = (
    ec.generate_private_key(ec.SECP256R1())
    .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    .decode()
)
UNKNOWING = Redactor.of([])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(f"token ghs_{CANARY}.", f"token {HIDDEN}", id="of an installation"),
        pytest.param(f"token ghs_{CANARY}.{CANARY}.a-b_c x", f"token {HIDDEN} x", id="of an installation, with dots"),
        pytest.param(f"(ghp_{CANARY})", f"({HIDDEN})", id="of a person"),
        pytest.param(f"gho_{CANARY},ghu_{CANARY},ghr_{CANARY}", f"{HIDDEN},{HIDDEN},{HIDDEN}", id="of OAuth"),
        pytest.param(f"github_pat_{CANARY}_{CANARY}", HIDDEN, id="of a person, fine-grained"),
        pytest.param(f"eyJ{CANARY}.eyJ{CANARY}.{CANARY}-_", HIDDEN, id="a JWT"),
        pytest.param(f"eyJ{CANARY}.eyJ{CANARY}", HIDDEN, id="a JWT that was cut"),
        pytest.param(f"key:\n{KEY}end", f"key:\n{HIDDEN}\nend", id="a private key"),
        pytest.param(f"key: {KEY[:90]}", f"key: {HIDDEN}", id="a private key that was cut"),
        pytest.param(f"Authorization: Bearer {CANARY}", f"Authorization: {HIDDEN}", id="a field"),
        pytest.param(f"authorization: token {CANARY}\nx", f"authorization: {HIDDEN}\nx", id="a field among others"),
        pytest.param(f"{{'Authorization': 'Basic {CANARY}=='}}", f"{{'Authorization': '{HIDDEN}'}}", id="a dict"),
        pytest.param(
            f"[(b'Proxy-Authorization', b'Basic {CANARY}')]", f"[(b'Proxy-Authorization', b'{HIDDEN}')]", id="pairs"
        ),
        pytest.param(f"sent bearer {CANARY} to x", f"sent bearer {HIDDEN} to x", id="a scheme"),
        pytest.param(f"https://me:{CANARY}@h.example/x", "https://h.example/x", id="a URL"),
        pytest.param(f"see 'http://{CANARY}@h.example'", "see 'http://h.example'", id="a URL with a user alone"),
        pytest.param(f"postgresql://me:{CANARY}%40@db/x", "postgresql://db/x", id="a database"),
        pytest.param(f"https://h.example/t/{CANARY}/a/b", f"https://h.example/t/{HIDDEN}/a/b", id="a conda token"),
        pytest.param(f"https://h.example/t/{CANARY}", f"https://h.example/t/{HIDDEN}", id="a conda token at the end"),
        pytest.param(
            f"https://h/x?a=1&X-Amz-Signature={CANARY}&b=2", f"https://h/x?a=1&X-Amz-Signature={HIDDEN}&b=2", id="S3"
        ),
    ],
)
def test_what_looks_like_a_secret_is_none_any_more(text: str, shown: str) -> None:
    assert UNKNOWING(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "https://conda.anaconda.org/conda-forge/noarch/t-1.0.conda",
        "numpy 1.26 -> 2.0 (needs python >=3.10), see https://h.example/x?y=1#z",
        "someone@h.example wrote: authorization failed",
        "the basic idea of a token",
        "ghs_short",
        "-----BEGIN CERTIFICATE-----",
    ],
)
def test_anything_else_stays(text: str) -> None:
    assert UNKNOWING(text) == text


@pytest.mark.parametrize("length", [4, 9, 40])
def test_what_the_operator_has_set_is_found_in_every_form(length: int) -> None:
    word = f"{token_urlsafe(length)[:length]}%+/@:?é~ '"
    redact = Redactor.of([word, "", "abc"])
    raw = word.encode()

    for form in (
        word,
        quote(word),
        quote(word, safe=""),
        quote_plus(word),
        b64encode(raw).decode(),
        urlsafe_b64encode(raw).decode().rstrip("="),
        repr(word),
    ):
        assert word[:length] not in redact(f"a {form} b")
        assert form.strip("'\"=") not in redact(f"a {form} b")
    assert redact("abc") == "abc"


def test_a_secret_that_holds_another_one_is_taken_whole() -> None:
    assert Redactor.of(["word", "password"])("my password") == f"my {HIDDEN}"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root, written = logging.getLogger(), io.StringIO()
    handlers, root.handlers = root.handlers, [logging.StreamHandler(written)]
    root.handlers[0].setFormatter(ReadableLines(Redactor.of([CANARY])))
    yield written
    root.handlers = handlers


def test_the_log_has_none_with_arguments_and_tracebacks(log: io.StringIO) -> None:
    logging.getLogger("httpx").warning("HTTP Request: GET %s", f"https://h.example/t/{CANARY}/x")
    try:
        int(f"https://me:{CANARY}@h.example")
    except ValueError:
        logging.getLogger("x").exception("it was %r", CANARY.encode())

    lines = log.getvalue().splitlines()
    assert [line.partition(" ")[2] for line in lines[:2]] == [
        f"WARNING httpx: HTTP Request: GET https://h.example/t/{HIDDEN}/x",
        f"ERROR x: it was b'{HIDDEN}'",
    ]
    assert lines[-1].endswith("'https://h.example'")
    assert CANARY not in log.getvalue()
