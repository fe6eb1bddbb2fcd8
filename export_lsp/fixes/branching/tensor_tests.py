"""What the truth of a tensor decides: the test it is in, and the rest of that."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from export_lsp.fixes.branching.boolean_tensors import as_tensors, negated
from export_lsp.protocol import Location
from export_lsp.source import Source, as_operand

Decided = ast.If | ast.IfExp | ast.Assert


@dataclass(frozen=True)
class Decision:
    """A test with a tensor in it.

    `holds` and `fails` are boolean tensors for its truth and its opposite; `text` is the tensor
    they are made of and `opposite` says that the test is that one's opposite.  `first` are what the
    test asks before, of Python: only if all of them hold does the tensor matter.
    """

    of: Decided
    text: str
    opposite: bool
    holds: str
    fails: str
    first: tuple[str, ...] = ()


def decisions(source: Source, place: Location) -> Iterator[Decision]:
    """The ways to read the test that the expression at a place is in; none if it is in no test."""
    around = source.enclosing(place)
    if not around or not isinstance(around[0], ast.expr):
        return
    outwards = list(around)
    tensor = around[0]
    while isinstance(tensor, ast.UnaryOp) and isinstance(tensor.op, ast.Not):
        tensor = tensor.operand
        outwards.insert(0, tensor)
    for text in as_tensors(source, tensor):
        test = _test(source, tensor, text, outwards[1:])
        if test is not None:
            yield test


def _test(
    source: Source, tensor: ast.expr, text: str, outwards: list[ast.expr | ast.stmt]
) -> Decision | None:
    node, opposite = tensor, False
    first: tuple[str, ...] = ()
    opposed = negated(source, tensor, text)
    for outer in outwards:
        if isinstance(outer, ast.UnaryOp) and isinstance(outer.op, ast.Not):
            opposite = not opposite
        elif isinstance(outer, ast.BoolOp) and not first:
            index = outer.values.index(node)
            before, after = outer.values[:index], outer.values[index + 1 :]
            if before and isinstance(outer.op, ast.Or):
                return None
            first = tuple(source.text_of(each) for each in before)
            if after:
                sign = " | " if isinstance(outer.op, ast.Or) else " & "
                others = (source.text_of(each) for each in after)
                text = sign.join(map(as_operand, [opposed if opposite else text, *others]))
                opposed, opposite = f"~({text})", False
        elif isinstance(outer, (ast.If, ast.IfExp, ast.Assert)) and outer.test is node:
            holds, fails = (opposed, text) if opposite else (text, opposed)
            return Decision(outer, text, opposite, holds, fails, first)
        elif not _is_bool(outer, node):
            return None
        if isinstance(outer, ast.expr):
            node = outer
    return None


def _is_bool(outer: ast.AST, node: ast.expr) -> bool:
    """Whether it is `bool(…)` around the node."""
    return (
        isinstance(outer, ast.Call)
        and isinstance(outer.func, ast.Name)
        and outer.func.id == "bool"
        and outer.args == [node]
    )
