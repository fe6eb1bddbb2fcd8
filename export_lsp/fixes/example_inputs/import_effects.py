"""Effects of importing a file: one that does more than define things is not run unasked."""

from __future__ import annotations

import ast
from collections.abc import Iterable

# Functions whose calls only make values, by the last part of their names.
HARMLESS = frozenset(
    (
        *("getLogger", "TypeVar", "ParamSpec", "NewType", "namedtuple", "compile", "device"),
        *("dict", "frozenset", "int", "float", "len", "list", "range", "set", "str", "tuple"),
        *("Dim", "Path", "get", "partial", "field"),
    )
)


def only_defines(tree: ast.Module) -> bool:
    """Return whether importing a module only defines things, as far as its syntax tells."""
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    return _all_define(tree.body, classes)


def _all_define(statements: Iterable[ast.stmt], classes: set[str]) -> bool:
    return all(_defines(statement, classes) for statement in statements)


def _defines(statement: ast.stmt, classes: set[str]) -> bool:
    if isinstance(statement, (ast.Import, ast.ImportFrom, ast.Pass)):
        return True
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return statement.value is None or _is_harmless(statement.value, classes)
    if isinstance(statement, ast.If):
        script = "__name__" in ast.unparse(statement.test)
        return script or _all_define([*statement.body, *statement.orelse], classes)
    if isinstance(statement, ast.Try):
        handled = [inner for handler in statement.handlers for inner in handler.body]
        blocks = [*statement.body, *handled, *statement.orelse, *statement.finalbody]
        return _all_define(blocks, classes)
    return False


def _is_harmless(value: ast.expr, classes: set[str]) -> bool:
    calls = (node for node in ast.walk(value) if isinstance(node, ast.Call))
    names = (ast.unparse(call.func).rpartition(".")[2] for call in calls)
    return all(name in HARMLESS or name in classes for name in names)
