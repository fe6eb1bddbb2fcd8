"""`unregistered-state`: buffers and parameters that ``forward`` replaces instead of changing them.

Seen in torch 2.13: non-strict export writes the new value back into a buffer of the root module,
and drops it for every other module.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.modules import module as registration

from export_lsp.protocol import Finding
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import locate
from export_lsp.worker.stages.silent.watch import Export
from export_lsp.worker.text.sentences import shortened

if TYPE_CHECKING:
    from torch.export import ExportedProgram

REPLACED = (
    "`{}` gets a new tensor in place of its old one, and the exported program goes on with the old"
    " one; change it in place (`copy_`)"
)
RESIZED = (
    "`{}` gets a tensor of another size, which the exported program fails to write into the buffer"
    " when it is run; make the buffer as large as it gets in `__init__` and write into it"
)
REGISTERED = (
    "`{}` makes a buffer in `forward`, and an exported program has those of `__init__` only;"
    " register it there and change it in place (`copy_`)"
)


class Replaced:
    """The buffers and parameters that a non-strict export saw assigned."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._model = export.declaration.built.model
        # By module and name: what was there at first, what is there now, and who put it there.
        self._workspace = export.declaration.workspace
        self._assigned: dict[tuple[int, str], tuple[Any, Any, list[Frame]]] = {}
        self._modules: list[torch.nn.Module] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        hooks = [
            registration.register_module_buffer_registration_hook(self._assign),
            registration.register_module_parameter_registration_hook(self._assign),
        ]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _assign(self, module: torch.nn.Module, name: str, value: Any) -> None:
        caller: FrameType | None = sys._getframe(1)
        while caller is not None and caller.f_code.co_filename == registration.__file__:
            caller = caller.f_back
        if caller is None or not self._workspace.contains(caller.f_code.co_filename):
            return
        table = module._parameters if name in module._parameters else module._buffers
        key = (id(module), name)
        first = self._assigned[key][0] if key in self._assigned else table.get(name)
        frames = locate.current_frames(caller, self._workspace)
        self._assigned[key] = (first, value, frames)
        self._modules.append(module)  # keeps its id

    def findings(self, program: ExportedProgram | None) -> Iterator[Finding]:
        buffers = self._model._buffers
        for (module, name), (before, now, frames) in self._assigned.items():
            if now is None or now is before or module not in map(id, self._model.modules()):
                continue
            message = REPLACED
            if before is None:
                message = REGISTERED
            elif module == id(self._model) and name in buffers:
                if now.shape == before.shape:
                    continue
                message = RESIZED
            text = shortened(self._export.expression(frames))
            yield self._export.finding(
                "unregistered-state", "capture", message.format(text), frames
            )
