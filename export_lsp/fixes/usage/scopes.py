"""The scopes of a file: what their names are bound to, and the calls in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from export_lsp.source import Source


class Each:
    """A step of a `Path`: an item of what is iterated over."""


EACH = Each()

# The way from a value to a part of it: positions, keys, and `EACH`.
Path = tuple[int | str | Each, ...]

Function = ast.FunctionDef | ast.AsyncFunctionDef
ScopeNode = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Binding:
    """A statement that binds a name to a part of a value; `line` counts from 1."""

    line: int
    value: ast.expr
    path: Path = ()


@dataclass(eq=False)
class Scope:
    """A module, a function or a class.

    Attributes:
        source: The file.
        node: Its syntax.
        outer: The scope around it.
        bindings: The statements that bind a name or an attribute of one ("self.model").
        parameters: The parameters, if it is a function.
        calls: The calls in its own statements.
        returned: The values that it returns or yields.
        inner: The scopes in it, by name.
    """

    source: Source
    node: ScopeNode
    outer: Scope | None = None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    parameters: dict[str, ast.arg] = field(default_factory=dict)
    calls: list[ast.Call] = field(default_factory=list)
    returned: list[ast.expr] = field(default_factory=list)
    inner: dict[str, Scope] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the function or class; "" for a module."""
        return "" if isinstance(self.node, ast.Module) else self.node.name

    @property
    def module(self) -> Scope:
        """The scope of the file."""
        return self if self.outer is None else self.outer.module

    @property
    def enclosing_class(self) -> Scope | None:
        """The class that this is a method of."""
        outer = self.outer
        return outer if outer is not None and isinstance(outer.node, ast.ClassDef) else None

    def walk(self) -> Iterator[Scope]:
        """Yield this scope and all scopes in it."""
        yield self
        for inner in self.inner.values():
            yield from inner.walk()


def scope_of(source: Source) -> Scope | None:
    """Return the scope of a file with all scopes in it; None if it does not parse."""
    if source.tree is None:
        return None
    scope = Scope(source, source.tree)
    _Reader(scope).read(source.tree.body)
    return scope


class _Reader(ast.NodeVisitor):
    """Fills a scope from its statements."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def read(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.visit(statement)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._open(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Skip it: its parameters hide names."""

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._bind(target, node.value, ())
        self.visit(node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._bind(node.target, node.value, ())
            self.visit(node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._bind(node.target, node.value, ())
        self.visit(node.value)

    def visit_For(self, node: ast.For) -> None:
        self._bind(node.target, node.iter, (EACH,))
        self.generic_visit(node)

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            if item.optional_vars is not None:
                self._bind(item.optional_vars, item.context_expr, ())
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        self._returns(node.value)

    def visit_Yield(self, node: ast.Yield) -> None:
        self._returns(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        self._scope.calls.append(node)
        self.generic_visit(node)

    def _returns(self, value: ast.expr | None) -> None:
        if value is not None:
            self._scope.returned.append(value)
            self.visit(value)

    def _bind(self, target: ast.expr, value: ast.expr, path: Path) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            for position, item in enumerate(target.elts):
                self._bind(item, value, (*path, position))
        elif isinstance(target, (ast.Name, ast.Attribute)):
            bindings = self._scope.bindings.setdefault(ast.unparse(target), [])
            bindings.append(Binding(target.lineno, value, path))

    def _function(self, node: Function) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        arguments = node.args
        scope = self._open(node)
        for arg in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            scope.parameters[arg.arg] = arg

    def _open(self, node: Function | ast.ClassDef) -> Scope:
        scope = Scope(self._scope.source, node, self._scope)
        self._scope.inner[node.name] = scope
        _Reader(scope).read(node.body)
        return scope
