"""What the pages show, and that nothing in it acts."""

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from html.parser import HTMLParser
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bot.store.locked import LockedRecord, remember_locked
from bot.web.pages.rendering import ago, duration
from tests.clocks import START
from tests.web.pages.conftest import HOSTILE, Pages

GOLDEN = Path(__file__).with_name("repository.html")
PAGES = (
    "/",
    "/installations/7",
    "/repositories/70",
    "/repositories/70/runs",
    "/repositories/70/runs/1",
    "/queue",
    "/runs",
    "/budgets",
    "/packages",
    "/sign-in",
    "/nowhere-but-a-repository",
    "/repositories/999",
)


class Outline(HTMLParser):
    """What a page is made of: its tags and attributes, and what is wrong with how they nest."""

    VOID = frozenset({"meta", "link", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.problems: list[str] = []
        self.feed(text)
        self.problems += self.open

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}>")


async def fill(pages: Pages, text: str) -> None:
    """Have *text* wherever somebody else's text may stand."""
    await pages.do("UPDATE installation SET account = %s WHERE installation_id = 7", text)
    await pages.do(
        "UPDATE repository SET full_name = %s, reason = %s, head = %s, wanted_at = %s, priority = 50, "
        "next_try_at = %s, scanned_at = %s WHERE repository_id = 70",
        *(text, text, text, START, START, START),
    )
    await pages.do(
        "INSERT INTO run (job_id, installation_id, repository_id, started_at, finished_at, state, reason, outcomes, "
        "log) VALUES (1, 7, 70, %s, %s, 'failed', %s, %s, %s)",
        *(START, START + timedelta(seconds=90), text, [f"held back {text}", text], [text]),
    )
    await pages.do("INSERT INTO proposal (repository_id, key, failures, sentence) VALUES (70, %s, 5, %s)", text, text)
    handed = {
        text: {"at": START.isoformat(), "place": text, "failures": 2, "sentence": text, "next_try": START.isoformat()}
    }
    await pages.do("UPDATE repository SET handed = %s WHERE repository_id = 70", json.dumps(handed))
    await pages.do("INSERT INTO push (repository_id, key) VALUES (70, %s)", text)
    await pages.do("INSERT INTO halt (cause, sentence) VALUES ('person', %s)", text)


@pytest.mark.parametrize("path", PAGES)
async def test_hostile_text_is_text(pages: Pages, path: str) -> None:
    await fill(pages, HOSTILE)
    await pages.enter("operator")

    text = await (await pages.get(path)).text()

    assert "<script" not in text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", text)
    outline = Outline(text)
    assert {tag for tag, _ in outline.tags}.isdisjoint({"script", "iframe", "img", "object", "style", "base"})
    assert not [
        name for _, attributes in outline.tags for name in attributes if name.startswith("on") or name == "style"
    ]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_well_made_and_can_be_read_aloud(pages: Pages, path: str) -> None:
    await fill(pages, "plain")
    await pages.enter("operator")

    response = await pages.get(path)
    if response.status == HTTPStatus.NOT_FOUND and path.startswith("/nowhere"):
        return
    outline = Outline(await response.text())

    assert outline.problems == []
    assert [tag for tag, _ in outline.tags].count("h1") == 1
    labels = {attributes.get("for") for tag, attributes in outline.tags if tag == "label"}
    inputs = {
        attributes.get("id")
        for tag, attributes in outline.tags
        if tag == "input" and attributes.get("type") != "hidden"
    }
    assert inputs == labels
    assert next(attributes for tag, attributes in outline.tags if tag == "html")["lang"] == "en"
    for tag, attributes in outline.tags:
        if tag == "form" and attributes.get("method") == "post" and path != "/sign-in":
            assert 'name="form"' in await response.text()


@pytest.mark.parametrize("path", [*PAGES[:-2], "/repositories/999", "/style.css", "/sign-in/github/callback"])
async def test_nothing_from_elsewhere_is_loaded_and_nobody_frames_it(pages: Pages, path: str) -> None:
    await pages.enter("operator")

    policy = (await pages.get(path)).headers["Content-Security-Policy"]

    assert policy.split("; ") == [
        "default-src 'none'",
        "style-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]


async def test_one_screen_says_why_a_repository_got_nothing(pages: Pages) -> None:
    """The whole page; written anew where it is not there."""
    await fill(pages, "acme/app")
    await pages.do("UPDATE proposal SET failed_at = %s", START)
    await pages.do("UPDATE push SET pushed_at = now() - interval '1 day'")
    await pages.do("UPDATE halt SET at = %s, sentence = 'the operator paused it'", START)
    await pages.enter("operator")

    text = re.sub(r'name="form" value="[^"]+"', 'name="form" value="…"', await pages.text("/repositories/70"))
    text = re.sub(r'<time datetime="(?!2026-08-01)[^>]+>[^<]+</time>', "<time>…</time>", text)

    if not GOLDEN.exists():
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


async def test_buttons_write_down_what_a_person_wants(pages: Pages) -> None:
    await pages.do("INSERT INTO proposal (repository_id, key, failures, sentence) VALUES (70, 'k', 5, 'x')")
    await pages.enter("writer")
    form = await pages.form()
    state = "SELECT ticked, paused, wanted_at IS NOT NULL, priority, reason FROM repository WHERE repository_id = 70"

    await pages.post("/repositories/70/pause", form=form)
    assert await pages.row(state) == (False, True, False, 0, "")
    await pages.post("/repositories/70/resume", form=form)
    assert await pages.row(state) == (False, False, True, 60, "writer asked for it")
    await pages.post("/repositories/70/tick", form=form)
    assert (await pages.row(state))[0] is True
    await pages.post("/repositories/70/untick", form=form)
    assert (await pages.row(state))[0] is False

    assert await pages.row("SELECT count(*) FROM proposal") == (0,)
    assert await pages.row("SELECT next_at IS NOT NULL FROM installation WHERE installation_id = 7") == (True,)


async def test_lists_go_on_where_they_ended(pages: Pages) -> None:
    await pages.do(
        "INSERT INTO repository (repository_id, installation_id, full_name) "
        "SELECT 1000 + n, 7, 'acme/n' || lpad(n::text, 3, '0') FROM generate_series(1, 120) AS n"
    )
    await pages.enter("operator")

    path, names = "/installations/7", list[str]()
    while True:
        text = await pages.text(path)
        names += re.findall(r">(acme/n\d+)<", text)
        if not (more := re.search(r'rel="next" href="\?([^"]+)"', text)):
            break
        path = f"/installations/7?{more[1]}"

    assert names == [f"acme/n{number:03}" for number in range(1, 121)]


@pytest.mark.parametrize(
    "path", ["/?after=%00", "/?after=x:%ff", "/runs?before=nan", "/runs?before=1e999", "/repositories?name=%00"]
)
async def test_a_query_that_makes_no_sense_is_no_defect(pages: Pages, path: str) -> None:
    await pages.enter("operator")
    assert (await pages.get(path)).status in {HTTPStatus.OK, HTTPStatus.NOT_FOUND}


async def test_a_number_too_large_for_the_database_is_of_nothing(pages: Pages) -> None:
    await pages.enter("operator")
    for path in ("/repositories/", "/installations/"):
        assert (await pages.get(f"{path}{'9' * 30}")).status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172800, "2 d"), (None, "not yet")],
)
def test_a_span_is_told_in_the_unit_that_fits(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


def test_a_moment_is_told_from_now() -> None:
    assert (ago(START, START + timedelta(hours=3)), ago(START + timedelta(minutes=5), START)) == ("3 h ago", "in 5 min")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("xz", "2 repositories lock it"),
        ("XZ >=5.6,<5.6.2", "1 repository locks it"),
        ("xz>=5.6,<5.6.2", "1 repository locks it"),
        ("xz 5.4.*", "1 repository locks it"),
        ("a" * 64, "1 repository locks it"),
        ("A" * 64, "1 repository locks it"),
        ("zlib", "0 repositories lock it"),
        ("xz >>5", 'role="alert"'),
        (">=5", "neither a name"),
        ("<script>", "neither a name"),
    ],
)
async def test_who_locks_a_package(pages: Pages, asked: str, said: str) -> None:
    async with pages.pool.connection() as connection:
        await remember_locked(connection, 70, (LockedRecord(name="xz", version="5.6.1", sha256="a" * 64),))
        await remember_locked(connection, 80, (LockedRecord(name="xz", version="5.4.0", sha256="b" * 64),))
    await pages.enter("operator")

    text = await pages.text(f"/packages?{urlencode({'asked': asked})}")

    assert said in text
    assert ("/repositories/70" in text) is (asked[0] in "xXaA" and said.startswith(("1", "2")) and "5.4" not in asked)


async def test_budgets_are_shown_where_github_told_of_one(pages: Pages) -> None:
    await pages.do(
        "INSERT INTO budget (installation_id, core_limit, core_remaining, core_reset, blocked_until) "
        "VALUES (7, 5000, 12, now() + interval '1 h', now() + interval '1 h'), "
        "(0, 5000, 4000, now() + interval '1 h', 'epoch')"
    )
    await pages.enter("operator")
    text = await pages.text("/budgets")
    assert "acme" in text
    assert "12 of 5000" in text
    assert "the App itself" in text
