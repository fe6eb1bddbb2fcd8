"""What torch.export does without a word and gets wrong, or may get wrong.

A watcher looks on during an export and says afterwards what it saw.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from export_lsp.protocol import Finding
from export_lsp.worker.stages.silent.baked import Baked
from export_lsp.worker.stages.silent.buffers import Replaced
from export_lsp.worker.stages.silent.specialization import Specialised
from export_lsp.worker.stages.silent.state import LeftBehind
from export_lsp.worker.stages.silent.strict_state import Dropped
from export_lsp.worker.stages.silent.watch import Export, Watcher

if TYPE_CHECKING:
    from torch.export import ExportedProgram

__all__ = ["Export", "Watchers"]


class Watchers:
    """All watchers of one export."""

    def __init__(self, export: Export) -> None:
        self._watchers: list[Watcher] = [Specialised(export)]
        if export.mode == "strict":
            self._watchers.append(Dropped(export))
        else:
            self._watchers += [LeftBehind(export), Replaced(export), Baked(export)]

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            for watcher in self._watchers:
                stack.enter_context(watcher.watching())
            yield

    def findings(self, program: ExportedProgram | None) -> Iterator[Finding]:
        for watcher in self._watchers:
            yield from watcher.findings(program)
