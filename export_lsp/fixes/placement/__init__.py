"""Where new statements go: before the one a place is in, so that it stays what it was."""

from __future__ import annotations

import ast

from export_lsp.fixes.placement.elif_chain import heads, nested
from export_lsp.fixes.placement.insertion import Edits, directly_before, stands_before
from export_lsp.fixes.placement.lambda_to_def import in_def
from export_lsp.fixes.placement.node_path import SCOPES, Around, Comprehension, around, is_docstring
from export_lsp.fixes.placement.scopes import (
    available,
    bindings,
    bound_in,
    bound_on_the_way,
    changed_in,
    mentioned,
    used,
)
from export_lsp.fixes.placement.text_layout import Layout, layout_of
from export_lsp.fixes.placement.while_loops import on_every_turn
from export_lsp.protocol import Location
from export_lsp.source import Source


def before(source: Source, place: Location, line: str) -> Edits | None:
    """Edits that put `line` before the statement around a place.

    It may be several lines.  `torch` is taken to be a name there, see `torch_name`.  None if they
    cannot stand there: a name in them is not bound by then or means something else, or the place
    is in no statement.  None, too, if they already stand there.
    """
    there, layout = around(source, place), layout_of(source)
    try:
        tree = ast.parse(line)
    except SyntaxError:
        return None
    if there is None or layout is None or not tree.body or _stays_first(there):
        return None
    return _Placing(source, layout, there, line, tree).edits() or None


class _Placing:
    def __init__(
        self, source: Source, layout: Layout, place: Around, line: str, tree: ast.Module
    ) -> None:
        self._source = source
        self._layout = layout
        self._place = place
        self._lines = line.splitlines()
        self._tree = tree
        self._names = used(tree)

    def edits(self) -> Edits | None:
        place = self._place
        inside = [scope for scope in place.entered() if self._names & bound_in(scope)]
        if inside:
            return self._in_function(inside)
        if self._names & bound_on_the_way(place):
            return None
        if isinstance(place.statement, ast.While) and place.at("test"):
            return self._in_loop(place.statement)
        chain = heads(self._source, place)
        return self._in_chain(chain) if chain else self._directly_before(place)

    def _directly_before(self, place: Around) -> Edits | None:
        """No edits if the lines stand there already."""
        if not self._available(place):
            return None
        if len(self._tree.body) == 1 and stands_before(
            place.block, place.statement, self._tree.body[0]
        ):
            return ()
        return directly_before(self._source, self._layout, place.statement, self._lines)

    def _available(self, place: Around) -> bool:
        return all(available(name, place) for name in self._names)

    def _in_loop(self, loop: ast.While) -> Edits | None:
        edits = self._directly_before(self._place)
        if edits is None or not changed_in(loop.body) & mentioned(self._tree):
            return edits
        turns = on_every_turn(self._source, self._layout, loop, self._lines, self._tree.body[0])
        return None if turns is None else edits + turns

    def _in_chain(self, chain: list[ast.If]) -> Edits | None:
        """Before all of an `if` if the names are those that an `elif` sees, else in an `else`."""
        head = self._place.outwards(chain[-1])
        earlier = bindings(node.test for node in chain)
        if self._available(head) and not self._names & {name for name, _ in earlier}:
            return self._directly_before(head)
        statement = self._place.statement
        if isinstance(statement, ast.If) and self._available(self._place):
            return nested(self._source, self._layout, statement, self._lines)
        return None

    def _in_function(self, inside: list[Comprehension | ast.Lambda]) -> Edits | None:
        """A place whose names are those of an expression in its statement."""
        function = next(self._place.entered())
        if not isinstance(function, ast.Lambda) or inside != [function]:
            return None
        chain = heads(self._source, self._place)
        place = self._place.outwards(chain[-1]) if chain else self._place
        return in_def(self._source, self._layout, place, function, self._lines)


def _stays_first(place: Around) -> bool:
    """Whether the statement has to be the first one of its block."""
    statement, block = place.statement, place.block
    if isinstance(statement, ast.ImportFrom):
        return statement.module == "__future__"
    first = statement is block[0] and isinstance(place.outer[-1], (*SCOPES, ast.Module))
    return first and is_docstring(statement)
