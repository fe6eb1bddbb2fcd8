"""What a file says of its modules: their constructors' values, their layers, and who calls whom."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from export_lsp.fixes import class_syntax

OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}

# The names that a constructor's parameters and attributes have, and their values.
Values = Mapping[str, Any]


class File:
    """The classes of a file."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.classes = {
            node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
        }
        self.constants = {
            target.id: value(node.value, {})
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        self.names_model = "model" in self.constants


@dataclass(frozen=True)
class Made:
    """A module of a class, made with these values; `text` makes it."""

    node: ast.ClassDef
    text: str
    values: Values = field(default_factory=dict)

    def method(self, name: str) -> ast.FunctionDef | None:
        return class_syntax.method(self.node, name)

    def layer(self, name: str) -> tuple[ast.expr, Values] | None:
        """What the constructor makes the attribute of, and the values at that place."""
        made = class_syntax.made(self.node, name)
        return (made.value, self.values) if made is not None else None


def value(node: ast.expr | None, values: Values) -> Any:
    """What an expression of literals and known names is; None if that is not known."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return values.get(node.id)
    if isinstance(node, ast.Attribute):
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            return values.get(f"self.{node.attr}")
        inner = value(node.value, values)
        return inner.get(node.attr) if isinstance(inner, dict) else None
    if isinstance(node, ast.BinOp):
        operation = OPERATIONS.get(type(node.op))
        left, right = value(node.left, values), value(node.right, values)
        numbers = isinstance(left, int) and isinstance(right, int)
        try:
            return operation(left, right) if operation is not None and numbers else None
        except ZeroDivisionError:
            return None
    if isinstance(node, (ast.Tuple, ast.List)):
        items = [value(item, values) for item in node.elts]
        return None if None in items else tuple(items)
    return None


def bound(node: ast.ClassDef, call: ast.Call | None, values: Values, file: File) -> Values:
    """The values that a class's constructor has if it is called so."""
    constructor = class_syntax.method(node, class_syntax.CONSTRUCTOR)
    found: dict[str, Any] = dict(file.constants)
    if constructor is None:
        return found
    args = [*constructor.args.posonlyargs, *constructor.args.args][1:]
    defaults = constructor.args.defaults
    for arg, default in zip(reversed(args), reversed(defaults), strict=False):
        found[arg.arg] = value(default, file.constants)
    for arg, given in zip(constructor.args.kwonlyargs, constructor.args.kw_defaults, strict=True):
        found[arg.arg] = value(given, file.constants)
    if call is not None:
        for arg, given in zip(args, call.args, strict=False):
            found[arg.arg] = value(given, values)
        for keyword in call.keywords:
            if keyword.arg is not None:
                found[keyword.arg] = value(keyword.value, values)
    for statement in ast.walk(constructor):
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                name = ast.unparse(target)
                known = value(statement.value, found)
                if known is not None and (name.startswith("self.") or name not in found):
                    found[name] = known
    return found
