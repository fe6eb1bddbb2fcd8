"""What an export gave, for the stages that come after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from export_lsp.protocol import Mode, Opset

if TYPE_CHECKING:
    from torch.export import ExportedProgram


@dataclass(frozen=True)
class ExportOutcome:
    """What came of an export: its program, None if there is none, and whether the trace saw all of
    the model on the example's way."""

    exported: TracedProgram | None
    complete: bool


@dataclass(frozen=True)
class TracedProgram:
    """The program of one mode.

    `altered` says that the trace went on past what stops torch's own, `faithful` that it did not
    and that nothing is known yet that makes the program differ from eager.
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
