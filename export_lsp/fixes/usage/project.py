"""The files of a project: their classes, functions and calls by name."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from export_lsp.fixes.usage.scopes import Scope, scope_of
from export_lsp.source import Source
from export_lsp.top_level import module_classes


@dataclass(frozen=True)
class Call:
    """A call, and the scope that it is in."""

    node: ast.Call
    scope: Scope


@dataclass(frozen=True)
class Project:
    """The code and the configuration files of a workspace folder.

    Attributes:
        folder: The folder.
        files: The files that parse, by path.
        classes: The classes at the top level of files, by name.
        functions: All functions and methods, by name.
        calls: All calls, by the last part of the name that is called.
        settings: The contents of configuration files, by path.
    """

    folder: Path
    files: Mapping[str, Scope]
    classes: Mapping[str, list[Scope]]
    functions: Mapping[str, list[Scope]]
    calls: Mapping[str, list[Call]]
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls, folder: Path, sources: Iterable[Source], settings: Mapping[str, Any] | None = None
    ) -> Project:
        """Return the project of these files."""
        scopes = [scope for scope in map(scope_of, sources) if scope is not None]
        classes: dict[str, list[Scope]] = {}
        functions: dict[str, list[Scope]] = {}
        calls: dict[str, list[Call]] = {}
        for module in scopes:
            for scope in module.walk():
                if isinstance(scope.node, ast.ClassDef) and scope.outer is module:
                    classes.setdefault(scope.name, []).append(scope)
                elif isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    functions.setdefault(scope.name, []).append(scope)
                for call in scope.calls:
                    calls.setdefault(called_name(call), []).append(Call(call, scope))
        files = {scope.source.path: scope for scope in scopes}
        return cls(folder, files, classes, functions, calls, settings or {})

    def models(self, file: str) -> list[ast.ClassDef]:
        """Return the top-level classes of a file that derive from ``nn.Module``."""
        scope = self.files.get(file)
        return module_classes(scope.node) if scope and isinstance(scope.node, ast.Module) else []

    def class_at(self, expression: ast.expr, scope: Scope) -> Scope | None:
        """Return the class of the project that an expression names; None for any other."""
        name = last_name(expression)
        known = self.classes.get(name, [])
        own = [each for each in known if each.source.path == scope.source.path]
        if own:
            return own[0]
        imported = imports_of(scope.module).get(ast.unparse(expression).partition(".")[0])
        if imported is None or not known:
            return None
        origin = imported.module.lstrip(".").split(".")
        named = [each for each in known if Path(each.source.path).stem in origin]
        return (named or known)[0]

    def shown(self, scope: Scope, line: int) -> str:
        """Return a place as users write it: "tests/test_net.py:12"."""
        try:
            return f"{Path(scope.source.path).relative_to(self.folder).as_posix()}:{line}"
        except ValueError:
            return f"{scope.source.path}:{line}"


def called_name(call: ast.Call) -> str:
    """Return the last part of the name that a call calls; "" if it calls no name."""
    return last_name(call.func)


def last_name(node: ast.expr) -> str:
    """Return a name, or the last part of a dotted one; "" for any other expression."""
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


@dataclass(frozen=True)
class Import:
    """An import of a name.

    `module` is where it is imported from, with its leading dots, "" for ``import NAME``; `name` is
    what is imported, and `line` the statement that imports it alone.
    """

    module: str
    name: str
    line: str


# What files import: each is asked for it many times.
_imports: WeakKeyDictionary[Scope, dict[str, Import]] = WeakKeyDictionary()


def imports_of(module: Scope) -> dict[str, Import]:
    """Return what a file imports anywhere, by the names that it gets.

    Relative imports are made absolute, as far as the packages around the file tell.
    """
    known = _imports.get(module)
    if known is None:
        known = _imports[module] = _read_imports(module)
    return known


def _read_imports(module: Scope) -> dict[str, Import]:
    found: dict[str, Import] = {}
    for node in ast.walk(module.node):
        if isinstance(node, ast.Import):
            for alias in node.names:
                own = alias.asname or alias.name.partition(".")[0]
                suffix = f" as {alias.asname}" if alias.asname else ""
                found[own] = Import("", alias.name, f"import {alias.name}{suffix}")
        elif isinstance(node, ast.ImportFrom):
            origin = _absolute(node, module.source.path)
            for alias in node.names:
                suffix = f" as {alias.asname}" if alias.asname else ""
                line = f"from {origin} import {alias.name}{suffix}"
                found[alias.asname or alias.name] = Import(origin, alias.name, line)
    return found


def _absolute(node: ast.ImportFrom, path: str) -> str:
    """Return the absolute name of the module that a statement imports from."""
    if not node.level:
        return node.module or ""
    folder = Path(path).parent
    for _ in range(node.level - 1):
        folder = folder.parent
    parts = [node.module] if node.module else []
    while (folder / "__init__.py").exists() and folder.name:
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts) or "."
