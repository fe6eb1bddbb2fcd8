"""`unregistered-state`: tensors that ``forward`` leaves on the model, in globals or in closures.

A program's only state are its buffers.  What else ``forward`` leaves behind is not kept by the
program, and some of it stays in the user's own objects as a fake tensor.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.utils import _pytree as pytree

from export_lsp.protocol import Finding, Location
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.private import fake_build, forward_scope
from export_lsp.worker.stages.silent.reachable import Place, places, tensors
from export_lsp.worker.stages.silent.watch import Export
from export_lsp.worker.stages.silent.writers import Writers
from export_lsp.worker.text.exception_text import USER_ERRORS
from export_lsp.worker.text.sentences import shortened

if TYPE_CHECKING:
    from torch.export import ExportedProgram

KEPT = (
    "`{expression}` keeps a tensor for later calls, and the exported program cannot: its only state"
    " is buffers; register a buffer of fixed size and change it in place (`copy_`), or return the"
    " tensor"
)
STAYS = (
    "`{expression}` keeps a tensor that was made while tracing and has no values, so the model"
    " itself is broken after the export; make the tensor in `__init__`, as a buffer"
)
CACHED = (
    "`{expression}` keeps a tensor that was made while tracing and has no values, so the model"
    " itself is broken after the export; cache numbers only, or make the tensor in `__init__`"
)


@dataclass(frozen=True)
class Left:
    """A place where tensors of the trace were left, and what is wrong with that."""

    place: Place
    message: str


class LeftBehind:
    """What a non-strict export's forward left behind, which is put back in the end."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._model = export.declaration.built.model
        self._before: list[tuple[Place, dict[Any, Any]]] = []
        self._new: list[tuple[Place, torch.Tensor, str]] = []
        self._left: list[Left] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        built = self._export.declaration.built
        leaves = len(pytree.tree_leaves((built.args, built.kwargs or {})))
        try:
            with forward_scope.watch_forward(leaves, self._entered, self._ran, self._restored):
                yield
        finally:
            self._put_back()

    def _entered(self) -> None:
        workspace = self._export.declaration.workspace
        if not self._before:
            self._before = [(p, p.contents()) for p in places(self._model, workspace)]

    def _ran(self, scope: forward_scope.ForwardGraph) -> None:
        self._new = [
            (place, tensor, _wrong(place, tensor, scope))
            for place, before in self._before
            for tensor in _new_in(place, before)
        ]

    def _restored(self) -> None:
        workspace = self._export.declaration.workspace
        there = {
            id(tensor)
            for place in places(self._model, workspace)
            for value in place.contents().values()
            for tensor in tensors(value)
        }
        for place, tensor, message in self._new:
            if message != STAYS or id(tensor) in there:
                self._left.append(Left(place, message))
        self._new = []

    def _put_back(self) -> None:
        for place, before in self._before:
            if any(True for _ in _new_in(place, before)):
                place.put_back(before)
        self._before = []

    def findings(self, program: ExportedProgram | None) -> Iterator[Finding]:
        messages = {id(left.place.owner): left.message for left in self._left}
        named = [left.place for left in self._left if left.place.kind != "lru_cache"]
        for place, frames in self._writers(named):
            yield self._found(messages[id(place.owner)], frames)
        for left in self._left:
            if left.place.kind == "lru_cache":
                frames = self._decorator(left.place.owner)
                if frames:
                    yield self._found(left.message, frames)

    def _found(self, message: str, frames: list[Frame]) -> Finding:
        text = shortened(self._export.expression(frames))
        return self._export.finding(
            "unregistered-state", "capture", message.replace("{expression}", text), frames
        )

    def _writers(self, left: list[Place]) -> Iterator[tuple[Place, list[Frame]]]:
        """The user's instructions that leave something in these places."""
        if not left:
            return
        again = LeftBehind(self._export)
        unique = list({id(place.owner): place for place in left}.values())
        writers = Writers(unique, self._export.declaration.workspace)
        with again.watching(), writers.watching(), suppress(*USER_ERRORS):
            self._export.again()
        told: set[Location] = set()
        for place, _, frames in writers.found:
            if frames and frames[-1].location not in told:
                told.add(frames[-1].location)
                yield place, frames

    def _decorator(self, function: Any) -> list[Frame]:
        """The decorator that makes a function keep its results."""
        code = function.__wrapped__.__code__
        source = self._export.declaration.workspace.source(code.co_filename)
        if source is None:
            return []
        for node in source.nodes:
            decorators = getattr(node, "decorator_list", [])
            if decorators and decorators[0].lineno == code.co_firstlineno:
                return [Frame(source.location_of(decorators[0]), code.co_name)]
        return []


def _wrong(place: Place, tensor: torch.Tensor, scope: forward_scope.ForwardGraph) -> str:
    """What is wrong if a tensor is left in a place."""
    if place.kind == "lru_cache":
        return CACHED
    return KEPT if scope.depends(tensor) else STAYS


def _new_in(place: Place, before: dict[Any, Any]) -> Iterator[torch.Tensor]:
    """The tensors of the trace that are in a place now and were not before."""
    old = {id(tensor) for value in before.values() for tensor in tensors(value)}
    for key, value in place.contents().items():
        if key in before and before[key] is value:
            continue  # a container in it is a place of its own
        for tensor in tensors(value):
            if id(tensor) not in old and _is_traced(tensor):
                yield tensor


def _is_traced(tensor: torch.Tensor) -> bool:
    """Whether a tensor belongs to a trace; parameters of ours are fake without one."""
    inner = tensor.from_functional() if hasattr(tensor, "from_functional") else tensor
    if isinstance(inner, FakeTensor):
        return inner.fake_mode is not fake_build.parameter_mode()
    return inner is not tensor
