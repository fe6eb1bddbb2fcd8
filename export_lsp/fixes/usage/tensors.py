"""Expressions for tensors: a small batch of one, an item of one, or several stacked."""

from __future__ import annotations

import ast
from collections.abc import Callable

# The size of the first dimension of a batch.
BATCH = 2

# Functions of torch that take the sizes of a tensor, one by one or as a sequence.
_BY_SIZES = ("randn", "rand", "zeros", "ones", "empty")
# Functions that take a sequence of sizes as their last positional argument.
_BY_SEQUENCE = ("randint", "normal")

Sizes = list[ast.expr]


def batch_of(tensor: ast.expr) -> ast.expr:
    """Return the first items of a tensor."""
    few = _with_sizes(tensor, lambda sizes: [ast.Constant(BATCH), *sizes[1:]])
    return few or _expression(f"({ast.unparse(tensor)})[:{BATCH}]")


def item_of(tensor: ast.expr) -> ast.expr:
    """Return the first item of a tensor."""
    item = _with_sizes(tensor, lambda sizes: sizes[1:])
    return item or _expression(f"({ast.unparse(tensor)})[0]")


def stacked(item: ast.expr) -> ast.expr:
    """Return a batch of items like this one, as a loader makes it of numbers and of tensors."""
    if isinstance(item, ast.Constant) and isinstance(item.value, (int, float)):
        return _expression(f"torch.tensor([{', '.join([repr(item.value)] * BATCH)}])")
    batch = _with_sizes(item, lambda sizes: [ast.Constant(BATCH), *sizes])
    return batch or _expression(f"torch.stack([{', '.join([ast.unparse(item)] * BATCH)}])")


def _with_sizes(tensor: ast.expr, change: Callable[[Sizes], Sizes]) -> ast.expr | None:
    """Return the call that makes a tensor, with other sizes; None for any other expression."""
    if not isinstance(tensor, ast.Call):
        return None
    name = ast.unparse(tensor.func).rpartition(".")[2]
    if name not in (*_BY_SIZES, *_BY_SEQUENCE) or not tensor.args:
        return None
    *before, last = tensor.args
    if isinstance(last, (ast.Tuple, ast.List)):
        sizes = ast.Tuple(change(last.elts), ast.Load())
        return ast.Call(tensor.func, [*before, sizes], tensor.keywords)
    if name in _BY_SIZES:
        sizes_given = change(list(tensor.args)) or [ast.Tuple([], ast.Load())]
        return ast.Call(tensor.func, sizes_given, tensor.keywords)
    return None


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
