"""The pull request in the README and in the documents is the one that condabot makes today."""

from fixtures.write_body import DOCUMENT, README, document, pull_request, with_beginning


async def test_the_documents_show_what_is_made_today() -> None:
    title, body = await pull_request()

    advice = "run `make docs`"
    assert DOCUMENT.read_text(encoding="utf-8") == document(title, body), advice
    text = README.read_text(encoding="utf-8")
    assert text == with_beginning(text, title, body), advice
