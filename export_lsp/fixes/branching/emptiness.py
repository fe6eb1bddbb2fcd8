"""Tests that ask if there is anything at all: elements, rows, or a count above zero."""

from __future__ import annotations

import ast
import re

# How much there is: a size, or how many elements are set.
AMOUNT = re.compile(r"\.(?:shape|size|numel|any|sum|count_nonzero)\b|\blen\(|\bany\(|\bsum\(")

# Comparisons of a count with a number that mean that there is something, and that there is nothing.
SOMETHING = {(ast.Gt, 0), (ast.NotEq, 0), (ast.GtE, 1)}
NOTHING = {(ast.Eq, 0), (ast.LtE, 0), (ast.Lt, 1)}
MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
}


def nonempty_truth(test: ast.expr) -> bool | None:
    """Return the truth value that a test has where there is something; None for other tests."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        truth = nonempty_truth(test.operand)
        return None if truth is None else not truth
    if _is_amount(test):
        return True
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    amount, operator = test.left, type(test.ops[0])
    number = _number(test.comparators[0])
    if number is None:
        amount, number = test.comparators[0], _number(test.left)
        operator = MIRRORED.get(operator, operator)
    if not _is_amount(amount):
        return None
    if (operator, number) in SOMETHING:
        return True
    return False if (operator, number) in NOTHING else None


def _is_amount(node: ast.expr) -> bool:
    """Return whether an expression is a name, or says how much there is."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        return True
    calls = (ast.Call, ast.Subscript)
    return isinstance(node, calls) and AMOUNT.search(ast.unparse(node)) is not None


def _number(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None
