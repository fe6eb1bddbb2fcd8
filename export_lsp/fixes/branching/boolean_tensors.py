"""The truth of a tensor that Python asks for, as a tensor."""

from __future__ import annotations

import ast

from export_lsp.source import Source, as_operand

# Methods and functions of torch that give booleans.
BOOLEAN = frozenset(
    (
        *("all", "any", "bool", "isclose", "isin", "signbit"),
        *("eq", "ne", "lt", "le", "gt", "ge"),
        *("isfinite", "isinf", "isnan", "isneginf", "isposinf"),
        *("logical_and", "logical_not", "logical_or", "logical_xor"),
    )
)
OPPOSITE: dict[type[ast.cmpop], str] = {ast.Eq: "!=", ast.NotEq: "=="}


def as_tensors(source: Source, node: ast.expr) -> tuple[str, ...]:
    """Ways to write an expression whose truth Python asks for as a boolean tensor, the likeliest
    first."""
    text = source.text_of(node)
    instead = _instead(source, node)
    if instead is not None:
        return (instead,)
    return (text,) if is_boolean(node) else (text, f"{as_operand(text)}.bool()")


def negated(source: Source, node: ast.expr, text: str) -> str:
    """The opposite of a boolean tensor, `text`, that was made of an expression."""
    own = text == source.text_of(node)
    if own and isinstance(node, ast.Compare) and len(node.ops) == 1:
        # Not so for the others: whatever is compared with NaN is false.
        opposite = OPPOSITE.get(type(node.ops[0]))
        if opposite:
            left, right = (source.text_of(n) for n in (node.left, node.comparators[0]))
            return f"{left} {opposite} {right}"
    return f"~{as_operand(text)}" if not own or is_boolean(node) else f"torch.logical_not({text})"


def is_boolean(node: ast.expr) -> bool:
    """Whether an expression is sure to give booleans if it gives a tensor."""
    if isinstance(node, ast.Compare):
        return not isinstance(node.ops[0], (ast.In, ast.NotIn, ast.Is, ast.IsNot))
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Invert) and is_boolean(node.operand)
    if isinstance(node, ast.BinOp):
        logical = isinstance(node.op, (ast.BitAnd, ast.BitOr, ast.BitXor))
        return logical and is_boolean(node.left) and is_boolean(node.right)
    return isinstance(node, ast.Call) and _called(node) in BOOLEAN


def _called(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _instead(source: Source, node: ast.expr) -> str | None:
    """For what makes a Python boolean of tensors by itself: what gives a tensor."""
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
        item, table = (source.text_of(n) for n in (node.left, node.comparators[0]))
        found = f"({table} == {item}).any()"
        return found if isinstance(node.ops[0], ast.In) else f"~{found}"
    if not isinstance(node, ast.Call):
        return None
    name, args = _called(node), [source.text_of(arg) for arg in node.args]
    if name == "equal" and not node.keywords:
        if len(args) == 1 and isinstance(node.func, ast.Attribute):
            args.insert(0, source.text_of(node.func.value))
        return f"({args[0]} == {args[1]}).all()" if len(args) == 2 else None
    if name == "allclose" and isinstance(node.func, ast.Attribute):
        close = source.text_of(node)
        receiver = source.text_of(node.func.value)
        return f"{receiver}.isclose{close[len(receiver) + len('.allclose') :]}.all()"
    if isinstance(node.func, ast.Name) and name in ("any", "all") and len(args) == 1:
        return _over(source, node.args[0], name)
    if isinstance(node.func, ast.Name) and name == "bool" and len(args) == 1:
        return as_tensors(source, node.args[0])[0]
    return None


def _over(source: Source, items: ast.expr, name: str) -> str:
    """`any` and `all` of an iterable of tensors."""
    text = source.text_of(items)
    if isinstance(items, ast.GeneratorExp):
        # Where it is the only argument, the parentheses of the call are its own.
        text = f"[{text[1:-1] if text.startswith('(') and text.endswith(')') else text}]"
    listed = (
        text if isinstance(items, (ast.GeneratorExp, ast.ListComp, ast.List)) else f"list({text})"
    )
    return f"torch.stack({listed}).{name}()"
