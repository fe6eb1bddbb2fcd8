"""Find declarations in a file's syntax tree, without running anything."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from export_lsp.top_level import statements

# The header of a class in UTF-8, as `ast` counts columns in bytes.
CLASS = re.compile(rb"class[ \t\f]+([\w\x80-\xff]+)")


def bindings(tree: ast.Module) -> dict[str, ast.stmt]:
    """Return the module-level names, each with the last statement that binds it."""
    found: dict[str, ast.stmt] = {}
    for statement in statements(tree):
        for name in _names(statement):
            found[name] = statement
    return found


def _names(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        for alias in statement.names:
            yield alias.asname or alias.name.split(".")[0]
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            # Names in `shapes[x] = …` are loaded, not bound.
            yield from (
                node.id
                for node in ast.walk(target)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            )
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id


def value_of(statement: ast.stmt | None) -> ast.expr | None:
    """Return the expression that a binding evaluates to.

    This is the assigned value or a function's returned one, for a lambda its body; None for other
    statements.
    """
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        value = statement.value
        return value.body if isinstance(value, ast.Lambda) else value
    if isinstance(statement, ast.FunctionDef):
        return returned_value(statement)
    return None


def returned_value(function: ast.FunctionDef) -> ast.expr | None:
    """Return the value of a function's last ``return``; of a local variable, its assignment."""
    result = last_return(function)
    assigned = {
        node.targets[0].id: node.value
        for node in own_nodes(function)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    if isinstance(result, ast.Name):
        return assigned.get(result.id, result)
    return result


def last_return(function: ast.FunctionDef) -> ast.expr | None:
    """Return the expression of the last ``return`` in a function's own body."""
    values = [
        node.value
        for node in own_nodes(function)
        if isinstance(node, ast.Return) and node.value is not None
    ]
    return max(values, key=lambda value: value.lineno, default=None)


def own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield the nodes of a function's body, but not those inside of nested definitions."""
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            stack.extend(ast.iter_child_nodes(node))


def entry(expression: ast.expr | None, key: str) -> ast.expr | None:
    """Return the value of `key` in ``{"key": …}`` or ``dict(key=…)``; for a lambda, its body."""
    found: ast.expr | None = None
    if isinstance(expression, ast.Dict):
        for name, value in zip(expression.keys, expression.values, strict=True):
            if isinstance(name, ast.Constant) and name.value == key:
                found = value
    elif isinstance(expression, ast.Call):
        for keyword in expression.keywords:
            if keyword.arg == key:
                found = keyword.value
    return found.body if isinstance(found, ast.Lambda) else found


def method(definition: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    """Return the method of that name in a class's own body."""
    for statement in definition.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == name:
            return statement
    return None


def name_of(definition: ast.ClassDef, lines: list[str]) -> ast.Name:
    """Return the name in a class's header as a node, since `ast` has none for it.

    If the name is on a later line, after a backslash, the node covers the word ``class``.
    """
    line = lines[definition.lineno - 1].encode()
    header = CLASS.match(line, definition.col_offset)
    node = ast.Name(definition.name, ast.Load())
    node.lineno = node.end_lineno = definition.lineno
    node.col_offset = definition.col_offset
    node.end_col_offset = definition.col_offset + len("class")
    if header is not None:
        node.col_offset, node.end_col_offset = header.span(1)
    return node
