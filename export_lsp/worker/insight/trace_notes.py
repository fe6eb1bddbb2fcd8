"""The tensors and sizes that the user's names and expressions had in one non-strict trace."""

from __future__ import annotations

import ast
import contextlib
from collections import defaultdict
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.nn import Module

from export_lsp.source import Source
from export_lsp.worker.eager import recompiled
from export_lsp.worker.insight.live_functions import live_functions
from export_lsp.worker.insight.noted_places import NAME, NotedPlace, ValueNotes
from export_lsp.worker.private import call_module
from export_lsp.worker.private.plain_access import plain_access
from export_lsp.worker.user_code.workspace import Workspace

# At most this many values of one place are kept: a loop may pass it any number of times.
KEPT = 256


@dataclass(frozen=True)
class NotedTensor:
    """The dtype, the sizes and the device of a tensor; a size is a number or a `torch.SymInt`.

    The tensor itself is not kept, since its lifetime may matter to a trace.
    """

    dtype: torch.dtype
    sizes: tuple[Any, ...]
    device: str


@dataclass
class TraceNotes:
    """The notes of one trace, by place in the order of the first note.

    `tensors` has those of tensors, `numbers` those of symbolic numbers, and `calls` how often a
    place had a tensor.  `modules` has the identities of the modules that a parameter was.
    """

    tensors: dict[NotedPlace, list[NotedTensor]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[NotedPlace, list[torch.SymInt]] = field(default_factory=lambda: defaultdict(list))
    calls: dict[NotedPlace, int] = field(default_factory=lambda: defaultdict(int))
    modules: dict[NotedPlace, list[int]] = field(default_factory=lambda: defaultdict(list))

    def note(self, place: NotedPlace, value: Any) -> None:
        """Note the value of a place, if it is a tensor, a symbolic number, or a module."""
        if isinstance(value, torch.Tensor):
            self.calls[place] += 1
            if len(self.tensors[place]) < KEPT:
                self.tensors[place].append(
                    NotedTensor(value.dtype, tuple(value.shape), value.device.type)
                )
        elif isinstance(value, torch.SymInt) and len(self.numbers[place]) < KEPT:
            self.numbers[place].append(value)
        elif isinstance(value, Module) and place.parameter:
            self.modules[place].append(id(call_module.itself(value)))


def noting(model: Module, workspace: Workspace, notes: TraceNotes) -> AbstractContextManager[None]:
    """Context manager in which the functions of the user's files note their values.

    Dynamo, which traces the branches of ``torch.cond`` in this mode too, notes nothing.
    """
    places: list[NotedPlace] = []

    def note(index: int, value: Any) -> Any:
        if torch.compiler.is_dynamo_compiling():
            return value
        # Reading a shape must not fail the trace, even if user code has replaced parts of Python.
        with contextlib.suppress(Exception), plain_access():
            notes.note(places[index], value)
        return value

    def change(source: Source, tree: ast.Module) -> ast.Module:
        changed: ast.Module = ValueNotes(source, places).visit(tree)
        return changed

    functions = live_functions(model, workspace)
    files = {function.__code__.co_filename for function in functions}
    sources = [source for path, source in workspace.sources.items() if path in files]
    return recompiled.recompiled_functions(
        sources, change, NAME, note, lambdas=False, functions=functions
    )
