"""Failures that torch.export does not report: it succeeds, and the program is wrong.

A detector observes an export while it runs and returns its findings afterwards.  ``DETECTORS``
lists the detectors of each mode.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping

from torch.export import ExportedProgram

from export_lsp.protocol import Finding, Mode
from export_lsp.worker.stages.silent.data_aliases import DataAliases
from export_lsp.worker.stages.silent.detector import Detector, FailureExplainer, ObservedExport
from export_lsp.worker.stages.silent.dropped_writes import DroppedWrites
from export_lsp.worker.stages.silent.frozen_results import FrozenResults
from export_lsp.worker.stages.silent.leaked_tensors import LeakedTensors
from export_lsp.worker.stages.silent.replaced_buffers import ReplacedBuffers
from export_lsp.worker.stages.silent.specialized_sizes import SpecializedSizes

__all__ = ["Detectors", "ObservedExport"]

DETECTORS: Mapping[Mode, tuple[Callable[[ObservedExport], Detector], ...]] = {
    "strict": (SpecializedSizes, DroppedWrites, DataAliases),
    "non-strict": (SpecializedSizes, LeakedTensors, ReplacedBuffers, FrozenResults, DataAliases),
}


class Detectors:
    """All detectors of one export, as one `Detector`."""

    def __init__(self, export: ObservedExport) -> None:
        self._detectors = [detector(export) for detector in DETECTORS[export.mode]]

    @contextlib.contextmanager
    def observing(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            for detector in self._detectors:
                stack.enter_context(detector.observing())
            yield

    def explain_failure(self, error: BaseException) -> list[Finding]:
        """Return the findings that detectors have for an exception of the export; usually none."""
        return [
            finding
            for detector in self._detectors
            if isinstance(detector, FailureExplainer)
            for finding in detector.explain_failure(error)
        ]

    def findings(self, program: ExportedProgram | None) -> Iterator[Finding]:
        for detector in self._detectors:
            yield from detector.findings(program)
