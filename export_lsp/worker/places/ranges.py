"""From the positions and line numbers that Python keeps to the range of an expression."""

from __future__ import annotations

import ast

from export_lsp.protocol import Location
from export_lsp.source import Source
from export_lsp.worker.user_code.instructions import Positions

ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign)


def range_of(source: Source, positions: Positions | None) -> Location | None:
    """Return the expression at the position of an instruction; None if it has no columns."""
    if positions is None:
        return None
    line, end_line, column, end_column = positions
    if line is None or column is None or end_column is None:
        return None
    if end_line is None:
        return _ending_at(source, line, column, end_column)
    location = source.range(line, column, end_line, end_column)
    # CPython 3.11 gives the test of `if f(x):` and the call of `for … in` the whole statement, and
    # that of `a if f(x) else b` the whole expression.
    tested = source.statement_at(location) or source.expression_at(location)
    if isinstance(tested, (ast.stmt, ast.IfExp)):
        return source.location_of(head_of(tested))
    if isinstance(tested, ast.FormattedValue):
        # Python 3.12 and newer give the braces; alone they are no expression.
        texts = [node for node in source.enclosing(location) if isinstance(node, ast.JoinedStr)]
        return source.location_of(texts[-1]) if texts else location
    return source.with_negation(location)


def _ending_at(source: Source, line: int, column: int, end_column: int) -> Location:
    """Return the expression with these columns: Dynamo keeps its last column, not its last line."""
    for node in source.nodes:
        if (node.lineno, node.col_offset, node.end_col_offset) == (line, column, end_column):
            return source.location_of(head_of(node) if isinstance(node, ast.stmt) else node)
    return source.range(line, column, line, max(end_column, column + 1))


def expression_at(source: Source, line: int) -> Location:
    """Return the expression most likely meant by a line (from 1) without columns.

    It is the head of the statement that starts on or spans the line: a condition, a returned or
    assigned value, an iterated collection.  Failing that, or if a constant or a variable is
    assigned, it is the statement, else the line.
    """
    around = [
        node
        for node in source.nodes
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    if not around:
        return source.line_location(line)
    statement = max(around, key=lambda node: node.lineno)
    head = head_of(statement)
    if isinstance(statement, ASSIGNMENTS) and isinstance(head, (ast.Constant, ast.Name)):
        return source.location_of(statement)
    return source.location_of(head)


def head_of(statement: ast.stmt | ast.IfExp) -> ast.expr | ast.stmt:
    """Return the expression that a statement evaluates first, without the body of a compound one.

    A statement without such an expression is returned itself.
    """
    if isinstance(statement, (ast.If, ast.While, ast.Assert, ast.IfExp)):
        return statement.test
    if isinstance(statement, (ast.For, ast.AsyncFor)):
        return statement.iter
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return statement.items[0].context_expr
    if isinstance(statement, (ast.Return, *ASSIGNMENTS, ast.Expr)):
        return statement.value or statement
    return statement
