"""Which instruction of the user's put something somewhere: runs it again and looks on."""

from __future__ import annotations

import contextlib
import dis
import sys
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import locate
from export_lsp.worker.stages.silent.reachable import Place, tensors
from export_lsp.worker.user_code.workspace import Workspace

# torch's functions that write what their caller gives them.
WRITES_FOR_CALLER = ("__setattr__", "__setitem__", "register_buffer", "register_parameter")


class Writers:
    """Within ``watching``, notes who changed the tensors of some places.

    A change that a library made while it was called is not the user's and is not noted.
    """

    def __init__(self, places: Sequence[Place], workspace: Workspace) -> None:
        self._places = places
        self._workspace = workspace
        self._state: list[frozenset[int]] = []
        # The instruction that each frame of the user's is at, the frame that ran last, and the
        # function of somebody else's that it has called since.
        self._at: dict[FrameType, int] = {}
        self._current: FrameType | None = None
        self._called: str | None = None
        self.found: list[tuple[Place, frozenset[int], list[Frame]]] = []

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        before = sys.gettrace()
        self._state = [_ids(place) for place in self._places]
        sys.settrace(self._entered)
        try:
            yield
        finally:
            sys.settrace(before)

    def _entered(self, frame: FrameType, event: str, arg: Any) -> Any:
        if not self._workspace.contains(frame.f_code.co_filename):
            if self._called is None and frame.f_back is self._current:
                self._called = frame.f_code.co_name
            return None
        self._look(frame)
        frame.f_trace_opcodes = True
        self._now_at(frame)
        return self._ran

    def _ran(self, frame: FrameType, event: str, arg: Any) -> Any:
        self._look(frame)
        if event == "return":
            self._at.pop(frame, None)
        else:
            self._now_at(frame)
        return self._ran

    def _now_at(self, frame: FrameType) -> None:
        self._at[frame] = frame.f_lasti
        self._current = frame
        self._called = None

    def _look(self, frame: FrameType) -> None:
        """Note what the last instruction, of this frame or of a caller, has changed."""
        state = [_ids(place) for place in self._places]
        if state == self._state:
            return
        writer: FrameType | None = frame
        while writer is not None and writer not in self._at:
            writer = writer.f_back
        if writer is not None and self._is_own(writer):
            frames = locate.frames_at(writer, self._at[writer], self._workspace)
            for place, was, now in zip(self._places, self._state, state, strict=True):
                if now - was:
                    self.found.append((place, now - was, frames))
        self._state = state

    def _is_own(self, frame: FrameType) -> bool:
        if self._called is None or self._called in WRITES_FOR_CALLER:
            return True
        operation = dis.opname[frame.f_code.co_code[self._at[frame]]]
        return operation.startswith("STORE_")


def _ids(place: Place) -> frozenset[int]:
    return frozenset(id(tensor) for value in place.contents().values() for tensor in tensors(value))
