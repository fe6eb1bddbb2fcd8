"""Python's own functions that user code has replaced, and that the worker and torch call as well.

The originals are kept when this module is imported, which is before any user code runs.
"""

from __future__ import annotations

import ast
import builtins
import json
import os
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

from export_lsp import titles
from export_lsp.protocol import Finding, Location
from export_lsp.source import Source
from export_lsp.stages import Stage
from export_lsp.worker.user_code.workspace import Workspace

_MODULES: tuple[ModuleType, ...] = (builtins, json, os, threading, time)
_FUNCTIONS: list[tuple[ModuleType, str, Any]] = [
    (module, name, value)
    for module in _MODULES
    for name, value in vars(module).items()
    if callable(value) and not name.startswith("__")
]
# Restoring needs `setattr` even if that is replaced.
_set = setattr


def restore() -> list[str]:
    """Restore the replaced functions, and return their full names, such as "os.open"."""
    names = []
    for module, name, value in _FUNCTIONS:
        if module.__dict__.get(name) is not value:
            _set(module, name, value)
            names.append(f"{module.__name__}.{name}")
    return names


def explain(
    names: Collection[str], stage: Stage, target: str, workspace: Workspace
) -> Finding | None:
    """Return the finding for a check that failed with these functions replaced.

    Args:
        names: The full names, as `restore` returns them.
        stage: The stage that the check was in.
        target: The name of its target.
        workspace: The user's files.

    Returns:
        None if no file of the user's replaces any of them.  Libraries may, as they know how to.
    """
    assigned = dict(_replacements(names, workspace.sources.values()))
    if not assigned:
        return None
    location = next(iter(assigned.values()))
    functions = ", ".join(f"`{name}`" for name in assigned)
    source = workspace.source(location.file)
    code = source.excerpt(location) if source is not None else ""
    title = titles.title("Python's function replaced", code)
    return Finding(
        rule="worker-crash",
        stage=stage,
        modes=(),
        target=target,
        location=location,
        title=title,
        explanation=titles.explanation(
            title,
            code,
            f"The model's code replaces {functions}, without which it cannot be checked.",
            "Leave Python's own functions as they are.",
        ),
    )


def _replacements(
    names: Collection[str], sources: Iterable[Source]
) -> Iterator[tuple[str, Location]]:
    for source in sources:
        modules = {"__builtins__": "builtins"}
        for node in source.nodes:
            if isinstance(node, ast.Import):
                modules |= {each.asname: each.name for each in node.names if each.asname}
        for node in source.nodes:
            for name, place in _replaced_by(node, modules):
                if name in names:
                    yield name, source.location_of(place)


def _replaced_by(node: ast.AST, modules: Mapping[str, str]) -> Iterator[tuple[str, ast.expr]]:
    """Yield the full names that a node may replace, and the expressions that name them."""
    if isinstance(node, (ast.Assign, ast.Delete)):
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                yield _full_name(target.value, target.attr, modules), target
    elif isinstance(node, ast.Call) and not _only_reads(node):
        match node.args:
            case [module, ast.Constant(value=str(name)), *_]:  # setattr, patch.object
                yield _full_name(module, name, modules), node
            case [ast.Constant(value=str(name)), *_]:  # patch
                yield name, node


def _only_reads(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in ("getattr", "hasattr")


def _full_name(module: ast.expr, name: str, modules: Mapping[str, str]) -> str:
    written = ast.unparse(module)
    return f"{modules.get(written, written)}.{name}"
