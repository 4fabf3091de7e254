"""Below folds stands what was published between two versions, the newest first, in their authors' words."""

import re
from collections.abc import Iterable

from bot.model.project import Project, UpstreamRelease
from bot.model.update import Update
from bot.rendering.release_notes import MOST_RELEASES, ROOM, ROOM_OF_ONE, release_notes
from tests.rendering.proposals import update

REPOSITORY = "https://github.com/tool/tool"
MOVE = update("tool", "1.0", "1.3")


def folds(releases: Iterable[UpstreamRelease], *updates: Update) -> list[str]:
    project = Project(repository=REPOSITORY, releases=tuple(releases))
    return list(release_notes(updates, {(each.datasource, each.name): project for each in updates}))


def release(tag: str, notes: str = "Words.", *, is_prerelease: bool = False) -> UpstreamRelease:
    return UpstreamRelease(tag=tag, notes=notes, is_prerelease=is_prerelease)


def headings(fold: str) -> list[str]:
    return re.findall(r"^\*\*\[(.*?)\]", fold, re.MULTILINE)


def test_what_lies_between_is_shown_from_the_newest_on() -> None:
    tags = ("v1.1", "v1.3", "v1.0", "v1.2", "v1.4", "nightly", "other-1.2")

    (fold,) = folds(map(release, tags), MOVE)

    assert headings(fold) == ["1.3", "1.2", "1.1"]
    assert fold.startswith("<details><summary>Release notes of tool (3)</summary>")


def test_candidates_are_passed_over_unless_one_is_proposed() -> None:
    releases = (release("v1.3rc1", is_prerelease=True), release("v1.2"))

    (fold,) = folds(releases, MOVE)
    (of_candidate,) = folds(releases, update("tool", "1.0", "1.3rc1"))

    assert headings(fold) == ["1.2"]
    assert headings(of_candidate) == ["1.3rc1", "1.2"]


def test_without_words_there_is_no_fold() -> None:
    assert folds([release("v1.2", " \n"), release("v1.3", "<!-- nothing -->")], MOVE) == []
    assert folds([], MOVE) == []
    assert release_notes([MOVE], {}) == []


def test_what_does_not_fit_is_counted_beside_a_link_to_all_of_it() -> None:
    notes = "\n".join(f"- {'word ' * 20}{number}" for number in range(200))

    (fold,) = folds([release("v1.3", notes), release("v1.2")], MOVE)

    assert len(fold) < ROOM_OF_ONE + 500
    assert re.search(
        r"^\*… \d+ more parts: \[1\.3\]\(https://github.com/tool/tool/releases/tag/v1\.3\)\*$", fold, re.MULTILINE
    )
    assert headings(fold) == ["1.3"]


def test_many_packages_share_the_room() -> None:
    notes = "\n".join(f"- {'word ' * 20}{number}" for number in range(200))

    found = folds([release("v1.3", notes)], *(update(f"tool{number}", "1.0", "1.3") for number in range(30)))

    assert len(found) == 30
    assert sum(map(len, found)) < ROOM + 30 * 300


def test_only_so_many_releases_are_read() -> None:
    (fold,) = folds((release(f"v1.2.{number}") for number in range(40)), MOVE)

    assert headings(fold) == [f"1.2.{number}" for number in range(39, 39 - MOST_RELEASES, -1)]


def test_a_name_that_is_no_plain_one_is_not_put_into_a_tag() -> None:
    (fold,) = folds([release("v1.3")], update("<b>@x", "1.0", "1.3"))

    assert fold.startswith("<details><summary>Release notes of a package (1)</summary>")
