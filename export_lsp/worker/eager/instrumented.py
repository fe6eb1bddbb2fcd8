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
from export_lsp.worker.eager.note_writer import NoteWriter, note_call

NAME = "__export_lsp_note__"

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


class _NoteWriter(NoteWriter):
    """Notes expressions by their index in `expressions`."""

    def __init__(self, source: Source, expressions: list[NotedExpression]) -> None:
        super().__init__()
        self._source = source
        self._expressions = expressions

    def note(self, node: ast.expr) -> ast.expr:
        is_tolist = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "tolist"
        location = self._source.location_of(node)
        self._expressions.append(NotedExpression(location, is_tolist))
        return note_call(NAME, len(self._expressions) - 1, node, node)
