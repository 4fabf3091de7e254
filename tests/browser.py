"""A person's browser, as far as registering an App needs one: it keeps cookies, sends forms, follows redirects."""

from dataclasses import dataclass
from html.parser import HTMLParser

import httpx


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The form of a page: where it goes, and what is in it."""

    action: str
    fields: dict[str, str]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(action=attributes["action"], fields={}))
        elif tag == "input":
            self.found[-1].fields[attributes["name"]] = attributes["value"]


def browser() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False, follow_redirects=True)


def form_of(page: httpx.Response) -> Form:
    forms = _Forms()
    forms.feed(page.text)
    (found,) = forms.found
    return found


async def register(person: httpx.AsyncClient, link: str) -> httpx.Response:
    """Open *link*, agree at GitHub, and return the page that GitHub sends the person back to."""
    form = form_of(await person.get(link))
    return await person.post(form.action, data=form.fields)
