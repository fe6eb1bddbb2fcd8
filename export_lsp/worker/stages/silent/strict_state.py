"""`unregistered-state` in strict mode, which drops what ``forward`` writes to older objects."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any

from torch.nn.modules import module as registration

from export_lsp.protocol import Finding
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import locate
from export_lsp.worker.private import dynamo, side_effects
from export_lsp.worker.private.side_effects import ObjectWrite
from export_lsp.worker.stages.silent.buffers import REPLACED
from export_lsp.worker.stages.silent.state import KEPT
from export_lsp.worker.stages.silent.watch import Export
from export_lsp.worker.text.sentences import shortened

if TYPE_CHECKING:
    from torch.export import ExportedProgram


@dataclass
class Write:
    """A write of the user's: the tensors that were there before it, and those that it brought."""

    written: ObjectWrite
    frames: list[Frame]
    before: dict[int, Any]
    brought: dict[int, Any]


class Dropped:
    """The writes of a strict export, in their order."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._writes: list[Write] = []
        self._depending: set[int] = set()

    def watching(self) -> AbstractContextManager[None]:
        return side_effects.watch_writes(self._write)

    def _write(self, written: ObjectWrite) -> None:
        self._settle()
        frame = sys._getframe(1)
        frames = (
            locate.current_frames(frame, self._export.declaration.workspace)
            if self._is_users(frame)
            else []
        )
        before = {} if written.name is not None else written.tensors()
        self._writes.append(Write(written, frames, before, {}))
        self._ask(written)

    def _settle(self) -> None:
        """Look at what the last write brought, which it had not yet when it was noted."""
        if self._writes:
            last = self._writes[-1]
            now = last.written.tensors()
            last.brought = {key: now[key] for key in now.keys() - last.before.keys()}
            self._ask(last.written)

    def _ask(self, written: ObjectWrite) -> None:
        for key, variable in written.tensors().items():
            if side_effects.depends(variable):
                self._depending.add(key)

    def _is_users(self, frame: FrameType | None) -> bool:
        """Whether the innermost function that Dynamo is in is the user's own."""
        while frame is not None:
            symbolic = dynamo.symbolic_frame(frame)
            if symbolic is not None and symbolic.code.co_filename != registration.__file__:
                return self._export.declaration.workspace.contains(symbolic.code.co_filename)
            frame = frame.f_back
        return False

    def findings(self, program: ExportedProgram | None) -> Iterator[Finding]:
        self._settle()
        last = {(id(w.written.target), w.written.name): w.written for w in self._writes}
        for write in self._writes:
            written = last[id(write.written.target), write.written.name]
            kept = write.brought.keys() & written.tensors().keys()
            if not write.frames or not kept:
                continue
            if not written.is_buffers and not kept & self._depending:
                continue  # a constant, which the program computes anew
            message = REPLACED.replace("{}", "{expression}") if written.is_buffers else KEPT
            text = shortened(self._export.expression(write.frames))
            yield self._export.finding(
                "unregistered-state",
                "capture",
                message.replace("{expression}", text),
                write.frames,
            )
