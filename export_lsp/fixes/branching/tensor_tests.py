"""Tests that a tensor decides: the condition as a tensor, and the part that Python decides."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from export_lsp.fixes.branching.boolean_tensors import boolean_tensors, opposite_of
from export_lsp.protocol import Location
from export_lsp.source import Source, as_operand

Tested = ast.If | ast.IfExp | ast.Assert


@dataclass(frozen=True)
class TensorTest:
    """The test of `node`, which has a tensor in it.

    `holds` and `fails` are boolean tensors for its truth and for its opposite.  `tensor` is the one
    of them that is written without a negation: with `negated` that is `fails`.  `python_tests` are
    the parts of the test that come first and need no tensor, which matters only if they all hold.
    """

    node: Tested
    tensor: str
    negated: bool
    holds: str
    fails: str
    python_tests: tuple[str, ...] = ()


def tensor_tests(source: Source, location: Location) -> Iterator[TensorTest]:
    """Yield the ways to read the test around the expression at a location, the likeliest first.

    There are none if the expression is in no test, or decides only part of an `or`.
    """
    around = source.enclosing(location)
    if not around or not isinstance(around[0], ast.expr):
        return
    outwards = list(around)
    tensor = around[0]
    while isinstance(tensor, ast.UnaryOp) and isinstance(tensor.op, ast.Not):
        tensor = tensor.operand
        outwards.insert(0, tensor)
    for text in boolean_tensors(source, tensor):
        test = _read(source, tensor, text, outwards[1:])
        if test is not None:
            yield test


@dataclass(frozen=True)
class _Condition:
    """A condition read so far: a boolean tensor, its opposite, and whether that is meant."""

    tensor: str
    opposite: str
    negated: bool = False

    @property
    def holds(self) -> str:
        return self.opposite if self.negated else self.tensor

    @property
    def fails(self) -> str:
        return self.tensor if self.negated else self.opposite


def _read(
    source: Source, tensor: ast.expr, text: str, outwards: list[ast.expr | ast.stmt]
) -> TensorTest | None:
    """Read a test from its tensor, written as `text`, outwards to the node that is decided."""
    node = tensor
    condition = _Condition(text, opposite_of(source, tensor, text))
    python_tests: tuple[str, ...] = ()
    for outer in outwards:
        if isinstance(outer, (ast.If, ast.IfExp, ast.Assert)) and outer.test is node:
            return TensorTest(
                outer,
                condition.tensor,
                condition.negated,
                condition.holds,
                condition.fails,
                python_tests,
            )
        if isinstance(outer, ast.UnaryOp) and isinstance(outer.op, ast.Not):
            condition = _Condition(condition.tensor, condition.opposite, not condition.negated)
        elif isinstance(outer, ast.BoolOp) and not python_tests:
            before, after = _others(outer, node)
            if before and isinstance(outer.op, ast.Or):
                return None
            python_tests = tuple(source.text_of(each) for each in before)
            if after:
                condition = _joined(source, outer.op, condition, after)
        elif not _is_bool_call(outer, node):
            return None
        if isinstance(outer, ast.expr):
            node = outer
    return None


def _others(outer: ast.BoolOp, node: ast.expr) -> tuple[list[ast.expr], list[ast.expr]]:
    """Return the operands of `and` or `or` before and after one of them."""
    index = outer.values.index(node)
    return outer.values[:index], outer.values[index + 1 :]


def _joined(
    source: Source, op: ast.boolop, condition: _Condition, others: list[ast.expr]
) -> _Condition:
    """Return a condition joined with further operands of its `and` or `or`."""
    sign = " | " if isinstance(op, ast.Or) else " & "
    operands = [condition.holds, *map(source.text_of, others)]
    text = sign.join(map(as_operand, operands))
    return _Condition(text, f"~({text})")


def _is_bool_call(outer: ast.AST, node: ast.expr) -> bool:
    """Return whether a node is ``bool(…)`` of another."""
    return (
        isinstance(outer, ast.Call)
        and isinstance(outer.func, ast.Name)
        and outer.func.id == "bool"
        and outer.args == [node]
    )
