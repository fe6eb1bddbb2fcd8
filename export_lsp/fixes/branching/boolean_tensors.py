"""Expressions whose truth Python asks for, rewritten as boolean tensors."""

from __future__ import annotations

import ast
from collections.abc import Callable

from export_lsp.source import Source, as_operand

# Methods and functions of torch that return booleans.
BOOLEAN = frozenset(
    (
        *("all", "any", "bool", "isclose", "isin", "signbit"),
        *("eq", "ne", "lt", "le", "gt", "ge"),
        *("isfinite", "isinf", "isnan", "isneginf", "isposinf"),
        *("logical_and", "logical_not", "logical_or", "logical_xor"),
    )
)

# Comparisons with an exact opposite; with NaN all the others are false both ways.
OPPOSITE: dict[type[ast.cmpop], str] = {ast.Eq: "!=", ast.NotEq: "=="}


def boolean_tensors(source: Source, node: ast.expr) -> tuple[str, ...]:
    """Return the ways to write an expression's truth as a boolean tensor, the likeliest first."""
    tensor = _as_tensor(source, node)
    if tensor is not None:
        return (tensor,)
    text = source.text_of(node)
    return (text,) if is_boolean(node) else (text, f"{as_operand(text)}.bool()")


def opposite_of(source: Source, node: ast.expr, tensor: str) -> str:
    """Return the opposite of a boolean tensor that was written for the expression `node`."""
    unchanged = tensor == source.text_of(node)
    if unchanged and isinstance(node, ast.Compare) and len(node.ops) == 1:
        opposite = OPPOSITE.get(type(node.ops[0]))
        if opposite:
            left, right = source.text_of(node.left), source.text_of(node.comparators[0])
            return f"{left} {opposite} {right}"
    if unchanged and not is_boolean(node):
        return f"torch.logical_not({tensor})"
    return f"~{as_operand(tensor)}"


def is_boolean(node: ast.expr) -> bool:
    """Return whether an expression, if it is a tensor, is sure to be one of booleans."""
    if isinstance(node, ast.Compare):
        return not isinstance(node.ops[0], (ast.In, ast.NotIn, ast.Is, ast.IsNot))
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Invert) and is_boolean(node.operand)
    if isinstance(node, ast.BinOp):
        logical = isinstance(node.op, (ast.BitAnd, ast.BitOr, ast.BitXor))
        return logical and is_boolean(node.left) and is_boolean(node.right)
    return isinstance(node, ast.Call) and _called_name(node) in BOOLEAN


def _called_name(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _as_tensor(source: Source, node: ast.expr) -> str | None:
    """Return a tensor for an expression that turns tensors into a Python boolean by itself."""
    if isinstance(node, ast.Compare):
        return _membership(source, node)
    if isinstance(node, ast.Call):
        rewrite = _CALLS.get(_called_name(node))
        return rewrite(source, node) if rewrite is not None else None
    return None


def _membership(source: Source, node: ast.Compare) -> str | None:
    """``item in table`` and ``item not in table``."""
    if not isinstance(node.ops[0], (ast.In, ast.NotIn)):
        return None
    item, table = source.text_of(node.left), source.text_of(node.comparators[0])
    found = f"({table} == {item}).any()"
    return found if isinstance(node.ops[0], ast.In) else f"~{found}"


def _equal(source: Source, call: ast.Call) -> str | None:
    """``torch.equal(a, b)`` and ``a.equal(b)``."""
    if call.keywords:
        return None
    args = [source.text_of(arg) for arg in call.args]
    if len(args) == 1 and isinstance(call.func, ast.Attribute):
        args.insert(0, source.text_of(call.func.value))
    return f"({args[0]} == {args[1]}).all()" if len(args) == 2 else None


def _allclose(source: Source, call: ast.Call) -> str | None:
    """``torch.allclose(a, b, …)`` and ``a.allclose(b, …)``."""
    if not isinstance(call.func, ast.Attribute):
        return None
    receiver = source.text_of(call.func.value)
    arguments = source.text_of(call)[len(f"{receiver}.allclose") :]
    return f"{receiver}.isclose{arguments}.all()"


def _builtin_any_or_all(source: Source, call: ast.Call) -> str | None:
    """``any(…)`` and ``all(…)`` of an iterable of tensors."""
    if not isinstance(call.func, ast.Name) or len(call.args) != 1:
        return None
    [items] = call.args
    text = source.text_of(items)
    if isinstance(items, ast.GeneratorExp):
        # The parentheses of the call are those of its only argument.
        text = f"[{text[1:-1] if text.startswith('(') and text.endswith(')') else text}]"
    elif not isinstance(items, (ast.ListComp, ast.List)):
        text = f"list({text})"
    return f"torch.stack({text}).{call.func.id}()"


def _builtin_bool(source: Source, call: ast.Call) -> str | None:
    """``bool(…)`` of a tensor."""
    if not isinstance(call.func, ast.Name) or len(call.args) != 1:
        return None
    return boolean_tensors(source, call.args[0])[0]


# By the last part of the function's name.
_CALLS: dict[str, Callable[[Source, ast.Call], str | None]] = {
    "equal": _equal,
    "allclose": _allclose,
    "any": _builtin_any_or_all,
    "all": _builtin_any_or_all,
    "bool": _builtin_bool,
}
