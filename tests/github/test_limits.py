"""What is heard of limits in an answer, in the forms that are documented and in odd ones."""

from datetime import UTC, datetime

import pytest

from bot.github.limits import NOTHING, Block, Heard, Primary, Resource, heard

RESET = datetime(2026, 8, 1, 13, tzinfo=UTC)
LEFT = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "7", "x-ratelimit-reset": str(int(RESET.timestamp()))}
SENTENCE = b'{"message": "You have exceeded a secondary rate limit."}'


def left(resource: Resource, remaining: int = 7) -> Primary:
    return Primary(resource=resource, limit=5000, remaining=remaining, reset=RESET)


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        pytest.param(200, {}, b"", NOTHING, id="nothing"),
        pytest.param(200, LEFT, b"", Heard(primary=left(Resource.CORE)), id="what is left"),
        pytest.param(
            304, LEFT | {"x-ratelimit-resource": "graphql"}, b"", Heard(primary=left(Resource.GRAPHQL), free=True),
            id="an unchanged answer is free",
        ),
        pytest.param(200, LEFT | {"x-ratelimit-resource": "search"}, b"", NOTHING, id="what is never asked for"),
        pytest.param(200, LEFT | {"x-ratelimit-reset": "9" * 30}, b"", NOTHING, id="a time that is none"),
        pytest.param(200, {"date": "yesterday"}, b"", NOTHING, id="a date that is none"),
        pytest.param(
            200, {"date": "Sat, 01 Aug 2026 13:00:00 GMT"}, b"", Heard(date=RESET), id="GitHub's own time"
        ),
        pytest.param(200, {"retry-after": "5"}, SENTENCE, NOTHING, id="no limit at all"),
        pytest.param(403, {}, b"{}", NOTHING, id="a missing permission"),
        pytest.param(403, {}, SENTENCE, Heard(block=Block(seconds=60, named=False)), id="one by its sentence"),
        pytest.param(429, {}, b"", Heard(block=Block(seconds=60, named=False)), id="one by its status"),
        pytest.param(
            429, {"retry-after": "90"}, b"", Heard(block=Block(seconds=90, named=True)), id="one that names its end"
        ),
        pytest.param(
            429, {"retry-after": "9" * 30}, b"", Heard(block=Block(seconds=86_400, named=True)), id="one without end"
        ),
        pytest.param(
            429, LEFT | {"x-ratelimit-remaining": "0"}, b"", Heard(primary=left(Resource.CORE, 0)), id="a primary one"
        ),
    ],
)  # fmt: skip
def test_what_an_answer_says(status: int, headers: dict[str, str], body: bytes, expected: Heard) -> None:
    assert heard(status, headers, body) == expected
