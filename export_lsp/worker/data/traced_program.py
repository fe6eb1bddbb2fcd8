"""What an export in one mode leaves for the stages after it, and the options of these stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch.export import ExportedProgram

from export_lsp.protocol import Mode, Opset


@dataclass(frozen=True)
class ExportOutcome:
    """What an export in one mode came to.

    `program` is None if there is none.  `complete` says that the trace covered all of the model
    that the example inputs reach.
    """

    program: TracedProgram | None
    complete: bool


@dataclass(frozen=True)
class TracedProgram:
    """The exported program of one mode.

    `altered` says that the trace was resumed past a failure that would have ended torch's own.
    `faithful` says that it was not, and that no finding so far makes the program differ from eager
    mode.
    """

    program: ExportedProgram
    mode: Mode
    altered: bool = False
    faithful: bool = True


@dataclass(frozen=True)
class ProgramOptions:
    """What a stage that examines an exported program may need besides the program.

    `log` takes a line for the log, `leave_out` the reason why the program was not run.
    """

    opset: Opset
    log: Callable[[str], None]
    leave_out: Callable[[str], None]
