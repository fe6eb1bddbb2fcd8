"""The stages that examine an exported program, found by their names.

Each is the module or package of its name beside this one and has ``check`` as `ProgramStage`
states it; but for `backends`, which is about other systems (``worker/backends/``).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from typing import Protocol, cast

from export_lsp.protocol import Finding
from export_lsp.stages import TABLE, Stage
from export_lsp.worker.data.traced_program import ProgramOptions, TracedProgram
from export_lsp.worker.targets.declaration import Declaration


class ProgramStage(Protocol):
    def check(
        self, exported: TracedProgram, declaration: Declaration, options: ProgramOptions
    ) -> Iterator[Finding]:
        """Yield the findings of one mode's program.

        What user code raises in it becomes a finding; it raises nothing itself.
        """


# Imported with this module, so that a fork has them: importing is not on a run's time.
_STAGES = {
    row.name: cast(ProgramStage, importlib.import_module(f"{__package__}.{row.name}"))
    for row in TABLE.values()
    if row.after_export and row.name != "backends"
}


def selected(stages: Iterable[Stage]) -> list[tuple[Stage, ProgramStage]]:
    """The stages among `stages` that examine a program, in the order of the table."""
    wanted = set(stages)
    return [(name, stage) for name, stage in _STAGES.items() if name in wanted]
