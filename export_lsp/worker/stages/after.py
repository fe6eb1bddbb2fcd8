"""The stages after tracing, in their order: `run`, `save`, `decompose`, which takes longest."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from export_lsp.protocol import Check, Finding, Stage
from export_lsp.worker.declaration import Declaration
from export_lsp.worker.exported import Exported
from export_lsp.worker.stages import decompose, save
from export_lsp.worker.stages.numerics import check as numerics

Log = Callable[[str], None]


def checks(
    exported: Exported, declaration: Declaration, check: Check, log: Log
) -> Iterator[tuple[Stage, Iterator[Finding]]]:
    """The wanted stages, each with the findings that it gives when they are asked for."""
    after: tuple[tuple[Stage, Callable[[], Iterator[Finding]]], ...] = (
        ("run", lambda: numerics.check(exported, declaration, log)),
        ("save", lambda: save.check(exported, declaration)),
        ("decompose", lambda: decompose.check(exported, declaration, check.opset, log)),
    )
    for stage, findings in after:
        if stage in check.stages:
            yield stage, findings()
