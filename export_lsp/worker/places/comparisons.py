"""Comparisons of numbers in the source, and their negations."""

from __future__ import annotations

import ast
import re

from export_lsp.protocol import Location
from export_lsp.source import Source

# `torch._check` needs the symbolic size; `len` converts it to a plain number.
LENGTH = re.compile(r"\blen\(([\w.]+)\)")

NEGATED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
}


def comparison(source: Source | None, location: Location) -> ast.Compare | None:
    """Return the comparison of numbers at a location; None for any other expression."""
    expression = source.expression_at(location) if source is not None else None
    if isinstance(expression, ast.Compare) and type(expression.ops[0]) in NEGATED:
        return expression
    return None


def comparison_text(compared: ast.Compare, *, holds: bool) -> str:
    """Return the source of a comparison, or of its negation if it does not hold.

    ``len(x)`` is written as ``x.shape[0]``.  `compared` must have one operator, of `NEGATED`.
    """
    operator = compared.ops[0] if holds else NEGATED[type(compared.ops[0])]()
    written = ast.Compare(compared.left, [operator], compared.comparators)
    return LENGTH.sub(r"\1.shape[0]", ast.unparse(written))
