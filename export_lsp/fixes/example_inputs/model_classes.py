"""The classes of a file, and the values that their constructors keep when they are called."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from export_lsp.fixes import class_syntax
from export_lsp.fixes.example_inputs.static_values import Values, static_value


class ModelFile:
    """The syntax of a file, with the classes and constants that it defines, by name.

    `names_model` is set if the file has a global variable `model`.

    Args:
        tree: The syntax.
        text: The text, for its comments.
        others: Classes of other files that this one may use.
    """

    def __init__(
        self, tree: ast.Module, text: str = "", others: Mapping[str, ast.ClassDef] | None = None
    ) -> None:
        self.tree = tree
        self.text = text
        own = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        self.classes = {**(others or {}), **own}
        self.constants = {
            target.id: static_value(node.value, {})
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        self.names_model = "model" in self.constants


@dataclass(frozen=True)
class Instance:
    """An instance of a class: `text` makes it, `values` are those that its constructor has."""

    node: ast.ClassDef
    text: str
    values: Values = field(default_factory=dict)

    def method(self, name: str) -> ast.FunctionDef | None:
        """Return the method that the class itself defines under a name."""
        return class_syntax.method(self.node, name)

    def attribute(self, name: str) -> ast.expr | None:
        """Return the expression that the constructor assigns to an attribute."""
        assigned = class_syntax.assignment_in_constructor(self.node, name)
        return assigned.value if assigned is not None else None


def constructor_values(
    node: ast.ClassDef, call: ast.Call | None, values: Values, file: ModelFile
) -> Values:
    """Return the values that names and attributes have in a class's constructor.

    `call` is the call that makes the instance, None for one without arguments; `values` are those
    of the names in it.
    """
    constructor = class_syntax.method(node, class_syntax.CONSTRUCTOR)
    found: dict[str, Any] = dict(file.constants)
    if constructor is not None:
        found |= _defaults(constructor.args, file)
        if call is not None:
            found |= _arguments(constructor.args, call, values)
        _add_assigned(constructor, found)
    return found


def _positional(arguments: ast.arguments) -> list[ast.arg]:
    """Return the positional parameters of a method without `self`."""
    return [*arguments.posonlyargs, *arguments.args][1:]


def _defaults(arguments: ast.arguments, file: ModelFile) -> dict[str, Any]:
    found = {}
    positional = zip(reversed(_positional(arguments)), reversed(arguments.defaults), strict=False)
    for arg, default in positional:
        found[arg.arg] = static_value(default, file.constants)
    for arg, given in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found[arg.arg] = static_value(given, file.constants)
    return found


def _arguments(arguments: ast.arguments, call: ast.Call, values: Values) -> dict[str, Any]:
    found = {}
    for arg, given in zip(_positional(arguments), call.args, strict=False):
        found[arg.arg] = static_value(given, values)
    for keyword in call.keywords:
        if keyword.arg is not None:
            found[keyword.arg] = static_value(keyword.value, values)
    return found


def _add_assigned(constructor: ast.FunctionDef, found: dict[str, Any]) -> None:
    """Add the values that the constructor assigns to attributes and to new names."""
    for statement in ast.walk(constructor):
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                name = ast.unparse(target)
                known = static_value(statement.value, found)
                if known is not None and (name.startswith("self.") or name not in found):
                    found[name] = known
