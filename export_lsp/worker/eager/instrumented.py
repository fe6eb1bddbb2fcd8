"""Instrumented code: the user's code, compiled so that it notes the values of its expressions.

Each expression whose value a trace may lack is wrapped in a call that notes the value and returns
it.  Positions stay those of the source, so that locations are the same as in a trace.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from export_lsp.protocol import Location
from export_lsp.source import Source
from export_lsp.worker.eager import recompiled

NAME = "__export_lsp_note__"

# Kinds of expressions that can fail in a trace, or decide which way it goes.
NOTED = (
    ast.Call,
    ast.Compare,
    ast.Subscript,
    ast.BinOp,
    ast.UnaryOp,
    ast.BoolOp,
    ast.Attribute,
    ast.IfExp,
)

Note = Callable[["NotedExpression", Any], None]


@dataclass(frozen=True)
class NotedExpression:
    """An expression whose value is noted; `is_tolist` says that it is a call of ``tolist``."""

    location: Location
    is_tolist: bool


def note_values(sources: Iterable[Source], note: Note) -> AbstractContextManager[None]:
    """Context manager in which every live function of the sources calls `note` with its values."""
    expressions: list[NotedExpression] = []

    def note_and_return(index: int, value: Any) -> Any:
        note(expressions[index], value)
        return value

    def change(source: Source, tree: ast.Module) -> ast.Module:
        changed: ast.Module = _NoteWriter(source, expressions).visit(tree)
        return changed

    return recompiled.recompiled_functions(sources, change, NAME, note_and_return, lambdas=True)


class _NoteWriter(ast.NodeTransformer):
    """Wraps expressions inside of functions; a call passes its index in `expressions`."""

    def __init__(self, source: Source, expressions: list[NotedExpression]) -> None:
        self._source = source
        self._expressions = expressions
        self._depth = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: Any) -> ast.AST:
        """Visit the body only: the rest runs at the definition, not at a call."""
        self._depth += 1
        node.body = [self.visit(statement) for statement in node.body]
        self._depth -= 1
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self._depth += 1
        node.body = self.visit(node.body)
        self._depth -= 1
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.AST:
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        # The called function is no value of interest, and `super()` must stay a call by that name.
        if isinstance(node.func, ast.Attribute):
            node.func.value = self.visit(node.func.value)
        elif not isinstance(node.func, ast.Name):
            node.func = self.visit(node.func)
        node.args = [self.visit(argument) for argument in node.args]
        node.keywords = [self.visit(keyword) for keyword in node.keywords]
        return self._noted(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        # Of a chain such as torch.nn.functional only the whole is of interest.
        if not isinstance(node.value, ast.Attribute):
            node.value = self.visit(node.value)
        return self._noted(node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        node = super().generic_visit(node)
        if isinstance(node, (ast.If, ast.While, ast.Assert, ast.IfExp)):
            node.test = self._noted_name(node.test)
        if isinstance(node, ast.BoolOp):
            node.values = [self._noted_name(value) for value in node.values]
        return self._noted(node) if isinstance(node, NOTED) else node

    def _noted_name(self, node: ast.expr) -> ast.expr:
        """Note a bare name in a condition; elsewhere names are not noted."""
        return self._note(node) if isinstance(node, ast.Name) and self._depth else node

    def _noted(self, node: Any) -> ast.AST:
        if not self._depth or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            return node
        return self._note(node)

    def _note(self, node: ast.expr) -> ast.expr:
        is_tolist = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "tolist"
        location = self._source.location_of(node)
        self._expressions.append(NotedExpression(location, is_tolist))
        index = ast.Constant(len(self._expressions) - 1)
        call = ast.Call(ast.Name(NAME, ast.Load()), [index, node], keywords=[])
        for part in (call, call.func, index):
            ast.copy_location(part, node)
        return call
