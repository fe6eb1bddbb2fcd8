"""`while`: a condition that its test needs has to hold at the end of every iteration."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from export_lsp.fixes.placement.insertion import (
    Edits,
    is_already_before,
    lines_at_block_end,
    lines_before,
)
from export_lsp.fixes.placement.node_path import DEFINITIONS, children
from export_lsp.fixes.placement.text_layout import TextLayout
from export_lsp.source import Source

LOOPS = (ast.While, ast.For, ast.AsyncFor)
JUMPS = (ast.Break, ast.Continue, ast.Return, ast.Raise)


def at_iteration_ends(
    source: Source, layout: TextLayout, loop: ast.While, lines: Sequence[str], check: ast.stmt
) -> Edits | None:
    """Return edits that put lines before each `continue` of a loop and at the end of its body.

    They are not repeated where `check`, the first of them, is already.  None if they cannot go
    before one of the statements.
    """
    edits: Edits = ()
    for block, statement in _continues(loop.body):
        if not is_already_before(block, statement, check):
            found = lines_before(source, layout, statement, lines)
            if found is None:
                return None
            edits += found
    if isinstance(loop.body[-1], JUMPS) or is_already_before(loop.body, None, check):
        return edits
    return edits + lines_at_block_end(source, layout, loop.body, lines)


def _continues(block: Sequence[ast.stmt]) -> Iterator[tuple[Sequence[ast.stmt], ast.stmt]]:
    """Yield each `continue` of the loop with this body, and the block that it is in."""
    for statement in block:
        if isinstance(statement, ast.Continue):
            yield block, statement
        elif isinstance(statement, LOOPS):
            yield from _continues(statement.orelse)
        elif not isinstance(statement, DEFINITIONS):
            for inner in _blocks(statement):
                yield from _continues(inner)


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield the blocks of a compound statement, including those of its clauses."""
    for field in ("body", "orelse", "finalbody"):
        statements = [child for child in children(node, field) if isinstance(child, ast.stmt)]
        if statements:
            yield statements
    for field in ("handlers", "cases"):
        for clause in children(node, field):
            yield from _blocks(clause)
