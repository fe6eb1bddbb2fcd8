"""A choice between two values by a boolean tensor, as an expression."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Literal

from export_lsp.fixes.branching.tensor_tests import Decision
from export_lsp.source import Source

Operator = Literal["where", "cond"]


def operators(*values: ast.expr) -> tuple[Operator, ...]:
    """What to choose between values with: where both take a module's work, one is enough."""
    works = all(any(map(_is_modules, ast.walk(value))) for value in values)
    return ("cond", "where") if works else ("where", "cond")


def _is_modules(node: ast.AST) -> bool:
    """Whether it is a call of what an object has: `self.layer(x)`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "self"
    )


def chosen(
    source: Source, operator: Operator, test: Decision, yes: ast.expr | str, no: ast.expr | str
) -> Iterator[str]:
    """`yes` if the test holds, else `no`, as expressions: one, or one for each item of tuples."""
    if test.opposite:
        yes, no = no, yes
    pairs = [(yes, no)]
    if isinstance(yes, ast.Tuple) and isinstance(no, ast.Tuple) and len(yes.elts) == len(no.elts):
        pairs = list(zip(yes.elts, no.elts, strict=True))
    for one, other in pairs:
        texts = [
            value if isinstance(value, str) else source.text_of(value) for value in (one, other)
        ]
        if operator == "where":
            yield f"torch.where({test.text}, {texts[0]}, {texts[1]})"
        else:
            # What a branch gives must not be what it was given.
            branches = (f"{text}.clone()" if text.isidentifier() else text for text in texts)
            yield f"torch.cond({test.text}, {', '.join(f'lambda: {text}' for text in branches)})"
