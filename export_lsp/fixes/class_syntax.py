"""What a class says of itself: its methods, and what its constructor makes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from export_lsp.protocol import Location
from export_lsp.source import Source

CONSTRUCTOR = "__init__"


def around(source: Source, place: Location) -> ast.ClassDef | None:
    """The innermost class that a place is in."""
    return next((n for n in source.enclosing(place) if isinstance(n, ast.ClassDef)), None)


def method(node: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    return next(
        (each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == name),
        None,
    )


def in_constructor(node: ast.ClassDef) -> Iterator[ast.AST]:
    constructor = method(node, CONSTRUCTOR)
    return iter(()) if constructor is None else ast.walk(constructor)


def made(node: ast.ClassDef, attribute: str) -> ast.Assign | None:
    """Where the constructor makes an attribute."""
    assigned = (each for each in in_constructor(node) if isinstance(each, ast.Assign))
    return next((each for each in assigned if sets(each, attribute)), None)


def sets(statement: ast.Assign, attribute: str) -> bool:
    """Whether a statement assigns to an attribute of `self`, and to nothing else."""
    return [ast.unparse(target) for target in statement.targets] == [f"self.{attribute}"]
