"""What names mean at a place: where they are bound, and whether they are by then."""

from __future__ import annotations

import ast
import builtins
import itertools
from collections.abc import Iterable, Iterator

from export_lsp.fixes.placement.node_path import (
    COMPREHENSIONS,
    Around,
    Comprehension,
    Point,
    begin,
    children,
    header,
)

Function = ast.FunctionDef | ast.AsyncFunctionDef
Binding = tuple[str, Point]

BUILTINS = frozenset(dir(builtins))


def used(tree: ast.AST) -> frozenset[str]:
    """The names that statements take from around them."""
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    own = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    return frozenset({node.id for node in names} - own)


def bindings(nodes: Iterable[ast.AST]) -> Iterator[Binding]:
    """The names that these nodes bind in their own scope, and where."""
    for node in in_scope(nodes):
        for name in _bound_by(node):
            yield name, (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))


def in_scope(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """These nodes and what is inside them, as far as it belongs to the same scope."""
    todo = list(nodes)
    while todo:
        node = todo.pop()
        yield node
        todo.extend(_in_same_scope(node))


def _bound_by(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.alias):
        return [node.asname or node.name.partition(".")[0]]
    if isinstance(node, ast.MatchMapping):
        return [node.rest] if node.rest else []
    if isinstance(
        node,
        (
            ast.FunctionDef,
            ast.AsyncFunctionDef,
            ast.ClassDef,
            ast.ExceptHandler,
            ast.MatchAs,
            ast.MatchStar,
        ),
    ):
        return [node.name] if node.name else []
    return []


def _in_same_scope(node: ast.AST) -> Iterable[ast.AST]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return [*node.decorator_list, *_defaults(node.args)]
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    if isinstance(node, ast.Lambda):
        return _defaults(node.args)
    if isinstance(node, COMPREHENSIONS):
        return [inner.target for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)]
    return ast.iter_child_nodes(node)


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *filter(None, arguments.kw_defaults)]


def parameters(arguments: ast.arguments) -> set[str]:
    return {node.arg for node in ast.walk(arguments) if isinstance(node, ast.arg)}


def bound_in(scope: Comprehension | ast.Lambda) -> set[str]:
    """The names that an expression binds for its own inside."""
    if isinstance(scope, ast.Lambda):
        inside = {name for name, _ in bindings([scope.body])}
        return parameters(scope.args) | inside
    targets = [generator.target for generator in scope.generators]
    return {name for name, _ in bindings(targets)}


def bound_on_the_way(place: Around) -> set[str]:
    """The names that the statement itself binds before it gets to a place in it."""
    statement = place.statement
    parts = header(statement)
    inside = [node for part in parts for node in ast.walk(part)]
    found = {node.target.id for node in inside if isinstance(node, ast.NamedExpr)}
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        ahead = itertools.takewhile(lambda item: item not in place.inner, statement.items)
        targets = [item.optional_vars for item in ahead if item.optional_vars is not None]
        found |= {name for name, _ in bindings(targets)}
    if isinstance(statement, ast.Match) and not place.at("subject"):
        found |= {name for name, _ in bindings(case.pattern for case in statement.cases)}
    if place.inner:
        # The place may be what is bound.
        found |= {name for name, _ in bindings([place.inner[-1]])}
    elif not isinstance(statement, ast.AugAssign):
        found |= {name for name, _ in bindings(parts)}
    return found


def changed_in(nodes: Iterable[ast.AST]) -> set[str]:
    """The names, attributes and items that these nodes set, as they are written."""
    nodes = list(nodes)
    stored = {
        ast.unparse(node)
        for outer in nodes
        for node in ast.walk(outer)
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load)
    }
    return stored | {name for name, _ in bindings(nodes)}


def mentioned(tree: ast.AST) -> set[str]:
    """The names, attributes and items in it, as they are written."""
    kinds = (ast.Name, ast.Attribute, ast.Subscript)
    return {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, kinds)}


def available(name: str, place: Around) -> bool:
    """Whether a name is bound when the statement begins, as far as the syntax tells."""
    point = begin(place.statement)
    innermost = True
    for index in range(len(place.outer) - 1, -1, -1):
        scope = place.outer[index]
        if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef)):
            known = _in_function(name, scope, point, place if innermost else None)
            if known is not None:
                return known
            innermost = False
        elif isinstance(scope, ast.ClassDef):
            if innermost and name in _before(scope.body, point, place):
                return True
            innermost = False
    module = place.outer[0]
    everything = {bound for bound, _ in bindings(children(module, "body"))}
    if innermost and name in everything:
        return name in _before(children(module, "body"), point, place)
    # Who speaks of torch where nothing is called so imports it, too.
    return name in everything | BUILTINS | {"torch"} or "*" in everything


def _in_function(name: str, scope: Function, point: Point, place: Around | None) -> bool | None:
    """Whether a function's own name is bound by then; None if it is none of its own.

    `place` is None in an inner function: that is called when all is bound.
    """
    declared = [node for node in ast.walk(scope) if isinstance(node, (ast.Global, ast.Nonlocal))]
    if any(name in node.names for node in declared):
        return None
    if name in parameters(scope.args):
        return True
    if name not in {bound for bound, _ in bindings(scope.body)}:
        return None
    return place is None or name in _before(scope.body, point, place)


def _before(body: Iterable[ast.AST], point: Point, place: Around) -> set[str]:
    """What is bound before a place, elsewhere than in the other branches of what it is in."""
    others = list(_other_branches(place))
    return {
        name
        for name, where in bindings(body)
        if where < point and not any(first <= where < last for first, last in others)
    }


def _other_branches(place: Around) -> Iterator[tuple[Point, Point]]:
    """The ranges of code that has not run if the place is reached."""
    nodes = (*place.outer, place.statement)
    for node, below in itertools.pairwise(nodes):
        if isinstance(node, ast.If) and any(below is child for child in node.orelse):
            yield _range(node.body)
        elif isinstance(node, ast.Match):
            yield from (_range(case.body) for case in node.cases if case is not below)
        elif isinstance(node, ast.Try) and isinstance(below, ast.ExceptHandler):
            yield from (_range(other.body) for other in node.handlers if other is not below)


def _range(block: list[ast.stmt]) -> tuple[Point, Point]:
    last = block[-1]
    return begin(block[0]), (last.end_lineno or last.lineno, last.end_col_offset or 0)
