"""Inserting statements before the statement at a location, whose meaning does not change.

`insert_before` decides where they go.  The other modules deal with the obstacles: bodies on the
line of their header, `elif`, `while`, lambdas and comprehensions.
"""

from __future__ import annotations

import ast

from export_lsp.fixes.placement.elif_chain import as_nested_if, earlier_branches
from export_lsp.fixes.placement.insertion import Edits, is_already_before, lines_before
from export_lsp.fixes.placement.lambda_to_def import lambda_as_def
from export_lsp.fixes.placement.node_path import (
    DEFINITIONS,
    Comprehension,
    NodePath,
    is_docstring,
    path_to,
)
from export_lsp.fixes.placement.scopes import (
    bindings,
    bound_before_reached,
    bound_in_expression,
    changed_expressions,
    free_names,
    is_bound,
    mentioned_expressions,
)
from export_lsp.fixes.placement.text_layout import TextLayout, layout_of
from export_lsp.fixes.placement.while_loops import at_iteration_ends
from export_lsp.protocol import Location
from export_lsp.source import Source


def insert_before(source: Source, location: Location, code: str) -> Edits | None:
    """Return edits that put code of one or more lines before the statement around a location.

    The code may use `torch`, see `torch_name`.  None if it cannot go there: the location is in no
    statement, or a name in the code is not bound there or means something else.  None, too, if the
    code is there already.
    """
    path, layout = path_to(source, location), layout_of(source)
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return None
    if path is None or layout is None or not tree.body or _has_to_stay_first(path):
        return None
    return _Insertion(source, layout, path, code, tree).edits() or None


class _Insertion:
    """The code to insert, and the path to the location it is for.

    Its methods return None if the code cannot go where they would insert it, and no edits if it is
    there already.
    """

    def __init__(
        self, source: Source, layout: TextLayout, path: NodePath, code: str, tree: ast.Module
    ) -> None:
        self._source = source
        self._layout = layout
        self._path = path
        self._lines = code.splitlines()
        self._tree = tree
        self._names = free_names(tree)

    def edits(self) -> Edits | None:
        path = self._path
        scopes = [each for each in path.inner_scopes() if self._names & bound_in_expression(each)]
        if scopes:
            return self._in_lambda(scopes)
        if self._names & bound_before_reached(path):
            return None
        if isinstance(path.statement, ast.While) and path.is_in("test"):
            return self._in_loop(path.statement)
        branches = earlier_branches(self._source, path)
        return self._at_elif(branches) if branches else self._directly_before(path)

    def _directly_before(self, path: NodePath) -> Edits | None:
        if not self._all_bound(path):
            return None
        if len(self._tree.body) == 1 and is_already_before(
            path.block, path.statement, self._tree.body[0]
        ):
            return ()
        return lines_before(self._source, self._layout, path.statement, self._lines)

    def _all_bound(self, path: NodePath) -> bool:
        return all(is_bound(name, path) for name in self._names)

    def _in_loop(self, loop: ast.While) -> Edits | None:
        edits = self._directly_before(self._path)
        if edits is None or not changed_expressions(loop.body) & mentioned_expressions(self._tree):
            return edits
        repeated = at_iteration_ends(
            self._source, self._layout, loop, self._lines, self._tree.body[0]
        )
        return None if repeated is None else edits + repeated

    def _at_elif(self, branches: list[ast.If]) -> Edits | None:
        """Insert before the whole `if` if the names mean the same there, else into an `else`."""
        head = self._path.seen_from(branches[-1])
        in_tests = {name for name, _ in bindings(node.test for node in branches)}
        if self._all_bound(head) and not self._names & in_tests:
            return self._directly_before(head)
        statement = self._path.statement
        if isinstance(statement, ast.If) and self._all_bound(self._path):
            return as_nested_if(self._source, self._layout, statement, self._lines)
        return None

    def _in_lambda(self, scopes: list[Comprehension | ast.Lambda]) -> Edits | None:
        """Insert into the lambda that binds a name of the code, if no other scope does."""
        function = next(self._path.inner_scopes())
        if not isinstance(function, ast.Lambda) or scopes != [function]:
            return None
        branches = earlier_branches(self._source, self._path)
        path = self._path.seen_from(branches[-1]) if branches else self._path
        return lambda_as_def(self._source, self._layout, path, function, self._lines)


def _has_to_stay_first(path: NodePath) -> bool:
    """Return whether a statement loses its meaning if it is not the first of its block."""
    statement, block = path.statement, path.block
    if isinstance(statement, ast.ImportFrom):
        return statement.module == "__future__"
    first = statement is block[0] and isinstance(path.outer[-1], (*DEFINITIONS, ast.Module))
    return first and is_docstring(statement)
