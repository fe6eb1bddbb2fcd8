"""Finding declarations in a file's syntax tree, without running anything."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

# A class's header in UTF-8, since `ast` counts columns in bytes.
CLASS = re.compile(rb"class[ \t\f]+([\w\x80-\xff]+)")


def statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """The module-level statements that an import may run, those inside blocks included."""
    stack: list[ast.stmt] = list(reversed(tree.body))
    while stack:
        statement = stack.pop()
        yield statement
        for block in reversed(_blocks(statement)):
            stack.extend(reversed(block))


def _blocks(statement: ast.stmt) -> list[list[ast.stmt]]:
    """What a statement runs in the module's own scope."""
    if isinstance(statement, ast.With):
        return [statement.body]
    if isinstance(statement, ast.If):
        return [[] if _asks_for_main(statement.test) else statement.body, statement.orelse]
    if isinstance(statement, ast.Try):
        handlers = [handler.body for handler in statement.handlers]
        return [statement.body, *handlers, statement.orelse, statement.finalbody]
    return []


def _asks_for_main(test: ast.expr) -> bool:
    """Whether this is ``__name__ == "__main__"``, which is false in an import."""
    return ast.unparse(test) in ("__name__ == '__main__'", "'__main__' == __name__")


def bindings(tree: ast.Module) -> dict[str, ast.stmt]:
    """Module-level names and the statement that bound each last."""
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
            # `shapes[x] = …` changes what `shapes` is bound to already.
            yield from (
                node.id
                for node in ast.walk(target)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            )
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id


def value_of(statement: ast.stmt | None) -> ast.expr | None:
    """The expression that a binding stands for: assigned, or returned by a function."""
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        value = statement.value
        return value.body if isinstance(value, ast.Lambda) else value
    if isinstance(statement, ast.FunctionDef):
        return returned(statement)
    return None


def returned(function: ast.FunctionDef) -> ast.expr | None:
    """What a function's last ``return`` gives, seen through one local variable."""
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
    """The expression of the last ``return`` in a function's own body."""
    values = [
        node.value
        for node in own_nodes(function)
        if isinstance(node, ast.Return) and node.value is not None
    ]
    return max(values, key=lambda value: value.lineno, default=None)


def own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function's body without those of functions and classes defined in it."""
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            stack.extend(ast.iter_child_nodes(node))


def entry(expression: ast.expr | None, key: str) -> ast.expr | None:
    """The value at a key of ``{"key": …}`` or ``dict(key=…)``; a lambda's body for a lambda."""
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
    for statement in definition.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == name:
            return statement
    return None


def module_classes(tree: ast.Module) -> list[ast.ClassDef]:
    """The classes of a file that are ``nn.Module``s, as far as their bases tell."""
    found: list[ast.ClassDef] = []
    for statement in statements(tree):
        if not isinstance(statement, ast.ClassDef):
            continue
        known = {definition.name for definition in found}
        for base in statement.bases:
            name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
            if name == "Module" or name in known:
                found.append(statement)
                break
    return found


def name_of(definition: ast.ClassDef, lines: list[str]) -> ast.Name:
    """The name in a class's header as a node, for `ast` keeps no place of it.

    The word ``class`` where the name stands on a later line, after a backslash.
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
