"""`unregistered-state`: tensors that ``forward`` leaves on the model, in globals or in closures.

Buffers are the only state of an exported program.  Whatever else ``forward`` leaves behind is lost
to the program, and the user's own objects may keep a fake tensor.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.export import ExportedProgram
from torch.utils import _pytree as pytree

from export_lsp.protocol import Finding, Location
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.private import fake_build, forward_scope
from export_lsp.worker.stages.silent.detector import ObservedExport
from export_lsp.worker.stages.silent.first_accesses import Slot, scratch_slots
from export_lsp.worker.stages.silent.state_holders import StateHolder, state_holders, tensors
from export_lsp.worker.stages.silent.write_tracer import WriteTracer
from export_lsp.worker.text.exception_text import USER_ERRORS
from export_lsp.worker.text.sentences import Words

KEPT = Words(
    "Tensor kept for later calls",
    "The exported program cannot keep it: buffers are its only state.",
    "Register a buffer of fixed size and change it in place (`copy_`), or return the tensor.",
)
FAKE = Words(
    "Kept tensor without values",
    "It was made while tracing and has no values, so the model itself is broken after the export.",
    "Make the tensor in `__init__`, as a buffer.",
)
CACHED = Words(
    "Cached tensor without values",
    "It was made while tracing and has no values, so the model itself is broken after the export.",
    "Cache numbers only, or make the tensor in `__init__`.",
)


@dataclass(frozen=True)
class Leak:
    """A holder in which tensors of the trace were left, and the words about them."""

    holder: StateHolder
    key: Any
    words: Words


class LeakedTensors:
    """Detects tensors that ``forward`` left behind in a non-strict export, and removes them."""

    def __init__(self, export: ObservedExport) -> None:
        self._export = export
        self._model = export.declaration.built.model
        self._workspace = export.declaration.workspace
        self._before: list[tuple[StateHolder, dict[Any, Any]]] = []
        self._candidates: list[tuple[StateHolder, Any, torch.Tensor, Words]] = []
        self._leaks: list[Leak] = []

    @contextmanager
    def observing(self) -> Iterator[None]:
        built = self._export.declaration.built
        leaves = len(pytree.tree_leaves((built.args, built.kwargs or {})))
        try:
            with forward_scope.watch_forward(
                leaves, self._before_forward, self._after_forward, self._after_restore
            ):
                yield
        finally:
            self._remove()

    def _before_forward(self) -> None:
        if not self._before:
            holders = state_holders(self._model, self._workspace)
            self._before = [(holder, holder.contents()) for holder in holders]

    def _after_forward(self, graph: forward_scope.ForwardGraph) -> None:
        self._candidates = [
            (holder, key, tensor, _words(holder, tensor, graph))
            for holder, before in self._before
            for key, tensor in _new_tensors(holder, before)
        ]

    def _after_restore(self) -> None:
        """Keep the candidates that are still there once torch has restored module attributes.

        Tensors that depend on the inputs count in any case, since the program loses them.
        """
        remaining = {
            id(tensor)
            for holder in state_holders(self._model, self._workspace)
            for value in holder.contents().values()
            for tensor in tensors(value)
        }
        for holder, key, tensor, words in self._candidates:
            if words != FAKE or id(tensor) in remaining:
                self._leaks.append(Leak(holder, key, words))
        self._candidates = []

    def _remove(self) -> None:
        for holder, before in self._before:
            if any(True for _ in _new_tensors(holder, before)):
                holder.restore(before)
        self._before = []

    def findings(self, program: ExportedProgram | None) -> Iterator[Finding]:
        scratch = self._scratch()
        leaks = [leak for leak in self._leaks if leak not in scratch]
        words = {id(leak.holder.owner): leak.words for leak in leaks}
        named = [leak.holder for leak in leaks if leak.holder.kind != "lru_cache"]
        overwritten = {str(leak.key) for leak in scratch}
        for holder, frames in self._writes(named):
            if self._export.expression(frames).rpartition(".")[2] in overwritten:
                continue
            yield self._finding(words[id(holder.owner)], frames)
        for leak in leaks:
            if leak.holder.kind == "lru_cache":
                frames = self._decorator(leak.holder.owner)
                if frames:
                    yield self._finding(leak.words, frames)

    def _scratch(self) -> list[Leak]:
        """Return the leaks into attributes that pass values on inside a call."""
        if not self._leaks:
            return []
        modules = {id(module.__dict__): id(module) for module in self._model.modules()}
        slots = [
            (modules.get(id(leak.holder.owner), id(leak.holder.owner)), leak.key)
            for leak in self._leaks
        ]
        scratch = scratch_in_trace(self._export, slots)
        return [leak for slot, leak in zip(slots, self._leaks, strict=True) if slot in scratch]

    def _finding(self, words: Words, frames: list[Frame]) -> Finding:
        return self._export.finding("unregistered-state", "capture", words, frames)

    def _writes(self, holders: list[StateHolder]) -> Iterator[tuple[StateHolder, list[Frame]]]:
        """Repeat the export and yield the user's writes to the holders, one for a location."""
        if not holders:
            return
        again = LeakedTensors(self._export)
        unique = list({id(holder.owner): holder for holder in holders}.values())
        tracer = WriteTracer(unique, self._workspace)
        with again.observing(), tracer.tracing(), suppress(*USER_ERRORS):
            self._export.repeat()
        seen: set[Location] = set()
        for holder, _, frames in tracer.found:
            if frames and frames[-1].location not in seen:
                seen.add(frames[-1].location)
                yield holder, frames

    def _decorator(self, function: Any) -> list[Frame]:
        """Return the place of the decorator that caches a function's results."""
        code = function.__wrapped__.__code__
        source = self._workspace.source(code.co_filename)
        if source is None:
            return []
        for node in source.nodes:
            decorators = getattr(node, "decorator_list", [])
            if decorators and decorators[0].lineno == code.co_firstlineno:
                return [Frame(source.location_of(decorators[0]), code.co_name)]
        return []


def scratch_in_trace(export: ObservedExport, slots: list[Slot]) -> set[Slot]:
    """Return the slots that pass values on inside a call, as a further trace of the model shows."""
    with LeakedTensors(export).observing():
        return scratch_slots(export.declaration.built.model, slots, export.trace)


def _words(holder: StateHolder, tensor: torch.Tensor, graph: forward_scope.ForwardGraph) -> Words:
    if holder.kind == "lru_cache":
        return CACHED
    return KEPT if graph.depends(tensor) else FAKE


def _new_tensors(holder: StateHolder, before: dict[Any, Any]) -> Iterator[tuple[Any, torch.Tensor]]:
    """Yield the tensors of the trace that have been added to a holder, with their keys."""
    old = {id(tensor) for value in before.values() for tensor in tensors(value)}
    for key, value in holder.contents().items():
        if key in before and before[key] is value:
            continue  # a container in it is a holder of its own
        for tensor in tensors(value):
            if id(tensor) not in old and _is_traced(tensor):
                yield key, tensor


def _is_traced(tensor: torch.Tensor) -> bool:
    """Return whether a tensor belongs to a trace; the parameters of a fake build do not."""
    inner = tensor.from_functional() if hasattr(tensor, "from_functional") else tensor
    if isinstance(inner, FakeTensor):
        return inner.fake_mode is not fake_build.parameter_mode()
    return inner is not tensor
