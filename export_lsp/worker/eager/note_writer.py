"""Code that notes the values of expressions: each is wrapped in a call that returns its value.

Positions stay those of the source, so that locations are the same as in a trace.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from typing import Any

# Kinds of expressions that are noted.
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


class NoteWriter(ast.NodeTransformer, ABC):
    """Wraps expressions inside of functions; `note` returns the call."""

    def __init__(self) -> None:
        self._depth = 0

    @abstractmethod
    def note(self, node: ast.expr) -> ast.expr:
        """Return a call that notes the value of an expression, at its position."""

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
        self._visit_fields(node)
        if isinstance(node, (ast.If, ast.While, ast.Assert, ast.IfExp)):
            node.test = self._noted_name(node.test)
        if isinstance(node, ast.BoolOp):
            node.values = [self._noted_name(value) for value in node.values]
        return self._noted(node) if self.notes(node) else node

    def notes(self, node: ast.AST) -> bool:
        """Return whether an expression of this kind is noted."""
        return isinstance(node, NOTED)

    def _visit_fields(self, node: ast.AST) -> None:
        super().generic_visit(node)

    def _noted_name(self, node: ast.expr) -> ast.expr:
        """Note a bare name in a condition; elsewhere names are not noted."""
        return self.note(node) if isinstance(node, ast.Name) and self._depth else node

    def _noted(self, node: Any) -> ast.AST:
        if not self._depth or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            return node
        return self.note(node)


def note_call(name: str, index: int, value: ast.expr, node: ast.expr | ast.arg) -> ast.Call:
    """Return a call of a function with an index and a value, at the position of a node."""
    number = ast.Constant(index)
    call = ast.Call(ast.Name(name, ast.Load()), [number, value], keywords=[])
    for part in (call, call.func, number):
        ast.copy_location(part, node)
    return call
