"""Finds the user's instructions that put tensors into given places, by tracing a second run."""

from __future__ import annotations

import contextlib
import dis
import sys
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import locate
from export_lsp.worker.stages.silent.state_holders import StateHolder, tensors
from export_lsp.worker.user_code.workspace import Workspace

# torch's functions that store a value on behalf of their caller.
STORES_FOR_CALLER = ("__setattr__", "__setitem__", "register_buffer", "register_parameter")


class WriteTracer:
    """Notes in `found` which user code adds tensors to the holders, while `tracing`.

    Changes that a library makes in a call are not the user's and are left out.
    """

    def __init__(self, holders: Sequence[StateHolder], workspace: Workspace) -> None:
        self._holders = holders
        self._workspace = workspace
        # The ids of the tensors in each holder after the last instruction.
        self._state: list[frozenset[int]] = []
        # The instruction that each running frame of user code is at.
        self._instructions: dict[FrameType, int] = {}
        # The user's frame that ran last, and the foreign function that it has called since.
        self._last_frame: FrameType | None = None
        self._called: str | None = None
        # A holder, the ids of the new tensors in it, and the user's frames at the write.
        self.found: list[tuple[StateHolder, frozenset[int], list[Frame]]] = []

    @contextlib.contextmanager
    def tracing(self) -> Iterator[None]:
        """Context manager that observes its body, instruction by instruction."""
        before = sys.gettrace()
        self._state = [_ids(holder) for holder in self._holders]
        # Python 3.12 traces instructions only if a frame asks for it before.
        sys._getframe().f_trace_opcodes = True
        sys.settrace(self._enter)
        try:
            yield
        finally:
            sys.settrace(before)

    def _enter(self, frame: FrameType, event: str, arg: Any) -> Any:
        if not self._workspace.contains(frame.f_code.co_filename):
            if self._called is None and frame.f_back is self._last_frame:
                self._called = frame.f_code.co_name
            return None
        self._compare(frame)
        frame.f_trace = self._step  # Python 3.13 heeds the next line only after this one
        frame.f_trace_opcodes = True
        self._advance(frame)
        return self._step

    def _step(self, frame: FrameType, event: str, arg: Any) -> Any:
        self._compare(frame)
        if event == "return":
            self._instructions.pop(frame, None)
        else:
            self._advance(frame)
        return self._step

    def _advance(self, frame: FrameType) -> None:
        self._instructions[frame] = frame.f_lasti
        self._last_frame = frame
        self._called = None

    def _compare(self, frame: FrameType) -> None:
        """Note the changes that the last instruction made, in this frame or in a caller."""
        state = [_ids(holder) for holder in self._holders]
        if state == self._state:
            return
        writer: FrameType | None = frame
        while writer is not None and writer not in self._instructions:
            writer = writer.f_back
        if writer is not None and self._is_users_write(writer):
            frames = locate.frames_at(writer, self._instructions[writer], self._workspace)
            for holder, was, now in zip(self._holders, self._state, state, strict=True):
                if now - was:
                    self.found.append((holder, now - was, frames))
        self._state = state

    def _is_users_write(self, frame: FrameType) -> bool:
        if self._called is None or self._called in STORES_FOR_CALLER:
            return True
        operation = dis.opname[frame.f_code.co_code[self._instructions[frame]]]
        return operation.startswith("STORE_")


def _ids(holder: StateHolder) -> frozenset[int]:
    values = holder.contents().values()
    return frozenset(id(tensor) for value in values for tensor in tensors(value))
