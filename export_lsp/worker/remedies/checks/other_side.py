"""Tells from the syntax around a guard if the code takes the inputs on its other side.

A check states the side that the example inputs are on.  Before an operator that needs the answer,
that may be all that the code allows.  Before a branch it is not, unless the other side raises.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Sequence

from export_lsp.protocol import Location
from export_lsp.source import Source

# Functions whose result depends on which way a guard in them goes.
CHOOSING = ("min", "max", "any", "all", "sorted", "abs")

BLOCKS = ("body", "orelse", "finalbody")


def is_taken(source: Source, guard: Location, side: bool) -> bool:
    """Return whether the code has a use for inputs with which a guard does not have a value.

    Args:
        source: The file of the guard.
        guard: The expression that needs the answer.
        side: The answer on the example inputs.
    """
    around = source.enclosing(guard)
    other = not side  # the truth value of `inner` on the other side
    for inner, outer in itertools.pairwise([*around, None]):
        if isinstance(inner, ast.Call) and _chooses(inner):
            return True
        if isinstance(outer, ast.UnaryOp) and isinstance(outer.op, ast.Not):
            other = not other
        elif isinstance(outer, ast.BoolOp):
            decides = isinstance(outer.op, ast.Or) is other
            if not decides and not all(map(_is_fixed, _others(outer, inner))):
                return True
        elif isinstance(outer, (ast.If, ast.Assert)) and outer.test is inner:
            return not _raises(source, outer, other)
        elif not isinstance(outer, ast.NamedExpr) and not _is_bool(outer):
            return isinstance(inner, (ast.Compare, ast.BoolOp)) or _tests(outer, inner)
    return False


def _chooses(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in CHOOSING


def _is_bool(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "bool"


def _others(outer: ast.BoolOp, inner: ast.AST | None) -> list[ast.expr]:
    return [value for value in outer.values if value is not inner]


def _is_fixed(test: ast.expr) -> bool:
    """Return whether a test is about the model's settings or the presence of an input."""
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], (ast.Is, ast.IsNot)):
        return True
    names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    return names <= {"self", "isinstance"} and not any(
        isinstance(node, ast.Call) for node in ast.walk(test)
    )


def _tests(outer: ast.AST | None, inner: ast.AST | None) -> bool:
    """Return whether a node goes one way or another by an expression."""
    if isinstance(outer, (ast.While, ast.IfExp)):
        return outer.test is inner
    if isinstance(outer, ast.Match):
        return outer.subject is inner
    comprehension = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    return isinstance(outer, comprehension) and any(inner in part.ifs for part in outer.generators)


def _raises(source: Source, statement: ast.If | ast.Assert, truth: bool) -> bool:
    """Return whether a statement raises if its test has a truth value."""
    if isinstance(statement, ast.Assert):
        return not truth
    taken = statement.body if truth else statement.orelse
    return _ends_in_raise(taken or _following(source, statement))


def _ends_in_raise(block: Sequence[ast.stmt]) -> bool:
    """Return whether a block raises, whatever else it does."""
    for statement in block:
        if isinstance(statement, ast.Raise):
            return True
        if isinstance(statement, ast.If) and statement.orelse:
            if _ends_in_raise(statement.body) and _ends_in_raise(statement.orelse):
                return True
        elif not isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign)):
            return False
    return False


def _following(source: Source, statement: ast.stmt) -> list[ast.stmt]:
    """Return the statements after one in its block."""
    for node in source.nodes:
        for name in BLOCKS:
            block = getattr(node, name, None)
            if isinstance(block, list) and statement in block:
                return list(block[block.index(statement) + 1 :])
    return []
