"""`while`: what its condition needs has to hold whenever it is asked."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from export_lsp.fixes.placement.insertion import (
    Edits,
    at_block_end,
    directly_before,
    stands_before,
)
from export_lsp.fixes.placement.node_path import SCOPES, children
from export_lsp.fixes.placement.text_layout import Layout
from export_lsp.source import Source

LOOPS = (ast.While, ast.For, ast.AsyncFor)
JUMPS = (ast.Break, ast.Continue, ast.Return, ast.Raise)


def on_every_turn(
    source: Source, layout: Layout, loop: ast.While, lines: Sequence[str], check: ast.stmt
) -> Edits | None:
    """The lines wherever a turn of a loop ends; None if they cannot stand there."""
    edits: Edits = ()
    for block, statement in _continues(loop.body):
        if not stands_before(block, statement, check):
            found = directly_before(source, layout, statement, lines)
            if found is None:
                return None
            edits += found
    if isinstance(loop.body[-1], JUMPS) or stands_before(loop.body, None, check):
        return edits
    return edits + at_block_end(source, layout, loop.body, lines)


def _continues(block: Sequence[ast.stmt]) -> Iterator[tuple[Sequence[ast.stmt], ast.stmt]]:
    """Each `continue` that goes on with the loop whose block this is, with the block it is in."""
    for statement in block:
        if isinstance(statement, ast.Continue):
            yield block, statement
        elif isinstance(statement, LOOPS):
            yield from _continues(statement.orelse)
        elif not isinstance(statement, SCOPES):
            for inner in _blocks(statement):
                yield from _continues(inner)


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The blocks of a compound statement, those of its clauses among them."""
    for field in ("body", "orelse", "finalbody"):
        statements = [child for child in children(node, field) if isinstance(child, ast.stmt)]
        if statements:
            yield statements
    for field in ("handlers", "cases"):
        for clause in children(node, field):
            yield from _blocks(clause)
