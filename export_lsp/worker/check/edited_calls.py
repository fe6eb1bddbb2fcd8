"""Which calls and locations of a model an edit of function bodies concerns."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType

from torch.nn import Module

from export_lsp.protocol import Location, ModuleCall
from export_lsp.source import first_line
from export_lsp.worker.check.snapshot.model_snapshot import ChangedFile

# Modules are called without naming this method.
FORWARD = "forward"


def edited_calls(
    model: Module, calls: Iterable[ModuleCall], changes: Iterable[ChangedFile]
) -> Iterator[ModuleCall]:
    """Yield the calls of submodules that an edit concerns, in the order of `calls`.

    An edit concerns a call if it changes a function of the submodule's class, or a function that
    one of these mentions by name.
    """
    edited = {code for change in changes for code in change.edited}
    names = {code.co_name for code in edited} - {FORWARD}
    for call in calls:
        codes = set(_class_codes(type(model.get_submodule(call.module))))
        if codes & edited or any(names.intersection(code.co_names) for code in codes):
            yield call


def _class_codes(kind: type) -> Iterator[CodeType]:
    """Yield the code of a class's functions and properties, its bases' included."""
    for base in kind.__mro__:
        for value in vars(base).values():
            function = getattr(value, "fget", None) or getattr(value, "__func__", value)
            if isinstance(function, FunctionType):
                yield inspect.unwrap(function).__code__


def is_in_edited_function(location: Location, changes: Iterable[ChangedFile]) -> bool:
    """Return whether a location is in a function whose body was edited."""
    for change in changes:
        lines = {code.co_firstlineno for code in change.edited}
        if change.source.path != location.file or change.source.tree is None:
            continue
        for node in ast.walk(change.source.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                first = first_line(node)
                last = node.end_lineno or node.lineno
                if first in lines and first <= location.start.line + 1 <= last:
                    return True
    return False
