"""Names and scopes: where names are bound, and whether they are at a given statement."""

from __future__ import annotations

import ast
import builtins
import itertools
from collections.abc import Iterable, Iterator

from export_lsp.fixes.placement.node_path import (
    COMPREHENSIONS,
    Comprehension,
    NodePath,
    Point,
    begin,
    children,
    header,
)

Function = ast.FunctionDef | ast.AsyncFunctionDef

# A name, and where it is bound.
Binding = tuple[str, Point]

BUILTINS = frozenset(dir(builtins))

# Nodes that bind the name in their field `name`, None for none.
_NAMED = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.ExceptHandler,
    ast.MatchAs,
    ast.MatchStar,
)


def free_names(tree: ast.AST) -> frozenset[str]:
    """Return the names that code reads and does not bind itself."""
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    own = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    return frozenset({node.id for node in names} - own)


def bindings(nodes: Iterable[ast.AST]) -> Iterator[Binding]:
    """Yield the names that nodes bind in their own scope, and where."""
    for node in walk_scope(nodes):
        for name in _bound_by(node):
            yield name, (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))


def walk_scope(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield nodes and their descendants, except those in a scope of their own."""
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
    if isinstance(node, _NAMED):
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
    """Return the names of a function's parameters."""
    return {node.arg for node in ast.walk(arguments) if isinstance(node, ast.arg)}


def bound_in_expression(scope: Comprehension | ast.Lambda) -> set[str]:
    """Return the names that an expression binds in a scope of its own."""
    if isinstance(scope, ast.Lambda):
        inside = {name for name, _ in bindings([scope.body])}
        return parameters(scope.args) | inside
    targets = [generator.target for generator in scope.generators]
    return {name for name, _ in bindings(targets)}


def bound_before_reached(path: NodePath) -> set[str]:
    """Return the names that a statement binds itself before it evaluates the path's location."""
    statement = path.statement
    parts = header(statement)
    inside = [node for part in parts for node in ast.walk(part)]
    found = {node.target.id for node in inside if isinstance(node, ast.NamedExpr)}
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        ahead = itertools.takewhile(lambda item: item not in path.inner, statement.items)
        targets = [item.optional_vars for item in ahead if item.optional_vars is not None]
        found |= {name for name, _ in bindings(targets)}
    if isinstance(statement, ast.Match) and not path.is_in("subject"):
        found |= {name for name, _ in bindings(case.pattern for case in statement.cases)}
    if path.inner:
        # The location may be a target of the statement.
        found |= {name for name, _ in bindings([path.inner[-1]])}
    elif not isinstance(statement, ast.AugAssign):
        found |= {name for name, _ in bindings(parts)}
    return found


def changed_expressions(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names, attributes and items that nodes assign to, as source text."""
    nodes = list(nodes)
    stored = {
        ast.unparse(node)
        for outer in nodes
        for node in ast.walk(outer)
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load)
    }
    return stored | {name for name, _ in bindings(nodes)}


def mentioned_expressions(tree: ast.AST) -> set[str]:
    """Return the names, attributes and items in a tree, as source text."""
    kinds = (ast.Name, ast.Attribute, ast.Subscript)
    return {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, kinds)}


def is_bound(name: str, path: NodePath) -> bool:
    """Return whether a name is bound when the path's statement begins, as far as syntax tells."""
    point = begin(path.statement)
    innermost = True
    for scope in reversed(path.outer):
        if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef)):
            known = _is_bound_in(scope, name, point, path if innermost else None)
            if known is not None:
                return known
            innermost = False
        elif isinstance(scope, ast.ClassDef):
            if innermost and name in _bound_before(scope.body, point, path):
                return True
            innermost = False
    module = path.outer[0]
    bound = {each for each, _ in bindings(children(module, "body"))}
    if innermost and name in bound:
        return name in _bound_before(children(module, "body"), point, path)
    # `torch_name` adds the import of torch where nothing is called so.
    return name in bound | BUILTINS | {"torch"} or "*" in bound


def _is_bound_in(scope: Function, name: str, point: Point, path: NodePath | None) -> bool | None:
    """Return whether a local name of a function is bound at a point; None if it is not local.

    `path` is None for a point in an inner function, which is called when all names are bound.
    """
    declared = [node for node in ast.walk(scope) if isinstance(node, (ast.Global, ast.Nonlocal))]
    if any(name in node.names for node in declared):
        return None
    if name in parameters(scope.args):
        return True
    if name not in {each for each, _ in bindings(scope.body)}:
        return None
    return path is None or name in _bound_before(scope.body, point, path)


def _bound_before(body: Iterable[ast.AST], point: Point, path: NodePath) -> set[str]:
    """Return the names bound before a point, other than in branches that exclude it."""
    others = list(_other_branches(path))
    return {
        name
        for name, where in bindings(body)
        if where < point and not any(first <= where < last for first, last in others)
    }


def _other_branches(path: NodePath) -> Iterator[tuple[Point, Point]]:
    """Yield the ranges of code that has not run when the path's statement is reached."""
    nodes = (*path.outer, path.statement)
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
