"""The values of expressions, as far as literals and known names tell."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

# Values by name: of a constructor's parameters, and of attributes as "self.NAME".
Values = Mapping[str, Any]

OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


def static_value(node: ast.expr | None, values: Values) -> Any:
    """Return the value of an expression; None if it is not known.

    Knows literals, names and attributes with known values, tuples and lists (as tuples), and
    arithmetic on integers.  A dict in `values` represents an object with these attributes.
    """
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return values.get(node.id)
    if isinstance(node, ast.Attribute):
        return _attribute(node, values)
    if isinstance(node, ast.BinOp):
        return _operation(node, values)
    if isinstance(node, (ast.Tuple, ast.List)):
        items = [static_value(item, values) for item in node.elts]
        return None if None in items else tuple(items)
    return None


def _attribute(node: ast.Attribute, values: Values) -> Any:
    if isinstance(node.value, ast.Name) and node.value.id == "self":
        return values.get(f"self.{node.attr}")
    owner = static_value(node.value, values)
    return owner.get(node.attr) if isinstance(owner, dict) else None


def _operation(node: ast.BinOp, values: Values) -> Any:
    operation = OPERATIONS.get(type(node.op))
    left, right = static_value(node.left, values), static_value(node.right, values)
    if operation is None or not (isinstance(left, int) and isinstance(right, int)):
        return None
    try:
        return operation(left, right)
    except ZeroDivisionError:
        return None
