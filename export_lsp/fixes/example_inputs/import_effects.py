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
        *("abspath", "dirname", "getenv", "is_available", "join", "realpath", "resolve"),
    )
)

# Functions that are called for an effect on nothing but the process, which a check may have.
SETTING_UP = frozenset(
    (
        *("append", "basicConfig", "filterwarnings", "insert", "manual_seed", "seed", "setLevel"),
        *("set_float32_matmul_precision", "setrecursionlimit", "simplefilter"),
    )
)


def only_defines(tree: ast.Module) -> bool:
    """Return whether importing a module only defines things, as far as its syntax tells."""
    return first_effect(tree) is None


def first_effect(tree: ast.Module) -> ast.stmt | None:
    """Return the first statement for which importing a module does more than define things."""
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    return next((each for each in tree.body if not _defines(each, classes)), None)


def _all_define(statements: Iterable[ast.stmt], classes: set[str]) -> bool:
    return all(_defines(statement, classes) for statement in statements)


def _defines(statement: ast.stmt, classes: set[str]) -> bool:
    if isinstance(statement, (ast.Import, ast.ImportFrom, ast.Pass)):
        return True
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant) or _sets_up(statement.value, classes)
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


def _sets_up(value: ast.expr, classes: set[str]) -> bool:
    """Return whether an expression is a call that sets up the process, such as seeding."""
    if not isinstance(value, ast.Call):
        return False
    name = ast.unparse(value.func).rpartition(".")[2]
    given = [*value.args, *(keyword.value for keyword in value.keywords)]
    return name in SETTING_UP and all(_is_harmless(each, classes) for each in given)


def _is_harmless(value: ast.expr, classes: set[str]) -> bool:
    calls = (node for node in ast.walk(value) if isinstance(node, ast.Call))
    names = (ast.unparse(call.func).rpartition(".")[2] for call in calls)
    return all(name in HARMLESS or name in classes for name in names)
