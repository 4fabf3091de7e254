"""How one gets in, how long one stays, and what a browser is told to keep to."""

from datetime import timedelta
from http import HTTPStatus

import pytest

from bot.web.pages.sessions import SESSION, STARTED, Sealer, Session, new_session
from tests.clocks import START
from tests.web.pages.conftest import SECRET, TOKEN, WEB, Pages

LATER = START + timedelta(hours=1)


@pytest.mark.parametrize("token", ["", TOKEN[:-1], f"{TOKEN} ", f"{TOKEN}t", TOKEN.upper(), "é" * 40])
async def test_only_the_operators_token_lets_in(pages: Pages, token: str) -> None:
    response = await pages.post("/sign-in", token=token)

    assert response.status == HTTPStatus.FORBIDDEN
    assert "Set-Cookie" not in response.headers
    assert "not the operator&#39;s token" in await response.text()


async def test_the_cookie_is_kept_from_scripts_and_other_sites(pages: Pages) -> None:
    kept = (await pages.post("/sign-in", token=TOKEN)).headers["Set-Cookie"]

    assert "HttpOnly" in kept
    assert "SameSite=Strict" in kept
    assert TOKEN not in kept


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
async def test_nobody_is_signed_in_from_another_site(pages: Pages, headers: dict[str, str]) -> None:
    response = await pages.client.post("/sign-in", data={"token": TOKEN}, headers=headers, allow_redirects=False)
    assert response.status == HTTPStatus.FORBIDDEN
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"token=" + b"x" * 5000, {}, 413),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"token=x", {"Content-Encoding": "gzip"}, 415),
    ],
    ids=["large", "no form", "encoded"],
)
async def test_a_form_is_small_and_plain(pages: Pages, body: bytes, headers: dict[str, str], status: int) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"} | headers
    assert (await pages.client.post("/sign-in", data=body, headers=form, skip_auto_headers=())).status == status


async def test_a_person_goes_to_github_and_comes_back(pages: Pages) -> None:
    response = await pages.get("/sign-in/github")
    assert response.headers["Location"].startswith(f"{WEB}/login/oauth/authorize?client_id=Iv1.of-the-app&state=")
    # Lax: it has to come along when GitHub sends the person back.
    assert "SameSite=Lax" in response.headers["Set-Cookie"]

    response = await pages.come_back(await pages.begin("writer"))

    session = next(each for each in response.headers.getall("Set-Cookie") if each.startswith(f"{SESSION}="))
    assert "SameSite=Strict" in session
    assert "token-of-writer" not in session
    assert "token-of-writer" not in await response.text()
    assert response.headers["Refresh"] == "0; url=/"
    assert "acme" in await pages.text("/")


async def test_a_sign_in_that_began_in_another_browser_is_none(pages: Pages) -> None:
    """Else a link could sign somebody in as whoever made it."""
    query = await pages.begin("writer")
    pages.client.session.cookie_jar.clear()

    assert (await pages.come_back(query)).status == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("state", ["", "x", "é"])
async def test_a_state_has_to_be_that_of_the_browser(pages: Pages, state: str) -> None:
    query = await pages.begin("writer")
    assert (await pages.come_back(query | {"state": state})).status == HTTPStatus.FORBIDDEN


async def test_a_sign_in_counts_once_and_for_ten_minutes(pages: Pages) -> None:
    query = await pages.begin("writer")
    assert (await pages.come_back(query)).status == HTTPStatus.OK
    assert (await pages.come_back(query)).status == HTTPStatus.FORBIDDEN

    query = await pages.begin("writer")
    pages.clock.advance(601)
    assert (await pages.come_back(query)).status == HTTPStatus.FORBIDDEN


async def test_a_code_that_github_does_not_know_lets_nobody_in(pages: Pages) -> None:
    query = await pages.begin("writer")
    assert (await pages.come_back(query | {"code": "another"})).status == HTTPStatus.FORBIDDEN
    assert (await pages.get("/")).headers["Location"] == "/sign-in"


@pytest.mark.parametrize(("who", "hours"), [("operator", 12), ("writer", 8)])
async def test_a_session_ends(pages: Pages, who: str, hours: int) -> None:
    await pages.enter(who)
    pages.clock.advance(hours * 3600 - 1)
    assert (await pages.get("/")).status == HTTPStatus.OK

    pages.clock.advance(1)

    assert (await pages.get("/")).status == HTTPStatus.SEE_OTHER


async def test_who_signs_out_is_out(pages: Pages) -> None:
    await pages.enter("writer")
    await pages.post("/sign-out", form=await pages.form())
    assert (await pages.get("/")).status == HTTPStatus.SEE_OTHER


def test_what_was_sealed_is_opened_by_us_for_its_cookie_alone() -> None:
    sealer, session = Sealer(("new" * 20, "old" * 20), TOKEN), new_session(LATER, login="octo", token=TOKEN)
    text = sealer.seal(session, SESSION)

    assert sealer.open(text, SESSION, Session) == session
    assert "octo" not in text
    assert sealer.open(text, STARTED, Session) is None
    for wrong in ("", "x", "é", text[:-4], text[:20] + "AAAA" + text[24:], "A" * 5000):
        assert sealer.open(wrong, SESSION, Session) is None, wrong


def test_a_rotation_ends_no_session_and_another_token_ends_all() -> None:
    text = Sealer((SECRET,), TOKEN).seal(new_session(LATER), SESSION)

    assert Sealer(("new" * 20, SECRET), TOKEN).open(text, SESSION, Session)
    assert Sealer((SECRET,), "u" * 40).open(text, SESSION, Session) is None
    assert Sealer((SECRET,), "").open(text, SESSION, Session) is None


def test_a_token_does_not_show() -> None:
    assert TOKEN not in repr(new_session(LATER, login="octo", token=TOKEN))
