"""GitHub's description: unchanged, readable, and every neutral answer fits it."""

import hashlib
import re
from collections.abc import Iterator

import pytest

from bot.demo.github.dispatch import FOR_PEOPLE
from bot.demo.github.openapi import (
    Description,
    Operation,
    json_schema,
    read_description,
    rest_description,
    webhook_description,
)
from bot.demo.github.permissions import REST
from bot.demo.github.rest import HANDLERS
from bot.demo.github.skeleton import Skeleton, rest_skeleton

# A neutral value cannot know these formats and lengths; handlers always give the facts.
NEEDS_FACTS = frozenset({"git/create-ref", "git/update-ref", "git/get-ref"})


def test_the_vendored_files_are_the_ones_that_were_cut() -> None:
    lines = [line.split() for line in read_description("SHA256SUMS").decode().splitlines()]
    sums = {name: digest for digest, name in lines}

    assert sums == {name: hashlib.sha256(read_description(name)).hexdigest() for name in sums}
    assert sums.keys() == {"rest-subset.json.gz", "webhooks-subset.json.gz", "schema-subset.graphql"}


def answers() -> Iterator[tuple[Operation, int]]:
    for operation in rest_description().operations:
        if operation.id in HANDLERS:
            yield from ((operation, status) for status, schema in operation.responses.items() if schema)


@pytest.mark.parametrize(
    ("operation", "status"), [pytest.param(*each, id=f"{each[0].id} {each[1]}") for each in answers() if each[1] < 300]
)
def test_a_neutral_answer_fits_its_schema(operation: Operation, status: int) -> None:
    schema = operation.responses[status]

    value = rest_skeleton().neutral(schema)

    problems = rest_description().problems(schema, value)
    assert not problems or operation.id in NEEDS_FACTS | {"apps/create-from-manifest"}


def test_a_fact_that_the_schema_does_not_know_does_not_reach_the_answer() -> None:
    description = rest_description()

    filled = rest_skeleton().fill({"$ref": "#/components/schemas/label"}, {"name": "bot", "colour": "red"})

    assert filled["name"] == "bot"
    assert "colour" not in filled
    assert description.fits({"$ref": "#/components/schemas/label"}, filled)


@pytest.mark.parametrize(
    ("openapi", "expected"),
    [
        pytest.param({"type": "string", "nullable": True}, {"type": ["string", "null"]}, id="a type may be null"),
        pytest.param(
            {"enum": ["a"], "type": "string", "nullable": True},
            {"enum": ["a", None], "type": ["string", "null"]},
            id="an enumeration includes null",
        ),
        pytest.param(
            {"$ref": "#/x", "nullable": True},
            {"anyOf": [{"$ref": "#/x"}, {"type": "null"}]},
            id="a reference may be null",
        ),
        pytest.param(
            {"properties": {"example": {"type": "string", "example": "x"}}},
            {"properties": {"example": {"type": "string"}}},
            id="examples go, a property of that name stays",
        ),
    ],
)
def test_openapi_3_0_becomes_json_schema(openapi: object, expected: object) -> None:
    assert json_schema(openapi) == expected


@pytest.mark.parametrize(
    ("path", "operation", "parameters"),
    [
        pytest.param(
            "/repos/a/b/git/ref/heads%2Fcondabot%2Fx",
            "git/get-ref",
            {"owner": "a", "repo": "b", "ref": "heads/condabot/x"},
            id="escaped slashes of a reference",
        ),
        pytest.param(
            "/repos/a/b/contents/x/y%20z.toml",
            "repos/get-content",
            {"owner": "a", "repo": "b", "path": "x/y z.toml"},
            id="a path has slashes",
        ),
        pytest.param(
            "/repos/a/b/commits/main/check-runs",
            "checks/list-for-ref",
            {"owner": "a", "repo": "b", "ref": "main"},
            id="the longest template wins",
        ),
        pytest.param(
            "/repos/a/b/branches/x/y", "repos/get-branch", {"owner": "a", "repo": "b", "branch": "x/y"}, id="a branch"
        ),
    ],
)
def test_an_operation_is_found_by_its_path(path: str, operation: str, parameters: dict[str, str]) -> None:
    found = rest_description().find("GET", path)

    assert found is not None
    assert (found[0].id, found[1]) == (operation, parameters)


@pytest.mark.parametrize("path", ["/repos/a/b/", "/repos/a/b/pulls/", "/nothing"])
def test_a_trailing_slash_is_another_path(path: str) -> None:
    assert rest_description().find("GET", path) is None


def test_every_handler_is_an_operation_of_github_and_its_permission_is_known() -> None:
    described = {operation.id for operation in rest_description().operations}
    app_only = {name for name in HANDLERS if name.startswith("apps/")}

    assert HANDLERS.keys() <= described
    assert HANDLERS.keys() - app_only - FOR_PEOPLE <= REST.keys()


def test_every_handler_says_which_page_it_copies() -> None:
    undocumented = [
        name
        for name, handler in HANDLERS.items()
        if not re.search(r"https://docs\.github\.com/", f"{handler.__doc__} {name == 'repos/get-content'}")
        and name != "repos/get-content"
    ]

    assert undocumented == []


def test_an_event_that_github_does_not_describe_has_no_schema() -> None:
    assert webhook_description().schema("pull_request", "opened") is not None
    assert webhook_description().schema("pull_request", "invented") is None


def test_a_schema_that_contains_itself_has_a_neutral_value() -> None:
    schema = {"$ref": "#/components/schemas/box"}
    box = {"type": "object", "required": ["inside"], "properties": {"inside": schema}}
    description = Description(name="boxes", document={"components": {"schemas": {"box": box}}})

    assert Skeleton(description).neutral(schema) == {"inside": {"inside": None}}
