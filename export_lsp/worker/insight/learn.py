"""The knowledge gained from one export: the values of its trace, the sizes that it accepts."""

from __future__ import annotations

from torch.export import ExportedProgram

from export_lsp.worker.data.learned import Learned
from export_lsp.worker.insight.dims import Dims, dims
from export_lsp.worker.insight.size_names import SizeNames
from export_lsp.worker.insight.trace_notes import TraceNotes
from export_lsp.worker.insight.values import values
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.targets.declaration import Declaration


def learn(
    declaration: Declaration,
    notes: TraceNotes,
    tracker: SymbolTracker,
    program: ExportedProgram | None,
) -> Learned:
    """Return what an export in non-strict mode tells.

    Call it once the export has ended: guards that are added late change what sizes are.

    Args:
        declaration: The target.
        notes: The notes of its trace.
        tracker: Where the trace has added guards.
        program: The program, if it is torch's own: not one of a trace that got past failures.
    """
    names = SizeNames.of(notes, declaration)
    known = dims(program, names, tracker) if program is not None else Dims()
    return Learned(
        values(notes, names, declaration.built.model), known.facts, known.conditions, names.text_of
    )
