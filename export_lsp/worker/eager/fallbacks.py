"""The user's code, compiled with a fallback for the expressions at which a trace has failed.

If such an expression raises, a fallback function gives its value.  If an assignment to such a place
raises, it is skipped.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from export_lsp.protocol import Location
from export_lsp.source import Source
from export_lsp.worker.eager import recompiled

NAME = "__export_lsp_or__"

# Called with the location of an expression and what it raised; returns its value, or raises.
Fallback = Callable[[Location, Exception], Any]


def with_fallbacks(
    sources: Iterable[Source], places: Sequence[Location], fallback: Fallback
) -> AbstractContextManager[None]:
    """Context manager in which `fallback` gives the value of an expression that raises.

    Args:
        sources: The texts of the user's files, as they were imported.
        places: The locations of the expressions, and of the targets of assignments, that may fail.
        fallback: Called only for expressions at these places.
    """

    def evaluate(index: int, expression: Callable[[], Any]) -> Any:
        try:
            return expression()
        except Exception as error:
            return fallback(places[index], error)

    change = functools.partial(_changed, places=places)
    return recompiled.recompiled_functions(sources, change, NAME, evaluate, lambdas=False)


def _changed(source: Source, tree: ast.Module, places: Sequence[Location]) -> ast.Module:
    changed: ast.Module = _FallbackWriter(source, places).visit(tree)
    return changed


class _FallbackWriter(ast.NodeTransformer):
    """Wraps the expressions at the places in calls, and the assignments in ``try`` statements."""

    def __init__(self, source: Source, places: Sequence[Location]) -> None:
        self._source = source
        self._places = places

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, (ast.Assign, ast.AugAssign)) and self._stores_at_place(node):
            return self._skipped_if_it_raises(node)
        node = self.generic_visit(node)
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            place = self._source.location_of(node)
            if place in self._places:
                return self._evaluated(node, self._places.index(place))
        return node

    def _stores_at_place(self, node: ast.Assign | ast.AugAssign) -> bool:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(self._source.location_of(target) in self._places for target in targets)

    def _skipped_if_it_raises(self, node: ast.stmt) -> ast.Try:
        kind = ast.Name("Exception", ast.Load())
        handler = ast.ExceptHandler(type=kind, name=None, body=[ast.Pass()])
        attempt = ast.Try(body=[node], handlers=[handler], orelse=[], finalbody=[])
        for part in (attempt, handler, kind, handler.body[0]):
            ast.copy_location(part, node)
        return attempt

    def _evaluated(self, node: ast.expr, index: int) -> ast.Call:
        nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
        deferred = ast.Lambda(nothing, node)
        number = ast.Constant(index)
        call = ast.Call(ast.Name(NAME, ast.Load()), [number, deferred], keywords=[])
        for part in (call, call.func, number, deferred):
            ast.copy_location(part, node)
        return call
