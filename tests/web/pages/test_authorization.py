"""Who may see and do what: a table of every route and button, by who asks."""

import re
from http import HTTPStatus

import pytest

from bot.web.pages.actions import DEEDS
from bot.web.pages.site import routes
from tests.web.pages.conftest import Pages

WHO = ("nobody", "stranger", "reader", "writer", "operator")
AWAY, SEEN, NONE, NOT = HTTPStatus.SEE_OTHER, HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN
EVERYBODY = (AWAY, SEEN, SEEN, SEEN, SEEN)
OURS = (AWAY, NONE, SEEN, SEEN, SEEN)
SECRET = (AWAY, NONE, NONE, NONE, SEEN)
OPERATORS = (AWAY, NONE, NONE, NONE, SEEN)

SHOWN = {
    "/": EVERYBODY,
    "/installations/7": OURS,
    "/repositories/70": OURS,
    "/repositories/70/runs": OURS,
    "/repositories/70/runs/1": OURS,
    "/repositories/71": SECRET,
    "/repositories/71/runs": SECRET,
    "/repositories/71/runs/2": SECRET,
    # A run of one repository is not shown as one of another.
    "/repositories/70/runs/2": (AWAY, NONE, NONE, NONE, NONE),
    "/repositories?name=acme/app": (AWAY, NONE, AWAY, AWAY, AWAY),
    "/repositories?name=acme/secret": (AWAY, NONE, NONE, NONE, AWAY),
    "/queue": OPERATORS,
    "/runs": OPERATORS,
    "/budgets": OPERATORS,
    "/packages": OPERATORS,
    "/sign-in": (SEEN,) * 5,
    "/sign-in/github": (AWAY,) * 5,
    "/sign-in/github/callback": (NOT,) * 5,
    "/style.css": (SEEN,) * 5,
}
WRITERS = (NOT, NONE, NOT, AWAY, AWAY)
PRESSED = {
    **{f"/repositories/70/{deed}": WRITERS for deed in DEEDS},
    **{f"/repositories/71/{deed}": (NOT, NONE, NONE, NONE, AWAY) for deed in DEEDS},
    "/installations/7/pause": (NOT, NONE, NONE, NONE, AWAY),
    "/installations/7/resume": (NOT, NONE, NONE, NONE, AWAY),
    "/sign-out": (NOT, AWAY, AWAY, AWAY, AWAY),
}
STATE = """
SELECT array(SELECT repository FROM repository ORDER BY repository_id), array(SELECT installation FROM installation)
"""


@pytest.fixture
async def runs(pages: Pages) -> None:
    for identity in (70, 71):
        await pages.do(
            "INSERT INTO run (job_id, installation_id, repository_id, log) VALUES (1, 7, %s, '{}')", identity
        )


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(("number", "who"), list(enumerate(WHO)), ids=WHO)
async def test_who_sees_what(pages: Pages, number: int, who: str) -> None:
    await pages.enter(who)

    answered = {path: (await pages.get(path)).status for path in SHOWN}

    assert answered == {path: statuses[number] for path, statuses in SHOWN.items()}


@pytest.mark.parametrize(("number", "who"), list(enumerate(WHO)), ids=WHO)
async def test_who_may_press_what(pages: Pages, number: int, who: str) -> None:
    await pages.enter(who)
    form = "" if who == "nobody" else await pages.form()
    before = await pages.row(STATE)

    answered = {path: (await pages.post(path, form=form)).status for path in PRESSED}

    assert answered == {path: statuses[number] for path, statuses in PRESSED.items()}
    assert (await pages.row(STATE) == before) is (who in {"nobody", "stranger", "reader"})


@pytest.mark.parametrize("who", ["writer", "operator"])
@pytest.mark.parametrize("form", ["", "x", "é", "of another"])
async def test_a_form_from_elsewhere_changes_nothing(pages: Pages, who: str, form: str) -> None:
    await pages.enter(who)
    other = await pages.form()
    await pages.enter(who)
    before = await pages.row(STATE)

    for path in PRESSED:
        response = await pages.post(path, form=other if form == "of another" else form)
        assert response.status == HTTPStatus.FORBIDDEN, path

    assert await pages.row(STATE) == before


def test_every_route_is_in_the_table(pages: Pages) -> None:
    assert pages.client.app is not None
    asked = {
        (route.method, str(route.resource and route.resource.canonical)) for route in pages.client.app.router.routes()
    }

    tried = {("GET", path.partition("?")[0]) for path in SHOWN} | {("POST", path) for path in PRESSED}
    for method, pattern in asked - {("POST", "/sign-in")}:
        form = re.sub(r"\{\w+\}", "[^/]+", pattern)
        assert any(method in (each, "HEAD") and re.fullmatch(form, path) for each, path in tried), (method, pattern)
    assert callable(routes)


async def test_somebody_whom_github_knows_no_more_is_signed_out(pages: Pages) -> None:
    await pages.enter("writer")
    pages.github.gone.add("writer")

    assert (await pages.get("/")).status == HTTPStatus.FORBIDDEN
    assert (await pages.get("/")).headers["Location"] == "/sign-in"


async def test_what_github_does_not_say_is_not_guessed(pages: Pages) -> None:
    await pages.enter("writer")
    pages.github.fails = True

    assert (await pages.get("/repositories/70")).status == HTTPStatus.BAD_GATEWAY


async def test_an_installation_shows_a_person_their_repositories_only(pages: Pages) -> None:
    await pages.enter("reader")
    seen = await pages.text("/installations/7")
    assert "acme/app" in seen
    assert "secret" not in seen
    assert "other" not in await pages.text("/")


async def test_who_may_only_read_is_offered_no_button(pages: Pages) -> None:
    await pages.enter("reader")
    assert "formaction" not in await pages.text("/repositories/70")
