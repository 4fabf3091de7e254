"""The calls that the code makes, found in its text: each with its method and its path, as descriptions write them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import bot.github

METHODS = {
    "get": "get",
    "pages": "get",
    "content": "get",
    "post": "post",
    "post_encoded": "post",
    "patch": "patch",
    "delete": "delete",
}


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """An operation of REST."""

    path: str
    method: str
    query: tuple[str, ...] = ()


def calls() -> frozenset[Call]:
    """Return every call of REST that `bot.github` makes."""
    folder = Path(bot.github.__file__).parent
    return frozenset(call for path in folder.glob("*.py") for call in _in_module(ast.parse(path.read_text("utf-8"))))


def _in_module(module: ast.Module) -> Iterator[Call]:
    constants = {
        target.id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in METHODS
            and node.args
        ):
            first = node.args[0]
            text = constants.get(first.id) if isinstance(first, ast.Name) else getattr(first, "value", None)
            if isinstance(text, str) and text.startswith("/"):
                path, _, query = text.partition("{?")
                names = tuple(query.removesuffix("}").split(",")) if query else ()
                yield Call(path=path, method=METHODS[node.func.attr], query=names)
