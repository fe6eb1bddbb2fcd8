"""The way from a module down to a place in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from export_lsp.protocol import Location
from export_lsp.source import Source

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

# Line and column as `ast` counts them: lines from 1, columns in UTF-8 bytes.
Point = tuple[int, int]

# The fields that hold statements, or what does.
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


@dataclass(frozen=True)
class Around:
    """What is around a place: the nodes outside its innermost statement, that, and those inside.

    Outer nodes come first.  The first one is the module, the last one what has the statement in
    one of its blocks.
    """

    outer: tuple[ast.AST, ...]
    statement: ast.stmt
    inner: tuple[ast.AST, ...]

    @property
    def block(self) -> list[ast.stmt]:
        """The statements that it is one of."""
        return block_of(self.outer[-1], self.statement)

    def outwards(self, statement: ast.stmt) -> Around:
        """The same place as one in an outer statement."""
        nodes = (*self.outer, self.statement, *self.inner)
        index = next(i for i, node in enumerate(nodes) if node is statement)
        return Around(nodes[:index], statement, nodes[index + 1 :])

    def at(self, field: str) -> bool:
        """Whether the place is in this field of the statement."""
        return bool(self.inner) and any(
            self.inner[0] is node for node in children(self.statement, field)
        )

    def entered(self) -> Iterator[Comprehension | ast.Lambda]:
        """The scopes in the statement that the place is evaluated in, the outermost first."""
        for node, below in zip(self.inner, (*self.inner, None)[1:], strict=True):
            if isinstance(node, ast.Lambda):
                if below is node.body:
                    yield node
            elif isinstance(node, COMPREHENSIONS) and not self._is_first_iterable(node):
                yield node

    def _is_first_iterable(self, node: Comprehension) -> bool:
        """Whether the place is in what a comprehension takes from the scope around it."""
        return any(inner is node.generators[0].iter for inner in self.inner)


def around(source: Source, place: Location) -> Around | None:
    """None if the place is in no statement."""
    if source.tree is None:
        return None
    start, end = (
        (
            place.line + 1,
            len(source.lines[place.line][: place.character].encode("utf-8", "replace")),
        )
        for place in (place.start, place.end)
    )
    nodes: list[ast.AST] = [source.tree]
    while (below := _next(nodes[-1], start, end)) is not None:
        nodes.append(below)
    depth = max((i for i, node in enumerate(nodes) if isinstance(node, ast.stmt)), default=0)
    statement = nodes[depth]
    if not isinstance(statement, ast.stmt):
        return None
    return Around(tuple(nodes[:depth]), statement, tuple(nodes[depth + 1 :]))


def _next(node: ast.AST, start: Point, end: Point) -> ast.AST | None:
    """The child that a place is in."""
    covering = [child for child in ast.iter_child_nodes(node) if _covers(child, start, end)]
    if isinstance(node, ast.JoinedStr):
        # Up to Python 3.11 each of its parts has the range of all of it.
        covering = [part for part in covering if _next(part, start, end) is not None]
    return next(iter(covering), None)


def _covers(node: ast.AST, start: Point, end: Point) -> bool:
    if isinstance(node, (ast.stmt, ast.expr, ast.excepthandler, ast.pattern, ast.arg, ast.keyword)):
        last = (node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        return begin(node) <= start and end <= last
    return any(_covers(child, start, end) for child in ast.iter_child_nodes(node))


def begin(
    node: ast.stmt | ast.expr | ast.excepthandler | ast.pattern | ast.arg | ast.keyword,
) -> Point:
    """Where a node begins, with its first decorator if it has any."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        for decorator in node.decorator_list[:1]:
            return decorator.lineno, decorator.col_offset
    return node.lineno, node.col_offset


def children(node: ast.AST, field: str) -> list[ast.AST]:
    """What a field of a node holds."""
    value = getattr(node, field, None)
    values = value if isinstance(value, list) else [value]
    return [child for child in values if isinstance(child, ast.AST)]


def block_of(parent: ast.AST, statement: ast.stmt) -> list[ast.stmt]:
    """The statements that a child of a node is one of."""
    return next(
        [child for child in children(parent, field) if isinstance(child, ast.stmt)]
        for field in BLOCKS
        if any(child is statement for child in children(parent, field))
    )


def header(statement: ast.stmt) -> list[ast.AST]:
    """The parts of a statement outside its blocks, all of a simple one."""
    parts = [
        child
        for field in statement._fields
        if field not in BLOCKS
        for child in children(statement, field)
    ]
    cases = statement.cases if isinstance(statement, ast.Match) else []
    return [*parts, *(part for c in cases for part in (c.pattern, c.guard) if part is not None)]


def is_docstring(statement: ast.stmt) -> bool:
    """Whether the first statement of a module, class or function is its docstring."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
