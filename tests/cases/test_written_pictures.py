"""The pictures in the documents are what condabot prints today."""

import re

from fixtures.write_pictures import FOLDER, pictures


async def test_the_pictures_show_what_is_printed_today_and_fetch_nothing() -> None:
    drawn = await pictures()

    assert {each.name: each.read_text(encoding="utf-8") for each in FOLDER.iterdir()} == drawn, "run `make docs`"
    for picture in drawn.values():
        assert set(re.findall(r"\w+://[^\s\"]+", picture)) == {"http://www.w3.org/2000/svg"}
