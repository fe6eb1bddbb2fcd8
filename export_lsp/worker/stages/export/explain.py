"""Explain a failed export: the explainer of the stage it failed in makes the findings."""

from __future__ import annotations

from dataclasses import replace

from export_lsp.protocol import Finding
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.places.lack_of_memory import memory_finding
from export_lsp.worker.private import errors
from export_lsp.worker.stages import capture, guards, inputs, lower, verify
from export_lsp.worker.stages.lower import unregistered
from export_lsp.worker.targets.declaration import Declaration


def explain(failure: Failure, declaration: Declaration) -> list[Finding]:
    """Return the findings of a failure of ``torch.export.export``.

    There are none if the failure only follows from what resumed the trace.

    The stages are those of ``_export_for_training`` in ``torch/export/_trace.py``. A traceback does
    not always show the right one, so that the exception's class and text count as well.
    """
    memory = memory_finding(failure)
    if memory is not None:
        return [memory]
    if failure.stage == "inputs" or not failure.stack.frames:
        finding = inputs.explain(failure, declaration)
        if finding is not None:
            return [replace(finding, stage="inputs")]
    if errors.find(locate.chain(failure.error), errors.CONSTRAINT_VIOLATION) or (
        failure.stage == "guards" and "data-dependent" not in failure.text
    ):
        return guards.explain(failure, declaration)
    violations = verify.explain(failure)
    if violations:
        return violations
    outside = unregistered.findings(failure, declaration.built)
    if outside:
        return outside
    finding = lower.explain(failure, declaration.built)
    return [finding or capture.explain(failure, declaration.built)]
