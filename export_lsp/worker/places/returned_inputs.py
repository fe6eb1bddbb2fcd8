"""The inputs that a function returns, where an operator like ``torch.cond`` forbids that."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from export_lsp.protocol import Location
from export_lsp.source import Source

Function = ast.FunctionDef | ast.Lambda

# Methods and attributes of a tensor that return a view of it.
VIEWS = (
    *("view", "view_as", "reshape", "expand", "expand_as", "squeeze", "unsqueeze", "transpose"),
    *("permute", "flatten", "unflatten", "narrow", "select", "detach", "t", "T", "mT"),
    *("movedim", "swapaxes", "unfold", "diagonal", "real", "imag", "contiguous"),
)


def returned_inputs(source: Source, call: ast.expr) -> list[Location]:
    """Return the expressions by which functions given to a call return their inputs, or views.

    Args:
        source: The file of the call.
        call: A call of an operator; the functions are lambdas, or functions of the file.
    """
    if not isinstance(call, ast.Call):
        return []
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    found = (
        source.location_of(value)
        for argument in given
        for function in _functions(source, call, argument)
        for value in _returned(function)
        if _root(value) in _inputs(function)
    )
    return list(dict.fromkeys(found))


def _functions(source: Source, call: ast.Call, argument: ast.expr) -> list[Function]:
    """Return the function that an argument is or names.

    Of functions of one name that is the one in the innermost scope around the call.
    """
    if isinstance(argument, ast.Lambda):
        return [argument]
    if not isinstance(argument, (ast.Name, ast.Attribute)):
        return []
    name = argument.id if isinstance(argument, ast.Name) else argument.attr
    scopes = (ast.FunctionDef, ast.ClassDef)
    around = [
        node for node in source.enclosing(source.location_of(call)) if isinstance(node, scopes)
    ]
    for scope in (*around, source.tree):
        for node in ast.walk(scope) if scope is not None else ():
            if isinstance(node, ast.FunctionDef) and node.name == name:
                return [node]
    return []


def _returned(function: Function) -> Iterator[ast.expr]:
    """Yield the values that a function returns; of a tuple or list its items."""
    values = [function.body] if isinstance(function, ast.Lambda) else []
    if isinstance(function, ast.FunctionDef):
        values = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Return) and node.value is not None
        ]
    for value in values:
        yield from value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value]


def _inputs(function: Function) -> set[str]:
    """Return the names of what a function gets: its parameters and the variables around it."""
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    names = [node for part in body for node in ast.walk(part) if isinstance(node, ast.Name)]
    bound = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    return {node.id for node in names} - bound


def _root(value: ast.expr) -> str:
    """Return the name that an expression is, or is a view of; "" for anything else."""
    while not isinstance(value, ast.Name):
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            value = value.func
        if isinstance(value, ast.Subscript) or (
            isinstance(value, ast.Attribute) and value.attr in VIEWS
        ):
            value = value.value
        else:
            return ""
    return value.id
