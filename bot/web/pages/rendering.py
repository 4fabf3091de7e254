"""Templates to answers. All text is escaped, and what would act or hide in it is shown as what it is."""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from importlib.resources import files
from typing import Final

import jinja2
from aiohttp import web

from bot.rendering.printable import printable

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""No script, nothing from elsewhere, in nobody's frame, kept by nobody: https://www.w3.org/TR/CSP3/"""

STYLE_HEADERS: Final = HEADERS | {"Cache-Control": "max-age=300"}
MINUTE, HOUR, DAY = 60, 3600, 86400


class Templates:
    """The templates of the pages; *now* tells the moment that ages count from."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("bot.web.pages"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_shown,
        )
        self._environment.filters["moment"] = moment
        self._environment.filters["ago"] = lambda when: ago(when, self._now())
        self._environment.filters["duration"] = duration

    def page(self, template: str, values: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> web.Response:
        """Return a page."""
        text = self._environment.get_template(template).render(values)
        return web.Response(text=text, content_type="text/html", charset="utf-8", status=status, headers=HEADERS)


def style() -> web.Response:
    """Return the style sheet."""
    css = (files("bot.web.pages") / "templates" / "style.css").read_text(encoding="utf-8")
    return web.Response(text=css, content_type="text/css", charset="utf-8", headers=STYLE_HEADERS)


def redirect(location: str) -> web.Response:
    """Return that somebody is to go on at *location*, with GET."""
    return web.Response(status=HTTPStatus.SEE_OTHER, headers=HEADERS | {"Location": location})


def moment(when: datetime) -> str:
    """Return a moment as people read it: all of one time zone."""
    return f"{when:%Y-%m-%d %H:%M} UTC"


def ago(when: datetime, now: datetime) -> str:
    """Return how far a moment is from *now*."""
    seconds = (now - when).total_seconds()
    words = duration(abs(seconds))
    return f"{words} ago" if seconds >= 0 else f"in {words}"


def duration(seconds: float | None) -> str:
    """Return a number of seconds in the unit that fits; None is what has not ended."""
    if seconds is None:
        return "not yet"
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"


def _shown(value: object) -> object:
    return printable(value) if type(value) is str else value
