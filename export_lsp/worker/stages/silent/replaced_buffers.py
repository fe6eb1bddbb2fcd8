"""`unregistered-state`: buffers and parameters that ``forward`` replaces instead of changing them.

Seen in torch 2.13: non-strict export writes the new value back into a buffer of the root module,
and drops it for every other module.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

import torch
from torch.export import ExportedProgram
from torch.nn.modules import module as registration

from export_lsp.protocol import Finding
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import locate
from export_lsp.worker.private import errors
from export_lsp.worker.stages.silent.detector import ObservedExport
from export_lsp.worker.text.exception_text import text_of
from export_lsp.worker.text.sentences import Words

# The verifier's text about the operator that writes a buffer back.
WRITE_BACK = re.compile(r"Node copy_\w* of type call_function is missing")

REPLACED = Words(
    "Tensor replaced on the model",
    "It gets a new tensor in place of its old one, and the exported program goes on with the old"
    " one.",
    "Change it in place (`copy_`).",
)
RESIZED = Words(
    "Buffer that changes its size",
    "It gets a tensor of another size, which the exported program fails to write into the buffer"
    " when it is run.",
    "Give the buffer its largest size in `__init__` and write into it.",
)
ALIASED = Words(
    "Buffer replaced by another tensor",
    "Another buffer or an input takes the place of a buffer, which export refuses.",
    "Copy its values instead (`copy_`).",
)
REGISTERED = Words(
    "Buffer made in `forward`",
    "An exported program has only the buffers of `__init__`.",
    "Register it there and change it in place (`copy_`).",
)


@dataclass(frozen=True)
class Assignment:
    """A buffer or parameter that was assigned: its first and last value, and who assigned it."""

    before: Any
    now: Any
    frames: list[Frame]


class ReplacedBuffers:
    """Detects assignments to buffers and parameters in a non-strict export."""

    def __init__(self, export: ObservedExport) -> None:
        self._export = export
        self._model = export.declaration.built.model
        self._workspace = export.declaration.workspace
        self._assignments: dict[tuple[int, str], Assignment] = {}  # by module id and name
        self._modules: list[torch.nn.Module] = []

    @contextmanager
    def observing(self) -> Iterator[None]:
        hooks = [
            registration.register_module_buffer_registration_hook(self._note),
            registration.register_module_parameter_registration_hook(self._note),
        ]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _note(self, module: torch.nn.Module, name: str, value: Any) -> None:
        caller: FrameType | None = sys._getframe(1)
        while caller is not None and caller.f_code.co_filename == registration.__file__:
            caller = caller.f_back
        if caller is None or not self._workspace.contains(caller.f_code.co_filename):
            return
        table = module._parameters if name in module._parameters else module._buffers
        key = (id(module), name)
        previous = self._assignments.get(key)
        before = previous.before if previous is not None else table.get(name)
        frames = locate.current_frames(caller, self._workspace)
        self._assignments[key] = Assignment(before, value, frames)
        self._modules.append(module)  # keeps its id in use

    def explain_failure(self, error: BaseException) -> Iterator[Finding]:
        """Yield the assignments of other buffers and of inputs, if the verifier refused a copy.

        torch writes the new value back with an operator of its own, which has no place in the
        model if the value was not computed (torch 2.13).
        """
        violation = errors.find(locate.chain(error), errors.VERIFIER)
        if violation is None or not WRITE_BACK.search(text_of(violation)):
            return
        for (module, name), assignment in self._assignments.items():
            before, now = assignment.before, assignment.now
            if module == id(self._model) and name in self._model._buffers and now is not before:
                finding = self._finding(ALIASED, assignment)
                yield replace(finding, stage="verify", silent=False)

    def findings(self, program: ExportedProgram | None) -> Iterator[Finding]:
        in_model = set(map(id, self._model.modules()))
        for (module, name), assignment in self._assignments.items():
            if module not in in_model:
                continue
            is_root_buffer = module == id(self._model) and name in self._model._buffers
            words = _words(assignment, is_root_buffer=is_root_buffer)
            if words is not None:
                yield self._finding(words, assignment)

    def _finding(self, words: Words, assignment: Assignment) -> Finding:
        return self._export.finding("unregistered-state", "capture", words, assignment.frames)


def _words(assignment: Assignment, *, is_root_buffer: bool) -> Words | None:
    """Return the words about an assignment; None if the program repeats it."""
    before, now = assignment.before, assignment.now
    if now is None or now is before:
        return None
    if before is None:
        return REGISTERED
    if not is_root_buffer:
        return REPLACED
    return None if now.shape == before.shape else RESIZED
