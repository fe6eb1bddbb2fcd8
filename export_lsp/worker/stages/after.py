"""The stages after tracing, in their order: `run`, `save`, `decompose`, which takes longest."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from export_lsp.protocol import Check, Finding, Stage
from export_lsp.worker.data.exported import Exported
from export_lsp.worker.stages import decompose, save
from export_lsp.worker.stages.numerics import check as numerics
from export_lsp.worker.targets.declaration import Declaration

Log = Callable[[str], None]
Look = Callable[[Exported, Declaration], Iterator[Finding]]


def checks(check: Check, log: Log, leave_out: Log) -> list[tuple[Stage, Look]]:
    """The wanted stages, each with what looks at a program; `leave_out` is told why a program is
    not run."""
    after: tuple[tuple[Stage, Look], ...] = (
        ("run", lambda exported, declaration: numerics.check(exported, declaration, leave_out)),
        ("save", lambda exported, declaration: _save(exported, declaration, log)),
        (
            "decompose",
            lambda exported, declaration: decompose.check(exported, declaration, check.opset, log),
        ),
    )
    return [(stage, look) for stage, look in after if stage in check.stages]


def _save(exported: Exported, declaration: Declaration, log: Log) -> Iterator[Finding]:
    """What is asserted for an answered guard may hold what torch cannot write (torch 2.13)."""
    if exported.altered:
        log("`save` is left out: the program has answers of ours in it")
        return iter(())
    return save.check(exported, declaration)
