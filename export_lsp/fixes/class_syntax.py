"""The syntax of a class: its methods, and the attributes that its constructor sets."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from export_lsp.protocol import Location
from export_lsp.source import Source

CONSTRUCTOR = "__init__"


def enclosing_class(source: Source, location: Location) -> ast.ClassDef | None:
    """Return the innermost class around a location."""
    return next((n for n in source.enclosing(location) if isinstance(n, ast.ClassDef)), None)


def method(node: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    """Return the method that a class itself defines under a name."""
    return next(
        (each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == name),
        None,
    )


def walk_constructor(node: ast.ClassDef) -> Iterator[ast.AST]:
    """Yield all nodes of a class's constructor; none if it has none of its own."""
    constructor = method(node, CONSTRUCTOR)
    return iter(()) if constructor is None else ast.walk(constructor)


def assignment_in_constructor(node: ast.ClassDef, attribute: str) -> ast.Assign | None:
    """Return the first statement of the constructor that assigns an attribute of `self`."""
    assigned = (each for each in walk_constructor(node) if isinstance(each, ast.Assign))
    return next((each for each in assigned if assigns_only(each, attribute)), None)


def assigns_only(statement: ast.Assign, attribute: str) -> bool:
    """Return whether a statement assigns an attribute of `self` and nothing else."""
    return [ast.unparse(target) for target in statement.targets] == [f"self.{attribute}"]
