"""The user's own code, compiled so that it goes on past the places where a trace has ended.

An expression there is evaluated by a function of ours, which may give something else where it
raises; an assignment there that raises is left out.
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

# What there is to do instead, by place: called with what was raised.
Fallback = Callable[[Location, Exception], Any]


def with_fallbacks(
    sources: Iterable[Source], places: Sequence[Location], instead: Fallback
) -> AbstractContextManager[None]:
    """Within, `instead` gives the value of an expression at one of the places that raises."""

    def evaluate(index: int, expression: Callable[[], Any]) -> Any:
        try:
            return expression()
        except Exception as error:
            return instead(places[index], error)

    change = functools.partial(_changed, places=places)
    return recompiled.recompiled_functions(sources, change, NAME, evaluate, lambdas=False)


def _changed(source: Source, tree: ast.Module, places: Sequence[Location]) -> ast.Module:
    changed: ast.Module = _Writer(source, places).visit(tree)
    return changed


class _Writer(ast.NodeTransformer):
    def __init__(self, source: Source, places: Sequence[Location]) -> None:
        self._source = source
        self._places = places

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, (ast.Assign, ast.AugAssign)) and self._stores_at_place(node):
            return self._left_out_if_it_raises(node)
        node = self.generic_visit(node)
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            place = self._source.location_of(node)
            if place in self._places:
                return self._evaluated(node, self._places.index(place))
        return node

    def _stores_at_place(self, node: ast.Assign | ast.AugAssign) -> bool:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(self._source.location_of(target) in self._places for target in targets)

    def _left_out_if_it_raises(self, node: ast.stmt) -> ast.Try:
        kind = ast.Name("Exception", ast.Load())
        handler = ast.ExceptHandler(type=kind, name=None, body=[ast.Pass()])
        attempt = ast.Try(body=[node], handlers=[handler], orelse=[], finalbody=[])
        for part in (attempt, handler, kind, handler.body[0]):
            ast.copy_location(part, node)
        return attempt

    def _evaluated(self, node: ast.expr, index: int) -> ast.Call:
        nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
        later = ast.Lambda(nothing, node)
        number = ast.Constant(index)
        call = ast.Call(ast.Name(NAME, ast.Load()), [number, later], keywords=[])
        for part in (call, call.func, number, later):
            ast.copy_location(part, node)
        return call
