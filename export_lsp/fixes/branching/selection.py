"""A choice between two values by a boolean tensor, written as an expression."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Literal

from export_lsp.fixes.branching.tensor_tests import TensorTest
from export_lsp.source import Source

# The function of torch that makes the choice.
Operator = Literal["where", "cond"]


def operators(*values: ast.expr) -> tuple[Operator, ...]:
    """Return the operators to choose between values with, the one to try first ahead.

    If every value calls a module, ``torch.cond`` is better: it computes only the one it needs.
    """
    expensive = all(any(map(_calls_module, ast.walk(value))) for value in values)
    return ("cond", "where") if expensive else ("where", "cond")


def _calls_module(node: ast.AST) -> bool:
    """Return whether a node calls an attribute of `self`, as ``self.layer(x)`` does."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "self"
    )


def selections(
    source: Source, operator: Operator, test: TensorTest, yes: ast.expr | str, no: ast.expr | str
) -> Iterator[str]:
    """Yield the expression for `yes` if a test holds, else `no`; of tuples one for each item."""
    if test.negated:
        yes, no = no, yes
    pairs = [(yes, no)]
    if isinstance(yes, ast.Tuple) and isinstance(no, ast.Tuple) and len(yes.elts) == len(no.elts):
        pairs = list(zip(yes.elts, no.elts, strict=True))
    for pair in pairs:
        one, other = (value if isinstance(value, str) else source.text_of(value) for value in pair)
        if operator == "where":
            yield f"torch.where({test.tensor}, {one}, {other})"
        else:
            yield f"torch.cond({test.tensor}, {_branch(one)}, {_branch(other)})"


def _branch(text: str) -> str:
    # torch.cond refuses a branch that returns its input itself.
    return f"lambda: {text}.clone()" if text.isidentifier() else f"lambda: {text}"
