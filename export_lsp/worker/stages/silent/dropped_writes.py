"""`unregistered-state` in strict mode, which drops the writes of ``forward`` to outside objects."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from torch.export import ExportedProgram
from torch.nn.modules import module as registration

from export_lsp.protocol import Finding
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import locate
from export_lsp.worker.private import dynamo, side_effects
from export_lsp.worker.private.side_effects import ObjectWrite
from export_lsp.worker.stages.silent.detector import ObservedExport
from export_lsp.worker.stages.silent.first_accesses import Slot
from export_lsp.worker.stages.silent.leaked_tensors import KEPT, scratch_in_trace
from export_lsp.worker.stages.silent.replaced_buffers import REPLACED


@dataclass
class UserWrite:
    """A write of Dynamo's with the user's frames, empty if a library made it.

    `before` are the tensors in the object before the write, `added` those that it put there; both
    by the id of Dynamo's variable.
    """

    write: ObjectWrite
    frames: list[Frame]
    before: dict[int, Any]
    added: dict[int, Any]


class DroppedWrites:
    """Detects writes to objects that outlive ``forward``, none of which strict export replays."""

    def __init__(self, export: ObservedExport) -> None:
        self._export = export
        self._writes: list[UserWrite] = []
        # The ids of the variables that are computed from the model's inputs.
        self._input_dependent: set[int] = set()

    def observing(self) -> AbstractContextManager[None]:
        return side_effects.watch_writes(self._note)

    def _note(self, write: ObjectWrite) -> None:
        self._complete_last()
        frame = sys._getframe(1)
        workspace = self._export.declaration.workspace
        frames = locate.current_frames(frame, workspace) if self._is_users(frame) else []
        before = {} if write.name is not None else write.tensors()
        self._writes.append(UserWrite(write, frames, before, {}))
        self._note_dependence(write)

    def _complete_last(self) -> None:
        """Note what the last write added: it had not happened yet when it was noted."""
        if self._writes:
            last = self._writes[-1]
            after = last.write.tensors()
            last.added = {key: after[key] for key in after.keys() - last.before.keys()}
            self._note_dependence(last.write)

    def _note_dependence(self, write: ObjectWrite) -> None:
        for key, variable in write.tensors().items():
            if side_effects.depends(variable):
                self._input_dependent.add(key)

    def _is_users(self, frame: FrameType | None) -> bool:
        """Return whether the innermost function that Dynamo is tracing is the user's own."""
        while frame is not None:
            symbolic = dynamo.symbolic_frame(frame)
            if symbolic is not None and symbolic.code.co_filename != registration.__file__:
                return self._export.declaration.workspace.contains(symbolic.code.co_filename)
            frame = frame.f_back
        return False

    def findings(self, program: ExportedProgram | None) -> Iterator[Finding]:
        self._complete_last()
        scratch = self._scratch()
        last_writes = {(id(w.write.target), w.write.name): w.write for w in self._writes}
        for user_write in self._writes:
            last = last_writes[id(user_write.write.target), user_write.write.name]
            kept = user_write.added.keys() & last.tensors().keys()
            if not user_write.frames or not kept or self._slot(user_write.write) in scratch:
                continue
            if not last.is_buffers and not kept & self._input_dependent:
                continue  # a constant, which the program computes again
            words = REPLACED if last.is_buffers else KEPT
            yield self._export.finding("unregistered-state", "capture", words, user_write.frames)

    def _scratch(self) -> set[Slot]:
        """Return the attributes and dicts that pass values on inside a call."""
        slots = [self._slot(each.write) for each in self._writes if each.frames and each.added]
        return scratch_in_trace(self._export, slots) if slots else set()

    def _slot(self, write: ObjectWrite) -> Slot:
        return id(write.real_target(self._export.declaration.built.model)), write.name
