"""The path of syntax nodes from a module down to a location in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from export_lsp.protocol import Location
from export_lsp.source import Source

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

# Line and column as `ast` counts them: lines from 1, columns in UTF-8 bytes.
Point = tuple[int, int]

# Nodes with a position of their own.
Positioned = ast.stmt | ast.expr | ast.excepthandler | ast.pattern | ast.arg | ast.keyword
_POSITIONED = (ast.stmt, ast.expr, ast.excepthandler, ast.pattern, ast.arg, ast.keyword)

# The fields that hold statements, or clauses that do.
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


@dataclass(frozen=True)
class NodePath:
    """The nodes around a location: its innermost statement, those outside and those inside it.

    `outer` starts with the module and ends with the node that has the statement in a block;
    `inner` starts with the statement's child and ends with the innermost node.
    """

    outer: tuple[ast.AST, ...]
    statement: ast.stmt
    inner: tuple[ast.AST, ...]

    @property
    def block(self) -> list[ast.stmt]:
        """The block that the statement belongs to."""
        return _block_with(self.outer[-1], self.statement)

    def seen_from(self, statement: ast.stmt) -> NodePath:
        """Return the path to the same location with an outer statement in place of its own."""
        nodes = (*self.outer, self.statement, *self.inner)
        index = next(i for i, node in enumerate(nodes) if node is statement)
        return NodePath(nodes[:index], statement, nodes[index + 1 :])

    def is_in(self, field: str) -> bool:
        """Return whether the location is in this field of the statement."""
        return bool(self.inner) and any(
            self.inner[0] is node for node in children(self.statement, field)
        )

    def inner_scopes(self) -> Iterator[Comprehension | ast.Lambda]:
        """Yield the scopes inside the statement that the location is evaluated in, outer first."""
        for node, below in zip(self.inner, (*self.inner, None)[1:], strict=True):
            if isinstance(node, ast.Lambda):
                if below is node.body:
                    yield node
            elif isinstance(node, COMPREHENSIONS) and not self._is_in_first_iterable(node):
                yield node

    def _is_in_first_iterable(self, node: Comprehension) -> bool:
        """Return whether the location is in the part evaluated in the surrounding scope."""
        return any(inner is node.generators[0].iter for inner in self.inner)


def path_to(source: Source, location: Location) -> NodePath | None:
    """Return the path to a location; None if it is in no statement or the file does not parse."""
    if source.tree is None:
        return None
    start, end = (
        (
            place.line + 1,
            len(source.lines[place.line][: place.character].encode("utf-8", "replace")),
        )
        for place in (location.start, location.end)
    )
    nodes: list[ast.AST] = [source.tree]
    while (below := _child_around(nodes[-1], start, end)) is not None:
        nodes.append(below)
    depth = max((i for i, node in enumerate(nodes) if isinstance(node, ast.stmt)), default=0)
    statement = nodes[depth]
    if not isinstance(statement, ast.stmt):
        return None
    return NodePath(tuple(nodes[:depth]), statement, tuple(nodes[depth + 1 :]))


def _child_around(node: ast.AST, start: Point, end: Point) -> ast.AST | None:
    covering = [child for child in ast.iter_child_nodes(node) if _covers(child, start, end)]
    if isinstance(node, ast.JoinedStr):
        # Up to Python 3.11 each part has the range of the whole f-string.
        covering = [part for part in covering if _child_around(part, start, end) is not None]
    return next(iter(covering), None)


def _covers(node: ast.AST, start: Point, end: Point) -> bool:
    if isinstance(node, _POSITIONED):
        last = (node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        return begin(node) <= start and end <= last
    return any(_covers(child, start, end) for child in ast.iter_child_nodes(node))


def begin(node: Positioned) -> Point:
    """Return where a node begins: a decorated definition with its first decorator."""
    if isinstance(node, DEFINITIONS):
        for decorator in node.decorator_list[:1]:
            return decorator.lineno, decorator.col_offset
    return node.lineno, node.col_offset


def children(node: ast.AST, field: str) -> list[ast.AST]:
    """Return the nodes in a field of a node; none if it has no such field."""
    value = getattr(node, field, None)
    values = value if isinstance(value, list) else [value]
    return [child for child in values if isinstance(child, ast.AST)]


def header(statement: ast.stmt) -> list[ast.AST]:
    """Return the parts of a statement outside its blocks: all parts of a simple statement."""
    parts = [
        child
        for field in statement._fields
        if field not in BLOCKS
        for child in children(statement, field)
    ]
    cases = statement.cases if isinstance(statement, ast.Match) else []
    return [*parts, *(part for c in cases for part in (c.pattern, c.guard) if part is not None)]


def is_docstring(statement: ast.stmt) -> bool:
    """Return whether the first statement of a module, class or function is its docstring."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _block_with(parent: ast.AST, statement: ast.stmt) -> list[ast.stmt]:
    return next(
        [child for child in children(parent, field) if isinstance(child, ast.stmt)]
        for field in BLOCKS
        if any(child is statement for child in children(parent, field))
    )
