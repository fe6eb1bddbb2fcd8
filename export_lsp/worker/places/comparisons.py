"""Comparisons of numbers in the source, and their opposites."""

from __future__ import annotations

import ast
import re

from export_lsp.protocol import Location
from export_lsp.source import Source

# A size for `torch._check`; `len` would make a plain number of it.
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
    """The comparison of numbers at a place; None for anything else."""
    expression = source.expression_at(location) if source is not None else None
    if isinstance(expression, ast.Compare) and type(expression.ops[0]) in NEGATED:
        return expression
    return None


def comparison_text(compared: ast.Compare, *, holds: bool) -> str:
    """A comparison of two things as what holds, or its opposite; with sizes for lengths."""
    operator = compared.ops[0] if holds else NEGATED[type(compared.ops[0])]()
    written = ast.Compare(compared.left, [operator], compared.comparators)
    return LENGTH.sub(r"\1.shape[0]", ast.unparse(written))
